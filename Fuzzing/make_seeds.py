#!/usr/bin/env python3
"""Makes the fuzzers' seeds: small files of every kind that the readers know.

Needs Pillow (for JPEG and BMP) and the built command (for model files):
    Fuzzing/make_seeds.py --rowwise .build/release/rowwise
The same seeds come out each time, but for the seconds in checkpoints; commit them where they changed.
"""

import argparse
import gzip
import io
import itertools
import json
import pathlib
import pickle
import struct
import subprocess
import tarfile
import tempfile
import zipfile
import zlib

from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent


def pixels(width, height, channels):
    return bytes(
        (x * 31 + y * 57 + c * 85 + x * y * 3) & 255
        for y in range(height) for x in range(width) for c in range(channels))


# PNG: every colour type and depth, interlaced or not, filters, chunks before and after the pixels.

def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, depth, color, interlaced=False, before=b"", after=b"", parts=1):
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]

    def rows(columns, lines):
        size = (columns * samples * depth + 7) // 8
        noise = pixels(size, lines, 1)
        if color == 3:
            noise = bytes(value & 0x33 for value in noise)
        return b"".join(
            bytes([line % 5]) + noise[line * size:(line + 1) * size] for line in range(lines))

    if interlaced:
        raw = b""
        for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4),
                               (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
            columns, lines = (width - x0 + dx - 1) // dx, (height - y0 + dy - 1) // dy
            if columns > 0 and lines > 0:
                raw += rows(columns, lines)
    else:
        raw = rows(width, height)
    packed = zlib.compress(raw, 9)
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    if color == 3:
        out += chunk(b"PLTE", pixels(min(64, 1 << depth), 1, 3))
    out += before
    step = -(-len(packed) // parts)
    for start in range(0, len(packed), step):
        out += chunk(b"IDAT", packed[start:start + step])
    return out + after + chunk(b"IEND", b"")


def exif(orientation):
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x112, 3, 1, orientation, 0, 0)


def png_seeds():
    yield "gray1", png(9, 5, 1, 0)
    yield "gray2i", png(9, 9, 2, 0, interlaced=True)
    yield "gray4", png(7, 5, 4, 0, before=chunk(b"tRNS", b"\0\3"))
    yield "gray8", png(6, 5, 8, 0, parts=3)
    yield "gray16", png(5, 5, 16, 0)
    yield "rgb8", png(5, 4, 8, 2, before=chunk(b"tRNS", bytes(6)))
    yield "rgb16i", png(9, 8, 16, 2, interlaced=True)
    yield "palette2", png(9, 4, 2, 3)
    yield "palette8", png(9, 4, 8, 3, before=chunk(b"tRNS", b"\0\x80\xff"))
    yield "alpha8", png(5, 5, 8, 4)
    yield "alpha16", png(5, 5, 16, 4)
    yield "rgba8i", png(8, 8, 8, 6, interlaced=True)
    yield "rgba16", png(4, 4, 16, 6)
    yield "exif", png(5, 3, 8, 2, before=chunk(b"eXIf", exif(6)))
    yield "late-exif", png(5, 3, 8, 2, after=chunk(b"eXIf", exif(3)))
    yield "animated", png(5, 3, 8, 0, before=chunk(b"acTL", struct.pack(">2I", 7, 0)))
    text = b"Raw profile type exif\0\0" + zlib.compress(
        b"\nexif\n      32\n" + (b"Exif\0\0" + exif(8)).hex().encode() + b"\n")
    yield "raw-exif", png(5, 3, 8, 2, before=chunk(b"zTXt", text))
    yield "chunks", png(
        5, 3, 8, 2, before=chunk(b"gAMA", struct.pack(">I", 45455))
        + chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(200)))
        + chunk(b"tEXt", b"Title\0seed"), after=chunk(b"tIME", bytes(7)))
    yield "huge", png(3, 3, 8, 2).replace(b"\0\0\0\3\0\0\0\3", b"\0\0\xff\xff\0\0\xff\xff")


# JPEG, by Pillow.

