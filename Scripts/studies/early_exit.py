#!/usr/bin/env python3
"""What the early loss and calibrated early exit give on MNIST.

Of the 60,000 training images the last 10,000 calibrate; the others train and choose the epoch; the test
part is read at the end. For each share of the early loss and each seed: test accuracy after the last row
and after rows 14 and 20, and for each guaranteed risk (95 % confidence) the mean share of rows read on
the test images and what was lost there.

    Scripts/studies/early_exit.py .build/release/rowwise path/to/mnist --seeds 5
    Scripts/studies/early_exit.py .build/release/rowwise path/to/mnist --shares 0.2,0.3,0.5 --seeds 1
"""
import argparse
import gzip
import json
import os
import shutil
import statistics
import struct
import subprocess
import tempfile

from first_day import processor


def idx(path):
    with gzip.open(path) as file:
        return file.read()


def part(images, labels, rows, folder, name):
    """Writes some images as the part `name` (train or t10k) of a data set."""
    os.makedirs(folder, exist_ok=True)
    count = rows.stop - rows.start
    with open(os.path.join(folder, f"{name}-images-idx3-ubyte"), "wb") as file:
        file.write(struct.pack(">4I", 2051, count, 28, 28))
        file.write(images[16 + rows.start * 784:16 + rows.stop * 784])
    with open(os.path.join(folder, f"{name}-labels-idx1-ubyte"), "wb") as file:
        file.write(struct.pack(">2I", 2049, count))
        file.write(labels[8 + rows.start:8 + rows.stop])


def run(*arguments):
    result = subprocess.run(arguments, capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)}: {result.stderr.strip()}")
    return result.stdout


def spread(values, decimals=2):
    text = f"{statistics.mean(values):.{decimals}f}"
    return text + (f" ± {statistics.stdev(values):.{decimals}f}" if len(values) > 1 else "")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rowwise")
    parser.add_argument("mnist", help="folder of the four gzip files")
    parser.add_argument("--seeds", type=int, default=5, help="how many")
    parser.add_argument("--shares", default="0,0.3", help="of the early loss")
    parser.add_argument("--layers", default="lstm:128")
    parser.add_argument("--epochs", default="8")
    parser.add_argument("--risks", default="0.005,0.01", help="lost, at most")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="rowwise-study-")
    train, calibration, test = (os.path.join(folder, n) for n in ("train", "calibration", "test"))
    try:
        source = os.path.join(arguments.mnist, "train-{}-ubyte.gz")
        images, labels = idx(source.format("images-idx3")), idx(source.format("labels-idx1"))
        part(images, labels, range(0, 50_000), train, "train")
        part(images, labels, range(50_000, 60_000), calibration, "t10k")
        source = os.path.join(arguments.mnist, "t10k-{}-ubyte.gz")
        part(idx(source.format("images-idx3")), idx(source.format("labels-idx1")),
             range(0, 10_000), test, "t10k")
        version = run(arguments.rowwise, "--version").strip()
        print(f"rowwise {version}, {processor()}, {arguments.layers}, {arguments.epochs} epochs")
        risks = [float(r) for r in arguments.risks.split(",")]
        head = "".join(f" rows read, lost ≤ {100 * r:g} % | lost, % |" for r in risks)
        print(f"| early loss | last row, % | after row 14 | after row 20 |{head}")
        print("|---" * (4 + 2 * len(risks)) + "|", flush=True)
        for share in arguments.shares.split(","):
            columns = [[] for _ in range(3 + 2 * len(risks))]
            for seed in range(arguments.seeds):
                model = os.path.join(folder, f"{share}-{seed}")
                run(arguments.rowwise, "train", train, "--recipe", "streaming", "--layers",
                    arguments.layers, "--epochs", arguments.epochs, "--early-loss", share, "--seed",
                    str(seed), "--output", model, "--quiet")
                for k, risk in enumerate(risks):
                    run(arguments.rowwise, "calibrate", model, calibration, "--early-exit",
                        f"lost<={risk}", "--quiet")
                    exits = json.loads(run(
                        arguments.rowwise, "evaluate", model, test, "--early-exit", "--format",
                        "json", "--quiet"))["early_exit"]
                    columns[3 + 2 * k].append(100 * exits["share_read"])
                    columns[4 + 2 * k].append(100 * exits["lost"])
                columns[0].append(100 * exits["whole_accuracy"])
                columns[1].append(100 * exits["accuracy_by_row"][13])
                columns[2].append(100 * exits["accuracy_by_row"][19])
            print(f"| {share} | " + " | ".join(spread(c) for c in columns) + " |", flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
