#!/usr/bin/env python3
"""Compares how fast the same pictures are read from every form that a data set may have.

    Benchmarks/readers.py ROWWISE MNIST_FOLDER [--images 60000] [--turns 5] [--threads 2] [--processor-time]

Makes the first training pictures of the folder (IDX files, gzip or not) in a temporary folder as a folder of
PNG files, as archives of that folder, as NumPy arrays, as a table of pixels and as IDX files. In a turn each
form is read once by `rowwise inspect FORM`, which decodes every picture, hashes its pixels and looks for
repeats; of files, it also looks at each for itself. Printed are each form's best time, the median over the
turns of the speed of the form that it is held against divided by its own time — 0.80 is asked for —, with the
smallest and the largest ratio, which say how quiet the machine was, and the peak of resident memory. Where
others use the machine, processor time says more than time.
"""
import argparse
import gzip
import io
import json
import os
import statistics
import struct
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib

# Each form, and the one that it is held against: the same files in a folder, or the same bytes in IDX.
FORMS = [
    ("folder", None), ("zip, stored", "folder"), ("zip, deflated", "folder"), ("tar", "folder"),
    ("tar.gz", "folder"), ("IDX", None), ("IDX, gzip", None), ("npz, stored", "IDX"),
    ("npz, deflated", "IDX, gzip"), ("table", "folder"),
]
LEAST = 0.8


def idx(folder, name):
    """The bytes of an IDX file behind its header, and its sizes."""
    path = os.path.join(folder, name)
    with (open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz", "rb")) as file:
        dimensions = file.read(4)[3]
        sizes = struct.unpack(f">{dimensions}I", file.read(4 * dimensions))
        return file.read(), sizes


def png(pixels, width, height):
    """A gray PNG."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + pixels[y * width:(y + 1) * width] for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def array(values, sizes):
    """A NumPy array of bytes (NEP 1)."""
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {tuple(sizes)}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text.encode() + values


def make(folder, images, sizes, labels):
    """Writes every form; gives their paths."""
    count, height, width = sizes
    each = width * height
    pictures = [images[n * each:(n + 1) * each] for n in range(count)]
    paths = {name: os.path.join(folder, name.replace(", ", "-")) for name, _ in FORMS}
    files = [(f"{labels[n]}/{n:05d}.png", png(pictures[n], width, height)) for n in range(count)]
    for name, data in files:
        path = os.path.join(paths["folder"], name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
    for form, method in (("zip, stored", zipfile.ZIP_STORED), ("zip, deflated", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(paths[form], "w", method) as archive:
            for name, data in files:
                archive.writestr(name, data)
    for form, mode in (("tar", "w"), ("tar.gz", "w:gz")):
        with tarfile.open(paths[form], mode) as archive:
            for name, data in files:
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    for form, packed in (("IDX", False), ("IDX, gzip", True)):
        os.makedirs(paths[form])
        for name, values, dimensions in (("images-idx3-ubyte", images, sizes),
                                         ("labels-idx1-ubyte", labels, sizes[:1])):
            data = struct.pack(f">I{len(dimensions)}I", 0x800 + len(dimensions), *dimensions) + values
            path = os.path.join(paths[form], name)
            with (gzip.open(path + ".gz", "wb") if packed else open(path, "wb")) as file:
                file.write(data)
    for form, method in (("npz, stored", zipfile.ZIP_STORED), ("npz, deflated", zipfile.ZIP_DEFLATED)):
        paths[form] += ".npz"
        with zipfile.ZipFile(paths[form], "w", method) as archive:
            archive.writestr("x.npy", array(images, sizes))
            archive.writestr("y.npy", array(labels, sizes[:1]))
    paths["table"] += ".csv"
    with open(paths["table"], "w", encoding="ascii") as file:
        file.write("label," + ",".join(f"pixel{n}" for n in range(each)) + "\n")
        for label, pixels in zip(labels, pictures):
            file.write(f"{label}," + ",".join(map(str, pixels)) + "\n")
    return paths


def read(command, path, threads, of_processor):
    """Seconds, by the clock or of the processor, and peak memory in MB of reading a form."""
    start = time.perf_counter()
    child = os.posix_spawn(
        command, [command, "inspect", path, "--format", "json", "--threads", str(threads), "--quiet"],
        os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        raise SystemExit(f"{command} inspect {path}: status {os.waitstatus_to_exitcode(status)}")
    if of_processor:
        seconds = usage.ru_utime + usage.ru_stime
    return seconds, usage.ru_maxrss / 1024


def make_apart(folder, mnist, most):
    """Makes the forms in a process of its own: a child's peak memory begins with its parent's. Gives paths,
    count, width and height."""
    child = os.fork()
    if child == 0:
        images, (count, height, width) = idx(mnist, "train-images-idx3-ubyte")
        labels, _ = idx(mnist, "train-labels-idx1-ubyte")
        count = min(count, most)
        paths = make(folder, images[:count * height * width], (count, height, width), labels[:count])
        with open(os.path.join(folder, "forms.json"), "w", encoding="utf-8") as file:
            json.dump([paths, count, width, height], file)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit("the forms could not be made")
    with open(os.path.join(folder, "forms.json"), encoding="utf-8") as file:
        return json.load(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rowwise")
    parser.add_argument("mnist")
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--processor-time", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rowwise-readers-") as folder:
        paths, count, width, height = make_apart(folder, arguments.mnist, arguments.images)
        found = {name: [] for name, _ in FORMS}
        for turn in range(arguments.turns + 1):
            for name, _ in FORMS if turn % 2 == 0 else reversed(FORMS):
                result = read(os.path.abspath(arguments.rowwise), paths[name], arguments.threads,
                              arguments.processor_time)
                # The first turn fills the system's memory with the files.
                if turn > 0:
                    found[name].append(result)
        print(f"{count:,} pictures of {width} x {height}, {arguments.threads} threads, "
              f"{'processor time' if arguments.processor_time else 'time'}")
        print(f"{'form':14} {'seconds':>8} {'pictures/s':>11} {'MB':>5}  {'against':10} {'ratio':>6} {'from':>6} "
              f"{'to':>6}")
        slow = []
        for name, other in FORMS:
            best = min(seconds for seconds, _ in found[name])
            row = f"{name:14} {best:8.2f} {count / best:11,.0f} {max(m for _, m in found[name]):5.0f}"
            if other:
                ratios = sorted(b / a for (a, _), (b, _) in zip(found[name], found[other]))
                middle = statistics.median(ratios)
                row += f"  {other:10} {middle:6.2f} {ratios[0]:6.2f} {ratios[-1]:6.2f}"
                if middle < LEAST:
                    slow.append(name)
            print(row, flush=True)
    if slow:
        print(f"below {LEAST}: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
