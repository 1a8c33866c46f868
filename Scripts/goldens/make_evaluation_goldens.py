#!/usr/bin/env python3
"""Writes Tests/Fixtures/evaluation.json: what scikit-learn and SciPy make of six sets of
predictions.

The predictions themselves are not stored: they come from integer arithmetic that
Tests/EvaluationTests/GoldenCase.swift repeats.

    generator   SplitMix64; state = seed; draw(n) = (next() * n) >> 64
    label       the first class whose running sum of label weights exceeds draw(sum of weights)
    weights     w[k] = draw(1024)**2 >> 10 for k = 0, 1, ...
                target = label, or draw(K) where draw(100) < confusion
                w[target] += boost * (1 + draw(8));  w[k] = 0 for never-predicted classes
                (w[label] += 1 where all are zero)
    row         p[k] = floor(w[k] * scale / sum(w)) / scale, what is missing to one goes to the
                first of the greatest w

With scale a power of two, probabilities are exact in single precision and sum to one exactly.
A small scale makes ties between samples and probabilities of zero.

Needs numpy, scipy and scikit-learn. Written with the versions noted in the fixture.
"""
import json
import pathlib
import warnings

import numpy
import scipy
import scipy.optimize
import scipy.special
import scipy.stats
import sklearn
import sklearn.calibration
import sklearn.metrics as metrics

MASK = (1 << 64) - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def draw(self, limit):
        return (self.next() * limit) >> 64


def case(name, seed, classes, samples, weights, confusion, boost, scale, never=()):
    return dict(name=name, seed=seed, classes=classes, samples=samples, weights=weights,
                confusion=confusion, boost=boost, scale=scale, never=list(never))


CASES = [
    case("balanced", 1, 5, 600, [1] * 5, 30, 400, 1 << 20),
    case("imbalanced, with ties", 2, 4, 500, [1, 20, 3, 76], 35, 700, 1 << 5),
    case("absent class", 3, 6, 400, [3, 1, 0, 2, 2, 1], 40, 500, 1 << 20),
    case("never-predicted class", 4, 4, 400, [1, 2, 1, 2], 30, 500, 1 << 20, [2]),
    case("two classes", 5, 2, 300, [2, 1], 40, 300, 1 << 16),
    case("137 classes", 6, 137, 3000, [1 + k % 7 for k in range(137)], 25, 4000, 1 << 20),
]


def generate(c):
    random = SplitMix64(c["seed"])
    labels, rows = [], []
    for _ in range(c["samples"]):
        draw = random.draw(sum(c["weights"]))
        label, running = 0, c["weights"][0]
        while running <= draw:
            label += 1
            running += c["weights"][label]
        weights = [random.draw(1024) ** 2 >> 10 for _ in range(c["classes"])]
        target = label
        if random.draw(100) < c["confusion"]:
            target = random.draw(c["classes"])
        weights[target] += c["boost"] * (1 + random.draw(8))
        for k in c["never"]:
            weights[k] = 0
        if sum(weights) == 0:
            weights[label] += 1
        row = [w * c["scale"] // sum(weights) for w in weights]
        row[weights.index(max(weights))] += c["scale"] - sum(row)
        labels.append(label)
        rows.append(row)
    return numpy.array(labels), numpy.array(rows, dtype=numpy.float64) / c["scale"]


def number(value):
    value = float(value)
    return None if numpy.isnan(value) else value


def numbers(values):
    return [number(v) for v in values]


def averages(y, p, k, zero, average):
    # By default scikit-learn's means are over the classes that occur.
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        y, p, labels=range(k) if average is None else None, average=average, zero_division=zero)
    if average is None:
        return dict(precision=numbers(precision), recall=numbers(recall), f1=numbers(f1))
    return dict(precision=number(precision), recall=number(recall), f1=number(f1))


