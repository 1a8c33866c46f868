#!/usr/bin/env python3
"""Times Rowwise and other toolkits turn by turn and prints a table of medians and ratios.

Every figure comes from a process of its own: for each case Rowwise, then each peer, `--rounds`
times over. Results are appended to `--results` as rows of JSON, so that a long comparison can be
made in parts; the table is made from everything that the file holds.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
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
# Name in the table: environment folder, script, environment variables, only inference.
PEERS = {
    "PyTorch": ("torch", "peer_torch.py", {}, False),
    "PyTorch, tuned malloc": ("torch", "peer_torch.py", KEEP_MEMORY, False),
    "Keras": ("tf", "peer_keras.py", {}, False),
    "ONNX Runtime": ("ort", "peer_onnxruntime.py", {}, True),
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
    parser.add_argument("--cases", default="T1_b32,T1_b128,T1_b512,T2_b128,I1_b1,I1_b32,I1_b1024")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each of 5 repeats")
    parser.add_argument("--rounds", type=int, default=3, help="0 only prints the table")
    arguments = parser.parse_args()
    cases = arguments.cases.split(",")
    if unknown := [name for name in cases if name not in CASES]:
        parser.error(f"unknown cases: {', '.join(unknown)}")
    for _ in range(arguments.rounds):
        for name in cases:
            for peer in [OURS, *PEERS]:
                if peer == OURS or not (CASES[name].trains and PEERS[peer][3]):
                    record(peer, name, arguments)
    results = [json.loads(row) for row in arguments.results.read_text().splitlines()]
    print(table([r for r in results if r["threads"] == arguments.threads]))


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
         "--seconds", str(arguments.seconds), "--format", "json", "--quiet"],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    report = json.loads(output)
    return {
        **report["cases"][0], "peak_gflops": report["peak_gflops"]["float32"],
        "machine": report["machine"], "isa": report["isa"],
    }


def time_peer(peer: str, name: str, arguments) -> dict | None:
    folder, script, variables, _ = PEERS[peer]
    python = arguments.environments / folder / "bin/python"
    if not python.exists():
        print(f"{peer}: no {python}, left out; setup.sh makes it", file=sys.stderr)
        return None
    run = subprocess.run(
        [python, HERE / script, "--case", name, "--threads", str(arguments.threads),
         "--seconds", str(arguments.seconds)],
        env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode != 0:
        print(f"{peer}, {name}: failed\n{run.stderr}", file=sys.stderr)
        return None
    return json.loads(run.stdout.splitlines()[-1])


def table(results: list[dict]) -> str:
    """Medians over the rounds in Markdown: samples/s, for one image µs, shares of the peak."""
    def values(peer: str, name: str, key: str) -> list[float]:
        return [r[key] for r in results if r["peer"] == peer and r["case"] == name and key in r]

    peak = statistics.median([r["peak_gflops"] for r in results if "peak_gflops" in r])
    ours = [r for r in results if r["peer"] == OURS]
    peers = [peer for peer in PEERS if any(r["peer"] == peer for r in results)]
    rows = [
        f"{ours[0]['machine']}; {ours[0]['isa']}, {ours[0]['threads']} threads, float32 peak "
        f"{peak:.0f} GFLOP/s.", "",
        "| case | " + " | ".join([OURS, *peers]) + " | ratio to the best |",
        "|---" * (len(peers) + 3) + "|",
    ]
    disturbed = False
    for name, case in CASES.items():
        key = "median_us" if case.is_latency else "samples_per_s"
        if not values(OURS, name, key):
            continue
        medians, cells = {}, []
        for peer in [OURS, *peers]:
            found = values(peer, name, key)
            if not found:
                cells.append("–")
                continue
            medians[peer] = median = statistics.median(found)
            share = statistics.median(values(peer, name, "samples_per_s"))
            share *= case.operations_per_sample / 1e9 / peak
            if case.is_latency:
                tail = statistics.median(values(peer, name, "p99_us"))
                cell = f"{median:.0f} µs, p99 {tail:.0f}"
            else:
                cell = f"{median:,.0f}, {share:.0%}"
            others = values(peer, name, "other_cores")
            if any((value or 0) >= MAXIMUM_OTHERS for value in others):
                cell, disturbed = cell + " *", True
            cells.append(cell)
        theirs = [medians[peer] for peer in peers if peer in medians]
        ratio = "–"
        if theirs:
            ours_median = medians[OURS]
            ratio = (min(theirs) / ours_median) if case.is_latency else ours_median / max(theirs)
            ratio = f"{ratio:.2f}"
        rows.append(f"| {name} | " + " | ".join(cells) + f" | {ratio} |")
    rows += ["", "Samples/s and share of the peak; for one image the time of a call. Ratios above "
             "1: Rowwise is faster."]
    if disturbed:
        rows.append(
            f"* Other processes used {MAXIMUM_OTHERS} cores or more during a measurement.")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
