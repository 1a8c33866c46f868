"""Trains small models with rowwise, exports them to ONNX, and compares ONNX Runtime with rowwise.

    python Scripts/interop/check_export.py ROWWISE [NAME…]

For every kind of layer: the ONNX checker with full checks; probabilities of 1,000 test images at
batch 1, 7 and 1,000 within 1e-5, and of as many shorter sequences; equal predictions on all 10,000;
the same with preprocessing in the graph, also for colour pictures of other sizes; int8 and bfloat16
weights against `rowwise classify` with weights stored likewise; weights that come back from the
ONNX file with the same bits, also once another tool has rewritten it without its metadata. Needs numpy, onnx, onnxruntime and safetensors from PyPI and the
Fashion-MNIST files (/usr/share/datasets/fashion-mnist, from Debian's dataset-fashion-mnist, or the
folder in FASHION_MNIST).
"""

import gzip
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

LIMIT = 1e-5
DATA = pathlib.Path(os.environ.get("FASHION_MNIST", "/usr/share/datasets/fashion-mnist"))

# Name: layers, more options of train, classes.
MODELS = {
    "lstm": ("lstm:128", [], 10),
    "stacked": ("lstm:128,lstm:128", [], 10),
    "bidirectional": ("lstm:64:bidirectional,lstm:64:bidirectional", [], 10),
    "backwards": ("lstm:32:backwards,lstm:24:backwards", [], 10),
    "diagonal": ("lstm:128", ["--peephole", "diagonal"], 10),
    "diagonal-both": ("lstm:32:bidirectional", ["--peephole", "diagonal"], 10),
    "full": ("lstm:128", ["--peephole", "full"], 10),
    "full-both": ("lstm:24:bidirectional,lstm:20:bidirectional", ["--peephole", "full"], 10),
    "full-backwards": ("lstm:24:backwards,lstm:20", ["--peephole", "full"], 10),
    "odd": ("lstm:37,dropout:0.2", [], 5),
    "dense": ("lstm:37,dense:19:tanh,dense:11:sigmoid,dense:7:relu", ["--standardize"], 5),
    "columns": ("lstm:37", ["--reading-order", "columns", "--standardize"], 10),
    "serpentine": ("lstm:37", ["--reading-order", "serpentine", "--color", "rgb"], 10),
    "gru": ("gru:64", [], 10),
    "gru-both": ("gru:32:bidirectional,gru:24:backwards", [], 10),
    "gru-before": ("gru:32:reset-before:bidirectional,gru:24:reset-before", [], 10),
    "rnn": ("rnn:64", [], 10),
    "rnn-both": ("rnn:32:bidirectional,rnn:24", [], 10),
    "coupled": ("lstm:48:coupled,lstm:24:coupled:bidirectional", [], 10),
    "refined": ("lstm:48:refined,lstm:24:refined:bidirectional", [], 10),
    "each-timestep": ("dense:24:relu,norm,lstm:32,mlp:2,dense:16:tanh,gru:24,norm,dense:12:relu", [], 10),
    "normalized": ("lstm:48:layer-norm,lstm:24:layer-norm:bidirectional", ["--standardize"], 10),
    "minimal": ("minlstm:48,minlstm:24:backwards", [], 10),
    "lru": ("lru:48:bidirectional,lru:24:residual,lru:24:backwards", [], 10),
    "zoneout": ("lstm:32:zoneout=0.1:learned-state,gru:24:zoneout=0.2:bidirectional", [], 10),
    "residual": ("lstm:28:residual,gru:48:residual,lstm:24", [], 10),
    "mean": ("lstm:32,pool:mean", [], 10),
    "max": ("gru:32,pool:max", [], 10),
    "attention": ("lstm:32,dropout:0.1,pool:attention", [], 10),
    "flatten": ("flatten,dense:32:relu", [], 10),
    "lstm-flatten": ("lstm:16,flatten", [], 10),
}

# Read by their metadata only: loops, and sums and shares that no operator of a layer stands for.
OWN_ONLY = {"full", "full-both", "full-backwards", "coupled", "refined", "normalized", "minimal",
            "lru", "zoneout", "residual", "attention", "each-timestep"}

# Trained on all images, so that few pictures are undecided; the others on a tenth.
TRAINED_ON_ALL = {"lstm", "stacked", "bidirectional", "diagonal", "full", "odd"}


def read(name):
    with gzip.open(DATA / name) as file:
        content = file.read()
    rank = content[3]
    sizes = struct.unpack(f">{rank}I", content[4:4 + 4 * rank])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(sizes)


def write_idx(path, values):
    header = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    path.write_bytes(header + values.tobytes())


