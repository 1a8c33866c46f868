"""Reads a run's event files with the real TensorBoard and checks them against history.csv.

    python3 -m venv .venv-tb && .venv-tb/bin/pip install tensorboard
    rowwise train digits --tensorboard --output run
    .venv-tb/bin/python Scripts/check_tensorboard.py run
"""

import csv
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main():
    run = pathlib.Path(sys.argv[1])
    events = EventAccumulator(
        str(run / "tensorboard"), size_guidance=dict(scalars=0, histograms=0, images=0))
    events.Reload()
    tags = events.Tags()
    rows = list(csv.DictReader((run / "history.csv").open()))
    for tag, column in [("loss/train", "loss"), ("loss/validation", "validation_loss"),
                        ("accuracy/train", "accuracy"), ("learning_rate", "learning_rate"),
                        ("accuracy/validation", "validation_accuracy"),
                        ("macro_f1/validation", "validation_macro_f1")]:
        values = {e.step: e.value for e in events.Scalars(tag)}
        assert sorted(values) == [int(r["epoch"]) for r in rows], (tag, sorted(values))
        for row in rows:
            expected = float(row[column])
            assert abs(values[int(row["epoch"])] - expected) <= 1e-6 * max(1, expected), (tag, row)
    weights = [t for t in tags["histograms"] if t.startswith("weights/")]
    gradients = [t for t in tags["histograms"] if t.startswith("gradients/")]
    assert weights and len(weights) == len(gradients), tags["histograms"]
    for tag in weights + gradients:
        histograms = events.Histograms(tag)
        assert len(histograms) == len(rows), tag
        for event in histograms:
            value = event.histogram_value
            assert sum(value.bucket) == value.num > 0, tag
            assert value.min <= value.max and len(value.bucket) == len(value.bucket_limit), tag
    images = events.Images("confusion")
    assert len(images) == len(rows) and images[0].encoded_image_string.startswith(b"\x89PNG")
    print(f"{len(rows)} epochs: {len(tags['scalars'])} scalars, {len(weights)} histograms of weights "
          f"and {len(gradients)} of gradients, {len(images)} confusion matrices read as written")


if __name__ == "__main__":
    main()
