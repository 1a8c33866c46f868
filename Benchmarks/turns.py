#!/usr/bin/env python3
"""Compares two builds of the command by `rowwise benchmark`, case by case and turn by turn.

    Benchmarks/turns.py OLD NEW [--cases T1_b32,I1_b1] [--turns 7] [--seconds 0.2] [--threads 2]

In a turn both commands time a case one after the other, the first to begin changing from turn to turn; what
is printed is the median over the turns of NEW's speed divided by OLD's, with the second-smallest and
second-largest ratio, which say how quiet the machine was, and both commands' best speed. A case that one of
them does not have is left out.
"""
import argparse
import json
import statistics
import subprocess
import sys

CASES = ("T1_b32 T1_b128 T1_b512 T2_b128 T3_b128 T4_b128 T4s_b128 T5_b128 I1_b1 I1_b32 I1_b1024 R1_b1 "
         "E1_b64").split()


def speed(command, case, arguments):
    """Samples per second, None for a case that the command does not have."""
    result = subprocess.run(
        [command, "benchmark", "--cases", case, "--seconds", str(arguments.seconds), "--threads",
         str(arguments.threads), "--format", "json", "--quiet"], capture_output=True, text=True)
    if result.returncode == 64:
        return None
    if result.returncode != 0:
        raise SystemExit(f"{command}: {result.stderr.strip()}")
    return json.loads(result.stdout)["cases"][0]["samples_per_s"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    print(f"{'case':10} {'ratio':>6} {'from':>6} {'to':>6} {'old best':>10} {'new best':>10}  best ratio")
    for case in arguments.cases.split(","):
        speeds = {"old": [], "new": []}
        for turn in range(arguments.turns):
            for name in ("old", "new") if turn % 2 == 0 else ("new", "old"):
                speeds[name].append(speed(getattr(arguments, name), case, arguments))
        if None in speeds["old"] + speeds["new"]:
            continue
        ratios = sorted(n / o for o, n in zip(speeds["old"], speeds["new"]))
        edge = 1 if len(ratios) > 4 else 0
        old, new = max(speeds["old"]), max(speeds["new"])
        print(f"{case:10} {statistics.median(ratios):6.3f} {ratios[edge]:6.3f} {ratios[-1 - edge]:6.3f} "
              f"{old:10,.0f} {new:10,.0f}  {new / old:.3f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
