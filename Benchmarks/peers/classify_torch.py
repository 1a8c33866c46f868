"""Classifies a folder of PNG files with PyTorch and Pillow; a part of classify_folder.py.

The model is a Rowwise file with one LSTM and a dense layer, so that both give the same classes."""
import csv
import json
import struct
import sys
from pathlib import Path

import numpy
import torch
from PIL import Image


def tensors(path):
    data = Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    model = json.loads(header.pop("__metadata__")["rowwise"])
    values = {
        name: torch.from_numpy(numpy.frombuffer(
            data[8 + length + entry["data_offsets"][0]:8 + length + entry["data_offsets"][1]],
            dtype=numpy.float32).reshape(entry["shape"]).copy())
        for name, entry in header.items()}
    return model, values


class Pictures(torch.utils.data.Dataset):
    def __init__(self, paths):
        self.paths = paths

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        with Image.open(self.paths[index]) as image:
            return numpy.asarray(image.convert("L"), dtype=numpy.float32) / 255


class Classifier(torch.nn.Module):
    def __init__(self, values):
        super().__init__()
        features, hidden = values["layers.0.input_weight"].shape[0], values[
            "layers.0.recurrent_weight"].shape[0]
        self.lstm = torch.nn.LSTM(features, hidden, batch_first=True)
        self.dense = torch.nn.Linear(hidden, values["layers.1.bias"].shape[0])
        with torch.no_grad():
            # Gate order i, f, g, o in both; PyTorch keeps [4H, D].
            self.lstm.weight_ih_l0.copy_(values["layers.0.input_weight"].T)
            self.lstm.weight_hh_l0.copy_(values["layers.0.recurrent_weight"].T)
            self.lstm.bias_ih_l0.copy_(values["layers.0.bias"])
            self.lstm.bias_hh_l0.zero_()
            self.dense.weight.copy_(values["layers.1.weight"].T)
            self.dense.bias.copy_(values["layers.1.bias"])

    def forward(self, pictures):
        _, (hidden, _) = self.lstm(pictures)
        return torch.softmax(self.dense(hidden[-1]), dim=1)


def main():
    model_path, folder, output, batch = sys.argv[1], Path(sys.argv[2]), sys.argv[3], 256
    model, values = tensors(model_path)
    names = model["classNames"]
    classifier = Classifier(values)
    paths = sorted(folder.glob("*/*.png"))
    loader = torch.utils.data.DataLoader(Pictures(paths), batch_size=batch, num_workers=2)
    with open(output, "w", newline="") as file, torch.inference_mode():
        writer = csv.writer(file)
        writer.writerow(["path", "prediction", "probability"])
        position = 0
        for pictures in loader:
            best = classifier(pictures).max(dim=1)
            for value, index in zip(best.values.tolist(), best.indices.tolist()):
                writer.writerow([paths[position], names[index], value])
                position += 1


if __name__ == "__main__":
    main()
