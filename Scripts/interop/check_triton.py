#!/usr/bin/env python3
"""Asks `rowwise serve` with Triton's own client over HTTP: pictures as files and as numbers, in JSON and
behind it, several at once; classes and probabilities must be those of `rowwise classify`.

    pip install "tritonclient[http]" numpy
    Scripts/interop/check_triton.py ROWWISE MODEL PICTURE…
"""
import json
import pathlib
import subprocess
import sys

import numpy as np
import tritonclient.http as triton

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "checks"))
from serve_client import Server  # noqa: E402


def main():
    rowwise, model, *paths = sys.argv[1:]
    text = subprocess.run([rowwise, "classify", model, *paths, "--format", "jsonl", "--top", "1000000", "--quiet"],
                          check=True, capture_output=True, text=True).stdout
    wanted = [json.loads(line) for line in text.splitlines()]
    server = Server(rowwise, f"m={model}")
    try:
        ask(server, wanted, paths)
    finally:
        status = server.end()
    assert status == 0
    print(f"{len(paths)} pictures as files, 5 as numbers: all as rowwise classify answers")


def ask(server, wanted, paths):
    client = triton.InferenceServerClient(f"127.0.0.1:{server.port}")
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("m")
    assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
    metadata = client.get_model_metadata("m")
    print("metadata:", json.dumps(metadata))
    assert client.get_model_config("m")["name"] == "m"
    assert client.get_model_repository_index()[0]["state"] == "READY"
    classes = metadata["outputs"][0]["shape"][1]
    files = [pathlib.Path(path).read_bytes() for path in paths]

    def check(result, count):
        # Bytes where they stand behind the JSON.
        labels = [label if isinstance(label, str) else label.decode() for label in result.as_numpy("label")]
        probabilities = result.as_numpy("probabilities")
        assert probabilities.dtype == np.float32 and probabilities.shape == (count, classes)
        for row, (label, values) in enumerate(zip(labels, probabilities)):
            assert label == wanted[row]["prediction"], (label, wanted[row])
            order = sorted(range(classes), key=lambda k: -values[k])
            tops = [np.float32(top["probability"]) for top in wanted[row]["top"]]
            assert [values[k] for k in order] == tops, (values, wanted[row])
        indices = result.as_numpy("index")
        assert indices.dtype == np.int64 and (indices == probabilities.argmax(1)).all()

    encoded = np.array(files, dtype=np.object_)
    names = ["probabilities", "label", "index"]
    for binary in (True, False):
        image = triton.InferInput("image", [len(files)], "BYTES")
        image.set_data_from_numpy(encoded, binary_data=True)
        outputs = [triton.InferRequestedOutput(name, binary_data=binary) for name in names]
        check(client.infer("m", [image], outputs=outputs, request_id="7"), len(files))
        check(client.infer("m", [image], model_version="1"), len(files))
    height, width, channels = metadata["inputs"][1]["shape"][1:]
    random = np.random.default_rng(1).integers(0, 256, (5, height, width, channels), dtype=np.uint8)
    rows = []
    for binary in (True, False):
        pixels = triton.InferInput("pixels", list(random.shape), "UINT8")
        pixels.set_data_from_numpy(random, binary_data=binary)
        result = client.infer("m", [pixels])
        rows.append(result.as_numpy("probabilities"))
        one = triton.InferInput("pixels", [1, height, width, channels], "UINT8")
        one.set_data_from_numpy(random[2:3], binary_data=binary)
        assert (client.infer("m", [one]).as_numpy("probabilities")[0] == rows[-1][2]).all()
    assert (rows[0] == rows[1]).all()
    top = client.infer("m", [image], outputs=[triton.InferRequestedOutput("probabilities", class_count=2)])
    value, index, label = top.as_numpy("probabilities")[0][0].decode().split(":", 2)
    assert label == wanted[0]["prediction"] and np.float32(value) == np.float32(wanted[0]["probability"])
    futures = [client.async_infer("m", [image]) for _ in range(4)]
    for future in futures:
        check(future.get_result(), len(files))
    for broken, words in [(np.array([b"no picture"], dtype=np.object_), "picture 0"), (None, "shape")]:
        try:
            if broken is None:
                bad = triton.InferInput("pixels", [1, 1, 1, 1], "UINT8")
                bad.set_data_from_numpy(np.zeros((1, 1, 1, 1), np.uint8))
            else:
                bad = triton.InferInput("image", [1], "BYTES")
                bad.set_data_from_numpy(broken)
            client.infer("m", [bad])
            raise SystemExit("it was answered")
        except triton.InferenceServerException as error:
            assert words in str(error), error
    client.close()


if __name__ == "__main__":
    main()
