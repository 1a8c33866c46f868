"""ONNX's own node tests of LSTM, GRU and RNN, through import, rowwise itself, and export.

    python Scripts/interop/check_node_tests.py ROWWISE

The tests come with the package onnx, with inputs and expected outputs. Each node is put into a classifier
whose weights are constant: on top of it a dense layer that copies its output, and softmax. That file is
imported; what the network then makes of each sequence is compared with the test's output, by `rowwise
embed` of pictures that are the test's sequences, and by ONNX Runtime, which runs the exported file. Where a
test has an output for every timestep, the mean over them is compared, too. Fails where a test is refused,
or off by more than 1e-6. Needs numpy, onnx and onnxruntime from PyPI.
"""

import csv
import io
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

LIMIT = 1e-6
COUNT = 18


def node_tests():
    """Every test of a single recurrent node, once."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = {test.name: test for test in collect_testcases(None)}
    for name, test in sorted(found.items()):
        nodes = test.model.graph.node
        if len(nodes) == 1 and nodes[0].op_type in ("LSTM", "GRU", "RNN"):
            yield name, test


def attribute(node, name, default):
    return next((helper.get_attribute_value(a) for a in node.attribute if a.name == name), default)


def classifier(test, of_every_step):
    """The node with constant weights below softmax, and what is expected below the output layer [N, D]."""
    node = onnx.NodeProto()
    node.CopyFrom(test.model.graph.node[0])
    inputs, outputs = test.data_sets[0]
    values = dict(zip([i.name for i in test.model.graph.input], inputs))
    x = values.pop(node.input[0])
    batch_first = attribute(node, "layout", 0) == 1
    expected = dict(zip([o.name for o in test.model.graph.output], outputs))
    wanted = expected["Y" if of_every_step else "Y_h"]
    # [N, (T,) directions, H]
    if not batch_first:
        wanted = wanted.transpose((2, 0, 1, 3) if of_every_step else (1, 0, 2))
    width = wanted.shape[-1] * wanted.shape[-2]
    wanted = wanted.reshape(*wanted.shape[:-2], width)
    constants = {
        **values, "copy": np.eye(width, width + 1, dtype=np.float32),
        "width": np.array([0, 0, width] if of_every_step else [0, width], np.int64),
    }
    outside = "Y" if of_every_step else "Y_h"
    node.output[:] = [name if name == outside else "" for name in node.output]
    while not node.output[-1]:
        node.output.pop()
    order = [0, 1, 2, 3] if of_every_step else [0, 1, 2]
    if not batch_first:
        order = [2, 0, 1, 3] if of_every_step else [1, 0, 2]
    nodes = [node, helper.make_node("Transpose", [outside], ["turned"], perm=order),
             helper.make_node("Reshape", ["turned", "width"], ["h"])]
    if of_every_step:
        wanted = wanted.mean(axis=1)
        nodes.append(helper.make_node("ReduceMean", ["h"], ["mean"], axes=[1], keepdims=0))
    nodes += [helper.make_node("MatMul", ["mean" if of_every_step else "h", "copy"], ["logits"]),
              helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1)]
    count = x.shape[0 if batch_first else 1]
    graph = helper.make_graph(
        nodes, test.name, [helper.make_tensor_value_info(node.input[0], TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [count, width + 1])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model, x if batch_first else x.transpose(1, 0, 2), wanted


def embeddings(rowwise, model, sequences, folder):
    """What rowwise makes of pictures whose rows are the timesteps."""
    assert (sequences == sequences.astype(np.uint8)).all()
    paths = []
    for index, sequence in enumerate(sequences.astype(np.uint8)):
        paths.append(folder / f"{index}.pgm")
        height, width = sequence.shape
        paths[-1].write_bytes(b"P5\n%d %d\n255\n" % (width, height) + sequence.tobytes())
    run = subprocess.run([rowwise, "embed", str(model), *map(str, paths), "--quiet"],
                         capture_output=True, text=True, check=True)
    header, *rows = csv.reader(io.StringIO(run.stdout))
    places = [index for index, name in enumerate(header) if name[:1] == "v" and name[1:].isdigit()]
    assert places, header
    return np.array([[float(row[place]) for place in places] for row in rows])


def exported(path, sequences):
    """What ONNX Runtime makes of the sequences, below the output layer of the exported file."""
    model = onnx.load(path)
    output_layer = next(node for node in model.graph.node if node.op_type in ("Gemm", "MatMul")
                        and node.output[0].startswith("layers."))
    below = output_layer.input[0]
    model.graph.output.append(helper.make_tensor_value_info(below, TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run([below], {"sequence": sequences.astype(np.float32)})[0]


def check(rowwise, test, of_every_step, folder):
    """The largest differences of rowwise and of the exported file; text where something is refused."""
    model, sequences, expected = classifier(test, of_every_step)
    source, target, back = folder / "m.onnx", folder / "m.safetensors", folder / "back.onnx"
    onnx.save(model, source)
    for arguments in (
            ["import", source, "--output", target, "--mean", "0", "--standard-deviation",
             repr(1 / 255)],
            ["export", target, "--output", back]):
        run = subprocess.run([rowwise, *map(str, arguments)], capture_output=True, text=True)
        if run.returncode != 0:
            return run.stderr.strip()
    ours = embeddings(rowwise, target, sequences, folder)
    theirs = exported(back, sequences)
    return np.abs(ours - expected).max(), np.abs(theirs - expected).max()


def main(rowwise):
    failures = count = 0
    for name, test in node_tests():
        count += 1
        for of_every_step in (False, True):
            if of_every_step and not test.model.graph.node[0].output[0]:
                continue
            what = f"{name} {'mean of Y' if of_every_step else 'Y_h'}"
            with tempfile.TemporaryDirectory() as folder:
                result = check(rowwise, test, of_every_step, pathlib.Path(folder))
            if isinstance(result, str):
                print(f"{what:42} REFUSED: {result[:150]}")
                failures += 1
                continue
            good = max(result) <= LIMIT
            failures += not good
            print(f"{what:42} rowwise {result[0]:.1e}, exported {result[1]:.1e}"
                  f"{'' if good else '  TOO FAR'}")
    if count != COUNT:
        print(f"{count} tests; expected {COUNT}")
        failures += 1
    print(f"{count} node tests, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
