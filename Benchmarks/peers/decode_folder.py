#!/usr/bin/env python3
"""A folder of 10,000 PNG files of 28 × 28 to rows of floats: Rowwise and Pillow, turn by turn, both
with all cores, in a process that has already started. Prints images a second and the ratio.

Needs `swift build -c release --package-path Benchmarks --product DecodingBenchmark` and a Python with
Pillow and NumPy."""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--benchmark", type=Path,
        default=HERE.parent / ".build/release/DecodingBenchmark")
    parser.add_argument("--python", default="python3", help="a Python with Pillow and NumPy")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [arguments.benchmark, "digits", folder, str(arguments.images)], check=True)
        commands = {
            "Rowwise": [arguments.benchmark, "rows", folder],
            "Pillow": [arguments.python, HERE / "decode_pillow.py", folder, str(cores)],
            "Pillow, one process": [arguments.python, HERE / "decode_pillow.py", folder, "1"],
        }
        results = {name: [] for name in commands}
        for _ in range(arguments.rounds):
            for name, command in commands.items():
                output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                results[name].append(json.loads(output))
    sums = [runs[0]["sum"] for runs in results.values()]
    assert all(abs(value - sums[0]) < 1e-5 * sums[0] for value in sums), f"pixels differ: {sums}"
    print("| | images/s |\n|---|---|")
    rates = {}
    for name, runs in results.items():
        rates[name] = statistics.median(run["images"] / run["seconds"] for run in runs)
        print(f"| {name} | {rates[name]:,.0f} |")
    best = max(rate for name, rate in rates.items() if name != "Rowwise")
    print(f"\nRowwise reads {rates['Rowwise'] / best:.2f} times as many images a second as Pillow.")


if __name__ == "__main__":
    main()
