"""Golden values of the focal loss, of class weights and of Lion from Keras 3, float64.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install keras tensorflow-cpu numpy
    .venv-golden/bin/python Scripts/goldens/golden_training_keras.py
"""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from golden_common import draw, write


def losses(rng):
    logits, labels = draw(rng, 6, 4, scale=3), rng.integers(0, 4, 6)
    weights = np.array([0.5, 2, 1, 3])
    targets = np.eye(4)[labels]
    cases = []
    for gamma, smoothing, weighted in [(2, 0, False), (0.5, 0, False), (3, 0, False),
                                       (2, 0.1, False), (0, 0, True), (2, 0, True)]:
        loss = keras.losses.CategoricalFocalCrossentropy(
            alpha=1, gamma=gamma, from_logits=True, label_smoothing=smoothing, reduction=None)
        z = tf.Variable(logits)
        with tf.GradientTape() as tape:
            rows = loss(targets, z)
            if weighted:
                rows = rows * weights[labels]
            total = tf.reduce_sum(rows)
        cases.append(dict(
            name=f"gamma {gamma}, smoothing {smoothing}, weighted {weighted}", gamma=gamma,
            smoothing=smoothing, weights=weights if weighted else None, losses=rows.numpy(),
            gradient=tape.gradient(total, z).numpy()))
    return dict(rows=6, classes=4, logits=logits, labels=labels.tolist(), cases=cases)


def lion(rng, decay):
    """Ten steps on 7 parameters; the last gets no gradient at all."""
    initial, gradients = draw(rng, 7), draw(rng, 10, 7)
    gradients[:, 5] *= 2.0**-20
    gradients[:, 6] = 0
    variable = keras.Variable(initial, dtype="float64")
    rule = keras.optimizers.Lion(
        learning_rate=0.01, beta_1=0.9, beta_2=0.99, weight_decay=decay or None)
    steps = []
    for gradient in gradients:
        rule.apply_gradients([(tf.constant(gradient), variable)])
        steps.append(np.array(variable))
    return dict(name=f"lion, decay {decay}", initial=initial, gradients=gradients,
                parameters=np.stack(steps), learning_rate=0.01, beta1=0.9, beta2=0.99,
                weight_decay=decay)


def main():
    keras.backend.set_floatx("float64")
    keras.backend.set_epsilon(1e-15)
    source = f"Keras {keras.__version__}, float64, Scripts/goldens/golden_training_keras.py"
    rng = np.random.default_rng(8)
    write("losses_keras", source, losses(rng), folder="LayersTests")
    write("lion", source, dict(cases=[lion(rng, 0), lion(rng, 0.1)]))


if __name__ == "__main__":
    main()
