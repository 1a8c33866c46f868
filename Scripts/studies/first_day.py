#!/usr/bin/env python3
"""What `rowwise train DATA` gives where nothing else is typed: the table of the defaults.

Every data set is trained on with seeds 0, 1, 2 and nothing but --seed and --output; then the test
part is read once a seed. Wall time is that of `train`, from process start to its end.

    Scripts/studies/first_day.py .build/release/rowwise digits fashion-mnist DATA=path/to/folder
    Scripts/studies/first_day.py --recipe keras .build/release/rowwise digits    # what 0.1.0 did
    Scripts/studies/first_day.py --recipe fast --budget 6s .build/release/rowwise MNIST=path/to/folder

A data set is a name or a path, with NAME= in front to call it otherwise in the table; one that cannot be
found is said and left out.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from machine import processor


def train(rowwise, data, seed, recipe, budget, folder):
    """Test accuracy, seconds and the options of one run."""
    run = os.path.join(folder, f"{seed}")
    options = ["--recipe", recipe] if recipe != "auto" else []
    options += ["--budget", budget] if budget else []
    start = time.monotonic()
    result = subprocess.run(
        [rowwise, "train", data, "--seed", str(seed), "--output", run, "--no-progress"] + options,
        capture_output=True, text=True)
    seconds = time.monotonic() - start
    if result.returncode not in (0, 1):
        raise SystemExit(f"{data}: {result.stderr.strip()}")
    metrics = json.loads(subprocess.run(
        [rowwise, "evaluate", run, data, "--format", "json"], capture_output=True, text=True,
        check=False).stdout)
    with open(os.path.join(run, "config.json")) as file:
        config = json.load(file)
    return 100 * metrics["accuracy"], seconds, config


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rowwise")
    parser.add_argument("data", nargs="+")
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--recipe", default="auto")
    parser.add_argument("--budget", help="as train takes it")
    arguments = parser.parse_args()
    version = subprocess.run(
        [arguments.rowwise, "--version"], capture_output=True, text=True).stdout.strip()
    print(f"rowwise {version}, {processor()}, {os.cpu_count()} cores, recipe {arguments.recipe}"
          + (f", budget {arguments.budget}" if arguments.budget else ""))
    print("| data | test accuracy, % | each seed | seconds | network | passes | augmentation |")
    print("|---|---|---|---|---|---|---|", flush=True)
    folder = tempfile.mkdtemp(prefix="rowwise-study-")
    try:
        for number, word in enumerate(arguments.data):
            name, _, data = word.rpartition("=")
            if os.sep in data and not os.path.exists(data):
                print(f"{data} is not there: left out", file=sys.stderr)
                continue
            place = os.path.join(folder, str(number))
            os.mkdir(place)
            runs = [
                train(arguments.rowwise, data, seed, arguments.recipe, arguments.budget, place)
                for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds)]
            accuracies = [run[0] for run in runs]
            spread = statistics.stdev(accuracies) if len(accuracies) > 1 else 0
            config = runs[0][2]
            each = " ".join(f"{accuracy:.2f}" for accuracy in accuracies)
            seconds = max(run[1] for run in runs)
            shown = f"{seconds:.{0 if seconds > 99 else 1}f}"
            print(
                f"| {name or os.path.basename(data.rstrip(os.sep))} "
                f"| {statistics.mean(accuracies):.2f} ± {spread:.2f} | {each} | {shown} "
                f"| {config['layers']} | {config['epochs']} | {config['augment']} |", flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
