"""Golden values of the LSTM cell with diagonal peepholes.

    python3 -m venv .venv-golden && .venv-golden/bin/pip install onnx onnxruntime numpy
    .venv-golden/bin/python Scripts/goldens/golden_lstm_diagonal.py

Forward: ONNX Runtime's LSTM operator with its input P, float32 (entry "onnx_runtime"). Its gate
order is i, o, f, c, its peephole order i, o, f, its weights are transposed with a leading axis for
directions, and it has two biases, of which the second is zero here.
Forward and gradients in float64: the equations in NumPy, which this script holds against ONNX
Runtime, differentiated by the complex step, so that no backward formula is trusted.
"""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from golden_common import (LARGE, SMALL, central_difference_check, complex_step_gradients,
                           make_case, set_single_layer_results, write)

CASES = [
    dict(name="small", seed=11, **SMALL),
    dict(name="small, lengths", seed=12, **SMALL, lengths=[2, 5, 1]),
    dict(name="large, lengths", seed=13, **LARGE, lengths=[7, 1, 4, 6, 2, 7]),
]


def reorder(array, order, axis):
    """Blocks of `array` along `axis` in another order."""
    blocks = np.split(array, len(order), axis=axis)
    return np.concatenate([blocks[k] for k in order], axis=axis)


def run_onnx(case):
    """ONNX Runtime's y, last h and last c."""
    d, H = case["layers"][0][0], case["hidden"]
    iofc = (0, 3, 1, 2)  # from i, f, g, o
    bias = reorder(d["bias"], iofc, 0)
    T, N = case["timesteps"], case["batch"]
    lengths = [T] * N if case["lengths"] is None else case["lengths"]
    feeds = dict(
        X=case["x"], W=reorder(d["input"], iofc, 1).T[None],
        R=reorder(d["recurrent"], iofc, 1).T[None],
        B=np.concatenate([bias, 0 * bias])[None], initial_h=d["h0"][None], initial_c=d["c0"][None],
        P=reorder(d["peephole"], (0, 2, 1), 0).reshape(1, -1))  # from i, f, o to i, o, f
    feeds = {k: np.ascontiguousarray(v, dtype=np.float32) for k, v in feeds.items()}
    feeds["sequence_lens"] = np.array(lengths, np.int32)
    names = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
    node = helper.make_node("LSTM", names, ["Y", "Y_h", "Y_c"], hidden_size=H)
    inputs = [helper.make_tensor_value_info(
        n, TensorProto.INT32 if n == "sequence_lens" else TensorProto.FLOAT, feeds[n].shape)
        for n in names]
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape)
               for n, shape in (("Y", (T, 1, N, H)), ("Y_h", (1, N, H)), ("Y_c", (1, N, H)))]
    graph = helper.make_graph([node], "lstm", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"])
    y, h, c = session.run(None, feeds)
    return y[:, 0], h[0], c[0]


def main():
    cases = []
    for settings in CASES:
        case = make_case(kind="diagonal", **settings)
        gradients = complex_step_gradients(case)
        set_single_layer_results(case, gradients)
        y, h, c = run_onnx(case)
        d = case["layers"][0][0]
        worst = max(np.abs(a - b).max() for a, b in
                    ((y, case["y"]), (h, d["h_last"]), (c, d["c_last"])))
        difference = central_difference_check(case, gradients)
        print(f"{case['name']}: NumPy against ONNX Runtime {worst:.1e}; complex step against "
              f"central differences {difference:.1e}")
        assert worst < 2e-6 and difference < 1e-7
        case["onnx_runtime"] = dict(y=y, h_last=h, c_last=c)
        cases.append(case)
    write("lstm-diagonal",
          f"ONNX Runtime {onnxruntime.__version__}, float32; NumPy {np.__version__}, float64",
          dict(cases=cases))


if __name__ == "__main__":
    main()
