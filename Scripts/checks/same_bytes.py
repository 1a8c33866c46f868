#!/usr/bin/env python3
"""Shows that a change of the code's structure changed no result: SHA-256 of what the command writes.

Six trainings on the bundled digits (each kind of peephole, other cells and regularisers, changed and
mixed pictures with an average of the weights, bfloat16, a resumed run), and of one of the models the
predictions, metrics, report page and ONNX export.

    Scripts/checks/same_bytes.py ROWWISE            prints a hash for each file
    Scripts/checks/same_bytes.py ROWWISE OTHER      compares two commands; the status is 1 where any differ

Hashes depend on the processor's instructions, so compare two commands on one machine. The version stands
in many of the files and is not compared, nor is the model file's hash in reports. Of a model's weights
there is a hash of their own: they stay the same where a version only adds to what else a file says.
"""
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

BASE = "--recipe keras --seed 3 --epochs 2 --threads 2 --quiet"
TRAININGS = {
    "none": "--layers lstm:32:bidirectional,dropout:0.2,lstm:24,pool:max --schedule one-cycle --clip-norm 1",
    "full": "--layers lstm:32 --peephole full --optimizer adamw --label-smoothing 0.1 --standardize",
    "diagonal": "--layers lstm:32:recurrent-dropout=0.2,lstm:32:backwards --peephole diagonal",
    "cells": "--layers gru:24:bidirectional:residual:zoneout=0.1,rnn:24:learned-state,minlstm:16 "
             "--optimizer lion --learning-rate 0.001",
    "normalized": "--layers lstm:32:layer-norm:chrono,pool:attention,dense:16:relu --optimizer rmsprop",
    "augmented": "--layers lstm:32 --augment digits --mixup 0.2 --average-decay 0.99 --accumulate 2",
    "bfloat16": "--layers lstm:64 --precision bfloat16 --validation-split 0.1 --focal-gamma 2",
}
RESUMED = "--layers lstm:24,pool:mean --schedule cosine"


def run(command, folder):
    result = subprocess.run(command, cwd=folder, capture_output=True)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: {result.stderr.decode().strip()}")
    return result.stdout


def neutral(data):
    """The bytes without the command's version, and the hash of the model file, in which it stands."""
    data = re.sub(rb"\b0\.\d+\.\d+\b", b"VERSION", data)
    return re.sub(rb"(?i)(model.fingerprint[^x]{1,20})xxh64:[0-9a-f]{16}", rb"\1HASH", data)


def weights(data):
    """A safetensors file's tensors: names, types, shapes and numbers, without its metadata."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    return json.dumps(header, sort_keys=True).encode() + data[8 + length:]


def hashes(rowwise):
    """Name and SHA-256 of each file, the commands run in a folder of their own."""
    found = {}
    rowwise = pathlib.Path(rowwise).resolve()
    digits = pathlib.Path(__file__).resolve().parents[2] / "Datasets/digits"
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "digits").symlink_to(digits)

        def add(name, data):
            found[name] = hashlib.sha256(neutral(data)).hexdigest()

        def add_model(name):
            data = (place / name / "model.safetensors").read_bytes()
            add(f"{name}/model.safetensors", data)
            add(f"{name}, weights", weights(data))

        for name, options in TRAININGS.items():
            run([rowwise, "train", "digits", "--output", name, *BASE.split(), *options.split()], place)
            add_model(name)
        first = BASE.replace("--epochs 2", "--epochs 1")
        run([rowwise, "train", "digits", "--output", "resumed", *first.split(), *RESUMED.split()], place)
        run([rowwise, "train", "--resume", "resumed", "--epochs", "3", "--quiet"], place)
        add_model("resumed")
        run([rowwise, "evaluate", "none", "digits", "--report", "report", "--quiet"], place)
        for path in sorted((place / "report").rglob("*")):
            if path.is_file():
                add(str(path.relative_to(place)), path.read_bytes())
        pictures = sorted(str(path) for path in (digits.parent / "digits-png").rglob("*.png"))[:40]
        add("classify.csv", run([rowwise, "classify", "cells", *pictures, "--format", "csv", "--quiet"], place)
            .replace(str(digits.parent).encode(), b""))
        run([rowwise, "export", "none", "--output", "none.onnx", "--quiet"], place)
        add("none.onnx", (place / "none.onnx").read_bytes())
    return found


def main():
    commands = sys.argv[1:]
    if len(commands) not in (1, 2):
        raise SystemExit(__doc__)
    first = hashes(commands[0])
    if len(commands) == 1:
        for name, value in first.items():
            print(value, name)
        return
    second = hashes(commands[1])
    different = [name for name in {**first, **second} if first.get(name) != second.get(name)]
    for name in different:
        print("differs:", name)
    print(f"{len(first) - len(different)} of {len(first)} files have the same bytes")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
