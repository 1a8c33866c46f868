"""Golden values of activations, softmax cross-entropy, Dense and optimizers from PyTorch, float64.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install torch numpy
    .venv-golden/bin/python Scripts/goldens/golden_elementwise.py
"""

import numpy as np
import torch

from golden_common import draw, write

OPTIMIZERS = [
    dict(name="sgd", make=torch.optim.SGD, lr=0.05),
    dict(name="sgd, momentum", make=torch.optim.SGD, lr=0.05, momentum=0.9),
    dict(name="sgd, nesterov", make=torch.optim.SGD, lr=0.05, momentum=0.8, nesterov=True),
    dict(name="rmsprop", make=torch.optim.RMSprop, lr=0.01, alpha=0.9, eps=1e-7),
    dict(name="adam", make=torch.optim.Adam, lr=0.01, betas=(0.9, 0.999), eps=1e-7),
    dict(name="adamw", make=torch.optim.AdamW, lr=0.02, betas=(0.8, 0.99), eps=1e-8,
         weight_decay=0.1),
]


def optimizer(rng, name, make, **settings):
    """Ten steps of one optimizer on 7 parameters; the last two get tiny and zero gradients."""
    initial, gradients = draw(rng, 7), draw(rng, 10, 7)
    gradients[:, 5] *= 2.0**-20
    gradients[:, 6] = 0
    theta = torch.from_numpy(initial.copy()).requires_grad_()
    rule = make([theta], **settings)
    steps = []
    for gradient in gradients:
        theta.grad = torch.from_numpy(gradient.copy())
        rule.step()
        steps.append(theta.detach().numpy().copy())
    betas = settings.get("betas", (0, 0))
    return dict(
        name=name, initial=initial, gradients=gradients, parameters=np.stack(steps),
        learning_rate=settings["lr"], momentum=settings.get("momentum", 0),
        nesterov=settings.get("nesterov", False), alpha=settings.get("alpha", 0), beta1=betas[0],
        beta2=betas[1], epsilon=settings.get("eps", 0),
        weight_decay=settings.get("weight_decay", 0))


def cross_entropy(rng):
    """Softmax, its loss (mean over rows, nats) and the loss's gradient."""
    logits, labels = draw(rng, 7, 5, scale=4), rng.integers(0, 5, 7)
    logits[3] = [700, -700, 699, 0, 1]  # e^700 is beyond float32
    logits[4] = 0.5
    logits[5] = [-2000, -2001, -2002, -2000.5, -2003]
    labels[3] = 1
    z = torch.from_numpy(logits).requires_grad_()
    loss = torch.nn.functional.cross_entropy(z, torch.from_numpy(labels))
    loss.backward()
    return dict(rows=7, classes=5, logits=logits, labels=labels.tolist(), loss=loss.item(),
                log_sum_exp=torch.logsumexp(z, 1).detach().numpy(),
                probabilities=torch.softmax(z, 1).detach().numpy(), gradient=z.grad.numpy())


def dense(rng):
    """y = x W + b and the gradients of sum(dy * y); PyTorch's weight is W transposed."""
    x, W, b, dy = draw(rng, 5, 7), draw(rng, 7, 3), draw(rng, 3), draw(rng, 5, 3)
    tx, tw, tb = (torch.from_numpy(a).requires_grad_() for a in (x, W.T.copy(), b))
    y = torch.nn.functional.linear(tx, tw, tb)
    (y * torch.from_numpy(dy)).sum().backward()
    return dict(rows=5, inputs=7, outputs=3, x=x, weight=W, bias=b, dy=dy, y=y.detach().numpy(),
                dx=tx.grad.numpy(), d_weight=tw.grad.numpy().T, d_bias=tb.grad.numpy())


def activations(rng):
    """f(x) and dy f'(x) for each activation."""
    x = np.concatenate([draw(rng, 20, scale=6), [0, 40, -40, 700, -700, 2.0**-30, -(2.0**-30)]])
    dy = draw(rng, len(x))
    functions = dict(linear=lambda v: v * 1, relu=torch.relu, tanh=torch.tanh,
                     sigmoid=torch.sigmoid)
    results = {}
    for name, function in functions.items():
        v = torch.from_numpy(x).requires_grad_()
        y = function(v)
        (y * torch.from_numpy(dy)).sum().backward()
        results[name] = dict(y=y.detach().numpy(), dx=v.grad.numpy())
    return dict(x=x, dy=dy, functions=results)


def main():
    rng = np.random.default_rng(31)
    write("elementwise", f"PyTorch {torch.__version__}, float64", dict(
        optimizers=[optimizer(rng, **o) for o in OPTIMIZERS], cross_entropy=cross_entropy(rng),
        dense=dense(rng), activations=activations(rng)))


if __name__ == "__main__":
    main()
