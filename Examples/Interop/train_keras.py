"""Trains an LSTM with Keras and writes it as ONNX and as weights.

    pip install tensorflow keras tf2onnx onnx safetensors
    python Examples/Interop/train_keras.py keras-model

Then, in the repository:

    rowwise import keras-model/model.onnx --output keras-model/from-onnx.safetensors
    rowwise import keras-model/weights.safetensors --from keras --layers lstm:64 --size 8x8 \\
        --output keras-model/from-weights.safetensors
    rowwise evaluate keras-model/from-onnx.safetensors digits
"""

import pathlib
import sys

import keras
from keras import layers
from safetensors.numpy import save_file

import digits


def main(folder):
    keras.utils.set_random_seed(0)
    (x, y), (x_test, y_test) = digits.load()
    model = keras.Sequential(
        [keras.Input((8, 8)), layers.LSTM(64), layers.Dense(10, activation="softmax")])
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    model.fit(x, y, batch_size=32, epochs=20, verbose=0)
    print(f"test accuracy {model.evaluate(x_test, y_test, verbose=0)[1]:.2%}")
    path = pathlib.Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    # The same two rows for a model loaded from a .keras or .weights.h5 file.
    weights = {f"{i}/{w.path}": w.numpy() for i, w in enumerate(model.weights)}
    save_file(weights, str(path / "weights.safetensors"))
    model.export(str(path / "model.onnx"), format="onnx", verbose=False)


if __name__ == "__main__":
    main(sys.argv[1])
