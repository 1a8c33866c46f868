"""Golden values of networks of every kind of layer from PyTorch: loss, probabilities and every
gradient, float64.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install torch numpy
    .venv-golden/bin/python Scripts/goldens/golden_cells.py

A case's layers are written as in a model file. Loss and gradients are those of training step 3 of a
network with seed 5, with its random masks; the probabilities are those of inference. Layers that PyTorch has are PyTorch's own modules, run
on packed sequences where lengths differ; the others are written here from their papers' equations,
step by step, and differentiated by PyTorch. Parameters are named and laid out as Rowwise's: the
transposes of PyTorch's, blocks of gates in Rowwise's order.
"""

import pathlib

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import golden_common
from golden_common import draw, draw_network, write

golden_common.FIXTURES = (pathlib.Path(__file__).resolve().parent.parent.parent / "Tests" / "LayersTests"
                          / "Fixtures")


# Layers, as they stand in model files.

def recurrent(cell, units, sequences=False, direction="forwards", **options):
    return dict(type="recurrent", cell=cell, units=units, returnSequences=sequences,
                direction=direction, **options)


def dense(units, activation):
    return dict(type="dense", units=units, activation=activation)


def pooling(kind):
    return dict(type="pooling", kind=kind)


def residual(layer):
    return dict(type="residual", layer=layer)


def mlp(ratio):
    return dict(type="mlp", ratio=ratio)


FLATTEN = dict(type="flatten")
NORM = dict(type="norm")

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
    dict(name="lstm, diagonal peepholes, learned state", seed=8, lengths=RAGGED,
         layers=[recurrent("lstm", 4, peephole="diagonal", learnsInitialState=True)]),
    dict(name="lstm, zoneout", seed=9, lengths=RAGGED,
         layers=[recurrent("lstm", 5, True, "both", zoneoutHidden=0.3, zoneoutCell=0.4),
                 recurrent("lstm", 4, zoneoutCell=0.5)]),
    dict(name="lstm, recurrent dropout and zoneout", seed=10, lengths=None,
         layers=[recurrent("lstm", 9, recurrentDropout=0.4, zoneoutHidden=0.25,
                           learnsInitialState=True)]),
    dict(name="coupled", seed=11, lengths=RAGGED,
         layers=[recurrent("coupled", 5, True, "both"),
                 recurrent("coupled", 4, zoneoutCell=0.3, learnsInitialState=True)]),
    dict(name="layer normalisation", seed=12, lengths=None,
         layers=[recurrent("layerNormalized", 5)]),
    dict(name="layer normalisation, lengths", seed=13, lengths=RAGGED,
         layers=[recurrent("layerNormalized", 3, True, "both"),
                 recurrent("layerNormalized", 4, zoneoutHidden=0.3, zoneoutCell=0.2,
                           recurrentDropout=0.3, learnsInitialState=True)]),
    dict(name="minimal", seed=14, lengths=RAGGED,
         layers=[recurrent("minimal", 5, True, "both"),
                 recurrent("minimal", 4, learnsInitialState=True, zoneoutHidden=0.2)]),
    dict(name="gru and simple, regularised", seed=15, lengths=RAGGED,
         layers=[recurrent("gru", 5, True, recurrentDropout=0.5, zoneoutHidden=0.3,
                           learnsInitialState=True),
                 recurrent("simple", 4, True, zoneoutHidden=0.4, recurrentDropout=0.25),
                 pooling("last")]),
    dict(name="mean", seed=16, lengths=RAGGED,
         layers=[recurrent("simple", 4, True), pooling("mean")]),
    dict(name="max", seed=17, lengths=RAGGED,
         layers=[recurrent("simple", 4, True), pooling("max")]),
    dict(name="attention", seed=18, lengths=RAGGED,
         layers=[recurrent("gru", 9, True, "both"), pooling("attention")]),
    dict(name="residual", seed=19, lengths=RAGGED,
         layers=[residual(recurrent("gru", 4, True)),
                 residual(recurrent("gru", 2, True, "both")),
                 residual(recurrent("simple", 4, True, "backwards")), pooling("mean")]),
    dict(name="refined", seed=20, lengths=RAGGED,
         layers=[recurrent("refined", 5, True, "both"),
                 recurrent("refined", 4, zoneoutHidden=0.2, zoneoutCell=0.3, recurrentDropout=0.3,
                           learnsInitialState=True)]),
    dict(name="every timestep by itself", seed=21, lengths=RAGGED,
         layers=[dense(6, "relu"), NORM, recurrent("gru", 5, True), mlp(3), dense(4, "tanh"),
                 pooling("mean")]),
    dict(name="the last state by itself", seed=22, lengths=None,
         layers=[recurrent("simple", 9), NORM, mlp(1), dense(5, "relu"), NORM]),
    dict(name="lru", seed=23, lengths=None,
         layers=[recurrent("lru", 9, True), residual(recurrent("lru", 4, True)),
                 recurrent("lru", 5)]),
    dict(name="lru, lengths, both", seed=24, lengths=RAGGED,
         layers=[recurrent("lru", 4, True, "both"), recurrent("lru", 3, True, "backwards"),
                 recurrent("lru", 5, direction="both")]),
]


