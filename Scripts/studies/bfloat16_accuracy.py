#!/usr/bin/env python3
"""Test accuracy after training in float32 and in bfloat16, over several seeds.

    python3 Scripts/studies/bfloat16_accuracy.py [--data fashion-mnist] [--seeds 5] [--epochs 10]

Prints mean ± standard deviation of both, and the mean of the differences by seed with its standard
error: bfloat16 is within the noise where that is small beside the deviation.
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
    parser.add_argument("--layers", default="lstm:128")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args()
    if arguments.seeds < 2:
        parser.error("a deviation needs two seeds")
    accuracies = {"float32": [], "bfloat16": []}
    print("seed  " + "  ".join(accuracies))
    for seed in range(arguments.seeds):
        for precision, found in accuracies.items():
            found.append(accuracy(arguments, precision, seed))
        print(f"{seed:4}  " + "  ".join(f"{found[-1]:7.2%}" for found in accuracies.values()),
              flush=True)
    for precision, found in accuracies.items():
        print(f"{precision}: {statistics.mean(found):.2%} ± {statistics.stdev(found):.2%}")
    differences = [b - a for a, b in zip(*accuracies.values())]
    error = statistics.stdev(differences) / len(differences) ** 0.5
    print(f"bfloat16 minus float32: {100 * statistics.mean(differences):+.2f} points, "
          f"standard error {100 * error:.2f}")


def accuracy(arguments, precision, seed):
    with tempfile.TemporaryDirectory() as folder:
        run = pathlib.Path(folder) / "run"
        subprocess.run(
            [arguments.rowwise, "train", arguments.data, "--recipe", "keras", "--layers", arguments.layers,
             "--epochs", str(arguments.epochs), "--seed", str(seed), "--precision", precision,
             "--output", run, "--quiet"],
            check=True, stdout=subprocess.DEVNULL)
        report = subprocess.run(
            [arguments.rowwise, "evaluate", run / "model.safetensors", arguments.data,
             "--format", "json", "--quiet"],
            check=True, capture_output=True)
        return json.loads(report.stdout)["accuracy"]


if __name__ == "__main__":
    main()
