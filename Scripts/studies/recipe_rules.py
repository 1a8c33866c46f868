#!/usr/bin/env python3
"""The experiments on validation data that decided the rules of `--recipe auto` (Training.md).

A fifth of the training images is held back (--validation-split 0.2); the last pass is judged by them.
Test parts are not read.

    Scripts/studies/recipe_rules.py --quick .build/release/rowwise mnist=path/to/mnist    # --recipe fast
    Scripts/studies/recipe_rules.py .build/release/rowwise digits=digits fashion=fashion-mnist \\
        mnist=path/to/mnist cifar=path/to/cifar10-jpeg-subset sign=path/to/hands fsdd=path/to/fsdd

Experiments whose data set is not named are left out.
"""
import argparse
import csv
import os
import statistics
import subprocess
import tempfile
import time

COMMON = "--recipe keras --optimizer adamw --schedule one-cycle --standardize"
DEEP = "--layers lstm:{0}:bidirectional,dropout:0.2,lstm:{0}:bidirectional,pool:max"
FLAT = "--layers lstm:128:bidirectional,pool:max"
PLAIN = "--layers lstm:128"
SMALL = "--learning-rate 0.003 --batch-size 32"
LARGE = "--learning-rate 0.005 --batch-size 64 --clip-norm 1"
# Rule, data, seeds, options.
EXPERIMENTS = [
    ("units: 128", "digits", 2, f"{DEEP.format(128)} {SMALL} --augment light --epochs 60"),
    ("units: 64", "digits", 2, f"{DEEP.format(64)} {SMALL} --augment light --epochs 60"),
    ("network: plain", "mnist", 1,
     f"{PLAIN} {LARGE} --augment light --epochs 12 --label-smoothing 0.05"),
    ("network: both ways", "mnist", 1,
     f"{FLAT} {LARGE} --augment light --epochs 6 --label-smoothing 0.05"),
    ("changes: light", "fashion", 1, f"{PLAIN} {LARGE} --augment light --epochs 12"),
    ("changes: none", "fashion", 1, f"{PLAIN} {LARGE} --augment none --epochs 12"),
    ("changes: none, both ways", "fashion", 1,
     f"{FLAT} --learning-rate 0.0042 --batch-size 64 --clip-norm 1 --epochs 10 "
     "--label-smoothing 0.05"),
    ("mirroring: light,flip", "cifar", 1,
     f"{DEEP.format(128)} {SMALL} --augment light,flip --epochs 40"),
    ("mirroring: strong,flip", "cifar", 1,
     f"{DEEP.format(128)} {SMALL} --augment strong,flip --epochs 40"),
    ("size: 32 x 32, 64 units", "sign", 1,
     f"{DEEP.format(64)} {SMALL} --augment light --epochs 60 --size 32x32"),
    ("size: 25 x 41, 64 units", "fsdd", 1,
     f"{DEEP.format(64)} {SMALL} --augment light --epochs 40 --size 25x41"),
]
# Rows or patches, with the recipe's other parts.
ROWS = "--reading-order rows"
SWEEPS = ("--reading-order patches:{0} --layers "
          "sweep:{1},dropout:0.2,merge:2,sweep:{2},dropout:0.2,flatten")
MIXED = "--augment strong,flip --cutmix 1"
PLAIN_THINGS = "--augment light,flip --cutmix 0"
READINGS = [
    ("things: rows", "cifar", 1, f"{ROWS} {PLAIN_THINGS}"),
    ("things: rows, CutMix", "cifar", 1, f"{ROWS} {MIXED}"),
    *(
        (f"things: patches, {changes}, {passes} passes", "cifar", seeds,
         f"{SWEEPS.format(4, 64, 96)} {options} --epochs {passes}")
        for passes, seeds in [(15, 2), (30, 3), (56, 3)]
        for changes, options in [("plain", PLAIN_THINGS), ("CutMix", MIXED)]
    ),
    ("things: smaller sweeps", "cifar", 1, f"{SWEEPS.format(4, 32, 48)} {MIXED}"),
    ("things: finer patches", "cifar", 1,
     "--reading-order patches:2 --layers sweep:24,dropout:0.2,merge:2,sweep:48,dropout:0.2,merge:2,"
     f"sweep:64,dropout:0.2,flatten {PLAIN_THINGS}"),
    ("signs: rows", "sign", 1, ROWS),
    ("signs: patches", "sign", 1, SWEEPS.format(4, 64, 96)),
    ("signs: rows", "fsdd", 1, ROWS),
    ("signs: patches", "fsdd", 1, SWEEPS.format(4, 64, 96)),
]
# What `--recipe fast` could be: a tenth held back, by the same split for two seeds.
SECONDS = ("--optimizer adamw --schedule one-cycle --clip-norm 1 --standardize --batch-size 64 "
           "--validation-split 0.1 --split-seed 0")
