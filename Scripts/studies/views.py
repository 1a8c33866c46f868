#!/usr/bin/env python3
"""How far the views of `--views` lie apart, decided by validation images (Training.md).

A fifth of the training images is held back. A network learns the others, and is asked about each held-back
image as it is, moved by 1/64, 1/32 or 1/16 of its side and mirrored; answers are averaged. The table has
accuracy in percent and loss by number of views and step. Test parts are not read.

    Scripts/studies/views.py .build/release/rowwise digits=Datasets/digits mnist=path/to/mnist \\
        cifar=path/to/cifar10-binary-first4000/train_3000.bin --seeds 3 --train "--epochs 20"
"""
import argparse
import csv
import gzip
import io
import pathlib
import subprocess
import tempfile

import numpy

# As PictureViews has them.
SHIFTS = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (1, -1), (-1, 1)]
STEPS = (1 / 64, 1 / 32, 1 / 16)


def load(path):
    """Training images [N, H, W, C] and their classes, of IDX or CIFAR-10 files."""
    path = pathlib.Path(path)
    if path.suffix == ".bin":
        rows = numpy.fromfile(path, numpy.uint8).reshape(-1, 3073)
        return rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), rows[:, 0]
    def idx(name):
        data = gzip.decompress((path / name).read_bytes())
        sizes = [int.from_bytes(data[4 * i + 4:4 * i + 8], "big") for i in range(data[3])]
        return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * data[3]).reshape(sizes)
    return idx("train-images-idx3-ubyte.gz")[..., None], idx("train-labels-idx1-ubyte.gz")


def moved(pictures, right, down):
    """By any share of a pixel, linearly between two; the nearest pixel where nothing is."""
    def along(values, shift, axis):
        count = values.shape[axis]
        places = numpy.clip(numpy.arange(count) - shift, 0, count - 1)
        low = numpy.floor(places).astype(int)
        high = numpy.minimum(low + 1, count - 1)
        share = (places - low).reshape([-1 if i == axis else 1 for i in range(values.ndim)])
        return values.take(low, axis) * (1 - share) + values.take(high, axis) * share
    return numpy.rint(along(along(pictures.astype(float), down, 1), right, 2)).astype(numpy.uint8)


def answers(rowwise, model, pictures, classes, folder):
    """Probabilities [N, K]."""
    path = folder / "view.npz"
    numpy.savez(path, x=pictures if pictures.shape[-1] == 3 else pictures[..., 0])
    result = subprocess.run(
        [rowwise, "classify", model, path, "--format", "csv", "--top", str(classes), "--quiet"],
        capture_output=True, text=True, check=True)
    found = numpy.zeros((len(pictures), classes))
    for n, row in enumerate(csv.reader(io.StringIO(result.stdout))):
        for k in range(classes if n else 0):
            found[n - 1, int(row[2 * k + 1])] = float(row[2 * k + 2])
    return found


def study(rowwise, name, data, seed, options, table):
    pictures, labels = load(data)
    side = pictures.shape[1]
    held = numpy.arange(len(labels)) % 5 == seed % 5
    classes = int(labels.max()) + 1
    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        def flat(values):
            return values if values.shape[-1] == 3 else values[..., 0]
        numpy.savez(folder / "data.npz", x_train=flat(pictures[~held]), y_train=labels[~held],
                    x_test=flat(pictures[held]), y_test=labels[held])
        run = folder / "run"
        subprocess.run(
            [rowwise, "train", folder / "data.npz", "--seed", str(seed), "--validation-split", "0",
             "--quiet", "--output", run] + options, check=True, capture_output=True)
        flips = "flip" in (run / "config.json").read_text().split('"augment"')[1].split("\n")[0]
        truth = labels[held]
        known = {}
        def ask(right, down, mirrored):
            key = (right, down, mirrored)
            if key not in known:
                view = moved(pictures[held], right, down)
                known[key] = answers(rowwise, run, view[:, :, ::-1] if mirrored else view, classes, folder)
            return known[key]
        def tell(title, views):
            mean = numpy.mean([ask(*view) for view in views], 0)
            loss = -numpy.log(numpy.maximum(mean[numpy.arange(len(truth)), truth], 1e-12)).mean()
            right = 100 * (mean.argmax(1) == truth).mean()
            table.setdefault((name, title), []).append((right, loss))
        tell("1", [(0, 0, False)])
        if flips:
            tell("2, mirrored", [(0, 0, False), (0, 0, True)])
        for count in (5, 9):
            for step in STEPS:
                shifts = [(step * side * x, step * side * y) for x, y in SHIFTS[:count]]
                tell(f"{count}, step 1/{1 / step:.0f}", [(x, y, False) for x, y in shifts])
                if flips:
                    tell(f"{2 * count}, step 1/{1 / step:.0f}, mirrored",
                         [(x, y, m) for x, y in shifts for m in (False, True)])
        every = [(x * side / 32, y * side / 32, False) for x in range(-2, 3) for y in range(-2, 3)]
        tell("25, step 1/32", every)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rowwise")
    parser.add_argument("data", nargs="+", metavar="NAME=DATA")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--train", default="", help="options of train beside those of its recipe")
    arguments = parser.parse_args()
    rowwise = pathlib.Path(arguments.rowwise).resolve()
    print("| data | views | accuracy, % | loss |\n|---|---|---|---|", flush=True)
    for word in arguments.data:
        name, data = word.split("=", 1)
        table = {}
        for seed in range(arguments.seeds):
            study(rowwise, name, data, seed, arguments.train.split(), table)
        for (name, title), found in table.items():
            right, loss = numpy.mean(found, 0)
            print(f"| {name} | {title} | {right:.2f} | {loss:.4f} |", flush=True)


if __name__ == "__main__":
    main()
