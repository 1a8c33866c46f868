"""Reads a run's event files with the real TensorBoard and checks them against history.csv and
config.json; what the page HPARAMS shows is asked of its plugin.

    python3 -m venv .venv-tb && .venv-tb/bin/pip install tensorboard
    rowwise train digits --tensorboard --output run
    .venv-tb/bin/python Scripts/checks/tensorboard.py run
"""

import csv
import json
import math
import pathlib
import sys

from tensorboard.backend.event_processing import data_provider
from tensorboard.backend.event_processing import plugin_event_multiplexer
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups

# Options that change no result, which a run may be resumed without.
HARMLESS = {"threads", "checkpoint_every", "tensorboard"}


def check_options(run, best):
    """What the page HPARAMS gets to see: every option of config.json, and the model's figures."""
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRun(str(run / "tensorboard"), "run")
    multiplexer.Reload()
    context = backend_context.Context(
        base_plugin.TBContext(
            data_provider=data_provider.MultiplexerDataProvider(multiplexer, str(run))))
    request = RequestContext()
    experiment = context.experiment_from_metadata(
        request, "", include_metrics=True,
        hparams_run_to_tag_to_content=context.hparams_metadata(request, ""),
        data_provider_hparams=[])
    statuses = [api_pb2.STATUS_SUCCESS, api_pb2.STATUS_UNKNOWN, api_pb2.STATUS_RUNNING]
    groups = list_session_groups.Handler(
        request, context, "", api_pb2.ListSessionGroupsRequest(
            allowed_statuses=statuses, slice_size=10,
            col_params=[
                api_pb2.ColParams(metric=info.name) for info in experiment.metric_infos])).run()
    assert len(groups.session_groups) == 1, groups
    group = groups.session_groups[0]
    seen = {key: getattr(value, value.WhichOneof("kind")) for key, value in group.hparams.items()}
    written = json.loads((run / "config.json").read_text())
    # Of the file's other keys, such as the fingerprint, none is an option.
    expected = {key: value for key, value in written.items()
                if key in seen or key in ("layers", "epochs", "seed", "optimizer", "batch_size")}
    assert seen == expected and len(seen) > 15, (seen, expected)
    assert not HARMLESS & set(seen), seen
    session = group.sessions[0]
    assert session.status == api_pb2.STATUS_SUCCESS and session.end_time_secs >= session.start_time_secs
    metrics = {(v.name.group, v.name.tag): v.value for v in group.metric_values}
    shown = {tag: value for (_, tag), value in metrics.items()}
    for tag, column in [("model/epoch", "epoch"), ("model/loss", "loss"),
                        ("model/validation_accuracy", "validation_accuracy"),
                        ("model/validation_macro_f1", "validation_macro_f1")]:
        assert math.isclose(shown[tag], float(best[column]), rel_tol=1e-6), (tag, shown[tag], best)
    return len(seen)


def main():
    run = pathlib.Path(sys.argv[1])
    events = EventAccumulator(
        str(run / "tensorboard"), size_guidance=dict(scalars=0, histograms=0, images=0))
    events.Reload()
    tags = events.Tags()
    rows = list(csv.DictReader((run / "history.csv").open()))
    epochs = {e.step: e.value for e in events.Scalars("epoch")}
    assert list(epochs.values()) == [int(r["epoch"]) for r in rows], epochs
    batches = min(epochs)
    assert [step / batches for step in epochs] == list(epochs.values()), epochs
    for tag, column in [("loss/train", "loss"), ("loss/validation", "validation_loss"),
                        ("accuracy/train", "accuracy"), ("learning_rate/epochs", "learning_rate"),
                        ("accuracy/validation", "validation_accuracy"),
                        ("macro_f1/validation", "validation_macro_f1")]:
        values = {e.step: e.value for e in events.Scalars(tag)}
        assert sorted(values) == sorted(epochs), (tag, sorted(values))
        for step, row in zip(sorted(epochs), rows):
            expected = float(row[column])
            assert abs(values[step] - expected) <= 1e-6 * max(1, expected), (tag, row)
    points = {e.step: e.value for e in events.Scalars("loss/batches")}
    steps = sorted(points)
    assert len(steps) == len(points) and steps[-1] == max(epochs), steps
    # The batches' means, weighted by how many batches they are of, make up the epoch's: all but the
    # epoch's last batch have the same size.
    if batches < 50:
        for end, row in zip(sorted(epochs), rows):
            part = [points[s] for s in steps if end - batches < s <= end]
            assert len(part) == batches, (end, len(part))
            near = sum(part) / len(part)
            assert abs(near - float(row["loss"])) < 0.1 * max(1, near), (end, near, row["loss"])
    rates = events.Scalars("learning_rate/batches")
    assert [e.step for e in rates] == steps and all(e.value > 0 for e in rates)
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
    best = next(r for r in rows if int(r["epoch"]) == int(events.Scalars("model/epoch")[-1].value))
    options = check_options(run, best)
    print(f"{len(rows)} epochs, {len(steps)} points between them, {options} options: {len(tags['scalars'])} scalars, {len(weights)} histograms of weights "
          f"and {len(gradients)} of gradients, {len(images)} confusion matrices read as written")


if __name__ == "__main__":
    main()
