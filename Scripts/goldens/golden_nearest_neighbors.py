#!/usr/bin/env python3
"""Compares the nearest neighbours of `rowwise compare --baselines` with scikit-learn's.

The digits, every tenth training image as validation part, go to `rowwise compare --baselines`. From
scikit-learn come the same k by the validation images, and of the test images the accuracy and every
class's recall: once as KNeighborsClassifier predicts, which gives a tie to the class with the lower
number, and once with its distances but Rowwise's rule, that of tied classes the nearest image's wins.
The latter has to agree to the last image; logistic regression is printed beside, for orientation.

    python3 -m venv .venv-neighbors && .venv-neighbors/bin/pip install scikit-learn
    .venv-neighbors/bin/python Scripts/goldens/golden_nearest_neighbors.py [--rowwise .build/release/rowwise]
"""
import argparse
import gzip
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

CHOICES = (1, 3, 5)


def read(path):
    data = gzip.decompress(path.read_bytes())
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def write(path, array):
    header = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(header + array.tobytes())


def write_part(folder, name, images, labels):
    write(folder / f"{name}-images-idx3-ubyte", images)
    write(folder / f"{name}-labels-idx1-ubyte", labels)


def vote(neighbours):
    """The class with most votes of each row, nearest first; of tied ones that of the nearest."""
    winners = []
    for row in neighbours:
        counts = np.bincount(row)
        winners.append(next(label for label in row if counts[label] == counts.max()))
    return np.array(winners)


def nearest(references, labels, images, k):
    """Classes of the k nearest references by scikit-learn, of equally near ones the first."""
    model = KNeighborsClassifier(n_neighbors=len(references), algorithm="brute")
    model.fit(references, labels)
    distances, indices = model.kneighbors(images)
    # Whole numbers squared: what differs in rounding only is equal.
    distances = np.rint(distances**2).astype(np.int64)
    order = np.lexsort((indices, distances), axis=1)[:, :k]
    return labels[np.take_along_axis(indices, order, axis=1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rowwise", default=".build/release/rowwise")
    parser.add_argument("--data", default="Datasets/digits", type=pathlib.Path)
    arguments = parser.parse_args()
    images = read(arguments.data / "train-images-idx3-ubyte.gz")
    labels = read(arguments.data / "train-labels-idx1-ubyte.gz")
    test_images = read(arguments.data / "t10k-images-idx3-ubyte.gz")
    test_labels = read(arguments.data / "t10k-labels-idx1-ubyte.gz")
    held = np.arange(len(images)) % 10 == 0

    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "data"
        folder.mkdir()
        write_part(folder, "train", images[~held], labels[~held])
        write_part(folder, "validation", images[held], labels[held])
        write_part(folder, "test", test_images, test_labels)
        output = subprocess.run(
            [arguments.rowwise, "compare", "--baselines", folder, "--epochs", "1", "--parameters",
             "500", "--format", "json"], check=True, stdout=subprocess.PIPE).stdout
    models = {model["name"]: model for model in json.loads(output)["models"]}
    name = next(name for name in models if name.startswith("nearest neighbours"))
    rowwise = models[name]
    k = int(name.split("k = ")[1].rstrip(")"))

    def flat(array):
        return array.reshape(len(array), -1).astype(np.float64)

    references, known = flat(images[~held]), labels[~held]
    accuracies = [
        np.mean(vote(nearest(references, known, flat(images[held]), choice)) == labels[held])
        for choice in CHOICES
    ]
    expected_k = CHOICES[int(np.argmax(accuracies))]
    ours = vote(nearest(references, known, flat(test_images), k))
    plain = KNeighborsClassifier(n_neighbors=k, algorithm="brute").fit(references, known)
    theirs = plain.predict(flat(test_images))
    recall = [np.mean(ours[test_labels == label] == label) for label in range(10)]
    print(f"k: Rowwise {k}, scikit-learn's distances {expected_k} "
          f"(validation accuracies {', '.join(f'{value:.4f}' for value in accuracies)})")
    print(f"test accuracy: Rowwise {rowwise['accuracy']:.6f}, scikit-learn's distances with "
          f"Rowwise's ties {np.mean(ours == test_labels):.6f}, KNeighborsClassifier "
          f"{np.mean(theirs == test_labels):.6f}")
    print(f"predictions that differ by the rule for ties: {np.sum(ours != theirs)}")
    spread = references.std()
    linear = LogisticRegression(max_iter=5000).fit(references / spread, known)
    print(f"logistic regression: Rowwise {models['logistic regression']['accuracy']:.6f}, "
          f"scikit-learn {linear.score(flat(test_images) / spread, test_labels):.6f}")
    agrees = k == expected_k and np.isclose(rowwise["accuracy"], np.mean(ours == test_labels))
    for found, value in zip(rowwise["per_class"], recall):
        agrees = agrees and np.isclose(found["recall"], value)
    print("agrees" if agrees else "differs")
    return 0 if agrees else 1


if __name__ == "__main__":
    sys.exit(main())
