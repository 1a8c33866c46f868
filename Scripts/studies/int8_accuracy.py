#!/usr/bin/env python3
"""Test accuracy of the same models with float32 and with int8 products, over several seeds.

    python3 Scripts/studies/int8_accuracy.py [--data fashion-mnist] [--seeds 5] [-- train options]
    python3 Scripts/studies/int8_accuracy.py --models runs/a runs/b --data mnist

Trains a model for each seed, or takes those of --models, and prints both accuracies, how many answers are
others, and the mean of the differences with its standard error.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rowwise", default=ROOT / ".build/release/rowwise")
    parser.add_argument("--data", default="fashion-mnist")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--models", nargs="+", default=[])
    parser.add_argument("options", nargs="*", default=["--recipe", "fast"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = arguments.models or (trained(arguments, folder, seed) for seed in range(arguments.seeds))
        differences = []
        print("float32     int8  difference  others")
        for model in models:
            report = evaluated(arguments, model)
            cost = report["precision_cost"]
            differences.append(100 * (report["accuracy"] - cost["float32_accuracy"]))
            print(f"{cost['float32_accuracy']:7.2%}  {report['accuracy']:7.2%}  {differences[-1]:+10.2f}  "
                  f"{cost['other_predictions']:6}", flush=True)
    if len(differences) < 2:
        return
    error = statistics.stdev(differences) / len(differences) ** 0.5
    print(f"int8 minus float32: {statistics.mean(differences):+.3f} points, standard error {error:.3f}")


def trained(arguments, folder, seed):
    run = pathlib.Path(folder) / f"run-{seed}"
    subprocess.run(
        [arguments.rowwise, "train", arguments.data, *arguments.options, "--seed", str(seed), "--output", run,
         "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return run


def evaluated(arguments, model):
    report = subprocess.run(
        [arguments.rowwise, "evaluate", model, arguments.data, "--precision", "int8", "--format", "json",
         "--quiet"], check=True, capture_output=True)
    return json.loads(report.stdout)


if __name__ == "__main__":
    main()
