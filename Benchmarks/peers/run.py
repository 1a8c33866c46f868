#!/usr/bin/env python3
"""Times Rowwise and other toolkits turn by turn and prints a table of medians and ratios.

Every figure comes from a process of its own: for each case Rowwise, then each peer, `--rounds`
times over. Shares are of the float32 peak that `rowwise benchmark` measures right before and after
its own figure in the same round. Results are appended to `--results` as rows of JSON, so that a long
comparison can be made in parts; the table is made from everything that the file holds.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from cases import CASES
from quietness import Watch, wait_until_quiet

HERE = Path(__file__).resolve().parent
# PyTorch allocates its work space anew at every step; where that is large, glibc gives it back to
# the system each time, and the page faults cost a third of the speed. This keeps it.
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(4 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(16 << 30),
    "MALLOC_TOP_PAD_": str(256 << 20),
}


@dataclass(frozen=True)
class Peer:
    """How a toolkit is started: its environment's folder and script; without a script the program
    of that folder."""

    folder: str
    script: str | None
    variables: dict = field(default_factory=dict)
    only_inference: bool = False
    precision: str = "float32"


PEERS = {
    "PyTorch": Peer("torch", "peer_torch.py"),
    "PyTorch, tuned malloc": Peer("torch", "peer_torch.py", KEEP_MEMORY),
    "PyTorch, bfloat16": Peer("torch", "peer_torch.py", {}, True, "bfloat16"),
    "Keras": Peer("tf", "peer_keras.py"),
    "JAX": Peer("jax", "peer_jax.py"),
    "oneDNN": Peer("onednn", None),
    "oneDNN, bfloat16": Peer("onednn", None, {}, True, "bfloat16"),
    "ONNX Runtime": Peer("ort", "peer_onnxruntime.py", {}, True),
}
OURS = "Rowwise"
# Cores that others may use before a figure is taken again, and how often.
MAXIMUM_OTHERS = 0.1
ATTEMPTS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--rowwise", type=Path, default=HERE.parent.parent / ".build/release/rowwise",
        help="the built command")
    parser.add_argument(
        "--environments", type=Path,
        default=Path(os.environ.get("PEERS_ENVIRONMENTS", HERE / "environments")),
        help="folder that setup.sh made (or PEERS_ENVIRONMENTS)")
    parser.add_argument("--results", type=Path, default=HERE / "results.jsonl")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument(
        "--peers", default="PyTorch,Keras,JAX,oneDNN,ONNX Runtime",
        help="which of them to time (default: all), PyTorch also with tuned malloc")
    parser.add_argument(
        "--markdown", action="store_true",
        help="print the short table for a README: the best peer and the ratio to it")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32",
                        help="Rowwise's; the others use float32, with bfloat16 PyTorch and oneDNN "
                        "that as well for inference")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each of 5 repeats")
    parser.add_argument("--rounds", type=int, default=3, help="0 only prints the table")
    arguments = parser.parse_args()
    cases = arguments.cases.split(",")
    if unknown := [name for name in cases if name not in CASES]:
        parser.error(f"unknown cases: {', '.join(unknown)}")
    asked = arguments.peers.split(",") if arguments.peers else []
    wanted = [
        name for name, peer in PEERS.items()
        if name.split(",")[0] in asked and peer.precision in ("float32", arguments.precision)]
    if unknown := [peer for peer in asked if peer not in PEERS]:
        parser.error(f"unknown peers: {', '.join(unknown)}")
    for _ in range(arguments.rounds):
        for name in cases:
            for peer in [OURS, *wanted]:
                if peer == OURS or not (CASES[name].trains and PEERS[peer].only_inference):
                    record(peer, name, arguments)
    results = [json.loads(row) for row in arguments.results.read_text().splitlines()]
    results = [
        r for r in results if r["threads"] == arguments.threads and r["case"] in cases
        and (r["precision"] == arguments.precision if r["peer"] == OURS
             else r["peer"] in PEERS
             and PEERS[r["peer"]].precision in ("float32", arguments.precision))]
    if not any(r["peer"] == OURS for r in results):
        parser.error(f"{arguments.results} has no figure of Rowwise for these options")
    print(short_table(results) if arguments.markdown else table(results))


def record(peer: str, name: str, arguments) -> None:
    """Times one case on one toolkit, when others do little, again where they disturbed it,
    and keeps the quietest result."""
    best = None
    for _ in range(ATTEMPTS):
        wait_until_quiet(MAXIMUM_OTHERS, seconds=60)
        watch = Watch()
        result = time_ours(name, arguments) if peer == OURS else time_peer(peer, name, arguments)
        if result is None:
            return
        others = watch.others()
        if best is None or (others or 0) < (best["other_cores"] or 0):
            best = {"peer": peer, "threads": arguments.threads, "other_cores": others, **result}
        if (others or 0) < MAXIMUM_OTHERS:
            break
    print(f"{peer:22} {name:9} {best['samples_per_s']:10.1f} samples/s", file=sys.stderr)
    with open(arguments.results, "a") as file:
        file.write(json.dumps(best) + "\n")


def time_ours(name: str, arguments) -> dict:
    output = subprocess.run(
        [arguments.rowwise, "benchmark", "--cases", name, "--threads", str(arguments.threads),
         "--seconds", str(arguments.seconds), "--precision", arguments.precision,
         "--format", "json", "--quiet"],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    report = json.loads(output)
    return {**report["cases"][0], "machine": report["machine"], "isa": report["isa"]}


def time_peer(peer: str, name: str, arguments) -> dict | None:
    made = PEERS[peer]
    if made.script:
        program = [arguments.environments / made.folder / "bin/python", HERE / made.script]
    else:
        program = [arguments.environments / made.folder / f"peer_{made.folder}"]
    if not program[0].exists():
        print(f"{peer}: no {program[0]}, left out; setup.sh makes it", file=sys.stderr)
        return None
    precision = [] if made.precision == "float32" else ["--precision", made.precision]
    run = subprocess.run(
        [*program, "--case", name, "--threads", str(arguments.threads),
         "--seconds", str(arguments.seconds), *precision],
        env={**os.environ, **made.variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True)
    if run.returncode != 0:
        print(f"{peer}, {name}: failed\n{run.stderr}", file=sys.stderr)
        return None
    return json.loads(run.stdout.splitlines()[-1])


class Figures:
    """Medians over the rounds."""

    def __init__(self, results: list[dict]):
        self.results = results
        self.peers = [peer for peer in PEERS if any(r["peer"] == peer for r in results)]
        self.cases = [name for name in CASES if self.values(OURS, name, "samples_per_s")]
        ours = [r for r in results if r["peer"] == OURS]
        peak = statistics.median(r["peak_gflops"] for r in ours)
        self.machine = (f"{ours[0]['machine']}; {ours[0]['isa']}, {ours[0]['threads']} threads, "
                        f"{ours[0]['precision']}, float32 peak {peak:.0f} GFLOP/s.")

    def values(self, peer: str, name: str, key: str) -> list[float]:
        return [r[key] for r in self.results
                if r["peer"] == peer and r["case"] == name and key in r]

    def median(self, peer: str, name: str, key: str) -> float | None:
        found = self.values(peer, name, key)
        return statistics.median(found) if found else None

    def share(self, peer: str, name: str) -> float:
        """Of the peak measured beside the same case."""
        rate = self.median(peer, name, "samples_per_s") * CASES[name].operations_per_sample / 1e9
        return rate / self.median(OURS, name, "peak_gflops")

    def best(self, name: str) -> tuple[str, float] | None:
        """The fastest peer and how many times as fast Rowwise is."""
        key = "median_us" if CASES[name].is_latency else "samples_per_s"
        found = {peer: value for peer in self.peers
                 if (value := self.median(peer, name, key)) is not None}
        if not found:
            return None
        ours = self.median(OURS, name, key)
        if CASES[name].is_latency:
            peer = min(found, key=found.get)
            return peer, found[peer] / ours
        peer = max(found, key=found.get)
        return peer, ours / found[peer]

    def is_disturbed(self, peer: str, name: str) -> bool:
        others = self.values(peer, name, "other_cores")
        return any((value or 0) >= MAXIMUM_OTHERS for value in others)

    def cell(self, peer: str, name: str) -> str:
        if not self.values(peer, name, "samples_per_s"):
            return "–"
        if CASES[name].is_latency:
            median, tail = (self.median(peer, name, key) for key in ("median_us", "p99_us"))
            text = f"{median:.0f} µs, p99 {tail:.0f}"
        else:
            rate = self.median(peer, name, "samples_per_s")
            text = f"{rate:,.0f}, {self.share(peer, name):.0%}"
        return text + (" *" if self.is_disturbed(peer, name) else "")


def table(results: list[dict]) -> str:
    """Everything in Markdown: samples/s and shares of the peak, for one image µs."""
    figures = Figures(results)
    rows = [
        figures.machine, "",
        "| case | " + " | ".join([OURS, *figures.peers]) + " | ratio to the best |",
        "|---" * (len(figures.peers) + 3) + "|",
    ]
    for name in figures.cases:
        cells = [figures.cell(peer, name) for peer in [OURS, *figures.peers]]
        best = figures.best(name)
        ratio = f"{best[1]:.2f}" if best else "–"
        rows.append(f"| {name} | " + " | ".join(cells) + f" | {ratio} |")
    return "\n".join(rows + notes(figures))


def short_table(results: list[dict]) -> str:
    """Rowwise and the best peer of each case."""
    figures = Figures(results)
    rows = [figures.machine, "", f"| case | {OURS} | best other | its figure | ratio |",
            "|---|---|---|---|---|"]
    for name in figures.cases:
        best = figures.best(name)
        if best is None:
            continue
        rows.append(f"| {name} | {figures.cell(OURS, name)} | {best[0]} | "
                    f"{figures.cell(best[0], name)} | {best[1]:.2f} |")
    return "\n".join(rows + notes(figures))


def notes(figures: Figures) -> list[str]:
    rows = ["", "Samples/s and share of the peak; for one image the time of a call. Ratios above "
            "1: Rowwise is faster."]
    rounds = any(r["peer"] == OURS and r["precision"] == "bfloat16" for r in figures.results)
    if rounds and any(CASES[name].trains for name in figures.cases):
        rows.append("The others train in float32.")
    if any(figures.is_disturbed(peer, name)
           for peer in [OURS, *figures.peers] for name in figures.cases):
        rows.append(
            f"* Other processes used {MAXIMUM_OTHERS} cores or more during a measurement.")
    return rows


if __name__ == "__main__":
    main()
