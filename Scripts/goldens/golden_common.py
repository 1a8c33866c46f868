"""What the golden_*.py scripts share: cases, an LSTM written from its equations, JSON output.

Layout of every array is Rowwise's: gates in the order i, f, g, o; W [D, 4H], R [H, 4H], b [4H],
P nothing, [3, H] or [H, 3H] in the order i, f, o; sequences [T, N, ...]. Arrays are written flat,
row-major.

A case is one scalar loss,
    L = sum(dy * y) + sum over layers and directions of sum(dh_last * h_last + dc_last * c_last),
with y the top layer's hidden states (directions side by side, only t < length), and its gradients
by everything that went in.
"""

import json
import math
import pathlib

import numpy as np

TESTS = pathlib.Path(__file__).resolve().parent.parent.parent / "Tests"
FIXTURES = TESTS / "ComputeTests" / "Fixtures"

SMALL = dict(timesteps=5, batch=3, features=4, hidden=5)
LARGE = dict(timesteps=7, batch=6, features=9, hidden=19)


def draw(rng, *shape, scale=1.0):
    """Multiples of 1/128 in [-scale, scale]: short in decimal, exact in float32."""
    return np.round(rng.uniform(-scale, scale, shape) * 128) / 128


def draw_network(settings, parameters, head):
    """A network's case with its inputs and labels, and its weights by their names."""
    case = dict(timesteps=5, batch=4, features=3, classes=3, **settings)
    rng = np.random.default_rng(case.pop("seed"))
    case["layers"] = case["layers"] + [head(case["classes"], "softmax")]
    case["x"] = draw(rng, case["timesteps"], case["batch"], case["features"])
    case["labels"] = [int(k) for k in rng.integers(0, case["classes"], case["batch"])]
    return case, dict(parameters(rng, case))


def solve_with_torch(settings, each, parameters, logits):
    """A case of places side by side, each of `each` numbers, with PyTorch's loss, probabilities and gradients.

    `parameters(rng, case)` draws the weights by their names, in Rowwise's order; `logits(case, weights, x)`
    are the scores of the classes.
    """
    import torch

    case = dict(settings)
    rng = np.random.default_rng(case.pop("seed"))
    case["x"] = draw(rng, case["timesteps"], case["batch"], case["columns"] * case[each])
    case["labels"] = [int(k) for k in rng.integers(0, case["classes"], case["batch"])]
    values = parameters(rng, case)
    weights = {k: torch.from_numpy(v).requires_grad_() for k, v in values.items()}
    x = torch.from_numpy(case["x"]).requires_grad_()
    scores = logits(case, weights, x)
    loss = torch.nn.functional.cross_entropy(scores, torch.tensor(case["labels"]))
    loss.backward()
    case.update(
        loss=loss.item(), probabilities=torch.softmax(scores, 1).detach().numpy(), dx=x.grad.numpy(),
        parameters=[dict(name=k, shape=list(v.shape), values=v, gradient=weights[k].grad.numpy())
                    for k, v in values.items()])
    return case


def make_case(name, seed, kind, *, timesteps, batch, features, hidden, lengths=None, layers=1,
              directions=1):
    """Draws a case's inputs."""
    rng = np.random.default_rng(seed)
    H, N, T = hidden, batch, timesteps
    case = dict(name=name, peephole=kind, timesteps=T, batch=N, features=features, hidden=H,
                lengths=lengths, x=draw(rng, T, N, features),
                dy=draw(rng, T, N, directions * H), layers=[])
    width = features
    for _ in range(layers):
        layer = []
        for _ in range(directions):
            P = {"none": [], "diagonal": draw(rng, 3, H), "full": draw(rng, H, 3 * H, scale=0.5)}
            layer.append(dict(
                input=draw(rng, width, 4 * H, scale=0.5), recurrent=draw(rng, H, 4 * H, scale=0.5),
                bias=draw(rng, 4 * H, scale=0.5), peephole=np.array(P[kind]),
                h0=draw(rng, N, H, scale=0.8), c0=draw(rng, N, H),
                dh_last=draw(rng, N, H), dc_last=draw(rng, N, H)))
        case["layers"].append(layer)
        width = H * directions
    return case


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm_forward(kind, x, W, R, b, P, h, c, lengths=None):
    """One layer from the equations, any dtype. Returns h of every step, last h, last c."""
    T, N, _ = x.shape
    H = h.shape[1]
    lengths = np.full(N, T) if lengths is None else np.asarray(lengths)
    ys = []
    for t in range(T):
        zi, zf, zg, zo = np.split(x[t] @ W + h @ R + b, 4, axis=1)
        if kind == "full":
            pi, pf, po = np.split(c @ P, 3, axis=1)
            zi, zf, zo = zi + pi, zf + pf, zo + po
        if kind == "diagonal":
            zi, zf = zi + P[0] * c, zf + P[1] * c
        new_c = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
        if kind == "diagonal":
            zo = zo + P[2] * new_c
        new_h = sigmoid(zo) * np.tanh(new_c)
        alive = (t < lengths)[:, None]
        h, c = np.where(alive, new_h, h), np.where(alive, new_c, c)
        ys.append(h)
    return np.stack(ys), h, c


