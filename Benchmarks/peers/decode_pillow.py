"""Reads a folder of pictures to rows of floats with Pillow and NumPy; a part of decode_folder.py."""
import json
import multiprocessing
import sys
import time
from pathlib import Path

import numpy
from PIL import Image


def rows(path):
    with Image.open(path) as image:
        return numpy.asarray(image.convert("L"), dtype=numpy.float32) / 255


def main():
    folder, workers = Path(sys.argv[1]), int(sys.argv[2])
    start = time.perf_counter()
    paths = sorted(folder.glob("*/*.png"))
    if workers > 1:
        with multiprocessing.Pool(workers) as pool:
            pictures = pool.map(rows, paths, chunksize=250)
    else:
        pictures = [rows(path) for path in paths]
    batch = numpy.stack(pictures, axis=1)  # [T, N, D]
    seconds = time.perf_counter() - start
    print(json.dumps({
        "images": len(paths), "seconds": seconds, "sum": float(batch.sum(dtype=numpy.float64))}))


if __name__ == "__main__":
    main()
