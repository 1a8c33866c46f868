"""Measures what whole numbers bring in ONNX Runtime: size, time and accuracy of LSTM(128).

    python Scripts/interop/measure_quantization.py ROWWISE [EPOCHS]

Trains on Fashion-MNIST, exports with float32, bfloat16 and int8 weights, and makes of the float32
file what quantises activations as well, at run time:

- onnxruntime.quantization.quantize_dynamic: com.microsoft.DynamicQuantizeLSTM, and MatMulInteger
  behind DynamicQuantizeLinear for the output layer; for each array or each column one scale;
- the same network as a Scan over the timesteps, with float32 products and with MatMulInteger: what
  the standard's own operators allow.

Prints bytes, median time of a call at batch 1 and 32 with one and two threads, accuracy and loss on
the 10,000 test images, predictions that differ from float32's, and by how much the probabilities of
the first 1,000 differ between batch 1 and batch 100. Files are called in turns, so that
whatever else the machine does meets all alike. Needs numpy, onnx and onnxruntime from PyPI and the
Fashion-MNIST files (see check_export.py).
"""

import logging
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from check_export import DATA, read

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from machine import processor

ROUNDS = 15


def scan_of(model):
    """The same network with the LSTM operator written as a Scan over the timesteps."""
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    w, r, b = (weights[f"layers.0/{part}"] for part in "WRB")
    units = r.shape[2]
    arrays = {"W": w[0].T, "R": r[0].T, "b": b[0][:4 * units] + b[0][4 * units:],
              "V": weights["layers.1.weight"], "v": weights["layers.1.bias"],
              "units": np.array([units])}
    state = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", units])
    step = helper.make_graph([
        helper.make_node("MatMul", ["h", "R"], ["hR"]),
        helper.make_node("Add", ["x", "hR"], ["sums"]),
        helper.make_node("Split", ["sums"], ["i", "o", "f", "g"], axis=1),
        *[helper.make_node(kind, [name], [name + "'"]) for kind, name in
          [("Sigmoid", "i"), ("Sigmoid", "o"), ("Sigmoid", "f"), ("Tanh", "g")]],
        helper.make_node("Mul", ["f'", "c"], ["kept"]), helper.make_node("Mul", ["i'", "g'"], ["new"]),
        helper.make_node("Add", ["kept", "new"], ["c'"]), helper.make_node("Tanh", ["c'"], ["shown"]),
        helper.make_node("Mul", ["o'", "shown"], ["h'"])],
        "step", [state("h"), state("c"),
                 helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4 * units])],
        [state("h'"), state("c'")])
    nodes = [
        helper.make_node("Transpose", ["sequence"], ["rows"], perm=[1, 0, 2]),
        helper.make_node("MatMul", ["rows", "W"], ["xW"]), helper.make_node("Add", ["xW", "b"], ["xs"]),
        helper.make_node("Shape", ["xs"], ["batch"], start=1, end=2),
        helper.make_node("Concat", ["batch", "units"], ["shape"], axis=0),
        helper.make_node("ConstantOfShape", ["shape"], ["zero"]),
        helper.make_node("Scan", ["zero", "zero", "xs"], ["h_n", "c_n"], body=step, num_scan_inputs=1),
        helper.make_node("MatMul", ["h_n", "V"], ["hV"]), helper.make_node("Add", ["hV", "v"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1)]
    graph = helper.make_graph(
        nodes, "scan", list(model.graph.input), list(model.graph.output),
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in arrays.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def variants(rowwise, trained, folder):
    """Name and path of every file."""
    def path(name):
        return str(folder / f"{name}.onnx")
    files = {}
    for storage in ("float32", "bfloat16", "int8"):
        files[f"{storage} weights"] = path(storage)
        subprocess.run([rowwise, "export", trained, "--output", path(storage), "--weights", storage,
                        "--quiet"], check=True)
    scan = path("scan")
    onnx.save(scan_of(onnx.load(path("float32"))), scan)
    files["float32, Scan"] = scan
    for name, source, options in [
            ("dynamic int8", path("float32"), {}),
            ("dynamic int8, columns", path("float32"), {"per_channel": True}),
            ("dynamic int8, 7 bits", path("float32"), {"reduce_range": True}),
            ("dynamic, columns, 7 bits", path("float32"), {"per_channel": True, "reduce_range": True}),
            ("dynamic uint8", path("float32"), {"weight_type": QuantType.QUInt8}),
            ("dynamic int8, Scan", scan, {"extra_options": {"EnableSubgraph": True}})]:
        options = {"weight_type": QuantType.QInt8, **options}
        files[name] = path(name.replace(", ", "-").replace(" ", "-"))
        quantize_dynamic(source, files[name], **options)
    for name, file in files.items():
        onnx.checker.check_model(file, full_check=True)
    return files


def kinds(path):
    """The operators that do the products, in the graph and in the bodies of its loops."""
    def walk(graph):
        for node in graph.node:
            yield (node.domain + "." if node.domain else "") + node.op_type
            for attribute in node.attribute:
                if attribute.type == onnx.AttributeProto.GRAPH:
                    yield from walk(attribute.g)
    wanted = ("LSTM", "MatMul", "Gemm", "Scan", "DequantizeLinear")
    return ", ".join(sorted({kind for kind in walk(onnx.load(path).graph)
                             if any(part in kind for part in wanted)}))


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def probabilities(runtime, values, batch):
    return np.concatenate([runtime.run(None, {"sequence": values[i:i + batch]})[0]
                           for i in range(0, len(values), batch)])


def times(files, values, batch, threads):
    """Median seconds of a call of each file, over rounds in which all have their turn."""
    sessions = {name: session(path, threads) for name, path in files.items()}
    calls = 40 if batch == 1 else 10
    rounds = {name: [] for name in files}
    for _ in range(ROUNDS):
        for name, runtime in sessions.items():
            input = {"sequence": values[:batch]}
            runtime.run(None, input)
            for _ in range(calls):
                start = time.perf_counter()
                runtime.run(None, input)
                rounds[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) for name, values in rounds.items()}


def main(rowwise, epochs="3"):
    rowwise = os.path.abspath(rowwise)
    labels = read("t10k-labels-idx1-ubyte.gz")
    values = (read("t10k-images-idx3-ubyte.gz").astype(np.float64) / 255).astype(np.float32)
    print(f"ONNX Runtime {onnxruntime.__version__}, {processor()}")
    logging.disable(logging.WARNING)  # quantize_dynamic recommends a pass that is for convolutions
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([rowwise, "train", str(DATA), "--recipe", "keras", "--layers", "lstm:128", "--epochs", epochs,
                        "--output", str(folder / "run"), "--quiet"], check=True,
                       stdout=subprocess.DEVNULL)
        files = variants(rowwise, str(folder / "run"), folder)
        timings = {(batch, threads): times(files, values, batch, threads)
                   for threads in (1, 2) for batch in (1, 32)}
        reference = None
        print(f"{'file':24}{'bytes':>9}" + "".join(
            f"{f'batch {batch}, {threads}t':>16}" for batch, threads in timings)
            + f"{'accuracy':>10}{'loss':>9}{'others':>8}{'batches':>9}  products")
        for name, path in files.items():
            runtime = session(path, 2)
            output = probabilities(runtime, values, 100)
            batches = np.abs(probabilities(runtime, values[:1000], 1) - output[:1000]).max()
            predictions = output.argmax(1)
            reference = predictions if reference is None else reference
            loss = -np.log(output[np.arange(len(labels)), labels]).mean()
            row = f"{name:24}{os.path.getsize(path):>9,}"
            for key, medians in timings.items():
                ratio = medians[name] / medians["float32 weights"]
                row += f"{medians[name] * 1e6:>8,.0f} µs{ratio:>4.1f}×"
            print(row + f"{100 * (predictions == labels).mean():>9.2f}%{loss:>9.4f}"
                  f"{(predictions != reference).sum():>8}{batches:>9.0e}  {kinds(path)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
