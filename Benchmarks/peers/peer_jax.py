"""JAX: an LSTM as `lax.scan` compiled whole, optax's Adam. The input product is inside the scan:
taken out of it, it was slower in every case tried."""
import os

from cases import CLASSES, measure, parse_arguments

case, threads, seconds, _ = parse_arguments()
os.environ["JAX_PLATFORMS"] = "cpu"
if hasattr(os, "sched_setaffinity"):
    # XLA starts a thread for each processor that it may use and has no other limit.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])

import jax
import jax.numpy as jnp
import numpy as np
import optax

random = np.random.default_rng(0)


def direction(features: int) -> dict:
    """Weights of one layer in one direction, gate order i, f, g, o."""
    bound = 1 / np.sqrt(case.hidden)

    def uniform(*shape):
        return jnp.asarray(random.uniform(-bound, bound, shape), jnp.float32)

    return {
        "input": uniform(features, 4 * case.hidden),
        "recurrent": uniform(case.hidden, 4 * case.hidden),
        "bias": uniform(4 * case.hidden),
    }


def make_parameters() -> dict:
    directions = 2 if case.bidirectional else 1
    layers, width = [], case.features
    for _ in range(case.layers):
        layers.append([direction(width) for _ in range(directions)])
        width = directions * case.hidden
    dense = jnp.asarray(random.normal(0, 0.05, (width, CLASSES)), jnp.float32)
    return {"layers": layers, "dense": dense, "dense_bias": jnp.zeros(CLASSES, jnp.float32)}


def read(weights: dict, sequence, backwards: bool):
    """Every h [T, N, H] and the last one."""
    def step(state, x):
        h, c = state
        gates = x @ weights["input"] + h @ weights["recurrent"] + weights["bias"]
        i, f, g, o = jnp.split(gates, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    zero = jnp.zeros((sequence.shape[1], case.hidden), jnp.float32)
    (last, _), all_states = jax.lax.scan(step, (zero, zero), sequence, reverse=backwards)
    return all_states, last


def logits(parameters: dict, x):
    sequence = jnp.swapaxes(x, 0, 1)
    for layer in parameters["layers"]:
        results = [read(weights, sequence, index == 1) for index, weights in enumerate(layer)]
        sequence = jnp.concatenate([states for states, _ in results], axis=-1)
        last = jnp.concatenate([h for _, h in results], axis=-1)
    return last @ parameters["dense"] + parameters["dense_bias"]


parameters = make_parameters()
images = random.random((case.batch, case.timesteps, case.features), dtype="float32")
if case.trains:
    x, labels = jnp.asarray(images), jnp.asarray(random.integers(0, CLASSES, case.batch))
    optimizer = optax.adam(1e-3)

    def loss(parameters, x, labels):
        scores = logits(parameters, x)
        return optax.softmax_cross_entropy_with_integer_labels(scores, labels).mean()

    @jax.jit
    def train(parameters, state, x, labels):
        value, gradients = jax.value_and_grad(loss)(parameters, x, labels)
        updates, state = optimizer.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state, value

    state, value = optimizer.init(parameters), None

    def step():
        global parameters, state, value
        parameters, state, value = train(parameters, state, x, labels)

    measure(case, seconds, step, finish=lambda: jax.block_until_ready(value))
else:
    classify = jax.jit(lambda parameters, x: jax.nn.softmax(logits(parameters, x)))
    if case.is_latency:
        measure(case, seconds, lambda: np.asarray(classify(parameters, images)))
    else:
        x = jnp.asarray(images)
        measure(case, seconds, lambda: jax.block_until_ready(classify(parameters, x)))
