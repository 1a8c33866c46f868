"""Golden values of whole networks from PyTorch: loss, probabilities and every gradient, float64.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install torch numpy
    .venv-golden/bin/python Scripts/goldens/golden_network.py

A network is layers of nn.LSTM, one or two directions each, then perhaps a hidden nn.Linear with
tanh, then an nn.Linear with softmax; the loss is the mean cross-entropy. Only the top LSTM's last
hidden states go on: forwards the last valid step's, backwards the first step's. Sequences of unequal
length go through pack_padded_sequence. Parameters are named and laid out as Rowwise's: see
golden_common.py; PyTorch's second bias is zero.
"""

import pathlib

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence

import golden_common
from golden_common import draw, write

golden_common.FIXTURES = (pathlib.Path(__file__).resolve().parent.parent.parent / "Tests" / "LayersTests"
                          / "Fixtures")

CASES = [
    dict(name="stacked", seed=1, timesteps=5, batch=3, features=4, hidden=[5, 3], directions=1,
         dense=0, classes=4, lengths=None),
    dict(name="stacked, lengths", seed=2, timesteps=6, batch=4, features=3, hidden=[4, 5],
         directions=1, dense=3, classes=3, lengths=[6, 1, 4, 2]),
    dict(name="bidirectional", seed=3, timesteps=5, batch=3, features=4, hidden=[5], directions=2,
         dense=0, classes=3, lengths=None),
    dict(name="stacked bidirectional, lengths", seed=4, timesteps=7, batch=5, features=4,
         hidden=[3, 5], directions=2, dense=3, classes=4, lengths=[3, 7, 1, 5, 2]),
]


def draw_parameters(rng, case):
    """Names and values of all weights, in Rowwise's order."""
    parameters, index, width = {}, 0, case["features"]
    sides = ["forward.", "backward."] if case["directions"] == 2 else [""]
    for H in case["hidden"]:
        for side in sides:
            name = f"layers.{index}.{side}"
            parameters[name + "input_weight"] = draw(rng, width, 4 * H)
            parameters[name + "recurrent_weight"] = draw(rng, H, 4 * H)
            parameters[name + "bias"] = draw(rng, 4 * H)
        index, width = index + 1, H * case["directions"]
    for units in ([case["dense"]] if case["dense"] else []) + [case["classes"]]:
        parameters[f"layers.{index}.weight"] = draw(rng, width, units)
        parameters[f"layers.{index}.bias"] = draw(rng, units)
        index, width = index + 1, units
    return parameters


def lstm(weights, name, features, hidden):
    """A one-directional nn.LSTM with given weights, which stay the leaves of the graph."""
    net = torch.nn.LSTM(features, hidden, dtype=torch.float64)
    values = {"weight_ih_l0": weights[name + "input_weight"].T,
              "weight_hh_l0": weights[name + "recurrent_weight"].T,
              "bias_ih_l0": weights[name + "bias"],
              "bias_hh_l0": torch.zeros(4 * hidden, dtype=torch.float64)}
    return lambda x: torch.func.functional_call(net, values, (x,))


def backwards(x, lengths):
    """Each sequence [T, N, D] turned around within its own length."""
    T, N = x.shape[:2]
    steps = torch.arange(T)[:, None]
    ends = torch.tensor(lengths)[None, :]
    return x[torch.where(steps < ends, ends - 1 - steps, steps), torch.arange(N)[None, :]]


def functional_logits(case, weights, x):
    """Logits from single directions put together by hand; differentiable by every weight."""
    T, N, width = x.shape
    lengths = case["lengths"] or [T] * N
    last = (torch.tensor(lengths) - 1, torch.arange(N))
    index = 0
    for H in case["hidden"]:
        if case["directions"] == 2:
            ahead = lstm(weights, f"layers.{index}.forward.", width, H)(x)[0]
            back = lstm(weights, f"layers.{index}.backward.", width, H)(backwards(x, lengths))[0]
            top = torch.cat([ahead[last], back[last]], 1)
            x = torch.cat([ahead, backwards(back, lengths)], 2)
        else:
            x = lstm(weights, f"layers.{index}.", width, H)(x)[0]
            top = x[last]
        index, width = index + 1, H * case["directions"]
    if case["dense"]:
        top = torch.tanh(top @ weights[f"layers.{index}.weight"] + weights[f"layers.{index}.bias"])
        index += 1
    return top @ weights[f"layers.{index}.weight"] + weights[f"layers.{index}.bias"]


def module_probabilities(case, weights, x):
    """Probabilities from nn.LSTM(bidirectional=…) and packed sequences: PyTorch's own idea of
    direction, length and last state."""
    top, width, index = x, case["features"], 0
    suffixes = ["", "_reverse"][:case["directions"]]
    sides = ["forward.", "backward."] if case["directions"] == 2 else [""]
    lengths = case["lengths"] or [case["timesteps"]] * case["batch"]
    top = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    for H in case["hidden"]:
        net = torch.nn.LSTM(width, H, bidirectional=case["directions"] == 2, dtype=torch.float64)
        for side, suffix in zip(sides, suffixes):
            name = f"layers.{index}.{side}"
            getattr(net, "weight_ih_l0" + suffix).data.copy_(weights[name + "input_weight"].T)
            getattr(net, "weight_hh_l0" + suffix).data.copy_(weights[name + "recurrent_weight"].T)
            getattr(net, "bias_ih_l0" + suffix).data.copy_(weights[name + "bias"])
            getattr(net, "bias_hh_l0" + suffix).data.zero_()
        top, (h, _) = net(top)
        index, width = index + 1, H * case["directions"]
    top = torch.cat(list(h), 1)
    if case["dense"]:
        top = torch.tanh(top @ weights[f"layers.{index}.weight"] + weights[f"layers.{index}.bias"])
        index += 1
    logits = top @ weights[f"layers.{index}.weight"] + weights[f"layers.{index}.bias"]
    return torch.softmax(logits, 1)


def solve(settings):
    """A case with its inputs, weights and PyTorch's results."""
    case = dict(settings)
    rng = np.random.default_rng(case.pop("seed"))
    case["x"] = draw(rng, case["timesteps"], case["batch"], case["features"])
    case["labels"] = [int(k) for k in rng.integers(0, case["classes"], case["batch"])]
    parameters = draw_parameters(rng, case)
    weights = {k: torch.from_numpy(v).requires_grad_() for k, v in parameters.items()}
    x = torch.from_numpy(case["x"]).requires_grad_()
    logits = functional_logits(case, weights, x)
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(case["labels"]))
    loss.backward()
    probabilities = torch.softmax(logits, 1)
    with torch.no_grad():
        difference = (module_probabilities(case, weights, x) - probabilities).abs().max().item()
    print(f"{case['name']}: bidirectional packed nn.LSTM differs by {difference:.1e}")
    assert difference < 1e-13
    case.update(
        loss=loss.item(), probabilities=probabilities.detach().numpy(), dx=x.grad.numpy(),
        parameters=[dict(name=k, shape=list(v.shape), values=v, gradient=weights[k].grad.numpy())
                    for k, v in parameters.items()])
    return case


if __name__ == "__main__":
    write("network", f"PyTorch {torch.__version__}, float64", dict(cases=[solve(c) for c in CASES]))
