"""Makes a case of a loop that tf2onnx would write: Keras's GRU with `reset_after=False`.

    python Scripts/interop/foreign_loops.py FOLDER

The nodes are those of the loop that tf2onnx writes for the GRU of foreign_keras.py, with the steps of the
other one as keras.layers.GRUCell has them; the probabilities are ONNX Runtime's. Needs numpy, onnx and
onnxruntime from PyPI.
"""

import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import cases

T, D, K, H = cases.TIMESTEPS, cases.FEATURES, cases.CLASSES, 4


def nodes(*rows):
    """Nodes from rows of type, inputs and outputs in words, and attributes."""
    return [helper.make_node(kind, inputs.split(), outputs.split(), **attributes)
            for kind, inputs, outputs, attributes in rows]


def constants(**values):
    return [numpy_helper.from_array(value, name) for name, value in values.items()]


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def body():
    """One step: iteration, condition, time, h, bias, kernel and recurrent kernel."""
    steps = nodes(
        ("Add", "time one", "time'", {}), ("Cast", "time'", "place", dict(to=TensorProto.FLOAT)),
        ("Less", "place limit", "goes_on", {}), ("Gather", "sequence time", "x", {}),
        ("MatMul", "x kernel", "xW", {}), ("Add", "xW bias", "sums", {}),
        ("Split", "sums", "xz xr xh", dict(axis=-1)),
        ("Slice", "recurrent from_gates to_gates columns", "gates", {}),
        ("Slice", "recurrent from_last to_last columns", "last", {}),
        ("MatMul", "h gates", "hR", {}), ("Split", "hR", "hz hr", dict(axis=-1)),
        ("Add", "xz hz", "z_sum", {}), ("Sigmoid", "z_sum", "z", {}),
        ("Add", "xr hr", "r_sum", {}), ("Sigmoid", "r_sum", "r", {}),
        ("Mul", "r h", "rh", {}), ("MatMul", "rh last", "rhR", {}),
        ("Add", "xh rhR", "n_sum", {}), ("Tanh", "n_sum", "n", {}),
        ("Mul", "z h", "kept", {}), ("Sub", "one_float z", "share", {}),
        ("Mul", "share n", "new", {}), ("Add", "kept new", "h'", {}),
        ("Identity", "h'", "output", {}), ("Identity", "bias", "bias'", {}),
        ("Identity", "kernel", "kernel'", {}), ("Identity", "recurrent", "recurrent'", {}))
    weights = [("bias", [3 * H]), ("kernel", [D, 3 * H]), ("recurrent", [H, 3 * H])]
    return helper.make_graph(
        steps, "step",
        [value("iteration", TensorProto.INT64, []), value("before", TensorProto.BOOL, []),
         value("time", TensorProto.INT32, []), value("h", TensorProto.FLOAT, ["batch", H]),
         *[value(name, TensorProto.FLOAT, shape) for name, shape in weights]],
        [value("goes_on", TensorProto.BOOL, []), value("time'", TensorProto.INT32, []),
         value("h'", TensorProto.FLOAT, ["batch", H]),
         *[value(name + "'", TensorProto.FLOAT, shape) for name, shape in weights],
         value("output", TensorProto.FLOAT, ["batch", H])],
        constants(
            one=np.array(1, np.int32), limit=np.array(T, np.float32),
            one_float=np.array(1, np.float32), from_gates=np.array([0, 0]),
            to_gates=np.array([2**31 - 1, 2 * H]), from_last=np.array([0, 2 * H]),
            to_last=np.array([2**31 - 1, 2**31 - 1]), columns=np.array([0, 1])))


def model():
    random = np.random.default_rng(7)

    def draw(*shape):
        return random.normal(0, 0.5, shape).astype(np.float32)

    graph = helper.make_graph(
        nodes(
            ("Transpose", "pictures", "sequence", dict(perm=[1, 0, 2])),
            ("Shape", "pictures", "shape", {}), ("Slice", "shape zero one_list zero", "batch", {}),
            ("Concat", "batch units", "state_shape", dict(axis=0)),
            ("Expand", "nothing state_shape", "state", {}),
            ("Loop", "timesteps begins start state bias kernel recurrent",
             "end last bias_out kernel_out recurrent_out all", dict(body=body())),
            ("MatMul", "last dense", "product", {}), ("Add", "product dense_bias", "logits", {}),
            ("Softmax", "logits", "probabilities", {})),
        "keras",
        [value("pictures", TensorProto.FLOAT, ["n", T, D])],
        [value("probabilities", TensorProto.FLOAT, ["n", K])],
        constants(
            timesteps=np.array(T), begins=np.array(True), start=np.array(0, np.int32),
            zero=np.array([0]), one_list=np.array([1]), units=np.array([H]),
            nothing=np.array(0, np.float32), bias=draw(3 * H), kernel=draw(D, 3 * H),
            recurrent=draw(H, 3 * H), dense=draw(H, K), dense_bias=draw(K)))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main(folder):
    pixels = cases.pictures(3)
    made = cases.shorten(model())
    onnx.checker.check_model(made, full_check=True)
    onnx.save(made, cases.folder(folder, "loop-gru-before") / "model.onnx")
    session = onnxruntime.InferenceSession(
        made.SerializeToString(), providers=["CPUExecutionProvider"])
    [probabilities] = session.run(None, {session.get_inputs()[0].name: cases.sequences(pixels)})
    cases.write(folder, "loop-gru-before", ["--size", f"{D}x{T}"], pixels, probabilities,
                f"onnx {onnx.__version__}, as tf2onnx writes loops")


if __name__ == "__main__":
    main(sys.argv[1])
