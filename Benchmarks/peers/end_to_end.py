#!/usr/bin/env python3
"""Times a whole training of LSTM(128) on Fashion-MNIST, from the start of the process to the saved
model: Rowwise in both precisions, PyTorch and Keras in float32, turn by turn. The models' accuracy on
the test images is taken after that, outside the time."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from quietness import Watch, wait_until_quiet
from run import HERE, MAXIMUM_OTHERS, PEERS

DATA = Path("/usr/share/datasets/fashion-mnist")
OURS = {"Rowwise": "float32", "Rowwise, bfloat16": "bfloat16"}
# What trains each peer, and the ending that it saves models under.
SCRIPTS = {"PyTorch": ("train_torch.py", "pt"), "Keras": ("train_keras.py", "keras")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rowwise", type=Path, default=HERE.parent.parent / ".build/release/rowwise")
    parser.add_argument(
        "--environments", type=Path,
        default=Path(os.environ.get("PEERS_ENVIRONMENTS", HERE / "environments")))
    parser.add_argument("--data", type=Path, default=DATA, help="folder with the four IDX files")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    results = {name: [] for name in [*OURS, *SCRIPTS]}
    for seed in range(arguments.rounds):
        for peer, runs in results.items():
            measured = (ours(arguments, OURS[peer], seed) if peer in OURS
                        else other(arguments, peer, seed))
            print(f"{peer}: {measured['seconds']:.1f} s", file=sys.stderr)
            runs.append(measured)
    print(f"{arguments.epochs} epochs, batch size {arguments.batch_size}, {arguments.threads} "
          "threads\n")
    print("| | seconds | test accuracy | peak memory MB | cores used by others |")
    print("|---|---|---|---|---|")
    for peer, runs in results.items():
        cells = [statistics.median(run[key] for run in runs)
                 for key in ("seconds", "accuracy", "memory", "others")]
        print(f"| {peer} | {cells[0]:.1f} | {cells[1]:.4f} | {cells[2]:.0f} | {cells[3]:.2f} |")
    medians = {peer: statistics.median(run["seconds"] for run in runs)
               for peer, runs in results.items()}
    print()
    for name in OURS:
        for peer in SCRIPTS:
            ratio = medians[peer] / medians[name]
            print(f"{name} is {ratio:.2f} times as fast as {peer} in float32.")


def ours(arguments, precision: str, seed: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "run"
        result = timed(
            [arguments.rowwise, "train", arguments.data, "--recipe", "keras", "--layers", "lstm:128", "--epochs",
             str(arguments.epochs), "--batch-size", str(arguments.batch_size), "--threads",
             str(arguments.threads), "--seed", str(seed), "--validation-split", "0",
             "--precision", precision, "--output", output, "--quiet"])
        report = subprocess.run(
            [arguments.rowwise, "evaluate", output / "model.safetensors", arguments.data,
             "--format", "json", "--quiet"],
            check=True, stdout=subprocess.PIPE, text=True).stdout
        return {**result, "accuracy": json.loads(report)["accuracy"]}


def other(arguments, peer: str, seed: int) -> dict:
    python = arguments.environments / PEERS[peer].folder / "bin/python"
    script, ending = SCRIPTS[peer]
    if not python.exists():
        sys.exit(f"no {python}; setup.sh makes it")
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / f"model.{ending}"
        command = [python, HERE / script, model, "--data", arguments.data]
        result = timed(
            [*command, "--epochs", str(arguments.epochs), "--batch-size",
             str(arguments.batch_size), "--threads", str(arguments.threads), "--seed", str(seed)])
        accuracy = subprocess.run(
            [*command, "--evaluate"], check=True, stdout=subprocess.PIPE, text=True).stdout
        return {**result, "accuracy": float(accuracy)}


def timed(command: list) -> dict:
    """Seconds from start to end, most memory of the process (10^6 bytes), cores of others."""
    wait_until_quiet(MAXIMUM_OTHERS, seconds=60)
    watch, start = Watch(), time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    others = watch.others()
    return {"seconds": seconds, "memory": usage.ru_maxrss * unit / 1e6,
            "others": float("nan") if others is None else others}


if __name__ == "__main__":
    main()