def jpeg(mode, size, **options):
    image = Image.frombytes(
        mode, size, pixels(*size, {"L": 1, "RGB": 3, "CMYK": 4}[mode]))
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def multi_picture(picture, types):
    """A file in the Multi-Picture Format (CIPA DC-007) of as many copies of a picture."""
    def entry(tag, kind, count, value):
        return struct.pack(">2HI", tag, kind, count) + value
    entries = b"".join(struct.pack(">4I", kind, len(picture), 0, 0) for kind in types)
    block = (b"MM\0*" + struct.pack(">IH", 8, 3) + entry(0xB000, 7, 4, b"0100")
             + entry(0xB001, 4, 1, struct.pack(">I", len(types)))
             + entry(0xB002, 7, len(entries), struct.pack(">I", 50)) + bytes(4) + entries)
    segment = b"\xff\xe2" + struct.pack(">H", len(block) + 6) + b"MPF\0" + block
    return picture[:2] + segment + picture[2:] + picture * (len(types) - 1)


def jpeg_seeds():
    yield "gray", jpeg("L", (9, 7), quality=50)
    yield "rgb444", jpeg("RGB", (17, 9), quality=60, subsampling=0)
    yield "rgb420", jpeg("RGB", (33, 18), quality=40, subsampling=2)
    yield "rgb422", jpeg("RGB", (20, 18), quality=40, subsampling=1, optimize=True)
    yield "cmyk", jpeg("CMYK", (16, 9), quality=40)
    yield "progressive", jpeg("RGB", (24, 20), quality=40, progressive=True)
    yield "progressive-gray", jpeg("L", (24, 20), quality=40, progressive=True)
    yield "restarts", jpeg("RGB", (40, 24), quality=30, restart_marker_blocks=1)
    data = b"Exif\0\0" + exif(6)
    yield "exif", jpeg("RGB", (12, 20), quality=40, exif=data)
    yield "multi-picture", multi_picture(jpeg("L", (9, 7), quality=50), (0x30000, 0x10001, 0))
    yield "icc", jpeg("RGB", (12, 12), quality=40, icc_profile=bytes(200))
    with tempfile.NamedTemporaryFile(suffix=".pgm") as source:
        source.write(b"P5\n16 16\n255\n" + pixels(16, 16, 1))
        source.flush()
        try:
            made = subprocess.run(
                ["cjpeg", "-arithmetic", "-quality", "40", source.name], capture_output=True,
                check=True).stdout
            yield "arithmetic", made
        except (OSError, subprocess.CalledProcessError):
            print("no cjpeg: the arithmetic-coded seed stays as it is")


# PNM and BMP.

def pnm_seeds():
    yield "p1", b"P1\n# a comment\n5 3\n1 0 1 0 1\n01010\n1 1 1 1 1\n"
    yield "p2", b"P2 3 2 15\n0 1 2\n3 14 15\n"
    yield "p3", b"P3 2 2 255\n" + b" ".join(str(v).encode() for v in pixels(2, 2, 3)) + b"\n"
    yield "p4", b"P4\n11 3\n" + pixels(2, 3, 1)
    yield "p5", b"P5 4 3 255\n" + pixels(4, 3, 1)
    yield "p5-16", b"P5\n3 2\n1000\n" + bytes(v & 3 for v in pixels(6, 2, 1))
    yield "p6", b"P6\n3 3\n200\n" + bytes(v % 201 for v in pixels(3, 3, 3))
    yield "p6-16", b"P6 2 2 65535 " + pixels(4, 2, 3)


