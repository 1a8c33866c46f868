"""Golden values of GRUs whose reset gate comes before the recurrent product: loss, probabilities and
every gradient, float64, from NumPy alone.

    python3 Scripts/goldens/golden_gru_reset_before.py

PyTorch has no such cell; Keras has it as `reset_after=False`, ONNX as `linear_before_reset` 0. The steps
are written here from Cho et al. 2014, equations 5 to 8, and no derivative is: each is the imaginary part
of the loss where its number has an imaginary part of 1e-30 (Squire & Trapp 1998, "Using complex variables
to estimate derivatives of real functions"), which rounds no worse than the loss does. Cases are as in
golden_cells.py, without random masks.
"""

import pathlib

import numpy as np

import golden_common
from golden_common import draw, draw_network, write

golden_common.FIXTURES = (pathlib.Path(__file__).resolve().parent.parent.parent / "Tests" / "LayersTests"
                          / "Fixtures")


def gru(units, sequences=False, direction="forwards", **options):
    return dict(type="recurrent", cell="gruResetBefore", units=units, returnSequences=sequences,
                direction=direction, **options)


def dense(units, activation):
    return dict(type="dense", units=units, activation=activation)


RAGGED = [5, 1, 3, 2]

CASES = [
    dict(name="gru, reset before", seed=31, layers=[gru(5)], lengths=None),
    dict(name="gru, reset before, lengths, both", seed=32, lengths=RAGGED,
         layers=[gru(4, True, "both"), gru(5, direction="both")]),
    dict(name="gru, reset before, lengths, backwards, learned state", seed=33, lengths=RAGGED,
         layers=[gru(4, True, "backwards"), gru(3, learnsInitialState=True), dense(4, "tanh")]),
]


def parameters(rng, case):
    """Names and values of all weights, in Rowwise's order; blocks of gates in the order z, r, n."""
    width = case["features"]
    for index, layer in enumerate(case["layers"]):
        name = f"layers.{index}."
        units = layer["units"]
        if layer["type"] == "dense":
            yield name + "weight", draw(rng, width, units)
            yield name + "bias", draw(rng, units)
            width = units
            continue
        both = layer["direction"] == "both"
        for side in ["forward.", "backward."] if both else [""]:
            yield name + side + "input_weight", draw(rng, width, 3 * units, scale=0.7)
            yield name + side + "recurrent_weight", draw(rng, units, 2 * units, scale=0.7)
            yield name + side + "candidate_weight", draw(rng, units, units, scale=0.7)
            yield name + side + "bias", draw(rng, 3 * units, scale=0.5)
            if layer.get("learnsInitialState"):
                yield name + side + "initial_hidden", draw(rng, units, scale=0.5)
        width = units * (2 if both else 1)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def run(layer, weights, name, x, lengths):
    """h of every step [T, N, H] and the last ones [N, H]; after a sequence's end h stays."""
    T, N = x.shape[:2]
    H = layer["units"]
    W, R, C, b = (weights[name + part] for part in
                  ("input_weight", "recurrent_weight", "candidate_weight", "bias"))
    h = np.broadcast_to(weights.get(name + "initial_hidden", np.zeros(H)), (N, H)).astype(complex)
    ys = []
    for t in range(T):
        sums = x[t] @ W + b
        z = sigmoid(sums[:, :H] + h @ R[:, :H])
        r = sigmoid(sums[:, H:2 * H] + h @ R[:, H:])
        n = np.tanh(sums[:, 2 * H:] + (r * h) @ C)
        alive = (t < np.array(lengths))[:, None]
        h = np.where(alive, z * h + (1 - z) * n, h)
        ys.append(h)
    return np.stack(ys), h


def turned(x, lengths):
    """Each sequence [T, N, D] turned around within its own length."""
    y = x.copy()
    for n, length in enumerate(lengths):
        y[:length, n] = x[:length, n][::-1]
    return y


def logits(case, weights, x):
    lengths = case["lengths"] or [case["timesteps"]] * case["batch"]
    for index, layer in enumerate(case["layers"]):
        name = f"layers.{index}."
        if layer["type"] == "dense":
            x = x @ weights[name + "weight"] + weights[name + "bias"]
            x = np.tanh(x) if layer["activation"] == "tanh" else x
            continue
        match layer["direction"]:
            case "forwards":
                y, last = run(layer, weights, name, x, lengths)
            case "backwards":
                y, last = run(layer, weights, name, turned(x, lengths), lengths)
            case "both":
                y, top = run(layer, weights, name + "forward.", x, lengths)
                other, end = run(layer, weights, name + "backward.", turned(x, lengths), lengths)
                y = np.concatenate([y, turned(other, lengths)], 2)
                last = np.concatenate([top, end], 1)
        x = y if layer["returnSequences"] else last
    return x


def loss(case, weights, x):
    result = logits(case, weights, x)
    chosen = result[np.arange(case["batch"]), case["labels"]]
    return np.mean(np.log(np.exp(result).sum(1)) - chosen)


def derivative(case, weights, x, values):
    """The loss's derivative by each of some numbers, which are weights or x itself."""
    result = np.zeros(values.shape)
    for place in np.ndindex(values.shape):
        before = values[place]
        values[place] = before + 1e-30j
        result[place] = loss(case, weights, x).imag / 1e-30
        values[place] = before
    return result


def solve(settings):
    """A case with its inputs, weights and results."""
    case, values = draw_network(settings, parameters, dense)
    weights = {name: value.astype(complex) for name, value in values.items()}
    x = case["x"].astype(complex)
    shares = np.exp(logits(case, weights, x).real)
    value = loss(case, weights, x).real
    print(f"{case['name']}: loss {value:.4f}")
    case.update(
        loss=float(value), probabilities=shares / shares.sum(1, keepdims=True),
        dx=derivative(case, weights, x, x),
        parameters=[dict(name=name, shape=list(value.shape), values=value,
                         gradient=derivative(case, weights, x, weights[name]))
                    for name, value in values.items()])
    return case


if __name__ == "__main__":
    write("gru_reset_before", f"NumPy {np.__version__}, float64, complex steps",
          dict(cases=[solve(c) for c in CASES]))
