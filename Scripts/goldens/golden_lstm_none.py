"""Golden values of the plain LSTM cell from PyTorch, forward and backward, float64.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install torch numpy
    .venv-golden/bin/python Scripts/goldens/golden_lstm_none.py

PyTorch's gate order is i, f, g, o, as ours; its weights are transposed, [4H, D] and [4H, H], and it
has two biases that are only ever added: ours goes into the first, the second is zero. Sequences of
unequal length go through pack_padded_sequence; a backward direction then starts at each row's own
last step. The plain NumPy cell that serves the peephole scripts is checked against PyTorch here.
"""

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from golden_common import (LARGE, SMALL, complex_step_gradients, lstm_forward, make_case, valid,
                           write)

CASES = [
    dict(name="small", seed=1, **SMALL),
    dict(name="small, lengths", seed=2, **SMALL, lengths=[2, 5, 1]),
    dict(name="large", seed=3, **LARGE),
    dict(name="large, lengths", seed=4, **LARGE, lengths=[7, 1, 4, 6, 2, 7]),
    dict(name="stacked", seed=5, **SMALL, layers=3),
    dict(name="stacked, lengths", seed=6, **SMALL, layers=2, lengths=[3, 1, 5]),
    dict(name="bidirectional", seed=7, **SMALL, directions=2),
    dict(name="bidirectional, lengths", seed=8, **SMALL, directions=2, lengths=[4, 5, 2]),
    dict(name="stacked bidirectional, lengths", seed=9, **SMALL, layers=2, directions=2,
         lengths=[5, 3, 1]),
]


def solve(case):
    """Adds PyTorch's results to a case."""
    layers, directions = len(case["layers"]), len(case["layers"][0])
    flat = [d for layer in case["layers"] for d in layer]
    net = torch.nn.LSTM(case["features"], case["hidden"], layers, bidirectional=directions == 2,
                        dtype=torch.float64)
    names = [f"l{i}{suffix}" for i in range(layers) for suffix in ("", "_reverse")[:directions]]
    with torch.no_grad():
        for name, d in zip(names, flat):
            getattr(net, f"weight_ih_{name}").copy_(torch.from_numpy(d["input"].T.copy()))
            getattr(net, f"weight_hh_{name}").copy_(torch.from_numpy(d["recurrent"].T.copy()))
            getattr(net, f"bias_ih_{name}").copy_(torch.from_numpy(d["bias"]))
            getattr(net, f"bias_hh_{name}").zero_()
    x, h0, c0 = (torch.from_numpy(a).requires_grad_() for a in (
        case["x"], np.stack([d["h0"] for d in flat]), np.stack([d["c0"] for d in flat])))
    if case["lengths"] is None:
        y, (h, c) = net(x, (h0, c0))
    else:
        packed = pack_padded_sequence(x, torch.tensor(case["lengths"]), enforce_sorted=False)
        y, (h, c) = net(packed, (h0, c0))
        y, _ = pad_packed_sequence(y, total_length=case["timesteps"])
    loss = (torch.from_numpy(case["dy"]) * y).sum()
    loss = loss + (torch.from_numpy(np.stack([d["dh_last"] for d in flat])) * h).sum()
    loss = loss + (torch.from_numpy(np.stack([d["dc_last"] for d in flat])) * c).sum()
    loss.backward()
    case.update(y=y.detach().numpy(), dx=x.grad.numpy())
    for i, (name, d) in enumerate(zip(names, flat)):
        d.update(
            h_last=h[i].detach().numpy(), c_last=c[i].detach().numpy(),
            d_input=getattr(net, f"weight_ih_{name}").grad.numpy().T,
            d_recurrent=getattr(net, f"weight_hh_{name}").grad.numpy().T,
            d_bias=getattr(net, f"bias_ih_{name}").grad.numpy(), d_peephole=np.array([]),
            dh0=h0.grad[i].numpy(), dc0=c0.grad[i].numpy())


def check_numpy_cell(case):
    """The NumPy cell and its complex-step gradients agree with PyTorch."""
    d = case["layers"][0][0]
    y, h, c = lstm_forward("none", case["x"], d["input"], d["recurrent"], d["bias"], None, d["h0"],
                           d["c0"], case["lengths"])
    g = complex_step_gradients(case)
    pairs = [(np.where(valid(case), y, 0), case["y"]), (h, d["h_last"]), (c, d["c_last"]),
             (g["x"], case["dx"]), (g["input"], d["d_input"]), (g["recurrent"], d["d_recurrent"]),
             (g["bias"], d["d_bias"]), (g["h0"], d["dh0"]), (g["c0"], d["dc0"])]
    worst = max(np.abs(a - b).max() for a, b in pairs)
    print(f"{case['name']}: NumPy cell against PyTorch {worst:.1e}")
    assert worst < 1e-12


def main():
    cases = []
    for settings in CASES:
        case = make_case(kind="none", **settings)
        solve(case)
        if len(case["layers"]) == 1 and len(case["layers"][0]) == 1:
            check_numpy_cell(case)
        cases.append(case)
    write("lstm-none", f"PyTorch {torch.__version__}, float64", dict(cases=cases))


if __name__ == "__main__":
    main()