def bmp(width, height, bits, compression=0, palette=b"", data=None, masks=b"", size=40):
    stride = (width * bits + 31) // 32 * 4
    if data is None:
        data = pixels(stride, abs(height), 1)
        if 0 < len(palette) < 1024:
            data = bytes(v & 0x11 for v in data)
    head = struct.pack(
        "<IiiHHIIiiII", size, width, height, 1, bits, compression, len(data), 0, 0,
        len(palette) // 4, 0)
    extra = (masks + bytes(size))[:size - 40] if size > 40 else masks
    offset = 14 + len(head) + len(extra) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + head + extra \
        + palette + data


def bmp_seeds():
    colors = pixels(16, 1, 4)
    yield "1", bmp(9, 4, 1, palette=colors[:8])
    yield "4", bmp(5, 4, 4, palette=colors)
    yield "8", bmp(5, 4, 8, palette=pixels(256, 1, 4))
    yield "16", bmp(5, 4, 16)
    yield "16-fields", bmp(5, 4, 16, 3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
    yield "24", bmp(5, 4, 24)
    yield "24-down", bmp(5, -4, 24)
    yield "32", bmp(3, 4, 32)
    yield "32-v5", bmp(
        3, 4, 32, 3, size=124, masks=struct.pack("<IIII", 0xFF << 16, 0xFF << 8, 0xFF, 0xFF << 24))
    yield "rle8", bmp(
        6, 4, 8, 1, palette=pixels(256, 1, 4),
        data=b"\3\7\3\1\0\0" + b"\0\4\1\2\3\4\0\0" + b"\0\2\1\1\2\5\0\1")
    yield "rle4", bmp(6, 3, 4, 2, palette=colors, data=b"\5\x12\0\0" + b"\0\3\x12\x30\0\0\0\1")
    core = struct.pack("<IHHHH", 12, 4, 3, 1, 8)
    offset = 14 + 12 + 768
    yield "core", b"BM" + struct.pack("<IHHI", offset + 12, 0, 0, offset) + core \
        + pixels(256, 1, 3) + pixels(4, 3, 1)


# Data sets.

def idx_pair(labels, images):
    return struct.pack("<H", len(labels)) + labels + images


def idx_seeds():
    labels = struct.pack(">II", 0x801, 4) + bytes([0, 1, 2, 1])
    images = struct.pack(">IIII", 0x803, 4, 3, 5) + pixels(15, 4, 1)
    yield "plain", idx_pair(labels, images)
    yield "gzip", idx_pair(gzip.compress(labels, mtime=0), gzip.compress(images, mtime=0))
    half = gzip.compress(images[:30], mtime=0) + gzip.compress(images[30:], mtime=0)
    yield "members", idx_pair(labels, half)
    yield "huge", idx_pair(labels, images[:4] + b"\xff" * 12)


def manifest_seeds():
    yield "plain", b"path,label\n0.png,no\n1.png,yes\n"
    yield "split", b"label,split,path\nno,train,0.png\nyes,train,1.png\nno,test,1.png\n"
    yield "quotes", b'\xef\xbb\xbfpath,label\r\n"0.png","n ""o"",\n"\r\n1.png,y\xc3\xa9s\r\n'
    yield "other-bytes", b"path,label\n\xe9.png,no\n\\xE9.png,\\xC3\\xA9\n\xf4\x8f\xbf\xa9.png,yes\n"


# Model files.

def table_seeds():
    pixel = [str(v) for v in pixels(4, 4, 1)]
    rows = [",".join([str(i % 2)] + pixel) for i in range(3)]
    names = ",".join(["label"] + [f"pixel{i}" for i in range(16)])
    yield "header", "\n".join([names] + rows).encode()
    yield "plain", "\r\n".join(rows).encode() + b"\r\n"
    yield "semicolons", "\n".join(row.replace(",", ";") for row in rows).encode()
    yield "unlabelled", "\n".join(",".join(pixel) for _ in range(2)).encode()
    yield "odd", ("\n".join([names, "cat, 1 ,2.0,\"3\"" + ",0" * 13])).encode()
    yield "named", (",".join(["label"] + [f"{y}x{x}" for y in (1, 2) for x in range(1, 9)])
                    + "\na" + ",7" * 16).encode()


def npy(kind, shape, data):
    text = str({"descr": kind, "fortran_order": False, "shape": shape})
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode() + data


def zipped(members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            archive.writestr(info, data)
    return out.getvalue()


def numpy_seeds():
    gray = npy("|u1", (3, 2, 2), pixels(2, 2, 3))
    rgb = npy("|u1", (2, 3, 2, 2), pixels(2, 2, 6))
    yield "gray", gray
    yield "float", npy("<f4", (1, 2), bytes(8))
    for name, method in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
        yield name, zipped([("x_train.npy", gray), ("y_train.npy", npy("<i8", (3,), struct.pack("<3q", 0, 1, 0))),
                            ("x_test.npy", gray), ("y_test.npy", npy("|u1", (3, 1), b"\0\1\1"))], method)
    yield "names", zipped([("train_images.npy", rgb), ("train_labels.npy", npy("<U2", (2,), "a\0b\0".encode("utf-32-le")))])


def pickle_seeds():
    # As NumPy pickles an array, without NumPy.
    def array(shape, data, protocol):
        body = b"cnumpy.core.multiarray\n_reconstruct\nq\1cnumpy\nndarray\nq\2K\0\x85U\1bq\3\x87q\4Rq\5"
        body += b"(K\1" + b"".join(b"M" + struct.pack("<H", size) for size in shape) + b"\x86"
        body += b"cnumpy\ndtype\nq\6U\2u1K\0K\1\x87q\7Rq\x08(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
        body += b"\x89T" + struct.pack("<I", len(data)) + data + b"tb"
        return body

    data = pixels(32, 32, 6)
    labels = b"U\6labels](K\0K\1es"
    yield "python2", b"\x80\2}q\0U\4data" + array((2, 3072), data, 2) + b"s" + labels + b"."
    yield "python3", pickle.dumps({b"labels": [1, 2, -3, 1 << 40], "data": None, "t": (True, b"x")}, 4)
    yield "old", pickle.dumps({"labels": [1, 2], "names": ["a", "b"]}, 0)


def tar(members, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()[:8192] if mode == "w" else out.getvalue()


def archive_seeds():
    picture = png(2, 2, 8, 0)
    members = [("set/cat/1.png", picture), ("set/dog/1.png", picture), ("set/dog/2.png", picture)]
    yield "zip", zipped(members)
    yield "deflated", zipped(members + [("set/notes.txt", b"hello " * 20)], zipfile.ZIP_DEFLATED)
    yield "hostile", zipped([("../a.png", picture), ("/b.png", picture), ("c\\1.png", picture),
                             ("C:/d.png", picture), ("c", picture), ("c/1.png", picture)])
    yield "tar", tar(members[:2])
    yield "long", tar([("folder/" * 20 + "1.png", picture)])
    packed = bytearray(tar(members, "w:gz"))
    packed[4:8] = bytes(4)
    yield "tgz", bytes(packed)


def safetensors(tensors, metadata=None):
    header, data = {}, b""
    if metadata is not None:
        header["__metadata__"] = metadata
    for name, kind, shape, values in tensors:
        header[name] = {
            "dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def safetensors_seeds():
    yield "empty", safetensors([])
    yield "floats", safetensors(
        [("a", "F64", [1], bytes(8)), ("b", "F32", [2, 2], pixels(16, 1, 1)),
         ("c", "F16", [3], pixels(6, 1, 1)), ("d", "BF16", [], pixels(2, 1, 1))],
        {"format": "pt", "\u00e9": "\u20ac"})
    yield "integers", safetensors(
        [("i", "I64", [1], bytes(8)), ("j", "I32", [0, 5], b""), ("k", "U8", [3], b"123"),
         ("l", "BOOL", [2], b"\0\1")])


def model_seeds(rowwise):
    for name, layers, peephole in (
            ("plain", "lstm:2", "none"), ("peephole", "lstm:2", "full"),
            ("pair", "lstm:2:bidirectional,dropout:0.5,lstm:1", "diagonal")):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [rowwise, "train", "digits", "--size", "4x4", "--layers", layers, "--epochs", "1",
                 "--peephole", peephole, "--seed", "0", "--quiet", "--output", folder + "/run"],
                cwd=ROOT.parent, check=True, stdout=subprocess.DEVNULL)
            yield name, pathlib.Path(folder, "run", "model.safetensors").read_bytes()


def several_seeds(rowwise):
    """Models that answer together in one file."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, data in model_seeds(rowwise):
            paths.append(pathlib.Path(folder, name + ".safetensors"))
            paths[-1].write_bytes(data)
        output = pathlib.Path(folder, "all.safetensors")
        subprocess.run([rowwise, "combine", *paths[:2], "--output", output, "--quiet"], check=True,
                       stdout=subprocess.DEVNULL)
        yield "several", output.read_bytes()


def onnx_seeds(rowwise):
    for path in sorted((ROOT.parent / "Tests/ONNXExchangeTests/Fixtures").glob("*/model.onnx")):
        if path.stat().st_size < 4000:
            yield path.parent.name, path.read_bytes()
    for name, data in model_seeds(rowwise):
        with tempfile.TemporaryDirectory() as folder:
            model, output = pathlib.Path(folder, "m.safetensors"), pathlib.Path(folder, "m.onnx")
            model.write_bytes(data)
            subprocess.run([rowwise, "export", model, "--output", output, "--quiet"], check=True)
            yield f"own-{name}", output.read_bytes()


def weight_seeds(rowwise):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [rowwise, "train", "digits", "--size", "4x4", "--epochs", "1", "--layers",
             "lstm:2,gru:2:bidirectional,dense:2", "--quiet", "--output", folder + "/run"],
            cwd=ROOT.parent, check=True, stdout=subprocess.DEVNULL)
        for toolkit in ("pytorch", "keras"):
            path = pathlib.Path(folder, "w.safetensors")
            subprocess.run([rowwise, "export", folder + "/run", "--to", toolkit, "--output", path,
                            "--quiet"], check=True, stdout=subprocess.DEVNULL)
            yield toolkit, path.read_bytes()


def checkpoint_seeds(rowwise):
    """Checkpoints of the network that ModelFuzzing goes on with."""
    for name, options in (
            ("plain", ()),
            ("everything", (
                "--optimizer", "sgd", "--momentum", "0.5", "--average-decay", "0.9",
                "--schedule", "plateau", "--patience", "3", "--metric", "loss",
                "--accumulate", "2", "--mixup", "0.2", "--class-weights", "1,2"))):
        with tempfile.TemporaryDirectory() as folder:
            for index in range(8):
                picture = pathlib.Path(folder, "data", "ab"[index % 2], f"{index}.png")
                picture.parent.mkdir(parents=True, exist_ok=True)
                picture.write_bytes(png(4, 4, 8, 0, before=chunk(b"tEXt", b"n\0%d" % index)))
            subprocess.run(
                [rowwise, "train", folder + "/data", "--size", "4x4", "--layers", "lstm:2",
                 "--epochs", "3", "--batch-size", "2", "--validation-split", "0",
                 "--recipe", "keras", "--quiet", "--output", folder + "/run", *options], check=True,
                stdout=subprocess.DEVNULL)
            # Not the newest of the two: after the last epoch there is nothing to go on with.
            older = min(pathlib.Path(folder, "run", "checkpoints").iterdir())
            yield name, older.read_bytes()


# What people write: files of options, search spaces, command lines and words.

YAML, TOML = b"0", b"1"


def configuration_seeds():
    yield "yaml", YAML + b"""# a run
data: digits
layers: ["lstm:32:peephole=full", 'dropout:0.2', "dense:16:relu"]
epochs: 3
batch_size: 16
learning-rate: 3.0e-3
optimizer: adamw
weight_decay: 0.01
schedule: cosine
warm_up: 0.5
clip_norm: none
augment: "light,rotate:20"
class_weights: [1, 2.5]
standardize: false
tensorboard: yes
seed: 18446744073709551615
patience: ~
"""
    yield "json", YAML + b"""{"version": "0.1.0", "data": "a b", "size": "4x4", "color": "rgb",
 "reading_order": "pixels-permuted:7", "average_decay": 0.999, "label_smoothing": 0.1,
 "validation_split": 0.2, "nesterov": true, "optimizer": "sgd", "momentum": 0.9,
 "checkpoint_every": "5m", "sampling": "balanced", "lenient": false, "mixup": 0.2, "fold": null}
"""
    yield "aliases", YAML + b"""a: &a [&b "lstm:4", *b]
layers: *a
? data
: |
  digits
epochs: !!int "3"
<<: {seed: 1}
--- # a second document
"""
    yield "toml", TOML + b"""# a run
data = "digits"
layers = ["gru:8:bidirectional", "pool:attention"]
epochs = 0x10
learning_rate = 1_000.5e-6
schedule = 'step'
schedule_epochs = 2
schedule_factor = 0.5
tensorboard = true
output = '''
run'''
recipe = "keras"
[images]
size.width = 3
[[list]]
day = 1979-05-27T07:32:00Z
"""


def search_seeds():
    yield "yaml", YAML + b"""data: digits
layers: ["lstm:32", "lstm:64", "gru:8"]
learning_rate: {min: 0.0003, max: 0.03, scale: log}
batch_size: {min: 8, max: 64, type: whole}
mixup: {min: 0, max: 1.0e0}
seed: {min: -9007199254740992, max: 9007199254740992, type: whole}
standardize: [true, false, null]
"""
    yield "toml", TOML + b"""data = "digits"
epochs = {min = 1, max = 3, type = "whole"}
label_smoothing = {min = 0.0, max = 1e-1, scale = "linear"}
optimizer = ["adam", "sgd"]
"""


def argument_seeds():
    lines = {
        "train": "digits --layers lstm:32,lstm:32 --epochs 3 --batch-size=16 --learning-rate 1e-3 "
                 "--optimizer sgd --momentum 0.9 --nesterov --schedule one-cycle --seed 7 "
                 "--clip-value 1 --average-decay 0.99 --label-smoothing 0.1 --focal-gamma 2 "
                 "--class-weights balanced --augment strong,flip --cutmix 1 --size 8x8 --color gray "
                 "--reading-order serpentine --no-standardize --validation-split 0.2 "
                 "--metric validation-loss --patience 3 --minimum-delta 0.1 --tensorboard "
                 "--checkpoint-every 500 --precision bfloat16 --memory 900 --picture-memory 64 "
                 "--threads 2 --lenient --invert auto --background #ffffe0 --fit crop --no-trim "
                 "--range auto --output x -q",
        "train-folds": "data --folds 5 --fold 2 --recipe keras --peephole full --accumulate 2 "
                       "--schedule plateau --schedule-patience 2 --schedule-floor 0.1 --from m "
                       "--freeze 1",
        "evaluate": "run data --part test --report r --format json --require accuracy>=0.9 "
                    "--require per_class[a].recall>0.5 --baseline b.json --junit j.xml --folds 3",
        "classify": "run a.png b/*.png - --top 2 --format jsonl --lenient --threads 1 --views 5",
        "classify-stream": "run - --stream --every-row --timeout 2.5 --require-streaming",
        "inspect": "data --augment light --contact-sheet sheet.png",
        "calibrate": "run data --validation-split 0.3 --output m.safetensors",
        "combine": "a b c --output m.safetensors",
        "compare": "a b --data digits --part whole --format csv",
        "compare-baselines": "--baselines digits --epochs 2 --parameters 5000 --seed 1",
        "runs": "runs --sort loss", "search": "space.yaml --trials 5 --seed 3 --strategy halving",
        "serve": "a=run b --port 0 --batch-delay 2 --max-body 1 --idle-timeout 5 --watch --log -",
        "export": "run --output m.onnx --preprocessing --weights int8 --data digits",
        "import": "w.safetensors --from pytorch --layers gru:8 --modules a,b --output m.safetensors",
        "benchmark": "--cases T1_b1,T4_b16 --seconds 0.5 --format json",
        "help": "train --layers -- -1", "wrong": "--epochs=3 --batch_size -3 extra --lr 1",
    }
    for name, line in lines.items():
        yield name, "\n".join([name.split("-")[0], *line.split()]).encode()


def word_seeds():
    for name, word in (
            ("layers", "lstm:8:bidirectional:coupled:zoneout=0.1,dropout:0.2,gru:3:residual,"
                       "pool:attention,dense:4:relu"),
            ("recurrent", "minlstm:9:chrono:learned-state,rnn:2:backwards:recurrent-dropout=0.5,flatten"),
            ("linear", "lru:9:bidirectional:residual,mlp:2,lru:4:backwards"),
            ("blocks", "dense:8:tanh,norm,sweep:3:residual,mlp:2,merge:2,lstm:4:refined,norm,flatten"),
            ("convolutions", "conv:8,norm,conv:16,dense:5:relu"),
            ("augment", "light,rotate:20,noise:5e-2,flip"), ("order", "pixels-permuted:18446744073709551615"),
            ("weights", "1,2.5,0"), ("size", "32x24"), ("interval", "1.5m"), ("none", "none"),
            ("require", " per_class[<18].f1 >= 0.5 "), ("number", "-1e-308")):
        yield name, word.encode()


def stream_seeds():
    """Bytes for the model and the way it reads, then a picture of another target."""
    pictures = {**dict(png_seeds()), **{f"jpeg-{n}": d for n, d in jpeg_seeds()},
                **dict(pnm_seeds()), **{f"bmp-{n}": d for n, d in bmp_seeds()}}
    for index, name in enumerate((
            "gray8", "gray1", "rgb8", "rgba16", "rgb16i", "late-exif", "exif", "jpeg-rgb420",
            "jpeg-progressive-gray", "jpeg-exif", "p2", "p6", "bmp-24", "bmp-24-down", "bmp-rle8")):
        yield name, bytes([index % 5, index * 5 & 255]) + pictures[name]


def request_seeds():
    """The first byte says what it is: a form, a request for inference, a target."""
    head = 'Content-Disposition: form-data; name="f"; filename="%s"'
    parts = [f"--b\r\n{head % name}\r\nContent-Type: image/png\r\n\r\n{data}\r\n"
             for name, data in (("a.png", "abc"), ('q\\".png', ""), ("ü", "\r\n-"))]
    yield "form", b"\0" + ("".join(parts) + "--b--\r\n").encode()
    yield "form-start", b"\0" + ("multipart/form-data; boundary=b\r\n" + parts[0] + "--b \t\r\n\r\nx\r\n--b--").encode()
    image = '{"name":"image","datatype":"BYTES","shape":[2],%s}'
    pixels = '{"name":"pixels","shape":[1,3,2],"datatype":"UINT8",%s}'
    outputs = '"outputs":[{"name":"label","parameters":{"binary_data":true,"classification":2}}]'
    for name, given, behind in (
            ("image", image % '"data":["AQID","/+8="]', b""),
            ("image-binary", image % '"parameters":{"binary_data_size":11}',
             b"\3\0\0\0abc\0\0\0\0"),
            ("pixels", pixels % '"data":[[[1,2],[3,4],[5,255]]]', b""),
            ("pixels-binary", pixels % '"parameters":{"binary_data_size":6}', b"abcdef")):
        text = '{"id":"7","inputs":[%s],"parameters":{"binary_data_output":false},%s}' % (given, outputs)
        yield name, bytes([1, len(behind)]) + text.encode() + behind
    yield "target", b"\2/v2/models/a%2Fb/infer?top=3&name=a+b%26&x"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rowwise", default=str(ROOT.parent / ".build/release/rowwise"))
    parser.add_argument("targets", nargs="*", help="all where none is named")
    arguments = parser.parse_args()
    rowwise = str(pathlib.Path(arguments.rowwise).resolve())
    targets = {
        "png": png_seeds(), "jpeg": jpeg_seeds(), "pnm": pnm_seeds(), "bmp": bmp_seeds(),
        "idx": idx_seeds(), "manifest": manifest_seeds(),
        "table": table_seeds(), "numpy": numpy_seeds(), "pickle": pickle_seeds(),
        "archive": archive_seeds(), "safetensors": safetensors_seeds(),
        "model": itertools.chain(model_seeds(rowwise), several_seeds(rowwise)),
        "onnx": onnx_seeds(rowwise),
        "weights": weight_seeds(rowwise), "checkpoint": checkpoint_seeds(rowwise),
        "configuration": configuration_seeds(), "search": search_seeds(),
        "arguments": argument_seeds(), "words": word_seeds(), "stream": stream_seeds(),
        "request": request_seeds()}
    for target in arguments.targets or targets:
        seeds = targets[target]
        folder = ROOT / "seeds" / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in seeds:
            (folder / name).write_bytes(data)
        print(target, sorted(path.name for path in folder.iterdir()))


if __name__ == "__main__":
    main()
