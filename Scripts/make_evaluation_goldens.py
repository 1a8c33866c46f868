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
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        y, p, labels=range(k), average=average, zero_division=zero)
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


def bootstrap(y, p, losses, k, replicates, seed):
    counter = (numpy.arange(1, replicates * len(y) + 1, dtype=numpy.uint64)
               * numpy.uint64(0x9E3779B97F4A7C15) + numpy.uint64(seed))
    z = (counter ^ (counter >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    z = z ^ (z >> numpy.uint64(31))
    draws = numpy.array([(int(v) * len(y)) >> 64 for v in z]).reshape(replicates, len(y))
    values = {key: [] for key in ["accuracy", "loss", "balanced_accuracy", "macro_f1",
                                  "weighted_f1", "matthews_correlation", "recall_0", "specificity_0"]}
    for draw in draws:
        a, b = y[draw], p[draw]
        values["accuracy"].append(metrics.accuracy_score(a, b))
        values["loss"].append(losses[draw].mean())
        values["balanced_accuracy"].append(metrics.balanced_accuracy_score(a, b))
        for average in ["macro", "weighted"]:
            values[f"{average}_f1"].append(metrics.f1_score(
                a, b, labels=range(k), average=average, zero_division=0))
        values["matthews_correlation"].append(metrics.matthews_corrcoef(a, b))
        values["recall_0"].append(metrics.recall_score(
            a, b, labels=[0], average=None, zero_division=0)[0])
        # The recall of being another class.
        values["specificity_0"].append(metrics.recall_score(a != 0, b != 0, zero_division=0))
    return {key: numbers(numpy.quantile(v, [0.025, 0.975])) for key, v in values.items()}


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
    wilson = scipy.stats.binomtest(int(correct.sum()), len(y)).proportion_ci(method="wilson")
    wilson99 = scipy.stats.binomtest(int(correct.sum()), len(y)).proportion_ci(0.99, "wilson")
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
        accuracy_wilson=[wilson.low, wilson.high],
        accuracy_wilson_99=[wilson99.low, wilson99.high],
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
        cases=[evaluate(c) for c in CASES])
    path = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/evaluation.json"
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
