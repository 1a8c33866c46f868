"""Carries weights of rowwise to PyTorch or Keras with the Python that rowwise prints, and back.

    python Scripts/interop/check_weights.py ROWWISE pytorch|keras

For every kind of layer that the toolkit has: probabilities of 100 pictures within 1e-5, and the
weights that come back have the same bits. Needs numpy, safetensors and the toolkit from PyPI.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
from safetensors.numpy import load_file, save_file

ROOT = pathlib.Path(__file__).parents[2]
LAYERS = {
    "lstm": "lstm:37", "stacked": "lstm:16,dropout:0.2,lstm:12,dense:9:tanh",
    "bidirectional": "lstm:16:bidirectional,lstm:12:bidirectional",
    "backwards": "lstm:16:backwards", "gru": "gru:16,gru:12:bidirectional",
    "rnn": "rnn:16,rnn:12:bidirectional,dense:7:relu,dense:6:sigmoid",
    "flatten": "lstm:5,flatten", "flatten only": "flatten", "flatten, dense": "flatten,dense:9:relu",
    "dropout, flatten": "dropout:0.1,flatten,dense:6:tanh", "mean": "pool:mean,dense:7:tanh",
    "max": "dropout:0.1,gru:6,pool:max", "last": "pool:last",
}


# What PyTorch has no layer for.
KERAS_LAYERS = {"gru, reset before": "gru:16:reset-before,gru:12:reset-before:bidirectional"}


def run(rowwise, *arguments, input=None):
    result = subprocess.run([rowwise, *arguments], input=input, capture_output=True, text=True,
                            cwd=ROOT)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)}: {result.stderr}")
    return result.stdout


def classify(rowwise, model, paths):
    output = run(rowwise, "classify", model, "-", "--top", "1000", "--format", "jsonl",
                 input="\n".join(paths))
    rows = []
    for line in output.splitlines():
        top = {int(entry["class"]): entry["probability"] for entry in json.loads(line)["top"]}
        rows.append([top[index] for index in range(len(top))])
    return np.array(rows)


def main(rowwise, toolkit):
    rowwise = os.path.abspath(rowwise)
    failures = 0
    pixels = np.random.default_rng(0).integers(0, 256, (100, 8, 8), dtype=np.uint8)
    x = (pixels.astype(np.float64) / 255).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for index, picture in enumerate(pixels):
            path = f"{folder}/{index}.pgm"
            pathlib.Path(path).write_bytes(b"P5\n8 8\n255\n" + picture.tobytes())
            paths.append(path)
        for name, layers in (LAYERS | (KERAS_LAYERS if toolkit == "keras" else {})).items():
            if name == "backwards" and toolkit == "pytorch":
                continue  # PyTorch has no layer that only goes backwards
            trained = f"{folder}/{name}"
            run(rowwise, "train", "digits", "--layers", layers, "--epochs", "1", "--output", trained,
                "--quiet")
            ours = classify(rowwise, trained, paths)
            exported = f"{folder}/{name}-{toolkit}.safetensors"
            snippet = run(rowwise, "export", trained, "--to", toolkit, "--output", exported,
                          "--quiet")
            scope = {}
            exec(compile(snippet, name, "exec"), scope)
            saved = f"{folder}/{name}-saved.safetensors"
            if toolkit == "pytorch":
                import torch
                from safetensors.torch import save_file as save
                with torch.no_grad():
                    theirs = scope["model"](torch.from_numpy(x)).numpy()
                save(scope["model"].state_dict(), saved)
            else:
                theirs = scope["model"](x, training=False).numpy()
                weights = {f"{i}/{w.path}": w.numpy() for i, w in enumerate(scope["model"].weights)}
                save_file(weights, saved)
            back = f"{folder}/{name}-back.safetensors"
            run(rowwise, "import", saved, "--from", toolkit, "--layers", layers, "--size", "8x8",
                "--output", back, "--quiet")
            first, second = load_file(f"{trained}/model.safetensors"), load_file(back)
            same = first.keys() == second.keys() and all(
                first[key].tobytes() == second[key].tobytes() for key in first)
            difference = np.abs(ours - theirs).max()
            good = difference <= 1e-5 and same
            failures += not good
            print(f"{name:14} {difference:.1e} same bits: {same}{'' if good else '  FAILED'}")
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
