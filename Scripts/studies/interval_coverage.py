"""Prints how often 95 % intervals of simulated test sets hold the true value: of the plain bootstrap,
of the Bayesian one, and of the plain one with a prior of one sample, as Reports.md has it. Needs
numpy; some minutes.

    python3 Scripts/studies/interval_coverage.py [SETS [DRAWS]]
"""
import sys

import numpy


def metrics(matrix):
    """Balanced accuracy, macro F1, weighted F1 and Matthews correlation of [..., K, K] counts."""
    hits = numpy.einsum("...kk->...k", matrix)
    supports, predicted = matrix.sum(-1), matrix.sum(-2)
    total = supports.sum(-1)
    with numpy.errstate(all="ignore"):
        f1 = numpy.where(supports + predicted > 0, 2 * hits / (supports + predicted), 0)
        balanced = numpy.nanmean(hits / supports, -1)
        covariance = hits.sum(-1) * total - (supports * predicted).sum(-1)
        divisor = numpy.sqrt((total**2 - (supports**2).sum(-1))
                             * (total**2 - (predicted**2).sum(-1)))
        matthews = numpy.where(divisor > 0, covariance / divisor, 0)
    return numpy.array([balanced, f1.mean(-1), (f1 * supports).sum(-1) / total, matthews])


def coverage(shares, samples, sets, draws, random):
    classes = len(shares)
    truth = metrics(shares)
    held = numpy.zeros((3, len(truth)))
    for _ in range(sets):
        counts = random.multinomial(samples, shares.ravel()).reshape(classes, classes).astype(float)
        measured = metrics(counts)
        plain = random.multinomial(samples, counts.ravel() / samples, draws)
        plain = plain.reshape(draws, classes, classes).astype(float)
        # Sums of exponential weights have the gamma distribution, as have a Dirichlet's parts.
        share = 1 / classes**2
        bayesian = random.gamma(counts + share, size=plain.shape)
        prior = random.gamma(share, size=plain.shape)
        for row, drawn in enumerate([plain, bayesian, plain + prior]):
            low, high = numpy.quantile(metrics(drawn), [0.025, 0.975], axis=1)
            low, high = numpy.minimum(low, measured), numpy.maximum(high, measured)
            held[row] += (low - 1e-12 <= truth) & (truth <= high + 1e-12)
    return held / sets


def shares(sizes, recalls):
    """Errors are spread evenly over the other classes."""
    sizes, recalls = numpy.array(sizes), numpy.array(recalls)
    others = (1 - recalls)[:, None] / (len(sizes) - 1) * (1 - numpy.eye(len(sizes)))
    return sizes[:, None] * (others + numpy.diag(recalls))


def main():
    sets = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    draws = int(sys.argv[2]) if len(sys.argv) > 2 else 250
    random = numpy.random.default_rng(1)
    tenth, uneven = [0.1] * 10, [0.01, 0.2, 0.03, 0.76]
    print("held, in percent: balanced accuracy, macro F1, weighted F1, Matthews correlation")
    for name, cells, samples in [
            ("10 equal classes, 360 samples, recalls 0.97", shares(tenth, [0.97] * 10), 360),
            ("the same, recalls 0.995", shares(tenth, [0.995] * 10), 360),
            ("3 equal classes, 41 samples, recalls 0.97", shares([1 / 3] * 3, [0.97] * 3), 41),
            ("the same, recalls 0.8", shares([1 / 3] * 3, [0.8] * 3), 41),
            ("30 equal classes, 300 samples, recalls 0.9", shares([1 / 30] * 30, [0.9] * 30), 300),
            ("4 uneven classes, 500 samples, recalls 0.9 to 0.999",
             shares(uneven, [0.9, 0.99, 0.95, 0.999]), 500),
            ("the same, recalls 0.6 to 0.97", shares(uneven, [0.7, 0.8, 0.6, 0.97]), 500)]:
        plain, bayesian, prior = coverage(cells, samples, sets, draws, random) * 100
        print(f"{name}: plain {plain.round()}, Bayesian {bayesian.round()}, "
              f"with a prior {prior.round()}", flush=True)


if __name__ == "__main__":
    main()
