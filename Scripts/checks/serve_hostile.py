"""Clients of `rowwise serve` that mean harm, or are odd: refused or served, in bounded memory."""
import json
import os
import socket
import time

from serve_client import Connection, Lost, WebSocket, classify, form


def status(port, data, then=None):
    """The status of the answer to some bytes; None where the connection just ends."""
    connection = Connection(port)
    try:
        connection.send(data)
        if then:
            then(connection)
        return connection.answer()[0]
    except (Lost, OSError):
        return None


def chunked(connection, size, count):
    try:
        for _ in range(count):
            connection.send(f"{size:x}\r\n".encode() + b"x" * size + b"\r\n")
        connection.send(b"0\r\n\r\n")
    except OSError:
        pass


def check_hostile(place, note):
    server = place.serve("--max-body", 1, "--body-memory", 8, "--max-connections", 100, "--head-timeout", 1,
                         "--idle-timeout", 2)
    port = server.port
    name, data, answer = place.names[0], place.files[0], place.answers[0][0]
    start = f"POST {classify(name)} HTTP/1.1\r\nHost: h\r\n".encode()
    idle = server.memory()

    def expect(what, found, *wanted):
        note(what, found, found in wanted)

    expect("body over the limit, unread", status(port, start + b"Content-Length: 2000000\r\n\r\n"), 413)
    expect("body of 10^18 bytes", status(port, start + b"Content-Length: 999999999999999999\r\n\r\n"), 413)
    expect("the same with Expect: 100-continue", status(
        port, start + b"Content-Length: 2000000\r\nExpect: 100-continue\r\n\r\n"), 413)
    expect("chunks over the limit", status(port, start + b"Transfer-Encoding: chunked\r\n\r\n",
                                           lambda c: chunked(c, 1 << 16, 40)), 413)
    expect("chunks without end, size fffffffffffffff", status(
        port, start + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\nabc"), 400, 408, 413)
    expect("broken chunk", status(port, start + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc"), 400)
    expect("two lengths", status(port, start + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nabc"), 400)
    expect("length and chunks", status(
        port, start + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400, 422)
    expect("garbage", status(port, b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"), 400)
    expect("a head of 1 MB", status(port, b"GET / HTTP/1.1\r\nA: " + b"b" * 1_000_000), 400, 431, None)
    expect("10,000 fields", status(port, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 10_000), 400, 431, None)
    expect("slow head", status(port, b"GET / HT"), 408)
    expect("slow body", status(port, start + b"Content-Length: 9\r\n\r\nabc"), 408)
    expect("nothing at all", status(port, b""), None)
    for kind, body in [("no boundary in it", b"abc"), ("no end", b"--b\r\n\r\nabc"), ("no head", b"--b\r\nabc")]:
        connection = Connection(port)
        expect(f"form, {kind}", connection.ask(
            "/classify", body, fields="Content-Type: multipart/form-data; boundary=b\r\n")[0], 400)
    connection = Connection(port)
    fields, body = form([("a", b"1")] * 300)
    expect("form of 300 pictures", connection.ask("/classify", body, fields=fields)[0], 413)
    connection = Connection(port)
    expect("no picture", connection.ask("/classify", b"abc")[0], 422)
    expect("JSON of 100,000 brackets", connection.ask("/v2/models/m/infer", b"[" * 100_000)[0], 400)
    deep = b'{"x":' + b"[" * 100_000
    expect("the same in an object", connection.ask("/v2/models/m/infer", deep)[0], 400)
    huge = b'{"inputs":[{"name":"pixels","datatype":"UINT8","shape":[9000000000000000000,28,28,1],"data":[1]}]}'
    expect("a shape of 10^22 numbers", connection.ask("/v2/models/m/infer", huge)[0], 400, 413)
    expect("another site's page", connection.ask("/classify", data, fields="Origin: http://e.org\r\n")[0], 403)

    connection = Connection(port)
    request = start + f"Content-Length: {len(data)}\r\n\r\n".encode() + data
    connection.send(request * 100)
    right = sum(connection.answer()[2] == answer for _ in range(100))
    expect("100 requests at once", right, 100)
    connection = Connection(port)
    for byte in request:
        connection.send(bytes([byte]))
    expect("byte by byte", connection.answer()[2] == answer, True)

    sockets(server, place, expect)
    crowd(server, expect)
    connection = Connection(port)
    expect("after all that", connection.ask(classify(name), data)[2] == answer, True)
    grown = (server.peak() - idle) / 1e6
    note("memory grew by", f"{grown:.1f} MB at most", grown < 60)
    expect("it ends", server.end(), 0)


def sockets(server, place, expect):
    name, data = place.names[0], place.files[0]
    whole = place.run("classify", place.served, "--stream", name, "--every-row", "--quiet").splitlines()
    # Bytes that had come depend on the pieces.
    def rest(line):
        return {key: value for key, value in json.loads(line).items() if key != "bytes"}
    path = f"/rows?name={name}"
    web = WebSocket(server.port, path)
    for i, byte in enumerate(data):
        web.send(2 if i == 0 else 0, bytes([byte]), final=i == len(data) - 1)
        if i % 50 == 0:
            web.send(9, b"ping")
    web.send(1, b"en", final=False)
    web.send(0, b"d")
    lines = []
    while not lines or not json.loads(lines[-1]).get("answer"):
        opcode, line = web.receive()
        lines += [line] if opcode == 1 else []
    expect("WebSocket in fragments of a byte", [rest(a) for a in lines] == [rest(b) for b in whole], True)
    web.send(2, data)
    web.send(1, b"end")
    second = json.loads(web.lines()[-1])
    expect("the next picture", second["path"], f"{name} (picture 2)")
    web.send(8, b"\x03\xe8")
    expect("WebSocket, ended", web.code(), 1000)
    web = WebSocket(server.port, path)
    web.send(2, data, masked=False)
    expect("WebSocket, not masked", web.code(), 1002)
    web = WebSocket(server.port, path)
    web.send(1, b"x" * 100)
    expect("WebSocket, other text", web.code(), 1003)
    web = WebSocket(server.port, path)
    web.send(0, b"x")
    expect("WebSocket, nothing to go on with", web.code(), 1002)
    web = WebSocket(server.port, path)
    web.connection.send(bytes([0x82, 0xFF]) + (1 << 40).to_bytes(8, "big") + b"abcd")
    expect("WebSocket, a frame of 10^12 bytes", web.code(), 1009)
    web = WebSocket(server.port, path)
    web.send(2, data[:50])
    expect("WebSocket, slow", web.code(), 1008)
    expect("WebSocket of another site", WebSocket(server.port, path, "Origin: http://e.org\r\n").status, 403)
    expect("WebSocket of no model", WebSocket(server.port, "/rows?model=none").status, 404)
    # A picture whose rows were all read, with more behind it than anybody should send.
    connection = Connection(server.port)
    connection.send(f"POST {path} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    connection.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    chunked(connection, 1 << 16, 40)
    expect("rows in chunks, and much behind them", connection.answer()[0], 200)


def crowd(server, expect):
    """Many connections that ask nothing."""
    many = []
    for _ in range(300):
        try:
            many.append(socket.create_connection(("127.0.0.1", server.port), 5))
        except OSError:
            break
    time.sleep(0.3)
    refused = 0
    for connection in many[-100:]:
        connection.settimeout(5)
        try:
            refused += connection.recv(12).startswith(b"HTTP/1.1 503")
        except OSError:
            pass
    expect("300 connections of 100: the last 100 refused", refused, 100)
    time.sleep(2)
    for connection in many:
        connection.close()
    files = len(os.listdir(f"/proc/{server.process.pid}/fd"))
    expect("descriptors afterwards are few", files < 60, True)
