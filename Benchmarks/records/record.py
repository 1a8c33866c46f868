#!/usr/bin/env python3
"""Trains an entry of the record table with each of its seeds and prints what it reaches.

    Benchmarks/records/record.py ENTRY .build/release/rowwise MNIST [--state FOLDER] [--seeds 0,1]
    Benchmarks/records/record.py --list

Entries are the files in entries/: what they are in words, their track, their seeds, and the options of
`rowwise train`, epochs among them, all fixed before a test image was read. Nothing is held back, and the
last pass counts. Options were chosen on a sixth of the training images that --split-seed 7 holds back:
--validate trains so with seed 0, the entry's options and what else was tried, and reads no test part.

Each seed is a run folder below --state (by default records/), which goes on where it was stopped when the
script is called again: long entries may take several days. The test part is read after the last pass, once
for each seed. ENTRY.json has it all: commands, options, SHA-256 of data and models, machine, instruction
set, seconds; the row of the table is written to standard output.
"""
import argparse
import csv
import hashlib
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Scripts"))
from machine import processor


def sha256(path):
    """Of a file, or of the names and hashes of all files in a folder."""
    path = pathlib.Path(path)
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        text = "".join(f"{sha256(file)}  {file.relative_to(path)}\n" for file in files)
        return hashlib.sha256(text.encode()).hexdigest()
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def run(command):
    """Standard output; ends where the command fails."""
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"status {result.returncode}: {' '.join(command)}; call again to go on")
    return result.stdout


def passes(folder):
    """The rows of a run's history, as dictionaries; none where there is none yet."""
    history = folder / "history.csv"
    return list(csv.DictReader(open(history))) if history.exists() else []


def train(rowwise, data, options, folder):
    """Trains, or goes on with, one run; its command, and seconds by the clock and of all processors in all."""
    ledger = folder.with_suffix(".seconds.json")
    wall, cpu = json.loads(ledger.read_text()) if ledger.exists() else [0, 0]
    words = [rowwise, "train", data, *options]
    epochs = int(options[options.index("--epochs") + 1])
    if len(passes(folder)) < epochs:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        began = (folder / "config.json").exists()
        try:
            run([rowwise, "train", data, "--resume", str(folder), "--quiet"] if began
                else [*words, "--output", str(folder), "--quiet"])
        finally:
            # Also where it was stopped.
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            wall += time.monotonic() - start
            cpu += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            ledger.write_text(json.dumps([wall, cpu]))
    return words[1:], wall, cpu


def validate(arguments, entry, state):
    held = ["--validation-split", "0.1667", "--split-seed", "7", "--seed", "0"]
    print("| options | held back, % | loss |")
    print("|---|---|---|", flush=True)
    for number, options in enumerate([entry["options"], *entry["tried"]]):
        folder = state / f"validation-{number}"
        train(arguments.rowwise, arguments.data, [*options.split(), *held], folder)
        row = passes(folder)[-1]
        print(f"| `{options}` | {100 * float(row['validation_accuracy']):.2f} "
              f"| {float(row['validation_loss']):.4f} |", flush=True)


def record(arguments, entry, state):
    seeds = [int(seed) for seed in arguments.seeds.split(",")] if arguments.seeds else entry["seeds"]
    runs = []
    for seed in seeds:
        folder = state / f"seed-{seed}"
        options = [*entry["options"].split(), "--seed", str(seed), "--validation-split", "0"]
        words, wall, cpu = train(arguments.rowwise, arguments.data, options, folder)
        words[1] = entry["data"]
        model = folder / "last.safetensors"
        metrics = state / f"seed-{seed}.metrics.json"
        if not metrics.exists():
            metrics.write_text(run([
                arguments.rowwise, "evaluate", str(model), arguments.data, "--format", "json",
                "--quiet"]))
        runs.append(dict(
            seed=seed, accuracy=json.loads(metrics.read_text())["accuracy"],
            wall_seconds=round(wall, 1),
            cpu_seconds=round(cpu, 1), command="rowwise " + " ".join(words),
            config=json.loads((folder / "config.json").read_text()), model_sha256=sha256(model)))
        print(f"seed {seed}: {100 * runs[-1]['accuracy']:.2f} %, {wall:.0f} s", file=sys.stderr)
    summary = run([arguments.rowwise, "inspect", str(model), "--format", "json"])
    accuracies = [100 * run["accuracy"] for run in runs]
    spread = statistics.stdev(accuracies) if len(runs) > 1 else None
    version = run([arguments.rowwise, "--version"])
    result = dict(
        entry=arguments.entry, **entry, version=version.strip(), machine=processor(),
        processors=os.cpu_count(), model=json.loads(summary), data_sha256=sha256(arguments.data),
        mean=statistics.mean(accuracies), standard_deviation=spread, runs=runs)
    place = state.with_suffix(".json")
    place.write_text(json.dumps(result, indent=2) + "\n")
    mean = f"{statistics.mean(accuracies):.2f}" + (f" ± {spread:.2f}" if spread is not None else "")
    seconds = statistics.mean(run["cpu_seconds"] for run in runs)
    print(f"| {entry['track']} | {entry['data']} | {entry['title']} | {mean} "
          f"| {', '.join(f'{accuracy:.2f}' for accuracy in accuracies)} | {seconds:.0f} |")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("entry", nargs="?")
    parser.add_argument("rowwise", nargs="?")
    parser.add_argument("data", nargs="?")
    parser.add_argument("--state", default="records", help="folder of runs and results")
    parser.add_argument("--seeds", help="other seeds than the entry's, with commas between them")
    parser.add_argument("--validate", action="store_true", help="hold a sixth back, read no test part")
    parser.add_argument("--list", action="store_true", help="the entries")
    arguments = parser.parse_args()
    entries = {file.stem: json.loads(file.read_text()) for file in sorted(HERE.glob("entries/*.json"))}
    if arguments.list:
        for name, entry in entries.items():
            print(f"{name}: {entry['track']}, {entry['data']}, {entry['title']}")
        return
    if arguments.data is None:
        parser.error("give an entry, the command and the data set, or --list")
    if arguments.entry not in entries:
        parser.error(f"no entry {arguments.entry}; expected one of {', '.join(entries)}")
    state = pathlib.Path(arguments.state) / arguments.entry
    state.mkdir(parents=True, exist_ok=True)
    (validate if arguments.validate else record)(arguments, entries[arguments.entry], state)


if __name__ == "__main__":
    main()
