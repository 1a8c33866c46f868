#!/usr/bin/env python3
"""Classifies a folder of 10,000 PNG files of 28 × 28 with LSTM(128), from the start of the process
to the CSV file: Rowwise and PyTorch + Pillow (DataLoader with 2 workers), turn by turn. Both use
the same weights; their classes are compared. Prints images a second and the ratio.

Needs the built products `rowwise` and, in Benchmarks, `DecodingBenchmark` and a Python with torch and Pillow."""
import argparse
import csv
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent.parent / ".build/release"


def classes(path, folder):
    with open(path, newline="") as file:
        return {
            str(Path(row["path"]).relative_to(folder)): row["prediction"]
            for row in csv.DictReader(file)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--built", type=Path, default=BUILT, help="folder of the command")
    parser.add_argument(
        "--benchmark", type=Path, default=HERE.parent / ".build/release/DecodingBenchmark")
    parser.add_argument("--python", default="python3", help="a Python with torch and Pillow")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder, model = Path(scratch, "pictures"), Path(scratch, "run", "model.safetensors")
        subprocess.run(
            [arguments.benchmark, "digits", folder, str(arguments.images)],
            check=True)
        subprocess.run(
            [arguments.built / "rowwise", "train", folder, "--recipe", "keras", "--layers", "lstm:128", "--epochs", "1",
             "--seed", "0", "--quiet", "--output", model.parent], check=True)
        results = {"Rowwise": Path(scratch, "ours.csv"), "PyTorch + Pillow": Path(scratch, "t.csv")}
        times = {name: [] for name in results}
        for _ in range(arguments.rounds):
            for name, output in results.items():
                start = time.perf_counter()
                if name == "Rowwise":
                    with open(output, "w") as file:
                        subprocess.run(
                            [arguments.built / "rowwise", "classify", model, folder, "--top", "1",
                             "--format", "csv", "--quiet"], check=True, stdout=file)
                else:
                    subprocess.run(
                        [arguments.python, HERE / "classify_torch.py", model, folder, output],
                        check=True)
                times[name].append(time.perf_counter() - start)
        ours, theirs = (classes(path, folder) for path in results.values())
    assert ours.keys() == theirs.keys() and len(ours) == arguments.images, "images are missing"
    differing = sum(ours[path] != theirs[path] for path in ours)
    assert differing <= len(ours) // 1000, f"{differing} classes differ"
    print(f"{len(ours)} images, {differing} classes differ\n")
    print("| | seconds from process start | images/s |\n|---|---|---|")
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, seconds in medians.items():
        print(f"| {name} | {seconds:.2f} | {len(ours) / seconds:,.0f} |")
    ours, theirs = medians.values()
    print(f"\nRowwise is {theirs / ours:.2f} times as fast.")


if __name__ == "__main__":
    main()
