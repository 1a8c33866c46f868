"""Golden values of the LSTM cell whose gates see the whole cell state, from the equations.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install numpy
    .venv-golden/bin/python Scripts/goldens/golden_lstm_full.py

No framework has this cell, so it is written in NumPy (float64) from its equations, once in matrix
form and once more element by element, and differentiated by the complex step, so that no backward
formula is trusted; central differences check that.
"""

import math

import numpy as np

from golden_common import (LARGE, SMALL, central_difference_check, complex_step_gradients,
                           make_case, set_single_layer_results, write)

CASES = [
    dict(name="small", seed=21, **SMALL),
    dict(name="small, lengths", seed=22, **SMALL, lengths=[2, 5, 1]),
    dict(name="large, lengths", seed=23, **LARGE, lengths=[7, 1, 4, 6, 2, 7]),
]


def forward_element_by_element(case):
    """The same cell with nothing vectorised: last h and c of every row."""
    d, H, D = case["layers"][0][0], case["hidden"], case["features"]
    W, R, b, P = d["input"], d["recurrent"], d["bias"], d["peephole"]
    last_h, last_c = [], []
    for n in range(case["batch"]):
        h, c = list(d["h0"][n]), list(d["c0"][n])
        steps = case["timesteps"] if case["lengths"] is None else case["lengths"][n]
        for t in range(steps):
            def pre(gate, k):
                column = gate * H + k
                return b[column] + math.fsum(
                    [case["x"][t, n, j] * W[j, column] for j in range(D)]
                    + [h[j] * R[j, column] for j in range(H)])

            def peep(position, k):
                return math.fsum(c[j] * P[j, position * H + k] for j in range(H))

            def logistic(z):
                return 1 / (1 + math.exp(-z))

            new_h, new_c = [], []
            for k in range(H):
                i = logistic(pre(0, k) + peep(0, k))
                f = logistic(pre(1, k) + peep(1, k))
                g = math.tanh(pre(2, k))
                o = logistic(pre(3, k) + peep(2, k))
                new_c.append(f * c[k] + i * g)
                new_h.append(o * math.tanh(new_c[k]))
            h, c = new_h, new_c
        last_h.append(h)
        last_c.append(c)
    return np.array(last_h), np.array(last_c)


def main():
    cases = []
    for settings in CASES:
        case = make_case(kind="full", **settings)
        gradients = complex_step_gradients(case)
        set_single_layer_results(case, gradients)
        h, c = forward_element_by_element(case)
        d = case["layers"][0][0]
        worst = max(np.abs(h - d["h_last"]).max(), np.abs(c - d["c_last"]).max())
        difference = central_difference_check(case, gradients)
        print(f"{case['name']}: matrix form against elements {worst:.1e}; complex step against "
              f"central differences {difference:.1e}")
        assert worst < 1e-13 and difference < 1e-7
        cases.append(case)
    write("lstm-full", f"NumPy {np.__version__}, float64, from the equations", dict(cases=cases))


if __name__ == "__main__":
    main()
