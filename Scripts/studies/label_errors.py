#!/usr/bin/env python3
"""Turns labels of a training set at random and measures how many of them Rowwise suspects.

Of the training labels of a folder with MNIST's files, a share (2 %) is replaced by another class,
drawn by a seed; `rowwise train` learns from the result, `rowwise evaluate --folds` judges every
image by a network that has not seen it, and of suspected_labels.csv as many rows are read as labels
were turned. Prints how many of these were turned ones. Needs nothing but Python.

    Scripts/studies/label_errors.py [--rowwise .build/release/rowwise] [--data /usr/share/datasets/fashion-mnist]
"""
import argparse
import csv
import gzip
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile


def read(path):
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def find(folder, name):
    for path in (folder / name, folder / f"{name}.gz"):
        if path.exists():
            return path
    sys.exit(f"{folder}: no {name}; expected a folder with MNIST's four files")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rowwise", default=".build/release/rowwise")
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist", type=pathlib.Path)
    parser.add_argument("--share", default=0.02, type=float)
    parser.add_argument("--seed", default=0, type=int)
    parser.add_argument("--folds", default=5, type=int)
    parser.add_argument("--epochs", default=5, type=int)
    parser.add_argument("--layers", default="lstm:128")
    parser.add_argument("--learning-rate", default="0.002")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        folder = scratch / "data"
        folder.mkdir()
        images = find(arguments.data, "train-images-idx3-ubyte")
        os.symlink(images.resolve(), folder / images.name)
        raw = bytearray(read(find(arguments.data, "train-labels-idx1-ubyte")))
        count = struct.unpack(">I", raw[4:8])[0]
        classes = max(raw[8:]) + 1
        draw = random.Random(arguments.seed)
        turned = set(draw.sample(range(count), round(count * arguments.share)))
        for sample in turned:
            raw[8 + sample] = (raw[8 + sample] + draw.randrange(1, classes)) % classes
        (folder / "train-labels-idx1-ubyte").write_bytes(raw)
        for extra in arguments.data.glob("*.txt"):
            shutil.copy(extra, folder)

        def rowwise(*options):
            subprocess.run([arguments.rowwise, *options], check=True, stdout=subprocess.DEVNULL)

        rowwise("train", str(folder), "--recipe", "keras", "--layers", arguments.layers, "--epochs",
                str(arguments.epochs), "--learning-rate", arguments.learning_rate,
                "--validation-split", "0", "--output", str(scratch / "run"))
        rowwise("evaluate", str(scratch / "run"), str(folder), "--folds", str(arguments.folds),
                "--report", str(scratch / "report"))
        with open(scratch / "report" / "suspected_labels.csv", newline="") as file:
            suspects = [int(row["sample"]) for row in csv.DictReader(file)]
    listed = suspects[:len(turned)]
    found = len(turned.intersection(listed))
    print(f"{len(turned)} of {count} labels turned (seed {arguments.seed}); "
          f"{len(suspects)} suspected by {arguments.folds} folds")
    print(f"turned ones among the first {len(listed)}: {found}, {found / len(turned):.1%}")


if __name__ == "__main__":
    main()
