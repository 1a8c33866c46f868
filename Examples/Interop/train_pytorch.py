"""Trains an LSTM with PyTorch and writes it as ONNX and as weights.

    pip install torch onnx onnxscript safetensors
    python Examples/Interop/train_pytorch.py torch-model

Then, in the repository:

    rowwise import torch-model/model.onnx --size 8x8 --output torch-model/from-onnx.safetensors
    rowwise import torch-model/weights.safetensors --from pytorch --layers lstm:64 --size 8x8 \\
        --output torch-model/from-weights.safetensors
    rowwise evaluate torch-model/from-onnx.safetensors digits
"""

import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn

import digits


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 64, batch_first=True)
        self.output = nn.Linear(64, 10)

    def forward(self, x):  # [batch, rows, columns]
        _, (h, _) = self.lstm(x)
        return self.output(h[-1])  # logits


def main(folder):
    torch.manual_seed(0)
    (x, y), (x_test, y_test) = [map(torch.from_numpy, part) for part in digits.load()]
    model = Classifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(20):
        for rows in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        accuracy = (model(x_test).argmax(1) == y_test).float().mean().item()
    print(f"test accuracy {accuracy:.2%}")
    path = pathlib.Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    save_file(model.state_dict(), str(path / "weights.safetensors"))
    sizes = ({0: torch.export.Dim("batch"), 1: torch.export.Dim("time")},)
    torch.onnx.export(model, (x_test[:2],), str(path / "model.onnx"), dynamo=True,
                      dynamic_shapes=sizes, external_data=False)


if __name__ == "__main__":
    main(sys.argv[1])
