#!/usr/bin/env python3
"""Trains an entry of the record table with each of its seeds and prints what it reaches.

    Benchmarks/records/record.py ENTRY .build/release/rowwise MNIST [--state FOLDER] [--seeds 0,1]
    Benchmarks/records/record.py --list

Entries are the files in entries/: what they are in words, their track, their seeds, and the options of
`rowwise train`, epochs among them, all fixed before a test image was read. Everything that is trained on
is: nothing is held back, and the last pass counts. What was chosen was chosen on a tenth or a sixth of the
training images (--validate does it: one seed, judged by a sixth that --split-seed 7 holds back, and no test
part is read).

Each seed is a run folder below --state (by default records/), which goes on where it was stopped when the
script is called again: long entries may take several days. The test part is read once a seed, after the
last pass. ENTRY.json beside the run folders has it all: command, options, SHA-256 of data and models,
machine, instruction set, seconds; the row of the table is written to standard output.
"""
import argparse
import csv
import hashlib
import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


def processor():
    try:
        rows = open("/proc/cpuinfo").read().splitlines()
        return next(row.split(":", 1)[1].strip() for row in rows if row.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


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
    """Standard output, seconds by the clock and of all processors; ends where the command fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    seconds = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if result.returncode != 0:
        sys.exit(f"status {result.returncode}: {' '.join(command)}; call again to go on")
    return result.stdout, seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def train(rowwise, entry, data, seed, options, folder):
    """Trains, or goes on with, one run; what it took in all."""
    ledger = folder.with_suffix(".seconds.json")
    spent = json.loads(ledger.read_text()) if ledger.exists() else [0, 0]
    quiet = ["--no-progress", "--quiet"]
    words = [rowwise, "train", data, *entry["options"].split(), "--seed", str(seed), *options]
    if not (folder / "config.json").exists():
        _, wall, cpu = run([*words, "--output", str(folder), *quiet])
    elif len(list(csv.reader(open(folder / "history.csv")))) <= entry["epochs"]:
        _, wall, cpu = run([rowwise, "train", data, "--resume", str(folder), *quiet])
    else:
        wall = cpu = 0
    ledger.write_text(json.dumps([spent[0] + wall, spent[1] + cpu]))
    return words[1:], spent[0] + wall, spent[1] + cpu


def validate(arguments, entry, state):
    held = ["--validation-split", "0.1667", "--split-seed", "7"]
    folder = state / "validation"
    _, wall, _ = train(arguments.rowwise, entry, arguments.data, 0, held, folder)
    row = list(csv.DictReader(open(folder / "history.csv")))[-1]
    print(f"{arguments.entry}: held back {100 * float(row['validation_accuracy']):.2f} %, "
          f"loss {float(row['validation_loss']):.4f}, {wall:.0f} s")


def record(arguments, entry, state):
    seeds = [int(seed) for seed in arguments.seeds.split(",")] if arguments.seeds else entry["seeds"]
    runs = []
    for seed in seeds:
        folder = state / f"seed-{seed}"
        words, wall, cpu = train(
            arguments.rowwise, entry, arguments.data, seed, ["--validation-split", "0"], folder)
        words[1] = entry["data"]
        model = folder / "last.safetensors"
        metrics, _, _ = run([arguments.rowwise, "evaluate", str(model), arguments.data, "--format",
                             "json", "--quiet", *entry.get("evaluate", "").split()])
        runs.append(dict(
            seed=seed, accuracy=json.loads(metrics)["accuracy"], wall_seconds=round(wall, 1),
            cpu_seconds=round(cpu, 1), command="rowwise " + " ".join(words),
            config=json.loads((folder / "config.json").read_text()), model_sha256=sha256(model)))
        print(f"seed {seed}: {100 * runs[-1]['accuracy']:.2f} %, {wall:.0f} s", file=sys.stderr)
    summary, _, _ = run([arguments.rowwise, "inspect", str(model), "--format", "json"])
    accuracies = [100 * run["accuracy"] for run in runs]
    spread = statistics.stdev(accuracies) if len(runs) > 1 else None
    version, _, _ = run([arguments.rowwise, "--version"])
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
