"""The bundled digits as arrays: images of 8 x 8 and labels, for training and for testing."""

import gzip
import pathlib
import struct

import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "Datasets" / "digits"


def read(name):
    content = gzip.decompress((FOLDER / f"{name}-ubyte.gz").read_bytes())
    rank = content[3]
    sizes = struct.unpack(f">{rank}I", content[4:4 + 4 * rank])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(sizes)


def load():
    """x in 0 to 1 [N, 8 rows, 8 columns], y: of the training images, and of the test images."""
    def scaled(name):
        return (read(name) / 255).astype(np.float32)
    return ((scaled("train-images-idx3"), read("train-labels-idx1").astype(np.int64)),
            (scaled("t10k-images-idx3"), read("t10k-labels-idx1").astype(np.int64)))
