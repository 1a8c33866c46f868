"""Golden values of LSTM layers with int8 products, from NumPy in float64.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install numpy
    .venv-golden/bin/python Scripts/goldens/golden_int8.py

W and R are whole numbers from -127 to 127 with a scale for each column, x with one for each timestep of
each sequence, h with 1/127 (the first h, which may be larger, with its own). A number in the middle of two
whole ones could become either in single precision: a case is drawn again until none is near.
"""

import json

import numpy as np

from golden_common import FIXTURES

MARGIN = 2e-4
SHAPES = [dict(timesteps=5, batch=3, features=4, hidden=5), dict(timesteps=6, batch=2, features=9, hidden=19)]


class Numbers:
    """Rounds to whole numbers and remembers how near to the middle of two the nearest was."""

    def __init__(self):
        self.margin = 0.5

    def __call__(self, values):
        self.margin = min(self.margin, np.min(np.abs(values - np.floor(values) - 0.5)))
        return np.rint(values)


def whole(matrix, numbers):
    """A matrix as whole numbers and the scales of its columns."""
    scales = np.abs(matrix).max(axis=0) / 127
    return numbers(matrix / scales), scales


def logistic(z):
    return 1 / (1 + np.exp(-z))


def solve(case, numbers):
    """h after every timestep, [T, N, H]."""
    H = case["hidden"]
    (w, w_scales), (r, r_scales) = whole(case["input"], numbers), whole(case["recurrent"], numbers)
    h, c, kind, states = case["h0"], case["c0"], case["peepholeKind"], []
    for t, x in enumerate(case["x"]):
        x_scale = np.abs(x).max(axis=1, keepdims=True) / 127
        h_scale = np.maximum(1, np.abs(h).max(axis=1, keepdims=True)) / 127 if t == 0 else 1 / 127
        z = case["bias"] + numbers(x / x_scale) @ w * x_scale * w_scales
        z = z + numbers(h / h_scale) @ r * h_scale * r_scales
        i, f, g, o = (z[:, k * H:(k + 1) * H] for k in range(4))
        p = case["peephole"]
        if kind == "full":
            i, f, o = (gate + c @ p[:, k * H:(k + 1) * H] for k, gate in enumerate((i, f, o)))
        elif kind == "diagonal":
            i, f = i + p[0] * c, f + p[1] * c
        c = logistic(f) * c + logistic(i) * np.tanh(g)
        h = logistic(o + p[2] * c if kind == "diagonal" else o) * np.tanh(c)
        states.append(h)
    return np.stack(states)


def draw(kind, shape, rng):
    """A case in numbers that float32 has."""
    def single(*sizes, scale=1.0):
        return rng.uniform(-scale, scale, sizes).astype(np.float32).astype(np.float64)

    T, N, D, H = (shape[k] for k in ("timesteps", "batch", "features", "hidden"))
    sizes = dict(none=(0,), diagonal=(3, H), full=(H, 3 * H))[kind]
    return dict(shape, peepholeKind=kind, x=single(T, N, D), input=single(D, 4 * H, scale=0.5),
                recurrent=single(H, 4 * H, scale=0.4), bias=single(4 * H, scale=0.5),
                peephole=single(*sizes, scale=0.3), h0=single(N, H, scale=1.5), c0=single(N, H))


def main():
    cases = []
    for kind in ("none", "diagonal", "full"):
        for index, shape in enumerate(SHAPES):
            for seed in range(100_000):
                case, numbers = draw(kind, shape, np.random.default_rng([seed, index])), Numbers()
                states = solve(case, numbers)
                if numbers.margin > MARGIN:
                    break
            cases.append(dict(case, y=states))
    plain = [{k: v.ravel().tolist() if isinstance(v, np.ndarray) else v for k, v in case.items()}
             for case in cases]
    (FIXTURES / "lstm-int8.json").write_text(json.dumps(plain) + "\n")


if __name__ == "__main__":
    main()
