"""Golden values of networks of every kind of layer from PyTorch: loss, probabilities and every
gradient, float64.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install torch numpy
    .venv-golden/bin/python Scripts/golden_cells.py

A case's layers are written as in a model file. Layers that PyTorch has are PyTorch's own modules, run
on packed sequences where lengths differ; the others are written here from their papers' equations,
step by step, and differentiated by PyTorch. Parameters are named and laid out as Rowwise's: the
transposes of PyTorch's, blocks of gates in Rowwise's order.
"""

import pathlib

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import golden_common
from golden_common import draw, write

golden_common.FIXTURES = (pathlib.Path(__file__).resolve().parent.parent / "Tests" / "LayersTests"
                          / "Fixtures")


# Layers, as they stand in model files.

def recurrent(cell, units, sequences=False, direction="forwards", **options):
    return dict(type="recurrent", cell=cell, units=units, returnSequences=sequences,
                direction=direction, **options)


def dense(units, activation):
    return dict(type="dense", units=units, activation=activation)


FLATTEN = dict(type="flatten")

RAGGED = [5, 1, 3, 2]

CASES = [
    dict(name="simple", seed=1, layers=[recurrent("simple", 5)], lengths=None),
    dict(name="simple, lengths, both", seed=2, lengths=RAGGED,
         layers=[recurrent("simple", 4, True, "both"), recurrent("simple", 5)]),
    dict(name="gru", seed=3, layers=[recurrent("gru", 5)], lengths=None),
    dict(name="gru, lengths, both", seed=4, lengths=RAGGED,
         layers=[recurrent("gru", 4, True, "both"), recurrent("gru", 5, direction="both")]),
    dict(name="gru, lengths, backwards", seed=5, lengths=RAGGED,
         layers=[recurrent("gru", 4, True, "backwards"), recurrent("gru", 3, direction="backwards"),
                 dense(4, "relu")]),
    dict(name="flatten", seed=6, lengths=None,
         layers=[FLATTEN, dense(7, "relu"), dense(5, "tanh")]),
    dict(name="flatten, lengths", seed=7, lengths=RAGGED,
         layers=[recurrent("simple", 3, True), FLATTEN, dense(4, "sigmoid")]),
]


# Parameters.

GATES = {"simple": 1, "gru": 3}


def recurrent_parameters(rng, layer, name, width):
    units, columns = layer["units"], GATES[layer["cell"]] * layer["units"]
    yield name + "input_weight", draw(rng, width, columns, scale=0.7)
    yield name + "recurrent_weight", draw(rng, units, columns, scale=0.7)
    yield name + "bias", draw(rng, columns, scale=0.5)
    if layer["cell"] == "gru":
        yield name + "recurrent_bias", draw(rng, columns, scale=0.5)


def parameters(rng, case):
    """Names and values of all weights, in Rowwise's order."""
    width = case["features"]
    for index, layer in enumerate(case["layers"]):
        name = f"layers.{index}."
        match layer["type"]:
            case "recurrent":
                both = layer["direction"] == "both"
                for side in ["forward.", "backward."] if both else [""]:
                    yield from recurrent_parameters(rng, layer, name + side, width)
                width = layer["units"] * (2 if both else 1)
            case "dense":
                yield name + "weight", draw(rng, width, layer["units"])
                yield name + "bias", draw(rng, layer["units"])
                width = layer["units"]
            case "flatten":
                width *= case["timesteps"]


# Layers' results.

def turned(x, lengths):
    """Each sequence [T, N, D] turned around within its own length."""
    T, N = x.shape[:2]
    steps = torch.arange(T)[:, None]
    ends = torch.tensor(lengths)[None, :]
    return x[torch.where(steps < ends, ends - 1 - steps, steps), torch.arange(N)[None, :]]


def blocks(values, order):
    """The column blocks of a weight, gates in another order, transposed for PyTorch."""
    parts = values.chunk(len(order), dim=-1)
    return torch.cat([parts[k] for k in order], dim=-1).transpose(0, -1)