def ranking(y, rows, k):
    """Per class from scikit-learn; its means are taken over the classes that have a value."""
    areas, precisions = [], []
    for index in range(k):
        of_class = y == index
        some = of_class.any()
        areas.append(metrics.roc_auc_score(of_class, rows[:, index])
                     if some and not of_class.all() else numpy.nan)
        precisions.append(metrics.average_precision_score(of_class, rows[:, index])
                          if some else numpy.nan)
    support = numpy.bincount(y, minlength=k)

    def mean(values, weights=None):
        has = ~numpy.isnan(values)
        return number(numpy.average(numpy.array(values)[has],
                                    weights=None if weights is None else weights[has]))

    result = dict(
        roc_area=numbers(areas), average_precision=numbers(precisions),
        macro_roc_area=mean(areas), weighted_roc_area=mean(areas, support),
        macro_average_precision=mean(precisions),
        weighted_average_precision=mean(precisions, support))
    if (support > 0).all() and k > 2:
        # Where scikit-learn has the means itself, they must be these.
        for average in ["macro", "weighted"]:
            theirs = metrics.roc_auc_score(
                y, rows, multi_class="ovr", average=average, labels=range(k))
            assert abs(theirs - result[f"{average}_roc_area"]) < 1e-12
    return result


def calibration(correct, confidence, bins, strategy):
    """Reliability data from scikit-learn; the errors from their definition."""
    accuracy, mean_confidence = sklearn.calibration.calibration_curve(
        correct, confidence, n_bins=bins, strategy=strategy)
    edges = (numpy.percentile(confidence, numpy.linspace(0, 1, bins + 1) * 100)
             if strategy == "quantile" else numpy.linspace(0, 1, bins + 1))
    counts = numpy.bincount(numpy.searchsorted(edges[1:-1], confidence), minlength=bins)
    counts = counts[counts > 0]
    gaps = numpy.abs(accuracy - mean_confidence)
    return dict(accuracy=numbers(accuracy), confidence=numbers(mean_confidence),
                counts=counts.tolist(), expected=number(gaps @ counts / counts.sum()),
                maximum=number(gaps.max()))


def risk_coverage(correct, confidence):
    """AURC from its definition; ties by the mean over orders, here worked out group by group."""
    risks, kept, errors = [], 0, 0.0
    for value in numpy.unique(confidence)[::-1]:
        group = ~correct[confidence == value]
        steps = numpy.arange(1, len(group) + 1)
        risks.extend((errors + group.mean() * steps) / (kept + steps))
        kept += len(group)
        errors += group.sum()
    return number(numpy.mean(risks))


def wilson(successes, trials, level=0.95):
    if trials == 0:
        return [None, None]
    interval = scipy.stats.binomtest(int(successes), int(trials)).proportion_ci(level, "wilson")
    return [interval.low, interval.high]


def class_intervals(y, p, k):
    """Per class by SciPy's Wilson intervals; F1's from that of the Jaccard index J = F1 / (2 - F1)."""
    result = dict(precision=[], recall=[], f1=[], specificity=[])
    for index in range(k):
        label, prediction = y == index, p == index
        both, either = label & prediction, label | prediction
        result["precision"].append(wilson(both.sum(), prediction.sum()))
        result["recall"].append(wilson(both.sum(), label.sum()))
        result["specificity"].append(wilson((~either).sum(), (~label).sum()))
        jaccard = wilson(both.sum(), either.sum())
        result["f1"].append([None if j is None else 2 * j / (1 + j) for j in jaccard])
        if either.any():
            share = metrics.jaccard_score(label, prediction)
            assert abs(metrics.f1_score(label, prediction) - 2 * share / (1 + share)) < 1e-12
    return result


