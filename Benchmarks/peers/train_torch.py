"""PyTorch's side of end_to_end.py: trains LSTM(128) + Dense on an MNIST-like data set and saves
the weights, or prints the accuracy of saved weights on the test images."""
import argparse
import gzip
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def read(folder: Path, part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Images [N, 28, 28] in 0 ... 1 and labels of an IDX pair."""
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return (torch.from_numpy(images.astype("float32") / 255),
            torch.from_numpy(labels.astype("int64")))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(28, 128, batch_first=True)
        self.head = nn.Linear(128, 10)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("weights", type=Path)
parser.add_argument("--evaluate", action="store_true")
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seed", type=int, default=0)
arguments = parser.parse_args()

torch.set_num_threads(arguments.threads)
torch.manual_seed(arguments.seed)
model = Model()
if arguments.evaluate:
    images, labels = read(arguments.data, "t10k")
    model.load_state_dict(torch.load(arguments.weights))
    with torch.inference_mode():
        print((model(images).argmax(1) == labels).float().mean().item())
else:
    batches = DataLoader(
        TensorDataset(*read(arguments.data, "train")), arguments.batch_size, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    for _ in range(arguments.epochs):
        total = 0.0
        for images, labels in batches:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.item()
    torch.save(model.state_dict(), arguments.weights)
