#!/usr/bin/env python3
"""What `rowwise train --teacher` brings: students by labels alone and with a teacher, on validation data.

A fifth of the training images is held back (--validation-split 0.2 --split-seed 7, for teachers and students
alike); the last pass is judged by it. Test parts are not read.

    Scripts/studies/teacher.py .build/release/rowwise digits=Datasets/digits cifar=path/to/cifar10-jpeg-subset \\
        mnist=path/to/mnist

Experiments whose data set is not named are left out.
"""
import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from machine import processor

HELD_BACK = ["--validation-split", "0.2", "--split-seed", "7", "--quiet"]
# Data, the teachers' options, one for each, and the students', seeds.
EXPERIMENTS = [
    ("digits", ["--seed 10", "--seed 11", "--seed 12"], "--recipe streaming", [0, 1, 2]),
    ("cifar", ["--seed 10"], "--reading-order rows", [0, 1, 2]),
    ("mnist", ["--seed 10 --layers lstm:128 --epochs 30 --augment digits"], "--recipe fast", [0, 1, 2]),
]
# Of the students with a teacher: weight and temperature.
LESSONS = [(None, None), (0.5, 2), (0.9, 4)]


def train(rowwise, data, words, folder):
    """Accuracy in percent and loss of the last pass on what was held back."""
    subprocess.run([rowwise, "train", data, *words, *HELD_BACK, "--output", folder], check=True,
                   stdout=subprocess.DEVNULL)
    row = list(csv.DictReader(open(os.path.join(folder, "history.csv"))))[-1]
    return 100 * float(row["validation_accuracy"]), float(row["validation_loss"])


def text(values, decimals):
    spread = f" ± {statistics.stdev(values):.{decimals}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{decimals}f}{spread}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rowwise")
    parser.add_argument("data", nargs="+", metavar="NAME=PATH")
    arguments = parser.parse_args()
    paths = dict(word.split("=", 1) for word in arguments.data)
    print(f"{processor()}, {os.cpu_count()} cores")
    print("| data | network | accuracy, % | loss |")
    print("|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="rowwise-teacher-") as place:
        for name, teachers, student, seeds in EXPERIMENTS:
            if name not in paths:
                continue
            folders = [os.path.join(place, f"{name}-{number}") for number in range(len(teachers))]
            results = [train(arguments.rowwise, paths[name], words.split(), folder)
                       for words, folder in zip(teachers, folders)]
            print(f"| {name} | {len(teachers)} × teacher: `{teachers[0]}` "
                  f"| {text([r[0] for r in results], 2)} | {text([r[1] for r in results], 4)} |", flush=True)
            for weight, temperature in LESSONS:
                lesson = [] if weight is None else [
                    "--teacher", ",".join(folders), "--teacher-weight", str(weight),
                    "--teacher-temperature", str(temperature)]
                results = [
                    train(arguments.rowwise, paths[name], [*student.split(), "--seed", str(seed), *lesson],
                          os.path.join(place, f"{name}-{weight}-{temperature}-{seed}"))
                    for seed in seeds]
                label = "labels alone" if weight is None else f"weight {weight}, temperature {temperature}"
                print(f"| {name} | `{student}`, {label} | {text([r[0] for r in results], 2)} "
                      f"| {text([r[1] for r in results], 4)} |", flush=True)


if __name__ == "__main__":
    main()
