"""Imports every case of a folder with rowwise and compares probabilities.

    python Scripts/interop/check_import.py ROWWISE FOLDER

Prints the largest difference of each case; fails where one is above 1e-5, or where a case that is
to be refused is not. Needs nothing but Python.
"""

import json
import pathlib
import subprocess
import sys
import tempfile


def classify(rowwise, model, case, folder):
    """Probabilities of the case's pictures as rowwise computes them."""
    paths = []
    for index, pixels in enumerate(case["pixels"]):
        path = folder / f"{index}.pgm"
        path.write_bytes(b"P5\n%d %d\n255\n" % (case["width"], case["height"]) + bytes(pixels))
        paths.append(str(path))
    run = subprocess.run(
        [rowwise, "classify", model, "-", "--top", "1000", "--format", "jsonl"],
        input="\n".join(paths), capture_output=True, text=True, check=True)
    rows = []
    for line in run.stdout.splitlines():
        top = {int(entry["class"]): entry["probability"] for entry in json.loads(line)["top"]}
        rows.append([top[index] for index in range(len(top))])
    return rows


def main(rowwise, cases):
    worst, failures = 0.0, 0
    for path in sorted(pathlib.Path(cases).glob("*/case.json")):
        case = json.loads(path.read_text())
        source = path.parent / "model.onnx"
        if not source.exists():
            source = path.parent / "weights.safetensors"
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            model = str(folder / "model.safetensors")
            run = subprocess.run(
                [rowwise, "import", str(source), "--output", model, *case["arguments"]],
                capture_output=True, text=True)
            if path.parent.name.startswith("refused"):
                good = run.returncode == 65
                print(f"{path.parent.name:32} {'refused' if good else 'NOT REFUSED'}: "
                      f"{run.stderr.strip()[:150]}")
                failures += not good
                continue
            if run.returncode != 0:
                print(f"{path.parent.name:32} FAILED: {run.stderr.strip()}")
                failures += 1
                continue
            rows = classify(rowwise, model, case, folder)
        difference = max(
            abs(a - b) for ours, theirs in zip(rows, case["probabilities"], strict=True)
            for a, b in zip(ours, theirs, strict=True))
        worst = max(worst, difference)
        good = difference <= 1e-5
        failures += not good
        print(f"{path.parent.name:32} {difference:.2e} {'' if good else 'TOO FAR'} ({case['note']})")
    print(f"largest difference {worst:.2e}, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
