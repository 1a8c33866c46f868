#!/usr/bin/env python3
"""What pictures lose when they are shrunk: the share of their variance that is gone.

Up to a hundred pictures of a folder are read at one size, shrunk to another, enlarged again, and
compared. Needs NumPy and Pillow.

    Scripts/studies/picture_detail.py FOLDER 64x64 32x32
"""
import pathlib
import sys

import numpy
from PIL import Image

ENDINGS = {".png", ".jpg", ".jpeg", ".bmp"}


def main():
    folder, large, small = sys.argv[1:]
    large, small = (tuple(int(side) for side in size.split("x")) for size in (large, small))
    files = sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix.lower() in ENDINGS)
    lost = there = 0.0
    for file in files[::max(1, len(files) // 100)]:
        picture = Image.open(file).convert("RGB").resize(large, Image.BOX)
        again = picture.resize(small, Image.BOX).resize(large, Image.BILINEAR)
        before, after = numpy.asarray(picture, float), numpy.asarray(again, float)
        lost += ((before - after) ** 2).sum()
        there += ((before - before.mean((0, 1))) ** 2).sum()
    print(f"{100 * lost / there:.1f} % of the variance is lost")


if __name__ == "__main__":
    main()
