#!/usr/bin/env python3
"""Makes a picture as a telephone takes it of a digit drawn on paper: dark ink on light paper, off the middle,
in light that falls from one side, with the sensor's noise.

    Scripts/make_photo.py NUMBER OUTPUT.png

NUMBER is that of one of the bundled test digits (Datasets/digits), from 0: white on black and 8 x 8 there.
"""
import argparse
import gzip
import pathlib
import random
import struct
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[1]
WIDTH, HEIGHT = 320, 320
# Pixels of a side of the digit, and its left and upper edge.
SIDE, LEFT, TOP = 300, 14, 8


def digit(number):
    """The pixels of a digit, 0 to 1, [8][8]."""
    data = gzip.decompress((ROOT / "Datasets" / "digits" / "t10k-images-idx3-ubyte.gz").read_bytes())
    height, width = struct.unpack(">2I", data[8:16])
    start = 16 + number * height * width
    values = data[start:start + height * width]
    return [[value / 255 for value in values[y * width:(y + 1) * width]] for y in range(height)]


def smooth(pixels, x, y):
    """The value between pixels; nothing beyond the edges."""
    left, top = int(x // 1), int(y // 1)
    def at(column, row):
        inside = 0 <= row < len(pixels) and 0 <= column < len(pixels[0])
        return pixels[row][column] if inside else 0
    across, down = x - left, y - top
    upper = at(left, top) * (1 - across) + at(left + 1, top) * across
    lower = at(left, top + 1) * (1 - across) + at(left + 1, top + 1) * across
    return upper * (1 - down) + lower * down


def photo(number):
    """The rows of bytes of the photo."""
    pixels, noise = digit(number), random.Random(number)
    scale = len(pixels) / SIDE
    rows = []
    for y in range(HEIGHT):
        row = bytearray()
        for x in range(WIDTH):
            ink = smooth(pixels, (x - LEFT) * scale - 0.5, (y - TOP) * scale - 0.5)
            light = 0.97 - 0.14 * x / WIDTH - 0.07 * y / HEIGHT
            value = 255 * light * (1 - 0.85 * ink) + noise.gauss(0, 2)
            row.append(min(255, max(0, round(value))))
        rows.append(bytes(row))
    return rows


def write_png(rows, path):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">2I5B", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("number", type=int)
    parser.add_argument("output", type=pathlib.Path)
    arguments = parser.parse_args()
    write_png(photo(arguments.number), arguments.output)