QUICK = [
    (f"seconds: {order}, {layers}, {passes} passes, {changes}", "mnist", (1, 2),
     f"{SECONDS} --reading-order {order} --layers {layers} --epochs {passes} --learning-rate {rate} "
     f"--augment {changes}")
    for order, layers, passes, rate, changes in [
        ("rows", "lstm:128", 2, 0.005, "none"), ("windows:2/2", "lstm:128", 2, 0.006, "none"),
        ("windows:2/2", "lstm:96", 2, 0.006, "none"), ("windows:2/2", "lstm:96", 2, 0.01, "none"),
        ("windows:2/2", "lstm:80", 2, 0.006, "none"), ("windows:2/2", "lstm:64", 4, 0.008, "none"),
        ("windows:4/4", "lstm:128", 2, 0.008, "none"), ("windows:2/2", "lstm:128", 5, 0.005, "none"),
        ("windows:2/2", "lstm:128", 5, 0.005, "light"), ("windows:2/2", "lstm:112", 5, 0.005, "light"),
        ("windows:2/2", "lstm:96", 6, 0.005, "light"), ("windows:4/4", "lstm:128", 8, 0.005, "light"),
        ("windows:4/4", "lstm:128:bidirectional,pool:max", 5, 0.005, "none"),
    ]
]
# Parts of `--recipe auto` that are the same for all data, each against what stands in its place:
# options beside the recipe's own. On small sets, and on mnist for the batch of large ones.
VARIATIONS = [
    ("the recipe", ""),
    ("rate: half", "--learning-rate 0.0015"),
    ("rate: twice", "--learning-rate 0.006"),
    ("batch: 16, rate / sqrt 2", "--batch-size 16 --learning-rate 0.0021"),
    ("batch: 64, rate x sqrt 2", "--batch-size 64 --learning-rate 0.0042"),
    ("optimizer: adam", "--optimizer adam --learning-rate 0.003"),
    ("schedule: cosine", "--schedule cosine"),
    ("clip: none", "--clip-norm none"),
    ("smoothing: none", "--label-smoothing 0"),
    ("smoothing: 0.1", "--label-smoothing 0.1"),
    ("average: 0.99", "--average-decay 0.99"),
    ("average: 0.999", "--average-decay 0.999"),
    ("early stop: patience 10", "--patience 10"),
    ("as they are", "--no-standardize"),
]
LARGE_VARIATIONS = [
    ("the recipe", ""),
    ("batch: 32, rate / sqrt 2", "--batch-size 32 --learning-rate 0.003"),
    ("batch: 128, rate x sqrt 2", "--batch-size 128 --learning-rate 0.006"),
]
# Seeds of the variations: more where a run takes seconds.
SEEDS = {"digits": 3}


def last_pass(rowwise, data, seed, options):
    """The last pass's accuracy, in percent, and cross-entropy by the validation images, and the number
    of passes."""
    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        result = subprocess.run(
            [rowwise, "train", data, "--seed", str(seed), "--output", run, "--quiet"] + options.split()
            + ([] if "--validation-split" in options else ["--validation-split", "0.2"]),
            capture_output=True, text=True)
        if result.returncode not in (0, 1):
            raise SystemExit(f"{data}: {result.stderr.strip()}")
        with open(os.path.join(run, "history.csv"), newline="") as file:
            rows = list(csv.DictReader(file))
            return (100 * float(rows[-1]["validation_accuracy"]), float(rows[-1]["validation_loss"]),
                    len(rows))


def vary(rowwise, places):
    """Prints a row for each variation and data set."""
    print("| part | data | validation accuracy, % | loss | passes |\n|---|---|---|---|---|", flush=True)
    for name, data in places.items():
        for part, options in LARGE_VARIATIONS if name == "mnist" else VARIATIONS:
            found = [last_pass(rowwise, data, seed, options) for seed in range(SEEDS.get(name, 1))]
            accuracy, loss, passes = (statistics.mean(column) for column in zip(*found))
            print(f"| {part} | {name} | {accuracy:.2f} | {loss:.4f} | {passes:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rowwise")
    parser.add_argument("data", nargs="+", metavar="NAME=DATA")
    parser.add_argument("--vary", action="store_true",
                        help="vary the parts that are the same for all data instead")
    parser.add_argument("--quick", action="store_true", help="what --recipe fast could be, on mnist, instead")
    arguments = parser.parse_args()
    places = dict(word.split("=", 1) for word in arguments.data)
    if arguments.vary:
        return vary(arguments.rowwise, places)
    print("| rule | data | validation accuracy, % | seconds | options |\n|---|---|---|---|---|", flush=True)
    experiments = QUICK if arguments.quick else [
        (*e[:3], f"{COMMON} {e[3]}") for e in EXPERIMENTS] + READINGS
    for rule, name, seeds, options in experiments:
        if name not in places:
            continue
        found, seconds = [], []
        for seed in seeds if isinstance(seeds, tuple) else range(seeds):
            start = time.monotonic()
            found.append(last_pass(arguments.rowwise, places[name], seed, options)[0])
            seconds.append(time.monotonic() - start)
        print(f"| {rule} | {name} | {statistics.mean(found):.2f} | {min(seconds):.1f} | `{options}` |",
              flush=True)


if __name__ == "__main__":
    main()