def module(layer, weights, name, x, lengths):
    """h of every step from PyTorch's own layer; zeros after the ends."""
    units, width = layer["units"], x.shape[2]
    if layer["cell"] == "gru":
        net = torch.nn.GRU(width, units, dtype=torch.float64)
        order = [1, 0, 2]  # z, r, n → r, z, n
        second = blocks(weights[name + "recurrent_bias"], order)
    else:
        net = torch.nn.RNN(width, units, dtype=torch.float64)
        order = [0]
        second = torch.zeros(units, dtype=torch.float64)
    values = {"weight_ih_l0": blocks(weights[name + "input_weight"], order),
              "weight_hh_l0": blocks(weights[name + "recurrent_weight"], order),
              "bias_ih_l0": blocks(weights[name + "bias"], order), "bias_hh_l0": second}
    packed = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    result, _ = torch.func.functional_call(net, values, (packed,))
    return pad_packed_sequence(result, total_length=x.shape[0])[0]


def recurrent_result(layer, weights, name, x, lengths):
    """All of a recurrent layer's h in reading order, and the last ones."""
    last = (torch.tensor(lengths) - 1, torch.arange(x.shape[1]))

    def ahead(name):
        y = module(layer, weights, name, x, lengths)
        return y, y[last]

    def back(name):
        y = module(layer, weights, name, turned(x, lengths), lengths)
        return y, y[last]

    match layer["direction"]:
        case "forwards":
            return ahead(name)
        case "backwards":
            return back(name)
        case "both":
            (y, top), (z, end) = ahead(name + "forward."), back(name + "backward.")
            return torch.cat([y, turned(z, lengths)], 2), torch.cat([top, end], 1)


ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid,
               "linear": lambda x: x, "softmax": lambda x: x}


def logits(case, weights, x):
    lengths = case["lengths"] or [case["timesteps"]] * case["batch"]
    valid = (torch.arange(case["timesteps"])[:, None] < torch.tensor(lengths))[:, :, None]
    for index, layer in enumerate(case["layers"]):
        name = f"layers.{index}."
        match layer["type"]:
            case "recurrent":
                y, last = recurrent_result(layer, weights, name, x, lengths)
                x = y if layer["returnSequences"] else last
            case "dense":
                x = ACTIVATIONS[layer["activation"]](
                    x @ weights[name + "weight"] + weights[name + "bias"])
            case "flatten":
                x = torch.where(valid, x, 0).transpose(0, 1).flatten(1)
    return x


def solve(settings):
    """A case with its inputs, weights and PyTorch's results."""
    case = dict(timesteps=5, batch=4, features=3, classes=3, **settings)
    rng = np.random.default_rng(case.pop("seed"))
    case["layers"] = case["layers"] + [dense(case["classes"], "softmax")]
    case["x"] = draw(rng, case["timesteps"], case["batch"], case["features"])
    case["labels"] = [int(k) for k in rng.integers(0, case["classes"], case["batch"])]
    values = dict(parameters(rng, case))
    weights = {k: torch.from_numpy(v).requires_grad_() for k, v in values.items()}
    x = torch.from_numpy(case["x"]).requires_grad_()
    result = logits(case, weights, x)
    loss = torch.nn.functional.cross_entropy(result, torch.tensor(case["labels"]))
    loss.backward()
    print(f"{case['name']}: loss {loss.item():.4f}")
    case.update(
        loss=loss.item(), probabilities=torch.softmax(result, 1).detach().numpy(),
        dx=x.grad.numpy(),
        parameters=[dict(name=k, shape=list(v.shape), values=v, gradient=weights[k].grad.numpy())
                    for k, v in values.items()])
    return case


if __name__ == "__main__":
    write("cells", f"PyTorch {torch.__version__}, float64", dict(cases=[solve(c) for c in CASES]))
