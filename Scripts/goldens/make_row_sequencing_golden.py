#!/usr/bin/env python3
"""Make Tests/RowSequencingTests/Golden/pillow.json: what Pillow and NumPy give.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install pillow numpy
    .venv-golden/bin/python Scripts/goldens/make_row_sequencing_golden.py

Source pictures are not stored: both sides make them from SplitMix64, see `picture`.
"""

import json
import os
import sys

import numpy as np
import PIL
from PIL import Image

MASK = (1 << 64) - 1


def splitmix64(seed):
    """Numbers of the SplitMix64 generator."""
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def below(numbers, bound):
    """A number in 0 ..< bound, unbiased (Lemire 2019)."""
    product = next(numbers) * bound
    while (product & MASK) < (1 << 64) % bound:
        product = next(numbers) * bound
    return product >> 64


def permutation(seed, count):
    """Fisher and Yates from the last element down."""
    numbers = splitmix64(seed)
    order = list(range(count))
    for i in range(count - 1, 0, -1):
        j = below(numbers, i + 1)
        order[i], order[j] = order[j], order[i]
    return order


def picture(width, height, channels, seed):
    """The top byte of one number a byte; rows from the middle on are 0 or 255 only."""
    numbers = splitmix64(seed)
    data = [next(numbers) >> 56 for _ in range(width * height * channels)]
    start = (height // 2) * width * channels
    data[start:] = [255 if b >= 128 else 0 for b in data[start:]]
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.array(data, dtype=np.uint8).reshape(shape)


def method(source, target):
    return Image.Resampling.BOX if target < source else Image.Resampling.BILINEAR


def resize(pixels, width, height):
    """Horizontal, then vertical, each axis by its own method."""
    image = Image.fromarray(pixels)
    image = image.resize((width, image.height), method(image.width, width))
    image = image.resize((width, height), method(image.height, height))
    return np.asarray(image)


RESIZES = [
    # source width, height, channels, width, height
    (28, 28, 1, 14, 14), (28, 28, 1, 28, 28), (100, 100, 1, 64, 64), (100, 75, 3, 64, 48),
    (32, 32, 3, 28, 28), (8, 8, 1, 28, 28), (28, 28, 1, 64, 64), (31, 17, 3, 64, 40),
    (50, 20, 1, 20, 50), (20, 50, 3, 50, 20), (40, 64, 1, 40, 28), (40, 64, 1, 28, 64),
    (1, 1, 1, 5, 3), (5, 3, 1, 1, 1), (1, 40, 3, 7, 9), (3, 3, 1, 2, 2), (7, 5, 1, 3, 4),
    (640, 3, 1, 17, 3), (2, 300, 1, 2, 7), (300, 200, 3, 6, 11), (97, 89, 1, 96, 90),
]


def main():
    resizes = []
    for number, (sw, sh, channels, w, h) in enumerate(RESIZES):
        pixels = picture(sw, sh, channels, number)
        resizes.append({
            "source_width": sw, "source_height": sh, "channels": channels, "seed": number,
            "width": w, "height": h, "pixels": resize(pixels, w, h).tobytes().hex(),
        })
    colors = picture(64, 64, 3, 99)
    luma = np.asarray(Image.fromarray(colors).convert("L"))
    scaled = colors.reshape(-1, 3).astype(np.float64) / 255
    golden = {
        "pillow": PIL.__version__,
        "resizes": resizes,
        "luma": {"width": 64, "height": 64, "seed": 99, "pixels": luma.tobytes().hex()},
        "statistics": {
            "mean": scaled.mean(axis=0).tolist(), "standard_deviation": scaled.std(axis=0).tolist(),
        },
        "permutations": [
            {"seed": seed, "count": count, "order": permutation(seed, count)}
            for seed, count in [(0, 1), (0, 10), (1, 10), (42, 64), (MASK, 257)]
        ],
    }
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    path = os.path.join(root, "Tests", "RowSequencingTests", "Golden", "pillow.json")
    with open(path, "w", encoding="ascii") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")
    print(f"wrote {path} with Pillow {PIL.__version__}, NumPy {np.__version__}", file=sys.stderr)


if __name__ == "__main__":
    main()
