"""A server under test and clients for it, of sockets only: what is sent is what stands here."""
import base64
import json
import os
import re
import socket
import struct
import subprocess
import time
import urllib.parse


class Server:
    """`rowwise serve` on a free port."""

    def __init__(self, rowwise, *arguments, limits=None):
        self.process = subprocess.Popen(
            [rowwise, "serve", *map(str, arguments), "--port", "0"], stderr=subprocess.PIPE, text=True,
            preexec_fn=limits)
        self.lines = []
        self.port = None
        for line in self.process.stderr:
            self.lines.append(line)
            found = re.search(r"http://\S+:(\d+)/", line)
            if found:
                self.port = int(found[1])
                break
        if self.port is None:
            raise SystemExit("the server did not begin:\n" + "".join(self.lines))

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def peak(self):
        """The most that were resident."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1]) * 1024

    def end(self):
        """SIGTERM; the exit status."""
        self.process.terminate()
        self.lines += self.process.stderr.readlines()
        return self.process.wait(60)


class Lost(Exception):
    """A request was sent, and no whole answer came."""


class Connection:
    """A connection that is kept while the server keeps it."""

    def __init__(self, port, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        self.closes = False

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        piece = self.socket.recv(1 << 16)
        if not piece:
            raise Lost(f"{len(self.rest)} bytes of an answer")
        self.rest += piece

    def take(self, count):
        while len(self.rest) < count:
            self.receive()
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def line(self):
        while b"\r\n" not in self.rest:
            self.receive()
        line, self.rest = self.rest.split(b"\r\n", 1)
        return line

    def answer(self):
        """Status, fields and body of the next answer."""
        status = int(self.line().split()[1])
        fields = {}
        while line := self.line():
            name, value = line.decode().split(":", 1)
            fields[name.lower()] = value.strip()
        self.closes = fields.get("connection", "").lower() == "close"
        if status == 100 or status == 101:
            return status, fields, b""
        if fields.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.line(), 16):
                body += self.take(size)
                self.line()
            self.line()
            return status, fields, body
        return status, fields, self.take(int(fields.get("content-length", 0)))

    def ask(self, path, body=b"", method="POST", fields=""):
        self.send(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}"
                  f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return self.answer()

    def close(self):
        self.socket.close()


def classify(name, **parameters):
    """The path of a request about a picture of that name."""
    return "/classify?" + urllib.parse.urlencode({"name": name, **parameters})


def form(files, boundary="----b0undary"):
    """Content-Type and body of a form with files, names and bytes."""
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n'
        "Content-Type: image/png\r\n\r\n".encode() + data + b"\r\n" for name, data in files)
    return f"Content-Type: multipart/form-data; boundary={boundary}\r\n", \
        body + f"--{boundary}--\r\n".encode()


class WebSocket:
    """A WebSocket (RFC 6455)."""

    def __init__(self, port, path="/rows", fields=""):
        self.connection = Connection(port)
        self.connection.send(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"
            f"\r\n{fields}\r\n".encode())
        self.status, self.fields, self.body = self.connection.answer()

    def send(self, opcode, data, final=True, masked=True):
        head = bytes([(0x80 if final else 0) | opcode])
        mark = 0x80 if masked else 0
        if len(data) < 126:
            head += bytes([mark | len(data)])
        elif len(data) < 1 << 16:
            head += bytes([mark | 126]) + struct.pack(">H", len(data))
        else:
            head += bytes([mark | 127]) + struct.pack(">Q", len(data))
        if masked:
            key = os.urandom(4)
            head += key
            data = bytes(byte ^ key[i % 4] for i, byte in enumerate(data))
        self.connection.send(head + data)

    def receive(self):
        """Opcode and data of the next frame."""
        first, second = self.connection.take(2)
        size = second & 0x7F
        if size == 126:
            size, = struct.unpack(">H", self.connection.take(2))
        elif size == 127:
            size, = struct.unpack(">Q", self.connection.take(8))
        return first & 0x0F, self.connection.take(size)

    def lines(self):
        """Objects up to the answer of a picture."""
        found = []
        while True:
            opcode, data = self.receive()
            if opcode == 8:
                raise Lost(f"closed with {struct.unpack('>H', data[:2])[0]}")
            if opcode == 1:
                found.append(data)
                value = json.loads(data)
                if value.get("answer") or "error" in value:
                    return found

    def code(self):
        """The code that the server closes with."""
        while True:
            opcode, data = self.receive()
            if opcode == 8:
                return struct.unpack(">H", data[:2])[0]
