"""Makes cases with Keras: ONNX files by Keras's own export and by tf2onnx, and lists of weights.

    python Scripts/interop/foreign_keras.py FOLDER

Needs tensorflow, keras, tf2onnx, onnx and safetensors from PyPI.
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import onnx
import safetensors.numpy
import tensorflow as tf
import tf2onnx
from keras import layers

import cases

D, K, T = cases.FEATURES, cases.CLASSES, cases.TIMESTEPS


def randomized(model, seed):
    """The model with biases that are not zero: they come in one order and leave in another."""
    random = np.random.default_rng(seed)
    model.set_weights([random.normal(0, 0.5, w.shape).astype(np.float32) for w in model.weights])
    return model


def models():
    """Stacks as Keras users write them."""
    yield "lstm", "lstm:4", [layers.LSTM(4)]
    yield "stacked", "lstm:4,dropout:0.2,lstm:3,dense:4:relu", [
        layers.LSTM(4, return_sequences=True), layers.Dropout(0.2), layers.LSTM(3),
        layers.Dense(4, activation="relu")]
    yield "bidirectional", "lstm:4:bidirectional,lstm:3:bidirectional", [
        layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(3))]
    yield "backwards", "lstm:4:backwards", [layers.LSTM(4, go_backwards=True)]
    yield "gru", "gru:4", [layers.GRU(4)]
    yield "rnn", "rnn:4", [layers.SimpleRNN(4)]
    yield "gru-both", "gru:4:bidirectional,gru:3:bidirectional", [
        layers.Bidirectional(layers.GRU(4, return_sequences=True)),
        layers.Bidirectional(layers.GRU(3))]
    yield "gru-before", "gru:4:reset-before", [layers.GRU(4, reset_after=False)]
    yield "flat", "flatten,dense:4:tanh", [layers.Flatten(), layers.Dense(4, activation="tanh")]
    yield "mean", "pool:mean,dense:4:relu", [
        layers.GlobalAveragePooling1D(), layers.Dense(4, activation="relu")]


def main(folder):
    pixels = cases.pictures(3)
    x = cases.sequences(pixels)
    size = ["--size", f"{D}x{T}"]
    for seed, (name, described, stack) in enumerate(models()):
        model = keras.Sequential([keras.Input((T, D)), *stack, layers.Dense(K, activation="softmax")])
        model = randomized(model, seed)
        expected = model(x, training=False).numpy()
        weights = {f"{i}/{w.path}": w.numpy() for i, w in enumerate(model.weights)}
        path = cases.folder(folder, f"keras-weights-{name}") / "weights.safetensors"
        safetensors.numpy.save_file(weights, str(path))
        cases.write(folder, f"keras-weights-{name}",
                    ["--from", "keras", "--layers", described, *size], pixels, expected,
                    f"Keras {keras.__version__}, model.weights")
        # The number of a loop's iterations is the number of timesteps, which must be known; a dense
        # layer over all of them needs it, too.
        length = T if any(part in name for part in ("gru", "rnn", "flat")) else None
        for how in ("export", "tf2onnx"):
            path = str(cases.folder(folder, f"keras-{name}-{how}") / "model.onnx")
            if how == "export":
                model.export(path, format="onnx", verbose=False)
            else:
                tf2onnx.convert.from_function(
                    tf.function(lambda value: model(value, training=False)),
                    [tf.TensorSpec((None, length, D), tf.float32, name="x")], opset=17,
                    output_path=path)
            if length and name != "flat":
                onnx.save(cases.shorten(onnx.load(path)), path)
            onnx.checker.check_model(path, full_check=True)
            cases.write(folder, f"keras-{name}-{how}", size, pixels, expected,
                        f"Keras {keras.__version__}, {how}")


if __name__ == "__main__":
    main(sys.argv[1])
