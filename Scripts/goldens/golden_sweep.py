"""Golden values of layers over patches from PyTorch: loss, probabilities and every gradient, float64.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install torch numpy
    .venv-golden/bin/python Scripts/goldens/golden_sweep.py

A sweep is two bidirectional nn.LSTM over a grid of patches [H, N, W, D]: down its columns, then across
its rows (Visin et al. 2015). Merging puts K x K neighbours side by side, row after row, zeros beyond the
edge. A residual sweep is x + P sweep(norm(x)), as in Sequencer (Tatsunami & Taki 2022), an MLP
x + W2 relu(W1 norm(x)); these, dense layers with relu and normalisation are of each patch. On top all
patches side by side and an nn.Linear with softmax; the loss is the mean cross-entropy.
Parameters are named and laid out as Rowwise's: see golden_common.py.
"""

import pathlib

import torch

import golden_common
from golden_common import draw, solve_with_torch, write

golden_common.FIXTURES = (pathlib.Path(__file__).resolve().parent.parent.parent / "Tests" / "LayersTests"
                          / "Fixtures")

# Layers: ("sweep", units), ("residual sweep", units), ("merge", factor), ("dense", units), ("mlp", ratio)
# or ("norm", 0).
CASES = [
    dict(name="one sweep", seed=1, timesteps=3, batch=2, columns=4, patch=2,
         layers=[["sweep", 3]], classes=3),
    dict(name="merged unevenly", seed=2, timesteps=5, batch=3, columns=3, patch=2,
         layers=[["sweep", 2], ["merge", 2], ["sweep", 3]], classes=4),
    dict(name="merged first", seed=3, timesteps=4, batch=2, columns=4, patch=1,
         layers=[["merge", 3], ["sweep", 2], ["sweep", 2]], classes=2),
    dict(name="residual", seed=4, timesteps=3, batch=2, columns=4, patch=3,
         layers=[["residual sweep", 2], ["residual sweep", 3]], classes=3),
    dict(name="blocks", seed=5, timesteps=5, batch=3, columns=3, patch=2,
         layers=[["dense", 4], ["residual sweep", 3], ["mlp", 3], ["merge", 2], ["dense", 5],
                 ["residual sweep", 2], ["mlp", 1], ["norm", 0]], classes=3),
]


def draw_parameters(rng, case):
    """Names and values of all weights, in Rowwise's order."""
    parameters, steps, columns, width = {}, case["timesteps"], case["columns"], case["patch"]
    for index, (kind, number) in enumerate(case["layers"]):
        if kind == "merge":
            steps, columns, width = -(-steps // number), -(-columns // number), width * number ** 2
            continue
        name = f"layers.{index}."
        norm = {"norm": "", "mlp": "norm_", "residual sweep": "norm_"}.get(kind)
        if norm is not None:
            parameters[name + norm + "gain"] = 1 + draw(rng, width, scale=0.5)
            parameters[name + norm + "bias"] = draw(rng, width, scale=0.5)
        if kind == "dense":
            parameters[name + "weight"] = draw(rng, width, number)
            parameters[name + "bias"] = draw(rng, number)
            width = number
        if kind == "mlp":
            parameters[name + "hidden_weight"] = draw(rng, width, number * width)
            parameters[name + "hidden_bias"] = draw(rng, number * width)
            parameters[name + "output_weight"] = draw(rng, number * width, width)
            parameters[name + "output_bias"] = draw(rng, width)
        if "sweep" not in kind:
            continue
        before = width
        for reading in ["down", "across"]:
            for side in ["forward", "backward"]:
                name = f"layers.{index}.{reading}.{side}."
                parameters[name + "input_weight"] = draw(rng, width, 4 * number)
                parameters[name + "recurrent_weight"] = draw(rng, number, 4 * number)
                parameters[name + "bias"] = draw(rng, 4 * number)
            width = 2 * number
        if kind == "residual sweep":
            parameters[f"layers.{index}.projection_weight"] = draw(rng, width, before)
            parameters[f"layers.{index}.projection_bias"] = draw(rng, before)
            width = before
    # Flatten and the output layer.
    index = len(case["layers"]) + 1
    parameters[f"layers.{index}.weight"] = draw(rng, steps * columns * width, case["classes"])
    parameters[f"layers.{index}.bias"] = draw(rng, case["classes"])
    return parameters


def read(weights, name, x, units):
    """A bidirectional nn.LSTM over [T, M, D], whose weights stay the leaves of the graph."""
    net = torch.nn.LSTM(x.shape[2], units, bidirectional=True, dtype=torch.float64)
    values = {}
    for side, suffix in [("forward.", ""), ("backward.", "_reverse")]:
        values["weight_ih_l0" + suffix] = weights[name + side + "input_weight"].T
        values["weight_hh_l0" + suffix] = weights[name + side + "recurrent_weight"].T
        values["bias_ih_l0" + suffix] = weights[name + side + "bias"]
        values["bias_hh_l0" + suffix] = torch.zeros(4 * units, dtype=torch.float64)
    return torch.func.functional_call(net, values, (x,))[0]


def logits(case, weights, x):
    T, N = x.shape[:2]
    grid = x.reshape(T, N, case["columns"], case["patch"])
    for index, (kind, number) in enumerate(case["layers"]):
        H, N, W, D = grid.shape
        if kind == "merge":
            down, across = -(-H // number), -(-W // number)
            grid = torch.nn.functional.pad(
                grid, (0, 0, 0, across * number - W, 0, 0, 0, down * number - H))
            grid = grid.reshape(down, number, N, across, number, D).permute(0, 2, 3, 1, 4, 5)
            grid = grid.reshape(down, N, across, number * number * D)
            continue
        name = f"layers.{index}."

        def linear(x, part=""):
            return x @ weights[name + part + "weight"] + weights[name + part + "bias"]

        def norm(part):
            return torch.nn.functional.layer_norm(
                grid, grid.shape[-1:], weights[name + part + "gain"], weights[name + part + "bias"])

        match kind:
            case "norm":
                grid = norm("")
                continue
            case "dense":
                grid = torch.relu(linear(grid))
                continue
            case "mlp":
                grid = grid + linear(torch.relu(linear(norm("norm_"), "hidden_")), "output_")
                continue
        before = grid
        if kind == "residual sweep":
            grid = norm("norm_")
        columns = read(weights, name + "down.", grid.reshape(H, N * W, D), number)
        turned = columns.reshape(H, N, W, -1).permute(2, 1, 0, 3)
        rows = read(weights, name + "across.", turned.reshape(W, N * H, -1), number)
        grid = rows.reshape(W, N, H, -1).permute(2, 1, 0, 3)
        if kind == "residual sweep":
            grid = before + linear(grid, "projection_")
    flat = grid.permute(1, 0, 2, 3).reshape(N, -1)
    index = len(case["layers"]) + 1
    return flat @ weights[f"layers.{index}.weight"] + weights[f"layers.{index}.bias"]


def solve(settings):
    """A case with its inputs, weights and PyTorch's results."""
    case = solve_with_torch(settings, "patch", draw_parameters, logits)
    case["layers"] = [dict(kind=kind, number=number) for kind, number in case["layers"]]
    return case


if __name__ == "__main__":
    write("sweep", f"PyTorch {torch.__version__}, float64", dict(cases=[solve(c) for c in CASES]))
