#!/usr/bin/env python3
"""How well and how fast `rowwise explain` explains MNIST: whether the integrated gradients converge, with
how many points, and how long one picture takes, everything included.

    Scripts/studies/evidence.py .build/release/rowwise ../shared/data/mnist [--model MODEL] [--count 1000]

Without a model, one is trained: --layers lstm:128, the other settings automatic, 3 epochs.
"""
import argparse
import collections
import gzip
import json
import pathlib
import statistics
import struct
import subprocess
import tempfile
import time
import zlib


def png(pixels, width, height):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    rows = b"".join(b"\0" + pixels[y * width:(y + 1) * width] for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def explain(tool, model, paths, *options):
    started = time.monotonic()
    run = subprocess.run([tool, "explain", model, *map(str, paths), "--format", "jsonl", *options],
                         check=True, capture_output=True, text=True)
    return [json.loads(row) for row in run.stdout.splitlines()], time.monotonic() - started


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rowwise")
    parser.add_argument("mnist", type=pathlib.Path)
    parser.add_argument("--model")
    parser.add_argument("--count", type=int, default=1000)
    arguments = parser.parse_args()
    tool = str(pathlib.Path(arguments.rowwise).resolve())
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        model = arguments.model
        if model is None:
            model = str(folder / "model")
            subprocess.run([tool, "train", str(arguments.mnist.resolve()), "--layers", "lstm:128",
                            "--epochs", "3", "--output", model, "--quiet"], check=True)
        data = gzip.decompress((arguments.mnist / "t10k-images-idx3-ubyte.gz").read_bytes())
        count, height, width = struct.unpack(">3I", data[4:16])
        paths = []
        for n in range(min(count, arguments.count)):
            start = 16 + n * width * height
            paths.append(folder / f"{n:05}.png")
            paths[-1].write_bytes(png(data[start:start + width * height], width, height))
        _, one = explain(tool, model, paths[:1])
        found, all_of_them = explain(tool, model, paths)
        for name in ("one picture", "process start included"):
            seconds = one if "start" in name else (all_of_them - one) / max(1, len(paths) - 1)
            print(f"{name}: {1000 * seconds:.1f} ms")
        converged = sum(row["converged"] for row in found)
        print(f"converged: {converged} of {len(found)}, {100 * converged / len(found):.2f} %")
        points = collections.Counter(row["nodes"] for row in found)
        print("points:", ", ".join(f"{n} for {points[n]}" for n in sorted(points)))
        for row in found:
            if not row["converged"]:
                print(f"  not {pathlib.Path(row['path']).name}: {row['sum']:.3f} of {row['change']:.3f}")
        correlations = [row["occlusion"]["rank_correlation"] for row in found]
        correlations = [c for c in correlations if c is not None]
        print(f"rank correlation with covering cells: median {statistics.median(correlations):.2f}")
        runs = [row["counterfactual"] for row in found]
        lengths = [run["last_row"] - run["first_row"] + 1 for run in runs if run]
        print(f"a run of rows decides: {len(lengths)} of {len(runs)}, median {statistics.median(lengths)} rows")


if __name__ == "__main__":
    main()
