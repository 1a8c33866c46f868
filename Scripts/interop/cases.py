"""Cases for checking that models of other toolkits are read rightly.

A case is a folder with a model (model.onnx or weights.safetensors) and case.json: what `rowwise
import` needs to be told, some pictures, and the probabilities that the toolkit itself computes.
"""

import json
import pathlib

import numpy as np

# Pictures of the committed cases: small, so that the models are small as well.
TIMESTEPS, FEATURES, CLASSES = 5, 6, 3


def pictures(count, timesteps=TIMESTEPS, features=FEATURES, seed=0):
    """Random gray pictures [count, timesteps, features], uint8."""
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (count, timesteps, features), dtype=np.uint8)


def sequences(pixels):
    """What a network reads: float32 in 0 to 1."""
    return (pixels.astype(np.float64) / 255).astype(np.float32)


def write(folder, name, arguments, pixels, probabilities, note):
    """Writes case.json beside the model; `arguments` are for `rowwise import`."""
    path = pathlib.Path(folder) / name / "case.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Every float32 comes back exactly from nine significant digits.
    rows = [[float(f"{value:.9g}") for value in row] for row in np.asarray(probabilities)]
    path.write_text(json.dumps({
        "note": note, "arguments": arguments, "width": int(pixels.shape[2]),
        "height": int(pixels.shape[1]), "pixels": pixels.reshape(len(pixels), -1).tolist(),
        "probabilities": rows,
    }) + "\n")


def folder(root, name):
    """The folder of a case."""
    path = pathlib.Path(root) / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def shorten(model):
    """Gives every value and node of an ONNX model a short name; loops have thousands of letters."""
    names = {"": ""}

    def name(old):
        return names.setdefault(old, f"v{len(names)}")

    def change(graph):
        for value in [*graph.input, *graph.initializer, *graph.output]:
            value.name = name(value.name)
        for node in graph.node:
            node.input[:] = [name(old) for old in node.input]
            node.output[:] = [name(old) for old in node.output]
            node.name = next(new for new in node.output if new)
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    change(attribute.g)
        del graph.value_info[:]

    change(model.graph)
    return model
