"""What layers learn of 784 timesteps: pictures of MNIST read one pixel a timestep.

    python3 Scripts/studies/long_sequences.py .build/release/rowwise MNIST-FOLDER [LAYERS@PASSES ...]

The first 6,000 training images, of which a sixth judges; each stack with the same batch, learning rate and
schedule. Prints processor seconds a pass (with its validation), accuracy and loss of the last pass. Needs no
package.
"""

import csv
import gzip
import pathlib
import resource
import struct
import subprocess
import sys
import tempfile

COUNT = 6000
STACKS = ["lru:128@6", "lru:128@20", "lstm:128@5", "lstm:128:refined@5"]
OPTIONS = ("--reading-order pixels --recipe keras --standardize --batch-size 64 --schedule one-cycle "
           "--clip-norm 1 --learning-rate 0.004 --validation-split 0.1667 --split-seed 1 --seed 1 --quiet "
           "--no-progress").split()


def shorten(source, target):
    """The first images of MNIST's four files."""
    for part in ["train", "t10k"]:
        for kind, header in [("images-idx3", 16), ("labels-idx1", 8)]:
            name = f"{part}-{kind}-ubyte"
            content = gzip.decompress((source / f"{name}.gz").read_bytes())
            each = 784 if header == 16 else 1
            (target / name).write_bytes(
                content[:4] + struct.pack(">I", COUNT) + content[8:header + COUNT * each])


def main(rowwise, mnist, stacks):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (data := folder / "mnist").mkdir()
        shorten(pathlib.Path(mnist), data)
        print("| layers | passes | processor seconds a pass | validation accuracy | loss |\n|---|---|---|---|---|")
        for index, stack in enumerate(stacks):
            layers, epochs = stack.split("@")
            run = folder / f"run{index}"
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            subprocess.run(
                [rowwise, "train", data, "--layers", layers, "--epochs", epochs, "--output", run, *OPTIONS],
                check=True, stdout=subprocess.DEVNULL)
            seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
            last = list(csv.DictReader((run / "history.csv").open()))[-1]
            print(f"| `{layers}` | {epochs} | {seconds / int(epochs):.1f} | "
                  f"{float(last['validation_accuracy']):.1%} | {float(last['validation_loss']):.2f} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:] or STACKS)
