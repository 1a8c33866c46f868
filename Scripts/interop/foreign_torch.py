"""Makes cases with PyTorch: ONNX files of both exporters, and state_dicts.

    python Scripts/interop/foreign_torch.py FOLDER

Needs torch, onnx, onnxscript and safetensors from PyPI.
"""

import pathlib
import sys
import warnings

import onnx
import torch
from safetensors.torch import save_file
from torch import nn

import cases

warnings.filterwarnings("ignore")
D, K = cases.FEATURES, cases.CLASSES


class Last(nn.Module):
    """The output at the last timestep of a stack of recurrent layers."""

    def __init__(self, cell="LSTM", units=4, layers=1, hidden=None, batch_first=True, logits=False):
        super().__init__()
        self.rnn = getattr(nn, cell)(D, units, layers, batch_first=batch_first)
        self.hidden = nn.Linear(units, hidden) if hidden else None
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(hidden or units, K)
        self.batch_first, self.logits = batch_first, logits

    def forward(self, x):
        y, _ = self.rnn(x)
        x = y[:, -1] if self.batch_first else y[-1]
        if self.hidden:
            x = self.drop(torch.relu(self.hidden(x)))
        x = self.fc(x)
        return x if self.logits else torch.softmax(x, dim=-1)


class States(nn.Module):
    """The last states of both directions of the top layer."""

    def __init__(self, cell="LSTM", units=4, layers=1):
        super().__init__()
        self.rnn = getattr(nn, cell)(D, units, layers, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * units, K)

    def forward(self, x):
        _, h = self.rnn(x)
        h = h[0] if isinstance(h, tuple) else h
        return torch.softmax(self.fc(torch.cat([h[-2], h[-1]], dim=1)), dim=1)


class LastState(nn.Module):
    """The last state of a single layer, as most classifiers take it; logits."""

    logits = True

    def __init__(self, units):
        super().__init__()
        self.lstm = nn.LSTM(D, units, batch_first=True)
        self.output = nn.Linear(units, K)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.output(h[-1])


class Picture(nn.Module):
    """Takes [batch, 1, height, width] as picture loaders give it."""

    def __init__(self):
        super().__init__()
        self.first = nn.LSTM(D, 4, batch_first=True, bidirectional=True)
        self.second = nn.LSTM(8, 3, batch_first=True)
        self.fc = nn.Linear(3, K)

    def forward(self, x):
        x, _ = self.first(x.squeeze(1))
        _, (h, _) = self.second(x)
        return torch.log_softmax(self.fc(h[-1]), dim=1)


class Flat(nn.Module):
    """A fully connected network over all rows at once."""

    def __init__(self):
        super().__init__()
        self.flat = nn.Flatten()
        self.first = nn.Linear(cases.TIMESTEPS * D, 4)
        self.second = nn.Linear(4, K)

    def forward(self, x):
        return torch.softmax(self.second(torch.tanh(self.first(self.flat(x)))), dim=1)


class LastFlat(nn.Module):
    """All outputs of a recurrent layer side by side."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(D, 2, batch_first=True)
        self.fc = nn.Linear(2 * cases.TIMESTEPS, K)

    def forward(self, x):
        return torch.softmax(self.fc(torch.flatten(self.rnn(x)[0], 1)), dim=1)


class Wrong(nn.Module):
    """The last timestep of both directions: the backward one has read one row only."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(D, 4, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(8, K)

    def forward(self, x):
        return torch.softmax(self.fc(self.rnn(x)[0][:, -1]), dim=1)


def probabilities(model, x):
    with torch.no_grad():
        y = model(x)
        if isinstance(model, Picture):
            return y.exp().numpy()
        return torch.softmax(y, dim=-1).numpy() if getattr(model, "logits", False) else y.numpy()


