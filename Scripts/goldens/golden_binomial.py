"""Prints SciPy's binomial tails and Clopper-Pearson intervals, as EarlyExitTests has them.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install scipy
    .venv-golden/bin/python Scripts/goldens/golden_binomial.py
"""

from scipy.stats import beta, binom

TAILS = [(24, 7000, 0.005), (0, 600, 0.005), (35, 7000, 0.005), (47, 3000, 0.02), (3, 5, 0.5),
         (6999, 7000, 0.999), (10, 100000, 0.0003), (120, 200, 0.5)]
INTERVALS = [(0, 100, 0.95), (5, 100, 0.95), (100, 100, 0.95), (37, 7000, 0.95), (1, 3, 0.99)]

for k, n, p in TAILS:
    print(f"({k}, {n}, {p}, {binom.cdf(k, n, p):.15g}),")
for k, n, level in INTERVALS:
    tail = (1 - level) / 2
    low = 0 if k == 0 else beta.ppf(tail, k, n - k + 1)
    high = 1 if k == n else beta.ppf(1 - tail, k + 1, n - k)
    print(f"({k}, {n}, {level}, {low:.15g}, {high:.15g}),")
