#!/usr/bin/env python3
"""Accuracy over time: what `rowwise train DATA --budget TIME` reaches for longer and longer times.

    Scripts/studies/budget_curve.py .build/release/rowwise digits MNIST=path/to/folder
    Scripts/studies/budget_curve.py --budgets 2m,10m --seeds 1 .build/release/rowwise digits

One row for each data set and budget: seconds from process start to the end of `train`, the longest of the
seeds, with its share of the budget, and the accuracy on the test part, which is read once a seed. `train`
measures what a step takes, so run it on a quiet machine.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

from first_day import train
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from machine import processor

UNITS = {"s": 1, "m": 60, "h": 3600}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rowwise")
    parser.add_argument("data", nargs="+")
    parser.add_argument("--budgets", default="10s,30s,2m,10m", help="as train takes them")
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    arguments = parser.parse_args()
    version = subprocess.run(
        [arguments.rowwise, "--version"], capture_output=True, text=True).stdout.strip()
    print(f"rowwise {version}, {processor()}, {os.cpu_count()} cores")
    print("| data | budget | seconds | of budget | test accuracy, % | network | passes |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for word in arguments.data:
        name, _, data = word.rpartition("=")
        if os.sep in data and not os.path.exists(data):
            print(f"{data} is not there: left out", file=sys.stderr)
            continue
        name = name or os.path.basename(data.rstrip(os.sep))
        for budget in arguments.budgets.split(","):
            folder = tempfile.mkdtemp(prefix="rowwise-study-")
            try:
                runs = [train(arguments.rowwise, data, seed, "auto", budget, folder)
                        for seed in range(arguments.seeds)]
            finally:
                shutil.rmtree(folder)
            accuracies = [run[0] for run in runs]
            spread = f" ± {statistics.stdev(accuracies):.2f}" if len(runs) > 1 else ""
            seconds = max(run[1] for run in runs)
            share = seconds / (float(budget[:-1]) * UNITS[budget[-1]])
            config = runs[0][2]
            print(f"| {name} | {budget} | {seconds:.{0 if seconds > 99 else 1}f} | {100 * share:.0f} % "
                  f"| {statistics.mean(accuracies):.2f}{spread} | {config['layers']} "
                  f"| {config['epochs']} |", flush=True)


if __name__ == "__main__":
    main()