def export(folder, name, model, pixels, dynamo, fixed=False, layout="batch first", external=False):
    """One ONNX case; the pictures are given in the layout that the model takes."""
    x = torch.from_numpy(cases.sequences(pixels))
    if layout == "picture":
        x = x.unsqueeze(1)
    elif layout == "time first":
        x = x.transpose(0, 1).contiguous()
    path = str(cases.folder(folder, name) / "model.onnx")
    batch, time = (1, 0) if layout == "time first" else (0, 2 if layout == "picture" else 1)
    if dynamo:
        shapes = None if fixed else ({batch: torch.export.Dim("batch"), time: torch.export.Dim("time")},)
        torch.onnx.export(model, (x,), path, dynamo=True, dynamic_shapes=shapes, external_data=external,
                          verbose=False)
    else:
        axes = None if fixed else {"x": {batch: "batch", time: "time"}}
        torch.onnx.export(model, (x,), path, dynamo=False, input_names=["x"], dynamic_axes=axes)
    strip(path, external)
    onnx.checker.check_model(path, full_check=True)
    size = ["--size", f"{D}x{cases.TIMESTEPS}"]
    kind = "torch.export" if dynamo else "TorchScript"
    cases.write(folder, name, size, pixels, probabilities(model, x),
                f"PyTorch {torch.__version__}, {kind}, {'fixed' if fixed else 'free'} sizes"
                + (", external data" if external else ""))


def strip(path, external=False):
    """Takes away what is said for people only: it is most of a small file."""
    model = onnx.load(path)
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in list(model.graph.input) + list(model.graph.output):
        del value.metadata_props[:]
    del model.graph.value_info[:]
    del model.graph.metadata_props[:]
    if external:
        data = pathlib.Path(path + ".data")
        data.unlink()  # what is there would be written behind
        onnx.save(model, path, save_as_external_data=True, location=data.name, size_threshold=0)
    else:
        onnx.save(model, path)


def weights(folder, name, model, pixels, layers, more=()):
    """One case of a state_dict."""
    path = cases.folder(folder, name) / "weights.safetensors"
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, str(path))
    x = torch.from_numpy(cases.sequences(pixels))
    arguments = ["--from", "pytorch", "--layers", layers, "--size", f"{D}x{cases.TIMESTEPS}", *more]
    cases.write(folder, name, arguments, pixels, probabilities(model, x),
                f"PyTorch {torch.__version__}, state_dict")


def main(folder):
    torch.manual_seed(0)
    pixels = cases.pictures(3)
    for dynamo in (False, True):
        end = "export" if dynamo else "script"
        export(folder, f"torch-lstm-{end}", Last().eval(), pixels, dynamo)
        export(folder, f"torch-stacked-{end}", Last(layers=2, hidden=3, logits=True).eval(), pixels,
               dynamo)
        export(folder, f"torch-bidirectional-{end}", States(layers=2).eval(), pixels, dynamo)
        export(folder, f"torch-gru-{end}", Last(cell="GRU").eval(), pixels, dynamo)
        export(folder, f"torch-picture-{end}", Picture().eval(), pixels, dynamo, layout="picture")
        # So many units that torch.export leaves it to the graph to turn gates around.
        export(folder, f"torch-last-state-{end}", LastState(46 if dynamo else 4).eval(), pixels,
               dynamo)
        export(folder, f"torch-fixed-{end}", Last().eval(), pixels, dynamo, fixed=True)
    export(folder, "torch-rnn-script", Last(cell="RNN", batch_first=False).eval(), pixels, False,
           layout="time first")
    export(folder, "torch-flat-script", Flat().eval(), pixels, False, fixed=True)
    export(folder, "refused-both-ends", Wrong().eval(), pixels, False)
    weights(folder, "torch-weights-lstm", Last(layers=2).eval(), pixels, "lstm:4,lstm:4")
    weights(folder, "torch-weights-both", States().eval(), pixels, "lstm:4:bidirectional")
    weights(folder, "torch-weights-gru", Last(cell="GRU", hidden=3).eval(), pixels,
            "gru:4,dense:3:relu,dropout:0.5", ["--modules", "rnn,hidden,fc"])
    weights(folder, "torch-weights-rnn", Last(cell="RNN").eval(), pixels, "rnn:4")
    weights(folder, "torch-weights-flat", Flat().eval(), pixels, "flatten,dense:4:tanh",
            ["--modules", "first,second"])
    weights(folder, "torch-weights-last-flat", LastFlat().eval(), pixels, "lstm:2,flatten")
    export(folder, "torch-external-data", Last().eval(), pixels, True, external=True)


if __name__ == "__main__":
    main(sys.argv[1])
