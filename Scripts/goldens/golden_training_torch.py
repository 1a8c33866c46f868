"""Golden values of learning-rate schedules and losses from PyTorch, float64.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install torch numpy
    .venv-golden/bin/python Scripts/goldens/golden_training_torch.py
"""

import numpy as np
import torch

from golden_common import draw, write

schedulers = torch.optim.lr_scheduler


def rates(make, steps, losses=None):
    """The learning rate of every step, of a full rate of 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = make(optimizer)
    result = []
    for step in range(steps):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step(*([losses[step]] if losses is not None else []))
    return np.array(result)


def warm_cosine(optimizer):
    return schedulers.SequentialLR(optimizer, [
        schedulers.LinearLR(optimizer, start_factor=1 / 6, end_factor=1, total_iters=5),
        schedulers.CosineAnnealingLR(optimizer, T_max=34)], milestones=[6])


def schedule_cases():
    losses = [2, 1.5, 1.6, 1.55, 1.52, 1.51, 1.4, 1.39999, 1.5, 1.5, 1.5, 1.5, 1, 1.1, 1.1, 1.1]
    return dict(
        # 40 steps, 5 an epoch.
        step=rates(lambda o: schedulers.StepLR(o, step_size=15, gamma=0.3), 40),
        cosine=rates(lambda o: schedulers.CosineAnnealingLR(o, T_max=40, eta_min=0.1), 40),
        one_cycle=rates(lambda o: schedulers.OneCycleLR(
            o, max_lr=1.0, total_steps=40, cycle_momentum=False), 39),
        # Six steps of warm-up, then a cosine over the 34 that are left.
        warm_cosine=rates(warm_cosine, 40),
        # A loss after every epoch; the rate in force before it.
        plateau_losses=losses,
        plateau=rates(lambda o: schedulers.ReduceLROnPlateau(o, factor=0.5, patience=2),
                      len(losses), losses))


def loss_cases(rng):
    logits, labels = draw(rng, 6, 4, scale=4), rng.integers(0, 4, 6)
    logits[2] = [40, -40, 39, 0]
    cases = []
    for smoothing in (0, 0.1, 0.5):
        z = torch.from_numpy(logits.copy()).requires_grad_()
        loss = torch.nn.functional.cross_entropy(
            z, torch.from_numpy(labels), label_smoothing=smoothing, reduction="none")
        loss.sum().backward()
        cases.append(dict(name=f"label smoothing {smoothing}", smoothing=smoothing, gamma=0,
                          weights=None, losses=loss.detach().numpy(), gradient=z.grad.numpy()))
    # Two labels, as mixup makes them, are soft targets.
    second, share = rng.integers(0, 4, 6), np.array([0.5, 0.25, 1, 0.75, 0.125, 0.875])
    target = np.zeros((6, 4))
    for n in range(6):
        target[n, labels[n]] += share[n]
        target[n, second[n]] += 1 - share[n]
    z = torch.from_numpy(logits.copy()).requires_grad_()
    loss = torch.nn.functional.cross_entropy(z, torch.from_numpy(target), reduction="none")
    loss.sum().backward()
    return dict(rows=6, classes=4, logits=logits, labels=labels.tolist(), cases=cases,
                mixed=dict(second=second.tolist(), share=share, losses=loss.detach().numpy(),
                           gradient=z.grad.numpy()),
                taught=[taught_case(logits, labels, *case) for case in
                        [(0.5, 2, 0), (1, 1, 0), (0.3, 4, 0.1)]])


def taught_case(logits, labels, weight, temperature, smoothing):
    """Distillation: the labels' cross-entropy and tau^2 times the divergence of softened probabilities."""
    rng = np.random.default_rng(11)
    # A teacher's probabilities as they come: float32.
    teacher = torch.softmax(torch.from_numpy(draw(rng, 6, 4, scale=3)), 1).float().double()
    z = torch.from_numpy(logits.copy()).requires_grad_()
    targets = torch.softmax(teacher.log() / temperature, 1)
    divergence = torch.nn.functional.kl_div(
        torch.log_softmax(z / temperature, 1), targets, reduction="none").sum(1)
    own = torch.nn.functional.cross_entropy(
        z, torch.from_numpy(labels), label_smoothing=smoothing, reduction="none")
    loss = (1 - weight) * own + weight * temperature ** 2 * divergence
    loss.sum().backward()
    return dict(weight=weight, temperature=temperature, smoothing=smoothing,
                probabilities=teacher.numpy(), losses=loss.detach().numpy(),
                gradient=z.grad.numpy())


def main():
    source = f"PyTorch {torch.__version__}, float64, Scripts/goldens/golden_training_torch.py"
    write("schedules", source, schedule_cases(), folder="TrainingTests")
    write("losses_torch", source, loss_cases(np.random.default_rng(7)), folder="LayersTests")


if __name__ == "__main__":
    main()
