#!/usr/bin/env python3
"""What `rowwise serve` must hold, on the built command: answers with the bytes of the command's, whatever
the connections and batches; no request lost or answered wrongly when it is ended or a model is replaced;
clients that mean harm are refused or served in bounded memory; speed, where wrk is there.

    Scripts/checks/serve.py [ROWWISE [PICTURES [MODEL [OTHER]]]]   default: .build/release/rowwise, 10,000

MODEL and OTHER are models of 28 × 28 gray pictures that read by rows; without them two are trained on
noise. Prints one table; the status is 1 where anything is wrong.
"""
import concurrent.futures
import gzip
import json
import os
import pathlib
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

from serve_client import Connection, Lost, Server, WebSocket, classify, form

ROOT = pathlib.Path(__file__).resolve().parents[2]
FASHION = pathlib.Path("/usr/share/datasets/fashion-mnist")
rows = []


def note(what, result, good):
    rows.append((what, str(result), "ok" if good else "WRONG"))
    print(f"{'ok   ' if good else 'WRONG'} {what}: {result}", flush=True)


def png(pixels, side=28):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    scan = b"".join(b"\0" + pixels[y * side:(y + 1) * side] for y in range(side))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)) \
        + chunk(b"IDAT", zlib.compress(scan)) + chunk(b"IEND", b"")


def pictures(count):
    """PNG files: Fashion-MNIST's test pictures where they are, else noise."""
    source = FASHION / "t10k-images-idx3-ubyte.gz"
    if source.exists():
        data = gzip.decompress(source.read_bytes())[16:]
    else:
        data = random.Random(1).randbytes(784 * count)
    known = len(data) // 784
    return [png(data[n % known * 784:(n % known + 1) * 784]) for n in range(count)]


class Workplace:
    def __init__(self, rowwise, count, models):
        self.rowwise = rowwise
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        self.names = [f"p/{n:05}.png" for n in range(count)]
        self.files = pictures(count)
        (self.path / "p").mkdir()
        for name, data in zip(self.names, self.files):
            (self.path / name).write_bytes(data)
        self.models = [pathlib.Path(model).resolve() for model in models] or \
            [self.train(seed) for seed in (1, 2)]
        self.served = self.path / "served.safetensors"
        shutil.copy(self.file(0), self.served)
        self.answers = [self.reference(self.file(n)) for n in range(len(self.models))]

    def file(self, n):
        model = self.models[n]
        return model / "model.safetensors" if model.is_dir() else model

    def train(self, seed):
        folder = self.path / "data"
        for label in "ab":
            (folder / label).mkdir(parents=True, exist_ok=True)
        for n, data in enumerate(self.files[:100]):
            (folder / "ab"[n % 2] / f"{n}.png").write_bytes(data)
        self.run("train", "data", "--layers", "lstm:128", "--recipe", "keras", "--epochs", "1", "--seed",
                 str(seed), "--output", f"run{seed}", "--quiet")
        return self.path / f"run{seed}"

    def run(self, *arguments):
        return subprocess.run([self.rowwise, *map(str, arguments)], cwd=self.path, check=True,
                              capture_output=True).stdout

    def reference(self, model):
        """The command's row for each picture."""
        text = self.run("classify", model, "p", "--format", "jsonl", "--quiet")
        lines = text.splitlines(keepends=True)
        assert [json.loads(line)["path"] for line in lines] == self.names
        return lines

    def serve(self, *arguments, limits=None):
        return Server(self.rowwise, f"m={self.served}", *arguments, "--no-progress",
                      limits=limits)


def each(count, connections, port, body):
    """Calls `body` with a connection for each number, on so many connections at a time."""
    numbers = iter(range(count))
    lock = threading.Lock()

    def work(_):
        connection = Connection(port)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return connection.close()
            body(connection, number)

    with concurrent.futures.ThreadPoolExecutor(connections) as pool:
        list(pool.map(work, range(connections)))


