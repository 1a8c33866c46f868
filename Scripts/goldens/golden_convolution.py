"""Golden values of convolutions from PyTorch: loss, probabilities and every gradient, float64.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install torch numpy
    .venv-golden/bin/python Scripts/goldens/golden_convolution.py

A layer is nn.functional.conv2d, 3 x 3 with padding 1, then relu, then max_pool2d of 2 x 2 that keeps what
is left at the edge (ceil_mode). On top all places side by side, an nn.Linear with relu and one with
softmax; the loss is the mean cross-entropy.
Pictures are [T, N, C * D] as Rowwise reads them, row by row with D channels a pixel; a layer's weights are
[3 * 3 * D, units], row after row of the neighbours: see golden_common.py.
"""

import pathlib

import torch

import golden_common
from golden_common import draw, solve_with_torch, write

golden_common.FIXTURES = (pathlib.Path(__file__).resolve().parent.parent.parent / "Tests" / "LayersTests"
                          / "Fixtures")

CASES = [
    dict(name="even", seed=1, timesteps=4, batch=2, columns=6, channels=1, units=[3], dense=4, classes=3),
    dict(name="odd, of two layers", seed=2, timesteps=5, batch=3, columns=7, channels=3, units=[2, 4],
         dense=3, classes=4),
    dict(name="one row", seed=4, timesteps=1, batch=2, columns=5, channels=2, units=[3, 2], dense=2,
         classes=2),
    dict(name="one column", seed=6, timesteps=3, batch=2, columns=1, channels=2, units=[2], dense=3,
         classes=2),
]


def draw_parameters(rng, case):
    """Names and values of all weights, in Rowwise's order."""
    parameters = {}
    steps, columns, width = case["timesteps"], case["columns"], case["channels"]
    for index, units in enumerate(case["units"]):
        parameters[f"layers.{index}.weight"] = draw(rng, 9 * width, units, scale=0.5)
        parameters[f"layers.{index}.bias"] = draw(rng, units, scale=0.5)
        steps, columns, width = -(-steps // 2), -(-columns // 2), units
    # Behind them is Flatten.
    index = len(case["units"]) + 1
    parameters[f"layers.{index}.weight"] = draw(rng, steps * columns * width, case["dense"])
    parameters[f"layers.{index}.bias"] = draw(rng, case["dense"])
    parameters[f"layers.{index + 1}.weight"] = draw(rng, case["dense"], case["classes"])
    parameters[f"layers.{index + 1}.bias"] = draw(rng, case["classes"])
    return parameters


def logits(case, weights, x):
    T, N = x.shape[:2]
    # [N, D, T, C], as PyTorch has pictures.
    grid = x.reshape(T, N, case["columns"], case["channels"]).permute(1, 3, 0, 2)
    for index, units in enumerate(case["units"]):
        kernel = weights[f"layers.{index}.weight"].reshape(3, 3, grid.shape[1], units)
        grid = torch.nn.functional.conv2d(
            grid, kernel.permute(3, 2, 0, 1), weights[f"layers.{index}.bias"], padding=1)
        grid = torch.nn.functional.max_pool2d(torch.relu(grid), 2, ceil_mode=True)
    flat = grid.permute(0, 2, 3, 1).reshape(N, -1)
    index = len(case["units"]) + 1
    hidden = torch.relu(flat @ weights[f"layers.{index}.weight"] + weights[f"layers.{index}.bias"])
    return hidden @ weights[f"layers.{index + 1}.weight"] + weights[f"layers.{index + 1}.bias"]


def solve(settings):
    """A case with its inputs, weights and PyTorch's results."""
    case = solve_with_torch(settings, "channels", draw_parameters, logits)
    # Relu lets nothing through where all sums are negative: such a case would prove nothing.
    assert all(abs(p["gradient"]).max() > 1e-3 for p in case["parameters"]), case["name"]
    return case


if __name__ == "__main__":
    write("convolution", f"PyTorch {torch.__version__}, float64", dict(cases=[solve(c) for c in CASES]))
