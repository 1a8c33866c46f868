#!/usr/bin/env python3
"""Coefficients of q in e^r = 1 + r + r^2 q(r), |r| <= ln 2 / 2, for Sources/Kernels/Elementwise/Elementary.swift.

A minimax fit by Lawson's algorithm: least squares on a grid, each point's weight multiplied by its
error until all errors are alike. Two fits: one with the smallest relative error of e^r, one with the
smallest relative error of e^r - 1, which tanh needs.

    python3 -m venv .venv && .venv/bin/pip install numpy mpmath && .venv/bin/python Scripts/studies/fit_exponential.py
"""
import mpmath
import numpy

DEGREE = 4
mpmath.mp.dps = 30


def exact_q(r: float) -> float:
    x = mpmath.mpf(r)
    return float((mpmath.e**x - 1 - x) / x**2)


def fit(r: numpy.ndarray, values: numpy.ndarray, weight: numpy.ndarray) -> tuple[numpy.ndarray, float]:
    powers = numpy.vander(r, DEGREE + 1, increasing=True)
    share = numpy.ones_like(r) / len(r)
    for _ in range(400):
        scale = numpy.sqrt(share) * weight
        coefficients = numpy.linalg.lstsq(powers * scale[:, None], values * scale, rcond=None)[0]
        error = numpy.abs((powers @ coefficients - values) * weight)
        share = share * error
        share /= share.sum()
    return coefficients, float(error.max())


def main() -> None:
    limit = numpy.log(2) / 2 * 1.0002
    r = numpy.linspace(-limit, limit, 4001)
    r = r[numpy.abs(r) > 1e-3]
    values = numpy.array([exact_q(x) for x in r])
    for name, weight in (("e^r", r * r / numpy.exp(r)), ("e^r - 1", numpy.abs(r))):
        coefficients, error = fit(r, values, weight)
        print(name, [f"{c:.10g}" for c in coefficients], f"relative error {error:.2g}")


if __name__ == "__main__":
    main()
