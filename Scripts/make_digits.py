#!/usr/bin/env python3
"""Make Datasets/digits (IDX .gz) and Datasets/digits-png (class folders) from scikit-learn's copy
of the UCI optical digits. The result is the same on every run.

    python3 -m venv .venv-digits && .venv-digits/bin/pip install scikit-learn pillow
    .venv-digits/bin/python Scripts/make_digits.py
"""

import gzip
import os
import struct
import sys

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

TEST_SAMPLES = 360
PNG_PER_CLASS = 5


def test_counts(labels):
    """Test samples of each class: its share of TEST_SAMPLES, largest remainders rounded up."""
    counts = np.bincount(labels)
    exact = counts * TEST_SAMPLES / counts.sum()
    result = np.floor(exact).astype(int)
    for label in np.argsort(-(exact - result), kind="stable")[: TEST_SAMPLES - result.sum()]:
        result[label] += 1
    return result


def split(labels):
    """Indices of the training and the test part, both in the original order.

    Of each class every k-th sample is taken for the test part, spread evenly over all of it: the
    source lists its writers one after the other.
    """
    test = []
    for label, count in enumerate(test_counts(labels)):
        members = np.flatnonzero(labels == label)
        test += [members[(2 * i + 1) * len(members) // (2 * count)] for i in range(count)]
    test = np.array(sorted(test))
    train = np.setdiff1d(np.arange(len(labels)), test)
    return train, test


def write_idx(path, array):
    """An array of bytes as a gzip-compressed IDX file without name and time."""
    header = struct.pack(">I", 0x800 + array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    with open(path, "wb") as raw:
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=raw, mtime=0) as file:
            file.write(header + array.tobytes())


def main():
    root = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Datasets")
    digits = load_digits()
    # 0…16 to 0…255, rounded to the nearest; 8 lies halfway (127.5) and becomes 128.
    images = np.floor(digits.images * 255 / 16 + 0.5).astype(np.uint8)
    labels = digits.target.astype(np.uint8)
    train, test = split(labels)
    folder = os.path.join(root, "digits")
    os.makedirs(folder, exist_ok=True)
    for name, indices in [("train", train), ("t10k", test)]:
        write_idx(os.path.join(folder, f"{name}-images-idx3-ubyte.gz"), images[indices])
        write_idx(os.path.join(folder, f"{name}-labels-idx1-ubyte.gz"), labels[indices])
    for label in range(10):
        folder = os.path.join(root, "digits-png", str(label))
        os.makedirs(folder, exist_ok=True)
        positions = np.flatnonzero(labels[test] == label)[:PNG_PER_CLASS]
        for position in positions:
            # The name is the sample's number in the test files.
            path = os.path.join(folder, f"{position:03d}.png")
            Image.fromarray(images[test[position]]).save(path, optimize=True)
    print(f"{len(train)} training and {len(test)} test samples in {root}", file=sys.stderr)


if __name__ == "__main__":
    main()