class Checker:
    def __init__(self, rowwise, folder):
        self.rowwise, self.folder = rowwise, folder
        self.images, self.labels = read("t10k-images-idx3-ubyte.gz"), read("t10k-labels-idx1-ubyte.gz")
        train, labels = read("train-images-idx3-ubyte.gz"), read("train-labels-idx1-ubyte.gz")
        for classes, count in ((10, 6000), (5, 6000), (10, 60000), (5, 60000)):
            data = folder / f"data{classes}-{count}"
            data.mkdir()
            chosen = np.flatnonzero(labels < classes)[:count]
            write_idx(data / "train-images-idx3-ubyte", train[chosen])
            write_idx(data / "train-labels-idx1-ubyte", labels[chosen])
            chosen = np.flatnonzero(self.labels < classes)
            write_idx(data / "t10k-images-idx3-ubyte", self.images[chosen])
            write_idx(data / "t10k-labels-idx1-ubyte", self.labels[chosen])
        self.paths = self.write_pictures("whole", self.images)
        self.short = self.write_pictures("short", self.images[:1000, :20])
        random = np.random.default_rng(1)
        self.odd = [random.integers(0, 256, size, dtype=np.uint8) for size in
                    [(28, 28, 3), (57, 31, 3), (13, 90, 3), (20, 20, 1), (100, 84, 1), (3, 2, 3)]]
        self.odd_paths = [self.write_picture(f"odd{i}", image) for i, image in enumerate(self.odd)]
        self.failures = 0

    def write_picture(self, name, image):
        path = self.folder / f"{name}.pnm"
        height, width = image.shape[:2]
        kind = "P6" if image.ndim == 3 and image.shape[2] == 3 else "P5"
        path.write_bytes(f"{kind}\n{width} {height}\n255\n".encode() + image.tobytes())
        return str(path)

    def write_pictures(self, name, images):
        (self.folder / name).mkdir()
        return [self.write_picture(f"{name}/{i:05}", image) for i, image in enumerate(images)]

    def run(self, *arguments, input=None):
        run = subprocess.run([self.rowwise, *arguments], input=input, capture_output=True, text=True)
        if run.returncode != 0:
            raise SystemExit(f"{' '.join(arguments)}: {run.stderr}")
        return run.stdout

    def classify(self, model, paths, classes):
        output = self.run("classify", str(model), "-", "--top", "1000", "--format", "jsonl",
                          input="\n".join(paths))
        result = np.zeros((len(paths), classes), np.float64)
        for row, line in enumerate(output.splitlines()):
            for entry in json.loads(line)["top"]:
                result[row, int(entry["class"])] = entry["probability"]
        return result

    def expect(self, what, difference, limit=LIMIT):
        good = difference <= limit
        self.failures += not good
        print(f"  {what:44} {difference:.1e}{'' if good else '  TOO FAR'}", flush=True)

    def expect_true(self, what, good):
        self.failures += not good
        print(f"  {what:44} {'yes' if good else 'NO'}", flush=True)

    # Checks of one model.

    def sequences(self, images, description):
        """What the model reads, made here from the description in the model file."""
        pixels = images.astype(np.float64) / 255
        if description["color"] == "rgb":
            pixels = np.repeat(pixels[..., None], 3, axis=3)
        else:
            pixels = pixels[..., None]
        if "mean" in description:
            mean, deviation = description["mean"], description["standard_deviation"]
            pixels = (pixels - np.array(mean)) / np.array(deviation)
        order = description["reading_order"]
        if order == "columns":
            pixels = pixels.transpose(0, 2, 1, 3)
        elif order == "serpentine":
            pixels = pixels.copy()
            pixels[:, 1::2] = pixels[:, 1::2, ::-1]
        return pixels.reshape(len(images), pixels.shape[1], -1).astype(np.float32)

    def load(self, path):
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        return onnxruntime.InferenceSession(path, options)

    @staticmethod
    def infer(session, values, batch):
        name = session.get_inputs()[0].name
        parts = [session.run(None, {name: values[i:i + batch]})[0]
                 for i in range(0, len(values), batch)]
        return np.concatenate(parts)

    def check(self, name):
        layers, more, classes = MODELS[name]
        print(f"{name}: {layers} {' '.join(more)}", flush=True)
        model = self.folder / name / "model.safetensors"
        count = 60000 if name in TRAINED_ON_ALL else 6000
        self.run("train", str(self.folder / f"data{classes}-{count}"), "--layers", layers, *more, "--epochs",
                 "1", "--output", str(model.parent), "--quiet")
        with safe_open(model, "np") as file:
            description = json.loads(file.metadata()["rowwise"])
        preprocessing = description["preprocessing"]
        ours = self.classify(model, self.paths, classes)
        path = str(self.folder / f"{name}.onnx")
        self.run("export", str(model), "--output", path, "--quiet")
        session = self.load(path)
        values = self.sequences(self.images, preprocessing)
        theirs = self.infer(session, values, 1000)
        for batch in (1, 7):
            difference = np.abs(self.infer(session, values[:1000], batch) - ours[:1000]).max()
            self.expect(f"1,000 images, batch {batch}", difference)
        self.expect("1,000 images, batch 1,000", np.abs(theirs[:1000] - ours[:1000]).max())
        others = np.flatnonzero(theirs.argmax(1) != ours.argmax(1))
        self.expect_true("10,000 equal predictions", len(others) == 0)
        for row in others:
            second, first = np.sort(ours[row])[-2:]
            print(f"    image {row}: {first:.9f} and {second:.9f} are the two most probable")
        if "flatten" not in name and preprocessing["reading_order"] != "columns":
            self.check_length(session, model, classes)
        self.check_preprocessing(model, name, ours, classes)
        self.check_round_trip(model, path, name)
        self.check_stripped(model, path, name)
        self.check_storage(model, name, values, classes)

    def check_length(self, session, model, classes):
        tensors = load_file(model)
        with safe_open(model, "np") as file:
            metadata = file.metadata()
        description = json.loads(metadata["rowwise"])
        description["preprocessing"]["height"] = 20
        short = self.folder / "short.safetensors"
        save_file(tensors, str(short), {"rowwise": json.dumps(description)})
        ours = self.classify(short, self.short, classes)
        values = self.sequences(self.images[:1000, :20], description["preprocessing"])
        self.expect("20 timesteps", np.abs(self.infer(session, values, 1000) - ours).max())

    def check_preprocessing(self, model, name, ours, classes):
        path = str(self.folder / f"{name}-pictures.onnx")
        self.run("export", str(model), "--output", path, "--preprocessing", "--quiet")
        session = self.load(path)
        theirs = self.infer(session, self.images[:1000, :, :, None], 100)
        self.expect("pictures", np.abs(theirs - ours[:1000]).max())
        ours = self.classify(model, self.odd_paths, classes)
        theirs = np.concatenate([self.infer(session, image[None], 1) for image in self.odd])
        self.expect("pictures of other sizes and colours", np.abs(theirs - ours).max())
        self.check_round_trip(model, path, f"{name}, preprocessing")

    def check_round_trip(self, model, path, name):
        back = str(self.folder / "back.safetensors")
        self.run("import", path, "--output", back, "--quiet")
        self.expect_true("the same file comes back", pathlib.Path(back).read_bytes()
                         == pathlib.Path(model).read_bytes())

    def check_stripped(self, model, path, name):
        """What is left once a tool has written the file anew: nodes, weights and inferred shapes."""
        if name in OWN_ONLY:
            return
        stripped = onnx.shape_inference.infer_shapes(onnx.load(path))
        del stripped.metadata_props[:]
        stripped.producer_name = ""
        onnx.save(stripped, self.folder / "stripped.onnx")
        # Only a layer that takes all timesteps at once tells their number.
        more = [] if "flatten" in name else ["--size", "28x28"]
        more += ["--color", "rgb"] if name == "serpentine" else []
        back = str(self.folder / "back.safetensors")
        self.run("import", str(self.folder / "stripped.onnx"), "--output", back, "--quiet", *more)

        def weights(path):
            # Dropout is not in the graph: layers behind it have lower numbers there.
            tensors = load_file(path)
            names = sorted(tensors, key=lambda name: (int(name.split(".")[1]), name))
            return [(name.split(".", 2)[2], tensors[name].shape, tensors[name].tobytes())
                    for name in names]
        self.expect_true("the same weights come back without metadata",
                         weights(back) == weights(model))

    def check_storage(self, model, name, values, classes):
        for storage in ("int8", "bfloat16"):
            path = str(self.folder / f"{name}-{storage}.onnx")
            stored = str(self.folder / f"{name}-{storage}.safetensors")
            table = self.run("export", str(model), "--output", path, "--weights", storage, "--data",
                             str(self.folder / f"data{classes}-6000"), "--quiet")
            self.run("export", str(model), "--output", stored, "--weights", storage, "--quiet")
            ours = self.classify(stored, self.paths[:1000], classes)
            theirs = self.infer(self.load(path), values[:1000], 1000)
            self.expect(f"{storage}, 1,000 images", np.abs(theirs - ours).max())
            sizes = [pathlib.Path(p).stat().st_size for p in (path[:-6 - len(storage)] + ".onnx", path)]
            print(f"    {sizes[0]:,} bytes to {sizes[1]:,}; {' '.join(table.splitlines()[-1].split())}")


def main(rowwise, names):
    with tempfile.TemporaryDirectory() as name:
        checker = Checker(rowwise, pathlib.Path(name))
        for name in names or MODELS:
            checker.check(name)
        print(f"{checker.failures} failures")
        return 1 if checker.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