# Parameters.

GATES = dict(simple=1, gru=3, lstm=4, coupled=3, refined=4, layerNormalized=4, minimal=3)
WITH_CELL = ("lstm", "coupled", "refined", "layerNormalized")


def recurrent_parameters(rng, layer, name, width):
    cell, units = layer["cell"], layer["units"]
    if cell == "lru":
        yield name + "input_weight", draw(rng, width, 2 * units, scale=0.7)
        yield name + "eigenvalues", draw(rng, 3, units)
        yield name + "output_weight", draw(rng, 2 * units, 2 * units, scale=0.7)
        yield name + "skip_weight", draw(rng, width, 2 * units, scale=0.7)
        yield name + "bias", draw(rng, 2 * units, scale=0.5)
        return
    columns = GATES[cell] * units
    yield name + "input_weight", draw(rng, width, columns, scale=0.7)
    if cell != "minimal":
        yield name + "recurrent_weight", draw(rng, units, columns, scale=0.7)
    yield name + "bias", draw(rng, columns, scale=0.5)
    if cell == "gru":
        yield name + "recurrent_bias", draw(rng, columns, scale=0.5)
    if "peephole" in layer:
        yield name + "peephole_weight", draw(rng, 3, units)
    if cell == "layerNormalized":
        yield name + "input_gain", 1 + draw(rng, columns, scale=0.5)
        yield name + "recurrent_gain", 1 + draw(rng, columns, scale=0.5)
        yield name + "cell_gain", 1 + draw(rng, units, scale=0.5)
        yield name + "cell_bias", draw(rng, units, scale=0.5)
    if layer.get("learnsInitialState"):
        yield name + "initial_hidden", draw(rng, units, scale=0.5)
        if cell in WITH_CELL:
            yield name + "initial_cell", draw(rng, units, scale=0.5)


def parameters(rng, case):
    """Names and values of all weights, in Rowwise's order."""
    width = case["features"]
    for index, layer in enumerate(case["layers"]):
        name = f"layers.{index}."
        before = width
        around = layer["type"] == "residual"
        layer = layer["layer"] if around else layer
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
            case "norm":
                yield name + "gain", 1 + draw(rng, width, scale=0.5)
                yield name + "bias", draw(rng, width, scale=0.5)
            case "mlp":
                hidden = layer["ratio"] * width
                yield name + "norm_gain", 1 + draw(rng, width, scale=0.5)
                yield name + "norm_bias", draw(rng, width, scale=0.5)
                yield name + "hidden_weight", draw(rng, width, hidden)
                yield name + "hidden_bias", draw(rng, hidden, scale=0.5)
                yield name + "output_weight", draw(rng, hidden, width)
                yield name + "output_bias", draw(rng, width, scale=0.5)
            case "flatten":
                width *= case["timesteps"]
            case "pooling":
                if layer["kind"] == "attention":
                    yield name + "query", draw(rng, width)
        if around and before != width:
            yield name + "projection_weight", draw(rng, before, width)


