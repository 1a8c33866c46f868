"""The cases, the same as in `rowwise benchmark`, and how everything is timed."""
import argparse
import json
import os
import resource
import statistics
import sys
import time
from dataclasses import dataclass

CLASSES = 10
REPEATS = 5


@dataclass(frozen=True)
class Case:
    """One network and batch size."""

    name: str
    timesteps: int
    features: int
    hidden: int
    layers: int
    bidirectional: bool
    batch: int

    @property
    def trains(self) -> bool:
        return self.name.startswith("T")

    @property
    def is_latency(self) -> bool:
        return not self.trains and self.batch == 1

    @property
    def operations_per_sample(self) -> int:
        """Of the LSTMs' products: 2 (D + H) 4H a timestep, direction and layer; in training x 3."""
        directions = 2 if self.bidirectional else 1
        total, width = 0, self.features
        for _ in range(self.layers):
            total += directions * self.timesteps * 2 * (width + self.hidden) * 4 * self.hidden
            width = self.hidden * directions
        return total * (3 if self.trains else 1)


CASES = {
    case.name: case
    for case in [
        Case("T1_b32", 28, 28, 128, 1, False, 32),
        Case("T1_b128", 28, 28, 128, 1, False, 128),
        Case("T1_b512", 28, 28, 128, 1, False, 512),
        Case("T2_b128", 28, 28, 128, 2, False, 128),
        Case("T3_b128", 28, 28, 256, 2, False, 128),
        Case("T4_b128", 784, 1, 128, 1, False, 128),
        Case("T5_b128", 28, 28, 128, 1, True, 128),
        Case("T6_b64", 28, 28, 512, 1, False, 64),
        Case("T7_b64", 28, 28, 1024, 1, False, 64),
        Case("T8_b128", 28, 28, 256, 4, True, 128),
        Case("I1_b1", 28, 28, 128, 1, False, 1),
        Case("I1_b32", 28, 28, 128, 1, False, 32),
        Case("I1_b1024", 28, 28, 128, 1, False, 1024),
        Case("I2_b1", 28, 28, 512, 1, False, 1),
        Case("I3_b32", 28, 28, 1024, 2, False, 32),
    ]
}


def parse_arguments(precisions: tuple[str, ...] = ("float32",)) -> tuple[Case, int, float, str]:
    """The case, threads, seconds and precision a peer's script is called with.

    Also limits the threads of libraries that ask the environment, so call it before importing
    them.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", required=True, choices=CASES)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--precision", choices=precisions, default="float32")
    arguments = parser.parse_args()
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(arguments.threads)
    return CASES[arguments.case], arguments.threads, arguments.seconds, arguments.precision


def measure(case: Case, seconds: float, step, finish=lambda: None) -> None:
    """Times `step`, one training or inference step, and prints the result as a row of JSON.

    `finish` returns when everything that steps have started is done.
    """
    if case.is_latency:
        report(case, **latencies(seconds, step))
        return
    for _ in range(3):
        step()
    finish()
    calls, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        step()
        calls += 1
        if calls % 8 == 0:
            finish()
    finish()
    calls = max(2, int(calls * seconds / (time.perf_counter() - start)) + 1)
    rates = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for _ in range(calls):
            step()
        finish()
        rates.append(calls * case.batch / (time.perf_counter() - start))
    median = statistics.median(rates)
    report(case, samples_per_s=median, spread=(max(rates) - min(rates)) / median)


def latencies(seconds: float, call) -> dict:
    """Median and 99th percentile of single calls, which return when the result is there."""
    calls, start = 0, time.perf_counter()
    while calls < 20 or time.perf_counter() - start < seconds:
        call()
        calls += 1
    calls = max(100, int(calls * seconds / (time.perf_counter() - start)))
    medians, percentiles = [], []
    for _ in range(REPEATS):
        times = []
        for _ in range(calls):
            start = time.perf_counter_ns()
            call()
            times.append(time.perf_counter_ns() - start)
        times.sort()
        medians.append(times[len(times) // 2] / 1e3)
        percentiles.append(times[len(times) * 99 // 100] / 1e3)
    median = statistics.median(medians)
    return {
        "samples_per_s": 1e6 / median,
        "spread": (max(medians) - min(medians)) / median,
        "median_us": median,
        "p99_us": statistics.median(percentiles),
    }


def report(case: Case, **figures: float) -> None:
    """One row of JSON on standard output, with the keys of `rowwise benchmark --format json`."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory *= 1 if sys.platform == "darwin" else 1024
    print(json.dumps({"case": case.name, **figures, "peak_memory_mb": memory / 1e6}), flush=True)
