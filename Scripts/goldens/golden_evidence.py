"""Integrated gradients of small networks by PyTorch and Captum, float64.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install torch captum numpy
    .venv-golden/bin/python Scripts/goldens/golden_evidence.py

A case is a picture of bytes, a stack of PyTorch's own LSTMs that reads it in some order, and a class k.
Attributions are Captum's `IntegratedGradients` of F = z_k - logsumexp_{j != k} z_j, its rule
"gausslegendre", by the pixels' values (byte / 255 - mean) / deviation, [height, width, channels];
the order in which they are read is part of what is differentiated.
"""

import pathlib

import captum
import numpy as np
import torch
from captum.attr import IntegratedGradients

import golden_common
from golden_common import draw, write

golden_common.FIXTURES = (pathlib.Path(__file__).resolve().parent.parent.parent / "Tests" / "RowwiseTests"
                          / "Fixtures")

CASES = [
    dict(name="rows, black", seed=1, width=6, height=8, channels=1, order="rows", units=[5],
         mean=None, baseline="black", chosen=1, nodes=32),
    dict(name="columns of colours, mean", seed=2, width=5, height=6, channels=3, order="columns",
         units=[4, 6], mean=([0.4, 0.5, 0.3], [0.25, 0.5, 0.2]), baseline="mean", chosen=0, nodes=16),
    dict(name="serpentine, white", seed=3, width=7, height=7, channels=1, order="serpentine",
         units=[6], mean=([0.45], [0.3]), baseline="white", chosen=2, nodes=64),
    dict(name="pixels, mean", seed=4, width=3, height=4, channels=3, order="pixels", units=[5],
         mean=([0.5, 0.4, 0.6], [0.3, 0.3, 0.25]), baseline="mean", chosen=3, nodes=48),
]


def sequences(pictures, order):
    """[N, H, W, C] to [N, T, D]."""
    count, height, width, channels = pictures.shape
    if order == "columns":
        return pictures.transpose(1, 2).reshape(count, width, height * channels)
    if order == "serpentine":
        turned = torch.stack([row.flip(1) if y % 2 else row
                              for y, row in enumerate(pictures.unbind(1))], 1)
        return turned.reshape(count, height, width * channels)
    if order == "pixels":
        return pictures.reshape(count, height * width, channels)
    return pictures.reshape(count, height, width * channels)


def make(case):
    rng = np.random.default_rng(case["seed"])
    height, width, channels = case["height"], case["width"], case["channels"]
    classes = 4
    pixels = rng.integers(0, 256, (height, width, channels))
    steps = {"columns": width, "pixels": height * width}.get(case["order"], height)
    features = pixels.size // steps
    layers, modules = [], []
    for units in case["units"]:
        layer = dict(input=draw(rng, features, 4 * units), recurrent=draw(rng, units, 4 * units),
                     bias=draw(rng, 4 * units))
        lstm = torch.nn.LSTM(features, units, batch_first=True).double()
        with torch.no_grad():
            lstm.weight_ih_l0.copy_(torch.tensor(layer["input"].T))
            lstm.weight_hh_l0.copy_(torch.tensor(layer["recurrent"].T))
            lstm.bias_ih_l0.copy_(torch.tensor(layer["bias"]))
            lstm.bias_hh_l0.zero_()
        layers.append(layer)
        modules.append(lstm)
        features = units
    dense = dict(weight=draw(rng, features, classes, scale=2.0), bias=draw(rng, classes))
    weight, bias = torch.tensor(dense["weight"]), torch.tensor(dense["bias"])
    mean, deviation = case["mean"] or ([0.0] * channels, [1.0] * channels)

    def log_odds(pictures):
        h = sequences(pictures, case["order"])
        for module in modules:
            h, _ = module(h)
        z = h[:, -1] @ weight + bias
        others = [j for j in range(classes) if j != case["chosen"]]
        return z[:, case["chosen"]] - torch.logsumexp(z[:, others], 1)

    def values(picture):
        return torch.tensor((picture / 255 - np.array(mean)) / np.array(deviation)).unsqueeze(0)

    x = values(pixels)
    empty = {"mean": torch.zeros_like(x), "black": values(np.zeros_like(pixels)),
             "white": values(np.full_like(pixels, 255))}[case["baseline"]]
    found = IntegratedGradients(log_odds).attribute(
        x, empty, n_steps=case["nodes"], method="gausslegendre")
    change = (log_odds(x) - log_odds(empty)).item()
    print(f"{case['name']}: sum {found.sum().item():.6f} of {change:.6f}")
    return dict(
        {key: case[key] for key in ("name", "width", "height", "channels", "order", "baseline", "chosen",
                                    "nodes", "units")},
        mean=case["mean"] and mean, deviation=case["mean"] and deviation,
        pixels=pixels.reshape(-1).tolist(), layers=layers, dense=dense,
        log_odds=log_odds(x).item(), baseline_log_odds=log_odds(empty).item(),
        attributions=found.detach().numpy())


if __name__ == "__main__":
    torch.manual_seed(0)
    write("evidence", f"PyTorch {torch.__version__}, Captum {captum.__version__}",
          dict(cases=[make(case) for case in CASES]))