def check_bytes(place):
    for connections, options in [
        (1, ["--batch-size", 1]), (16, []), (64, ["--batch-size", 7, "--batch-delay", 1]), (64, []),
    ]:
        server = place.serve(*options)
        wrong = []

        def ask(connection, number):
            status, _, body = connection.ask(classify(place.names[number]), place.files[number])
            if status != 200 or body != place.answers[0][number]:
                wrong.append(number)

        start = time.time()
        each(len(place.names), connections, server.port, ask)
        seconds = time.time() - start
        status = server.end()
        note(f"bytes, {connections} connections {' '.join(map(str, options))}".rstrip(),
             f"{len(wrong)} of {len(place.names)} differ, {seconds:.1f} s", not wrong and status == 0)
    server = place.serve()
    connection = Connection(server.port)
    wrong = 0
    for first in range(0, len(place.names), 100):
        fields, body = form(list(zip(place.names, place.files))[first:first + 100])
        _, _, text = connection.ask("/classify", body, fields=fields)
        wrong += text != b"".join(place.answers[0][first:first + 100])
    note("bytes, forms of 100 pictures", f"{wrong} differ", not wrong)
    lines = place.run("classify", place.served, "--stream", place.names[0], "--every-row", "--quiet")
    path = f"/rows?name={place.names[0]}"
    _, _, text = connection.ask(path, place.files[0])
    note("bytes of /rows", f"{len(text)} bytes", text == lines and len(lines) > 0)
    web = WebSocket(server.port, path)
    web.send(2, place.files[0])
    web.send(1, b"end")
    note("bytes of the WebSocket /rows", web.status, b"\n".join(web.lines()) + b"\n" == lines)
    why = place.run("explain", place.served, place.names[0], "--format", "jsonl", "--quiet")
    _, _, text = connection.ask(f"/explain?name={place.names[0]}", place.files[0])
    note("bytes of /explain", f"{len(text)} bytes", text + b"\n" == why)
    server.end()


class Load:
    """Clients that ask until they are told to stop, or nobody listens any more."""

    def __init__(self, place, port, allowed):
        self.place, self.port, self.allowed = place, port, allowed
        self.stops = False
        self.right = self.wrong = self.lost = 0
        self.refused = 0
        self.seen = set()
        self.threads = [threading.Thread(target=self.work, args=(n,)) for n in range(16)]
        for thread in self.threads:
            thread.start()

    def work(self, seed):
        order = random.Random(seed)
        connection = None
        while not self.stops:
            number = order.randrange(len(self.place.names))
            try:
                connection = connection or Connection(self.port)
            except OSError:
                self.refused += 1
                return
            try:
                status, _, body = connection.ask(
                    classify(self.place.names[number]), self.place.files[number])
            except (Lost, OSError):
                self.lost += 1
                connection = None
                continue
            found = [n for n in self.allowed if self.place.answers[n][number] == body]
            self.seen.update(found if len(found) == 1 else [])
            if status == 200 and found:
                self.right += 1
            else:
                self.wrong += 1
            if connection.closes:
                connection.close()
                connection = None

    def end(self):
        self.stops = True
        for thread in self.threads:
            thread.join()
        return f"{self.right} right, {self.wrong} wrong, {self.lost} lost"


def check_changes(place):
    for _ in range(3):
        server = place.serve()
        load = Load(place, server.port, [0])
        time.sleep(1)
        status = server.end()
        text = load.end()
        note("SIGTERM under load", f"{text}, status {status}",
             load.right > 100 and not load.wrong and not load.lost and status == 0)
    server = place.serve("--watch")
    load = Load(place, server.port, [0, 1])
    for n in range(12):
        beside = place.served.with_suffix(".new")
        shutil.copy(place.file((n + 1) % 2), beside)
        os.replace(beside, place.served)
        time.sleep(0.5)
    place.served.with_suffix(".new").write_bytes(b"no model")
    os.replace(place.served.with_suffix(".new"), place.served)
    time.sleep(1)
    text = load.end()
    status = server.end()
    complaints = sum("not taken" in line for line in server.lines)
    swaps = sum("replaced by" in line for line in server.lines)
    note("models replaced under load", f"{text}, {swaps} replaced, {complaints} not taken",
         not load.wrong and not load.lost and load.seen == {0, 1} and swaps == 12 and complaints == 1)
    shutil.copy(place.file(0), place.served)


def main():
    rowwise = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".build/release/rowwise")
    place = Workplace(rowwise, int(sys.argv[2]) if len(sys.argv) > 2 else 10_000, sys.argv[3:])
    check_bytes(place)
    check_changes(place)
    from serve_hostile import check_hostile
    check_hostile(place, note)
    from serve_speed import check_speed
    check_speed(place, note)
    wrong = sum(row[2] != "ok" for row in rows)
    print(f"\n{len(rows)} checks, {wrong} wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
