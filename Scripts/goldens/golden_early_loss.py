"""Golden values of the early loss from PyTorch: loss, last probabilities and every gradient, float64.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install torch numpy
    .venv-golden/bin/python Scripts/goldens/golden_early_loss.py

Networks as in golden_cells.py. The prediction after timestep t is that of the first t timesteps alone;
the targets of the earlier ones are made of the labels and the last prediction, detached.
"""

import math

import numpy as np
import torch

import golden_common
from golden_cells import dense, logits, parameters, recurrent
from golden_common import draw, write

golden_common.FIXTURES = golden_common.TESTS / "LayersTests" / "Fixtures"

CASES = [
    dict(name="early loss, lstm", seed=31, layers=[recurrent("lstm", 5)],
         early=dict(weight=0.3, power=1, teaching=0.5, **{"from": 0.25}), smoothing=0.0),
    dict(name="early loss, two layers, smoothed", seed=32,
         layers=[recurrent("gru", 4, True), recurrent("lstm", 5), dense(4, "tanh")],
         early=dict(weight=0.6, power=2.5, teaching=0.8, **{"from": 0.5}), smoothing=0.1),
]


def solve(settings):
    case = dict(timesteps=6, batch=4, features=3, classes=3, lengths=None, **settings)
    rng = np.random.default_rng(case.pop("seed"))
    smoothing = case["smoothing"]
    case["layers"] = case["layers"] + [dense(case["classes"], "softmax")]
    T, K = case["timesteps"], case["classes"]
    case["x"] = draw(rng, T, case["batch"], case["features"])
    case["labels"] = [int(k) for k in rng.integers(0, K, case["batch"])]
    values = dict(parameters(rng, case))
    weights = {k: torch.from_numpy(v).requires_grad_() for k, v in values.items()}
    x = torch.from_numpy(case["x"]).requires_grad_()

    def log_probabilities(t):
        return torch.log_softmax(logits(dict(case, timesteps=t), weights, x[:t], True), 1)

    def loss(targets, logs):
        return -(targets * logs).sum(1).mean()

    q = torch.nn.functional.one_hot(torch.tensor(case["labels"]), K).double()
    q = (1 - smoothing) * q + smoothing / K
    last = log_probabilities(T)
    early = case["early"]
    targets = (1 - early["teaching"]) * q + early["teaching"] * last.exp().detach()
    steps = range(max(1, math.ceil(T * early["from"])), T)
    total = sum(t ** early["power"] for t in steps)
    result = (1 - early["weight"]) * loss(q, last) + early["weight"] * sum(
        t ** early["power"] / total * loss(targets, log_probabilities(t)) for t in steps)
    result.backward()
    print(f"{case['name']}: loss {result.item():.4f}")
    case.update(
        loss=result.item(), probabilities=last.exp().detach().numpy(), dx=x.grad.numpy(),
        parameters=[
            dict(name=k, shape=list(v.shape), values=v.detach().numpy(), gradient=v.grad.numpy())
            for k, v in weights.items()])
    return case


if __name__ == "__main__":
    write("early_loss", f"PyTorch {torch.__version__}", dict(cases=[solve(c) for c in CASES]))