def valid(case):
    """[T, N, 1] mask of the steps that count."""
    T, N = case["timesteps"], case["batch"]
    lengths = np.full(N, T) if case["lengths"] is None else np.asarray(case["lengths"])
    return (np.arange(T)[:, None] < lengths)[:, :, None]


def single_layer_loss(case, arrays):
    """The case's loss with its one layer's inputs replaced by `arrays`."""
    y, h, c = lstm_forward(case["peephole"], arrays["x"], arrays["input"], arrays["recurrent"],
                           arrays["bias"], arrays["peephole"], arrays["h0"], arrays["c0"],
                           case["lengths"])
    d = case["layers"][0][0]
    return (np.where(valid(case), case["dy"] * y, 0).sum() + (d["dh_last"] * h).sum()
            + (d["dc_last"] * c).sum())


def complex_step_gradients(case):
    """Gradients of a one-layer case by every input, exact to rounding and without any formula for
    them: dL/dx = Im L(x + i e) / e with e = 1e-30 (Squire & Trapp 1998)."""
    layer = case["layers"][0][0]
    arrays = {k: layer[k].astype(complex) for k in
              ("input", "recurrent", "bias", "peephole", "h0", "c0")}
    arrays["x"] = case["x"].astype(complex)
    gradients = {}
    for name, array in arrays.items():
        gradient = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            kept = array[index]
            array[index] = kept + 1e-30j
            gradient[index] = single_layer_loss(case, arrays).imag / 1e-30
            array[index] = kept
        gradients[name] = gradient
    return gradients


def central_difference_check(case, gradients, samples=40):
    """Largest disagreement of some gradients with central differences, step 1e-5."""
    layer = case["layers"][0][0]
    arrays = {k: layer[k].copy() for k in ("input", "recurrent", "bias", "peephole", "h0", "c0")}
    arrays["x"] = case["x"].copy()
    rng, worst = np.random.default_rng(1), 0.0
    for name, array in arrays.items():
        for _ in range(samples if array.size else 0):
            index = tuple(rng.integers(0, n) for n in array.shape)
            kept = array[index]
            losses = []
            for step in (1e-5, -1e-5):
                array[index] = kept + step
                losses.append(single_layer_loss(case, arrays))
            array[index] = kept
            worst = max(worst, abs((losses[0] - losses[1]) / 2e-5 - gradients[name][index]))
    return worst


def set_single_layer_results(case, gradients):
    """Fills in a one-layer case's forward values and gradients, float64."""
    d = case["layers"][0][0]
    y, h, c = lstm_forward(case["peephole"], case["x"], d["input"], d["recurrent"], d["bias"],
                           d["peephole"], d["h0"], d["c0"], case["lengths"])
    case.update(y=np.where(valid(case), y, 0), dx=gradients["x"])
    d.update(h_last=h, c_last=c, d_input=gradients["input"], d_recurrent=gradients["recurrent"],
             d_bias=gradients["bias"], d_peephole=gradients["peephole"], dh0=gradients["h0"],
             dc0=gradients["c0"])


def number(value, digits):
    """Shortest decimal of a float, at most `digits` significant digits."""
    value = float(value)
    if value == math.floor(value) and abs(value) < 1e6:
        return int(value)
    return float(f"{value:.{digits}g}")


def plain(value, digits=13):
    """JSON-ready form: arrays flat, numbers rounded (float32 results to 9 digits)."""
    if isinstance(value, dict):
        return {k: plain(v, digits) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        d = 9 if value.dtype == np.float32 else digits
        return [number(v, d) for v in value.reshape(-1)]
    if isinstance(value, (list, tuple)):
        return [plain(v, digits) for v in value]
    if isinstance(value, (float, np.floating)):
        return number(value, digits)
    return value


def write(name, source, content, folder=None):
    """Writes Fixtures/NAME.json, of another test target where one is named."""
    fixtures = TESTS / folder / "Fixtures" if folder else FIXTURES
    fixtures.mkdir(parents=True, exist_ok=True)
    path = fixtures / f"{name}.json"
    path.write_text(json.dumps(plain(dict(source=source, **content)), separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")
