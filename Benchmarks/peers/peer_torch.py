"""PyTorch: `nn.LSTM`, `nn.Linear`, cross-entropy, Adam; eager, as its users train. In bfloat16,
for inference only, the model and its inputs are such numbers."""
from cases import CLASSES, measure, parse_arguments

case, threads, seconds, precision = parse_arguments(("float32", "bfloat16"))

import numpy as np
import torch
from torch import nn

torch.set_num_threads(threads)
torch.manual_seed(0)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(
            case.features, case.hidden, case.layers, batch_first=True,
            bidirectional=case.bidirectional)
        self.head = nn.Linear(case.hidden * (2 if case.bidirectional else 1), CLASSES)

    def forward(self, x):
        y, (h, _) = self.lstm(x)
        last = torch.cat([h[-2], h[-1]], 1) if case.bidirectional else y[:, -1]
        return self.head(last)


model = Model()
x = torch.rand(case.batch, case.timesteps, case.features)
if case.trains:
    labels = torch.randint(0, CLASSES, (case.batch,))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad(set_to_none=True)
        criterion(model(x), labels).backward()
        optimizer.step()

    measure(case, seconds, step)
else:
    kind = getattr(torch, precision)
    model.eval().to(kind)
    x = x.to(kind)
    with torch.inference_mode():
        if case.is_latency:
            image = np.random.rand(1, case.timesteps, case.features).astype("float32")
            measure(
                case, seconds,
                lambda: torch.softmax(model(torch.from_numpy(image).to(kind)).float(), 1).numpy())
        else:
            measure(case, seconds, lambda: torch.softmax(model(x), 1))
