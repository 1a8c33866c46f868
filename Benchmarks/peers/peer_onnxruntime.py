"""ONNX Runtime: the same network as an ONNX graph; inference with one LSTM layer only."""
from cases import CLASSES, measure, parse_arguments

case, threads, seconds, _ = parse_arguments()

import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper

assert not case.trains and case.layers == 1 and not case.bidirectional
random = np.random.default_rng(0)
bound = 1 / np.sqrt(case.hidden)


def weight(name, *shape):
    values = random.uniform(-bound, bound, shape).astype("float32")
    return numpy_helper.from_array(values, name)


H, D = case.hidden, case.features
graph = helper.make_graph(
    [
        helper.make_node("Transpose", ["x"], ["time_first"], perm=[1, 0, 2]),
        helper.make_node("LSTM", ["time_first", "W", "R", "B"], ["", "h"], hidden_size=H),
        helper.make_node("Squeeze", ["h", "axis"], ["last"]),
        helper.make_node("Gemm", ["last", "dense", "dense_bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
    ],
    "rows",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", case.timesteps, D])],
    [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", CLASSES])],
    [
        weight("W", 1, 4 * H, D), weight("R", 1, 4 * H, H), weight("B", 1, 8 * H),
        weight("dense", H, CLASSES), weight("dense_bias", CLASSES),
        numpy_helper.from_array(np.array([0], "int64"), "axis"),
    ])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
model.ir_version = 8
checker.check_model(model)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(
    model.SerializeToString(), options, providers=["CPUExecutionProvider"])
x = random.random((case.batch, case.timesteps, D), dtype="float32")
measure(case, seconds, lambda: session.run(None, {"x": x}))