def bootstrap(y, p, losses, k, replicates, seed):
    """The bootstrap with a prior: scikit-learn's metrics of drawn samples and of one sample more
    that lies, in 24 pieces, anywhere."""
    random = SplitMix64(seed)

    def share():
        return ((random.next() >> 11) + 1) / 2**53

    labels = numpy.unique(y)
    occurring = numpy.unique([*y, *p])
    values = {key: [] for key in ["loss", "balanced_accuracy", "macro_f1", "weighted_f1",
                                  "matthews_correlation"]}

    def add(a, b, weights):
        values["balanced_accuracy"].append(
            metrics.balanced_accuracy_score(a, b, sample_weight=weights))
        for average in ["macro", "weighted"]:
            values[f"{average}_f1"].append(metrics.f1_score(
                a, b, labels=occurring, average=average, zero_division=0, sample_weight=weights))
        values["matthews_correlation"].append(
            metrics.matthews_corrcoef(a, b, sample_weight=weights))

    for _ in range(replicates):
        drawn = [random.draw(len(y)) for _ in y]
        weights = [1.0] * len(y)
        values["loss"].append(losses[drawn].mean())
        rest, more_labels, more_predictions = -numpy.log(share()), [], []
        for stick in range(24):
            piece = rest if stick == 23 else rest * share()
            more_labels.append(labels[random.draw(len(labels))])
            more_predictions.append(random.draw(k))
            weights.append(piece)
            rest -= piece
        add(numpy.append(y[drawn], more_labels), numpy.append(p[drawn], more_predictions),
            weights)
    ends = {key: numpy.quantile(v, [0.025, 0.975]) for key, v in values.items()}
    values = {key: [] for key in ends}
    add(y, p, None)
    values["loss"].append(losses.mean())
    return {key: [number(min(low, values[key][0])), number(max(high, values[key][0]))]
            for key, (low, high) in ends.items()}


def paired(first, second, samples, level=0.95):
    """Bonett and Price's interval: Wald's of the difference with one success more for each of the
    two, of two samples more."""
    counts = numpy.array([first + 1, second + 1, samples - first - second])
    p = counts / counts.sum()
    values = numpy.array([1, -1, 0])
    difference = p @ values
    error = numpy.sqrt((p @ values**2 - difference**2) / counts.sum())
    ends = scipy.stats.norm.interval(level, difference, error)
    return [float(v) for v in numpy.clip(ends, -1, 1)]


def temperature(y, rows):
    """The temperature of least loss, by SciPy; a vanished p counts as the least single number."""
    logits = numpy.log(numpy.maximum(rows, numpy.float64(numpy.finfo(numpy.float32).smallest_subnormal)))

    def loss(log_beta):
        z = numpy.exp(log_beta) * logits
        return (scipy.special.logsumexp(z, axis=1) - z[numpy.arange(len(y)), y]).mean()

    best = scipy.optimize.minimize_scalar(
        loss, bounds=(numpy.log(1 / 20), numpy.log(20)), method="bounded",
        options=dict(xatol=1e-12))
    scaled = scipy.special.softmax(numpy.exp(best.x) * logits, axis=1)
    return dict(value=number(numpy.exp(-best.x)), loss=number(best.fun),
                first_row=numbers(scaled[0][:10]))


