"""Runs exported models in ONNX Runtime and compares with the probabilities beside them.

    python Scripts/interop/run_exported.py FOLDER

Each folder in FOLDER has exported models and case.json, as the tests write them: pictures and what
rowwise makes of them. Prints the largest difference of each model; fails where one is above 1e-5.
Needs numpy, onnx and onnxruntime from PyPI.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

LIMIT = 1e-5


def session(path):
    """The model, once the checker has nothing to say against it."""
    onnx.checker.check_model(str(path), full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def difference(runtime, values, expected, batch):
    """The largest difference over pictures that are given a few at a time."""
    name = runtime.get_inputs()[0].name
    parts = [runtime.run(None, {name: values[i:i + batch]})[0]
             for i in range(0, len(values), batch)]
    return np.abs(np.concatenate(parts) - expected).max()


def main(folder):
    failures = count = 0
    for path in sorted(pathlib.Path(folder).glob("*/case.json")):
        case = json.loads(path.read_text())
        count += 1
        for check in case["checks"]:
            pixels = np.array(check["pixels"], np.uint8)
            shape = (len(pixels), check["height"], check["width"])
            if check["takes_pictures"]:
                values = pixels.reshape(*shape, -1)
            else:
                values = (pixels.reshape(shape).astype(np.float64) / 255).astype(np.float32)
            runtime = session(path.parent / check["model"])
            expected = np.array(check["probabilities"])
            worst = max(difference(runtime, values, expected, batch) for batch in (1, len(values)))
            good = worst <= LIMIT
            failures += not good
            print(f"{case['name']:20} {check['model']:16} {shape} {worst:.1e}"
                  f"{'' if good else '  TOO FAR'}")
    print(f"{count} networks, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
