"""Classifies pictures with ONNX Runtime and a model that rowwise has trained.

    pip install onnxruntime pillow
    rowwise train digits --output runs/digits
    rowwise export runs/digits --output digits.onnx --preprocessing
    python Examples/Interop/run_onnx.py digits.onnx Datasets/digits-png/3/*.png

Size, channels, order and scale are in the graph: it takes pictures of any size as they are.
"""

import json
import sys

import numpy as np
import onnxruntime
from PIL import Image


def main(model, paths):
    session = onnxruntime.InferenceSession(model)
    names = json.loads(session.get_modelmeta().custom_metadata_map["class_names"])
    for path in paths:
        picture = Image.open(path)
        pixels = np.asarray(picture if picture.mode == "L" else picture.convert("RGB"))
        pixels = pixels.reshape(1, *pixels.shape[:2], -1)  # [batch, height, width, channels]
        probabilities = session.run(None, {"image": pixels})[0][0]
        best = int(probabilities.argmax())
        print(f"{path}  {names[best]}  {probabilities[best]:.2%}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
