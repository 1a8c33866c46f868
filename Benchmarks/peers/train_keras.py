"""Keras's side of end_to_end.py: trains LSTM(128) + Dense on an MNIST-like data set and saves the
model, or prints the accuracy of a saved model on the test images."""
import argparse
import gzip
import os
from pathlib import Path

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras
import numpy as np
import tensorflow as tf


def read(folder: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Images [N, 28, 28] in 0 ... 1 and labels of an IDX pair."""
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return images.astype("float32") / 255, labels.astype("int32")


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("model", type=Path)
parser.add_argument("--evaluate", action="store_true")
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seed", type=int, default=0)
arguments = parser.parse_args()

tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
tf.config.threading.set_inter_op_parallelism_threads(arguments.threads)
keras.utils.set_random_seed(arguments.seed)
if arguments.evaluate:
    images, labels = read(arguments.data, "t10k")
    model = keras.models.load_model(arguments.model)
    print((model.predict(images, verbose=0).argmax(1) == labels).mean())
else:
    model = keras.Sequential([
        keras.Input((28, 28)), keras.layers.LSTM(128),
        keras.layers.Dense(10, activation="softmax")])
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    model.fit(*read(arguments.data, "train"), batch_size=arguments.batch_size,
              epochs=arguments.epochs, verbose=0)
    model.save(arguments.model)