def evaluate(c):
    y, rows = generate(c)
    k = c["classes"]
    p = rows.argmax(axis=1)
    confidence = rows.max(axis=1)
    correct = y == p
    own = rows[numpy.arange(len(y)), y]
    ranks = ((rows > own[:, None]).sum(axis=1)
             + numpy.array([(row[:label] == row[label]).sum() for row, label in zip(rows, y)]))
    losses = -numpy.log(numpy.clip(own, numpy.finfo(float).eps, 1))
    if all(len(set(row)) == k for row in rows.tolist()) and k > 2:
        # Without ties within rows, scikit-learn must count the same.
        for top in [1, 2, 3]:
            theirs = metrics.top_k_accuracy_score(y, rows, k=top, labels=range(k))
            assert abs(theirs - (ranks < top).mean()) < 1e-12
    matrix = metrics.confusion_matrix(y, p, labels=range(k))
    binary = metrics.multilabel_confusion_matrix(y, p, labels=range(k))
    negatives = binary[:, 0, :].sum(axis=1)
    normalized = {
        key: metrics.confusion_matrix(y, p, labels=range(k), normalize=how)
        for key, how in [("label", "true"), ("prediction", "pred"), ("all", "all")]}
    result = dict(c)
    result.update(
        label_checksum=int((y * (numpy.arange(len(y)) % 1000 + 1)).sum()),
        confusion_matrix=matrix.tolist() if k <= 10 else None,
        # Too many cells to store: their sum, weighed by place.
        normalized_checksums={
            key: number((m * (numpy.arange(k * k).reshape(k, k) % 101 + 1)).sum())
            for key, m in normalized.items()},
        accuracy=number(metrics.accuracy_score(y, p)),
        accuracy_wilson=wilson(correct.sum(), len(y)),
        accuracy_wilson_99=wilson(correct.sum(), len(y), 0.99),
        class_intervals=class_intervals(y, p, k),
        balanced_accuracy=number(metrics.balanced_accuracy_score(y, p)),
        cohen_kappa=number(metrics.cohen_kappa_score(y, p, labels=range(k))),
        matthews_correlation=number(metrics.matthews_corrcoef(y, p)),
        specificity=numbers(binary[:, 0, 0] / negatives),
        loss=number(metrics.log_loss(y, rows, labels=range(k))),
        brier_score=number(metrics.brier_score_loss(
            y, rows, labels=range(k), scale_by_half=False)
            if k > 2 else 2 * metrics.brier_score_loss(y, rows[:, 1])),
        top_k_accuracy={str(top): number((ranks < top).mean()) for top in [1, 2, 3]},
        averages={
            key: {str(average): averages(y, p, k, zero, average)
                  for average in [None, "macro", "weighted", "micro"]}
            for key, zero in [("zero", 0), ("one", 1), ("undefined", numpy.nan)]},
        ranking=ranking(y, rows, k),
        calibration={
            "equal_width": calibration(correct, confidence, 15, "uniform"),
            "equal_mass": calibration(correct, confidence, 15, "quantile")},
        aurc=risk_coverage(correct, confidence),
        temperature=temperature(y, rows),
        bootstrap=(bootstrap(y, p, losses, k, 200, 42) if k <= 10 else None))
    if c["name"].startswith("imbalanced"):
        fpr, tpr, _ = metrics.roc_curve(y == 3, rows[:, 3], drop_intermediate=False)
        precision, recall, _ = metrics.precision_recall_curve(y == 3, rows[:, 3])
        result["curves_of_class_3"] = dict(
            fpr=numbers(fpr), tpr=numbers(tpr),
            precision=numbers(precision[::-1]), recall=numbers(recall[::-1]))
    return result


def main():
    warnings.filterwarnings("ignore")
    pairs = [(0, 0), (3, 3), (1, 0), (9, 2), (40, 61), (512, 431), (5000, 5150), (0, 70),
             (300000, 301000), (17, 16), (2, 1000)]
    content = dict(
        versions=dict(numpy=numpy.__version__, scipy=scipy.__version__,
                      scikit_learn=sklearn.__version__),
        mcnemar=[dict(first=a, second=b, p_value=float(
            scipy.stats.binomtest(a, a + b, 0.5).pvalue) if a + b else 1.0) for a, b in pairs],
        paired=[dict(first=a, second=b, samples=n, interval=paired(a, b, n)) for a, b, n in [
            (0, 0, 41), (0, 0, 1), (1, 0, 1), (5, 9, 200), (40, 61, 3000), (17, 16, 33),
            (100, 0, 100), (512, 431, 10000)]],
        cases=[evaluate(c) for c in CASES])
    path = pathlib.Path(__file__).resolve().parent.parent.parent / "Tests/Fixtures/evaluation.json"
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
