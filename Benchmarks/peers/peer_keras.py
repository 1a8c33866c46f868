"""Keras on TensorFlow. Training is `model.train_function` on a batch in memory, which leaves out
what `fit` does around it; inference is a function compiled with XLA, its fastest form here."""
import os

from cases import CLASSES, measure, parse_arguments

case, threads, seconds, _ = parse_arguments()
os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras
import numpy as np
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)
keras.utils.set_random_seed(0)

model = keras.Sequential([keras.Input((case.timesteps, case.features))])
for layer in range(case.layers):
    lstm = keras.layers.LSTM(case.hidden, return_sequences=layer < case.layers - 1)
    model.add(keras.layers.Bidirectional(lstm) if case.bidirectional else lstm)
model.add(keras.layers.Dense(CLASSES, activation="softmax"))
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="categorical_crossentropy")

random = np.random.default_rng(0)
x = random.random((case.batch, case.timesteps, case.features), dtype="float32")
if case.trains:
    labels = np.eye(CLASSES, dtype="float32")[random.integers(0, CLASSES, case.batch)]
    batches = iter(tf.data.Dataset.from_tensors((x, labels)).repeat())
    model.make_train_function()
    logs = {}

    def step():
        global logs
        logs = model.train_function(batches)

    measure(case, seconds, step, finish=lambda: float(logs["loss"]))
else:
    function = tf.function(
        lambda x: model(x, training=False), jit_compile=True,
        input_signature=[tf.TensorSpec(x.shape, tf.float32)])
    measure(case, seconds, lambda: function(tf.constant(x)).numpy())