# Random masks: Philox 4×32-10 (Salmon et al. 2011) and zoneout's hash, after their descriptions.

SEED, STEP = 5, 3


def philox(counter, stream):
    """Two 64-bit numbers."""
    k = [SEED & 0xFFFFFFFF, SEED >> 32]
    c = [counter & 0xFFFFFFFF, counter >> 32, stream & 0xFFFFFFFF, stream >> 32]
    for _ in range(10):
        a, b = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [b >> 32 ^ c[1] ^ k[0], b & 0xFFFFFFFF, a >> 32 ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c[1] << 32 | c[0], c[3] << 32 | c[2]


def numbers(index, backwards, row):
    """The random numbers of a row of a recurrent layer."""
    stream = index + 1 << 56 | (3 if backwards else 2) << 54 | STEP << 24 | row
    for counter in range(1000):
        yield from philox(counter, stream)


def mix(x):
    for shift, factor in [(16, 0x7FEB352D), (15, 0x846CA68B)]:
        x = (x ^ x >> shift) * factor & 0xFFFFFFFF
    return x ^ x >> 16


def masks(layer, index, backwards, batch, timesteps):
    """Recurrent dropout's mask [N, H] and zoneout's for h and c, [T, N, H]."""
    units = layer["units"]
    rates = [layer.get("zoneoutHidden", 0), layer.get("zoneoutCell", 0)]
    rate = layer.get("recurrentDropout", 0)
    dropout = np.ones((batch, units))
    zoneout = np.zeros((2, timesteps, batch, units))
    for n in range(batch):
        stream = numbers(index, backwards, n)
        if any(rates):
            key = next(stream)
            for t, k, state in np.ndindex(timesteps, units, 2):
                salted = ((key & 0xFFFFFFFF) + t * 0x9E3779B9) & 0xFFFFFFFF
                number = mix(mix(int(k | state << 31) ^ salted) ^ key >> 32) >> 1
                zoneout[state, t, n, k] = number < int(rates[state] * 2**31)
        if rate:
            threshold = round(rate * 65536)
            for k in range(units):
                if k % 4 == 0:
                    bits = next(stream)
                part = bits >> k % 4 * 16 & 0xFFFF
                dropout[n, k] = 0 if part < threshold else 65536 / (65536 - threshold)
    return torch.from_numpy(dropout), torch.from_numpy(zoneout)


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


def normal(s):
    """Layer normalisation without gain and bias."""
    return torch.nn.functional.layer_norm(s, s.shape[-1:], eps=1e-5)


def layer_norm(x, weights, prefix):
    """PyTorch's own, over the last axis."""
    return torch.nn.functional.layer_norm(
        x, x.shape[-1:], weights[prefix + "gain"], weights[prefix + "bias"], eps=1e-5)


def cell_step(layer, W, x, h, dropped, c):
    """New h and c of one step: x [N, D], h and c [N, H]; `dropped` goes into the product."""
    sigmoid, tanh = torch.sigmoid, torch.tanh
    xs = x @ W["input_weight"]
    hs = dropped @ W["recurrent_weight"] if "recurrent_weight" in W else 0
    match layer["cell"]:
        case "simple":
            return tanh(xs + hs + W["bias"]), c
        case "gru":
            xz, xr, xn = (xs + W["bias"]).chunk(3, 1)
            hz, hr, hn = (hs + W["recurrent_bias"]).chunk(3, 1)
            z, n = sigmoid(xz + hz), tanh(xn + sigmoid(xr + hr) * hn)
            return z * h + (1 - z) * n, c
        case "minimal":
            i, f, g = (xs + W["bias"]).chunk(3, 1)
            i, f = sigmoid(i), sigmoid(f)
            return f / (f + i) * h + i / (f + i) * g, c
        case "lstm":
            i, f, g, o = (xs + hs + W["bias"]).chunk(4, 1)
            P = W.get("peephole_weight", torch.zeros(3, layer["units"]))
            new = sigmoid(f + P[1] * c) * c + sigmoid(i + P[0] * c) * tanh(g)
            return sigmoid(o + P[2] * new) * tanh(new), new
        case "coupled":
            i, g, o = (xs + hs + W["bias"]).chunk(3, 1)
            new = (1 - sigmoid(i)) * c + sigmoid(i) * tanh(g)
            return sigmoid(o) * tanh(new), new
        case "refined":
            f, r, g, o = (xs + hs + W["bias"]).chunk(4, 1)
            f, r = sigmoid(f), sigmoid(r)
            # Gu et al. 2020, equations 6 and 7: the forget gate moved towards 1 - (1 - f)^2 or f^2.
            e = r * (1 - (1 - f) ** 2) + (1 - r) * f ** 2
            new = e * c + (1 - e) * tanh(g)
            return sigmoid(o) * tanh(new), new
        case "layerNormalized":
            z = W["input_gain"] * normal(xs) + W["recurrent_gain"] * normal(hs) + W["bias"]
            i, f, g, o = z.chunk(4, 1)
            new = sigmoid(f) * c + sigmoid(i) * tanh(g)
            return sigmoid(o) * tanh(W["cell_gain"] * normal(new) + W["cell_bias"]), new


def stepwise(layer, weights, name, x, lengths, index, backwards, training):
    """h of every step, from the equations."""
    T, N = x.shape[:2]
    W = {k.removeprefix(name): v for k, v in weights.items() if k.startswith(name)}
    zeros = torch.zeros(layer["units"], dtype=torch.float64)
    h = W.get("initial_hidden", zeros).expand(N, -1)
    c = W.get("initial_cell", zeros).expand(N, -1)
    dropout, zoneout = masks(layer, index, backwards, N, T)
    if not training:
        dropout = torch.ones_like(dropout)
        zoneout[0], zoneout[1] = layer.get("zoneoutHidden", 0), layer.get("zoneoutCell", 0)
    ys = []
    for t in range(T):
        new_h, new_c = cell_step(layer, W, x[t], h, h * dropout, c)
        new_h = zoneout[0, t] * h + (1 - zoneout[0, t]) * new_h
        new_c = zoneout[1, t] * c + (1 - zoneout[1, t]) * new_c
        alive = (t < torch.tensor(lengths))[:, None]
        h, c = torch.where(alive, new_h, h), torch.where(alive, new_c, c)
        ys.append(h)
    return torch.stack(ys)


def linear(layer, weights, name, x, lengths):
    """Orvieto et al. 2023, in complex numbers, and a gated linear unit of PyTorch's."""
    W = {k.removeprefix(name): v for k, v in weights.items() if k.startswith(name)}
    units = layer["units"]
    nu, theta, log_gamma = W["eigenvalues"]
    eigenvalues = torch.exp(torch.complex(-torch.exp(nu), torch.exp(theta)))
    B = torch.complex(W["input_weight"][:, :units], W["input_weight"][:, units:])
    C = torch.complex(W["output_weight"][:units], -W["output_weight"][units:])
    state = torch.zeros(x.shape[1], units, dtype=torch.complex128)
    ys = []
    for t, u in enumerate(x):
        new = eigenvalues * state + torch.exp(log_gamma) * (u.to(B.dtype) @ B)
        state = torch.where((t < torch.tensor(lengths))[:, None], new, state)
        sums = (state @ C).real + u @ W["skip_weight"] + W["bias"]
        ys.append(torch.nn.functional.glu(sums, dim=1))
    return torch.stack(ys)


OPTIONS = ("zoneoutHidden", "zoneoutCell", "recurrentDropout", "learnsInitialState")


def one_direction(layer, weights, name, x, lengths, index, backwards, training):
    if layer["cell"] == "lru":
        return linear(layer, weights, name, x, lengths)
    if layer["cell"] in ("simple", "gru") and not any(o in layer for o in OPTIONS):
        y = module(layer, weights, name, x, lengths)
        other = stepwise(layer, weights, name, x, lengths, index, backwards, training)
        valid = (torch.arange(x.shape[0])[:, None] < torch.tensor(lengths))[:, :, None]
        assert torch.where(valid, y - other, 0).abs().max() < 1e-13
        return y
    return stepwise(layer, weights, name, x, lengths, index, backwards, training)


def recurrent_result(layer, weights, name, x, lengths, index, training):
    """All of a recurrent layer's h in reading order, and the last ones."""
    last = (torch.tensor(lengths) - 1, torch.arange(x.shape[1]))

    def ahead(name):
        y = one_direction(layer, weights, name, x, lengths, index, False, training)
        return y, y[last]

    def back(name):
        y = one_direction(
            layer, weights, name, turned(x, lengths), lengths, index, True, training)
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


def pooled(kind, x, lengths, query):
    """One vector [N, D] of each sequence."""
    valid = (torch.arange(x.shape[0])[:, None] < torch.tensor(lengths))[:, :, None]
    match kind:
        case "last":
            return x[torch.tensor(lengths) - 1, torch.arange(x.shape[1])]
        case "mean":
            return torch.where(valid, x, 0).sum(0) / torch.tensor(lengths)[:, None]
        case "max":
            return torch.where(valid, x, -torch.inf).max(0).values
        case "attention":
            scores = torch.where(valid[:, :, 0], x @ query, -torch.inf)
            return (torch.softmax(scores, 0)[:, :, None] * torch.where(valid, x, 0)).sum(0)


def logits(case, weights, x, training):
    lengths = case["lengths"] or [case["timesteps"]] * case["batch"]
    valid = (torch.arange(case["timesteps"])[:, None] < torch.tensor(lengths))[:, :, None]
    for index, layer in enumerate(case["layers"]):
        name = f"layers.{index}."
        match layer["type"]:
            case "recurrent":
                y, last = recurrent_result(layer, weights, name, x, lengths, index, training)
                x = y if layer["returnSequences"] else last
            case "residual":
                y, _ = recurrent_result(
                    layer["layer"], weights, name, x, lengths, index, training)
                projection = weights.get(name + "projection_weight")
                x = y + (x if projection is None else x @ projection)
            case "dense":
                x = ACTIVATIONS[layer["activation"]](
                    x @ weights[name + "weight"] + weights[name + "bias"])
            case "norm":
                x = layer_norm(x, weights, name)
            case "mlp":
                hidden = torch.relu(
                    layer_norm(x, weights, name + "norm_") @ weights[name + "hidden_weight"]
                    + weights[name + "hidden_bias"])
                x = x + hidden @ weights[name + "output_weight"] + weights[name + "output_bias"]
            case "flatten":
                x = torch.where(valid, x, 0).transpose(0, 1).flatten(1)
            case "pooling":
                x = pooled(layer["kind"], x, lengths, weights.get(name + "query"))
    return x


def solve(settings):
    """A case with its inputs, weights and PyTorch's results."""
    case, values = draw_network(settings, parameters, dense)
    weights = {k: torch.from_numpy(v).requires_grad_() for k, v in values.items()}
    x = torch.from_numpy(case["x"]).requires_grad_()
    result = logits(case, weights, x, training=True)
    loss = torch.nn.functional.cross_entropy(result, torch.tensor(case["labels"]))
    loss.backward()
    print(f"{case['name']}: loss {loss.item():.4f}")
    case.update(
        loss=loss.item(),
        probabilities=torch.softmax(logits(case, weights, x, False), 1).detach().numpy(),
        dx=x.grad.numpy(),
        parameters=[dict(name=k, shape=list(v.shape), values=v, gradient=weights[k].grad.numpy())
                    for k, v in values.items()])
    return case


if __name__ == "__main__":
    write("cells", f"PyTorch {torch.__version__}, float64", dict(cases=[solve(c) for c in CASES]))
