"""Writes files that are made to do harm and gives each to `rowwise import`, models to `inspect`.

    python Scripts/interop/check_hostile.py ROWWISE

Every file must be refused with exit code 65 (66 or 74 where it names another file that cannot be read) and
one line that says why, within one second and 100 MB. Prints time, peak memory and message of each. Needs nothing but Python.
"""

import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

SECONDS, MEGABYTES = 1.0, 100.0
FLOAT, INT64 = 1, 7


# Protocol buffers: a field is its number and kind, then a number or a length and bytes.

def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def text(field, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


def tensor(name, dims, raw=b"", kind=FLOAT, more=b""):
    sizes = b"".join(number(1, size) for size in dims)
    return text(5, sizes + number(2, kind) + text(8, name) + text(9, raw) + more)


def integers(name, values):
    return tensor(name, [len(values)], struct.pack(f"<{len(values)}q", *values), INT64)


def attribute(name, value):
    kind = text(4, value) + number(20, 3) if isinstance(value, str) else number(3, value) + number(20, 2)
    return text(5, text(1, name) + kind)


def node(kind, inputs, outputs, attributes=b""):
    return text(1, b"".join(text(1, i) for i in inputs) + b"".join(text(2, o) for o in outputs)
                + text(4, kind) + attributes)


def value(field, name, dims):
    shape = b"".join(text(1, number(1, size) if isinstance(size, int) else text(2, size))
                     for size in dims)
    return text(field, text(1, name) + text(2, text(1, number(1, FLOAT) + text(2, shape))))


def graph(nodes, initializers=b"", inputs=None):
    inputs = inputs or value(11, "x", ["t", "n", 4])
    return nodes + initializers + inputs + value(12, "y", ["n", 2])


def model(nodes, initializers=b"", inputs=None, more=b""):
    return number(1, 8) + text(8, number(2, 17)) + more + text(7, graph(nodes, initializers, inputs))


# Name of a file that lies beside every model.
BESIDE = "weights.bin"


def external(name, dims, path, start, size):
    """A tensor whose numbers are in another file."""
    place = [("location", path), ("offset", str(start)), ("length", str(size))]
    return tensor(name, dims, more=b"".join(text(13, text(1, k) + text(2, v)) for k, v in place)
                  + number(14, 1))


WEIGHTS = (tensor("w", [1, 8, 4], bytes(128)) + tensor("r", [1, 8, 2], bytes(64))
           + tensor("v", [2, 2], bytes(16)) + integers("zero", [0]))


def lstm(units=2, inputs=("x", "w", "r")):
    return node("LSTM", inputs, ["", "h"], attribute("hidden_size", units))


HEAD = (node("Squeeze", ["h", "zero"], ["s"]) + node("Gemm", ["s", "v"], ["d"])
        + node("Softmax", ["d"], ["y"]))
LAYERS = lstm() + HEAD
GOOD = model(LAYERS, WEIGHTS)


def nested(depth):
    """Graphs in attributes of nodes of graphs."""
    parts = []
    length = 0
    for _ in range(depth):
        for field in (6, 5, 1):
            head = varint(field << 3 | 2) + varint(length)
            parts.append(head)
            length += len(head)
    return text(7, b"".join(reversed(parts)))


def doubling(kind, attributes):
    """A list of sizes that is joined with itself again and again."""
    nodes = b"".join(node(kind, [f"n{i}", f"n{i}"], [f"n{i + 1}"], attributes) for i in range(60))
    return model(nodes + node("Reshape", ["x", "n60"], ["y"]), WEIGHTS + integers("n0", [2]))


def own(description, **changes):
    """A file that says of itself that it comes from rowwise, but holds no weights."""
    metadata = text(1, "rowwise") + text(2, json.dumps({**description, **changes}))
    return model(LAYERS, inputs=text(11, text(1, "image")), more=text(14, metadata))


def model_description(rowwise, folder):
    """What model files say about a model with three layers, from a trained one."""
    subprocess.run([rowwise, "train", "digits", "--epochs", "1", "--layers", "lstm:8,dropout:0.1",
                    "--output", folder + "/run", "--quiet"],
                   cwd=pathlib.Path(__file__).parents[2], check=True, stdout=subprocess.DEVNULL)
    content = pathlib.Path(folder, "run", "model.safetensors").read_bytes()
    header = json.loads(content[8:8 + struct.unpack("<Q", content[:8])[0]])
    return json.loads(header["__metadata__"]["rowwise"])


def onnx_files(description):
    for part in (1, 10, len(GOOD) // 4, len(GOOD) // 2, len(GOOD) - 1):
        yield f"truncated after {part}", GOOD[:part]
    yield "empty", b""
    yield "a picture", b"\x89PNG\r\n\x1a\n" + bytes(1000)
    yield "zeros, 50 MB", bytes(50_000_000)
    yield "field numbers without end", b"\xff" * 1_000_000
    yield "10 GB declared", varint(7 << 3 | 2) + varint(10_000_000_000) + bytes(1000)
    yield "10 GB of weights declared", model(
        LAYERS, WEIGHTS.replace(tensor("w", [1, 8, 4], bytes(128)),
                                tensor("w", [1, 8, 335_544_320], bytes(128))))
    yield "10 GB hidden size", model(lstm(1_000_000_000) + HEAD, WEIGHTS)
    yield "10 GB of zeros made", model(
        node("ConstantOfShape", ["big"], ["w"]) + LAYERS,
        WEIGHTS.replace(tensor("w", [1, 8, 4], bytes(128)), b"") + integers("big", [1, 50_000, 50_000]))
    yield "sizes that overflow", model(
        LAYERS, tensor("w", [1 << 40] * 3, bytes(128)) + WEIGHTS)
    yield "negative size", model(LAYERS, tensor("w", [-1, 8, 4], bytes(128)) + WEIGHTS)
    yield "most dimensions", model(LAYERS, tensor("w", [1] * 100_000, bytes(4)) + WEIGHTS)
    yield "none beside huge sizes", model(LAYERS, tensor("w", [0, 1 << 60, 1 << 60]) + WEIGHTS)
    for where, start in (("beyond the file", 1 << 40), ("negative", -1)):
        yield f"offset {where}", model(
            LAYERS, external("w", [1, 8, 4], BESIDE, start, 10_000_000_000) + WEIGHTS)
    for path in ("/dev/zero", "/etc/passwd", "../" + BESIDE, "away", ".", ""):
        yield f"numbers in \"{path}\"", model(
            LAYERS, external("w", [1, 8, 4], path, 0, 128) + WEIGHTS)
    for path in (BESIDE, "./" * 20 + BESIDE):
        many = b"".join(external(f"w{i}", [16384], path, 0, 65536) for i in range(20_000))
        yield f"1.3 GB of 64 KiB in {path[-16:]}", model(LAYERS, many + WEIGHTS)
    yield "20,000 files beside it", model(LAYERS, b"".join(
        external(f"w{i}", [32], f"w{i}", 0, 128) for i in range(20_000)) + WEIGHTS)
    yield "cyclic graph", model(
        node("Identity", ["b"], ["a"]) + node("Identity", ["a"], ["b"])
        + node("Softmax", ["b"], ["y"]), WEIGHTS)
    yield "node of itself", model(node("Softmax", ["y"], ["y"]), WEIGHTS)
    yield "joined with itself", doubling("Concat", attribute("axis", 0))
    yield "multiplied with itself", doubling("Mul", b"")
    yield "100,000 nodes", model(
        b"".join(node("Identity", [f"n{i}"], [f"n{i + 1}"]) for i in range(100_000))
        + node("Relu", ["n100000"], ["y"]), integers("n0", [1]))
    chain = b"".join(node("Gemm", [f"d{i}", "v"], [f"d{i + 1}"]) for i in range(20_000))
    yield "20,000 layers", model(
        lstm() + node("Squeeze", ["h", "zero"], ["d0"]) + chain + node("Softmax", ["d20000"], ["y"]),
        WEIGHTS)
    for depth in (50, 5_000, 100_000):
        yield f"{depth:,} nested graphs", nested(depth)
    yield "a wide input", model(LAYERS, WEIGHTS, inputs=value(11, "x", ["t", "n", 1 << 62]))
    yield "a name of 1 MB", model(node("Conv" * 250_000, ["x"], ["y" * 1_000_000])
                                  + node("Softmax", ["y" * 1_000_000], ["y"]), WEIGHTS)
    hidden, dropout, output = description["layers"]
    wide = json.loads(json.dumps(hidden).replace(": 8", ": 65536"))
    yield "its own, 65,536 units", own(description, layers=[wide] * 4 + [output])
    yield "its own, a large picture", own(
        description, preprocessing={**description["preprocessing"], "width": 4096, "height": 4096})
    yield "its own, an impossible picture", own(
        description, preprocessing={**description["preprocessing"], "width": 65535, "height": 65535})
    yield "its own, 20,000 layers", own(description, layers=[hidden] + [dropout] * 20_000 + [output])
    yield "its own, 100,000 layers", own(
        description, layers=[hidden] + [dropout] * 100_000 + [output])
    yield "its own, classes of one name", own(description, classNames=["0"] * 10)
    yield "its own, 5,000 recurrent layers", own(description, layers=[hidden] * 5_000 + [output])


def safetensors(header, data=b"", length=None):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def entry(shape, offsets, kind="F32"):
    return {"dtype": kind, "shape": shape, "data_offsets": offsets}


def weight_files():
    good = {"rnn.weight_ih_l0": entry([8, 4], [0, 128]), "rnn.weight_hh_l0": entry([8, 2], [128, 192]),
            "fc.weight": entry([2, 2], [192, 208])}
    data = bytes(208)

    def changed(**entries):
        return {**good, **{name.replace("__", "."): item for name, item in entries.items()}}
    whole = safetensors(good, data)
    for part in (0, 7, 8, 50, len(whole) - 1):
        yield f"truncated after {part}", whole[:part]
    yield "header of 10 GB declared", safetensors(good, data, 10_000_000_000)
    yield "header of 2^63 bytes declared", safetensors(good, data, 1 << 63)
    yield "10 GB of weights declared", safetensors(changed(
        fc__weight=entry([50_000, 50_000], [192, 10_000_000_192])), data)
    yield "offsets out of range", safetensors(changed(fc__weight=entry([2, 2], [1 << 40, (1 << 40) + 16])), data)
    yield "offsets that overlap", safetensors(changed(fc__weight=entry([2, 2], [100, 116])), data)
    yield "offsets turned around", safetensors(changed(fc__weight=entry([2, 2], [208, 192])), data)
    yield "negative offsets", safetensors(changed(fc__weight=entry([2, 2], [-16, 0])), data)
    yield "offsets beyond 64 bits", safetensors(changed(fc__weight=entry([2, 2], [192, 1 << 70])), data)
    yield "sizes that overflow", safetensors(changed(fc__weight=entry([1 << 62, 1 << 62], [192, 208])), data)
    yield "none beside huge sizes", safetensors(changed(fc__weight=entry([0, 1 << 62], [192, 192])), data[:192])
    yield "negative size", safetensors(changed(fc__weight=entry([-2, -2], [192, 208])), data)
    yield "unknown type", safetensors(changed(fc__weight=entry([2, 2], [192, 208], "C64")), data)
    for depth in (100, 100_000, 10_000_000):
        yield f"{depth:,} nested lists", safetensors(b'{"a":' + b"[" * depth)
    many = {f"m{i}.weight": entry([0, 0], [0, 0]) for i in range(20_000)}
    yield "20,000 empty tensors", safetensors(many)
    yield "text", b"just text"


def model_files(description):
    def declared(**changes):
        metadata = {"rowwise": json.dumps({**description, **changes})}
        return safetensors({"__metadata__": metadata})
    hidden, dropout, output = description["layers"]
    for count in (1_000, 100_000):
        yield f"{count:,} layers", declared(layers=[hidden] + [dropout] * count + [output])
    yield "5,000 recurrent layers", declared(layers=[hidden] * 5_000 + [output])
    wide = json.loads(json.dumps(hidden).replace(": 8", ": 65536"))
    yield "65,536 units", declared(layers=[wide] * 4 + [output])
    yield "classes of one name", declared(classNames=["0"] * 10)
    yield "no weights", declared()


# In a process of its own: a started process counts the largest size that its parent ever had.
MEASURE = """
import json, os, subprocess, sys, time
start = time.monotonic()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
message = process.stderr.read().decode(errors="replace")
_, status, usage = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
size = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
print(json.dumps([process.returncode, time.monotonic() - start, size, message]))
"""


def measure(rowwise, *arguments):
    """Exit code, seconds, megabytes and message of one command."""
    command = [sys.executable, "-c", MEASURE, rowwise, *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main(rowwise):
    rowwise = os.path.abspath(rowwise)
    failures = count = 0
    slowest = largest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        path, output = folder + "/bad", folder + "/output.safetensors"
        description = model_description(rowwise, folder)
        read = ["import", path, "--output", output]
        weights = [*read, "--layers", "lstm:2", "--size", "4x4", "--from"]
        cases = [("onnx", name, data, read) for name, data in onnx_files(description)]
        for toolkit in ("pytorch", "keras"):
            cases += [(toolkit, name, data, weights + [toolkit]) for name, data in weight_files()]
        cases += [("model", name, data, ["inspect", path])
                  for name, data in model_files(description)]
        pathlib.Path(folder, BESIDE).write_bytes(bytes(65536))
        os.symlink("/etc/passwd", folder + "/away")
        good = pathlib.Path(path)
        good.write_bytes(GOOD)
        code, _, _, message = measure(rowwise, *read, "--size", "4x4")
        if code != 0:
            raise SystemExit(f"what these files are made from is not read: {message}")
        os.remove(output)
        for kind, name, data, arguments in cases:
            good.write_bytes(data)
            code, seconds, megabytes, message = measure(rowwise, *arguments)
            codes = (66, 74) if "files beside" in name or name == 'numbers in "."' else (65,)
            refused = code in codes and message.count("\n") == 1 and not os.path.exists(output)
            holds = refused and seconds <= SECONDS and megabytes <= MEGABYTES
            failures += not holds
            count += 1
            slowest, largest = max(slowest, seconds), max(largest, megabytes)
            said = message.strip().replace(path, "FILE")
            print(f"{kind:8}{name:38}{len(data):>11,} B {seconds:5.2f} s {megabytes:6.1f} MB  "
                  f"{'' if holds else f'FAILED ({code}) '}{said[:110]}", flush=True)
    print(f"{count} files, slowest {slowest:.2f} s, most memory {largest:.1f} MB, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
