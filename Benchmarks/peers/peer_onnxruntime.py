"""ONNX Runtime: the same network as an ONNX graph; inference in one direction only."""
from cases import CLASSES, measure, parse_arguments

case, threads, seconds, _ = parse_arguments()

import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper

assert not case.trains and not case.bidirectional
random = np.random.default_rng(0)
bound = 1 / np.sqrt(case.hidden)


def weight(name, *shape):
    values = random.uniform(-bound, bound, shape).astype("float32")
    return numpy_helper.from_array(values, name)


H, D = case.hidden, case.features
nodes, weights, source = [], [], "time_first"
for layer in range(case.layers):
    if layer > 0:  # [T, 1, N, H], one direction
        weights.append(numpy_helper.from_array(np.array([1], "int64"), f"axis{layer}"))
        nodes.append(helper.make_node("Squeeze", [f"y{layer - 1}", f"axis{layer}"], [f"x{layer}"]))
        source = f"x{layer}"
    nodes.append(helper.make_node(
        "LSTM", [source, f"W{layer}", f"R{layer}", f"B{layer}"], [f"y{layer}", f"h{layer}"],
        hidden_size=H))
    weights += [weight(f"W{layer}", 1, 4 * H, H if layer else D),
                weight(f"R{layer}", 1, 4 * H, H), weight(f"B{layer}", 1, 8 * H)]
graph = helper.make_graph(
    [
        helper.make_node("Transpose", ["x"], ["time_first"], perm=[1, 0, 2]),
        *nodes,
        helper.make_node("Squeeze", [f"h{case.layers - 1}", "axis"], ["last"]),
        helper.make_node("Gemm", ["last", "dense", "dense_bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
    ],
    "rows",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", case.timesteps, D])],
    [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", CLASSES])],
    [
        *weights, weight("dense", H, CLASSES), weight("dense_bias", CLASSES),
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
