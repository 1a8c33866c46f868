"""How much of the processor others used while something was timed (Linux; elsewhere unknown)."""
import os
import time


class Watch:
    """Started on creation; `others` is the mean number of cores in use by processes that are
    neither this one nor its finished children."""

    def __init__(self):
        self._start = self._read()

    @staticmethod
    def _read():
        try:
            with open("/proc/stat") as file:
                ticks = [int(value) for value in file.readline().split()[1:9]]
        except OSError:
            return None
        busy = (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
        times = os.times()
        return busy - sum(times[:4]), times.elapsed

    def others(self) -> float | None:
        end = self._read()
        if self._start is None or end is None or end[1] <= self._start[1]:
            return None
        return max(0.0, (end[0] - self._start[0]) / (end[1] - self._start[1]))


def wait_until_quiet(limit: float, seconds: float) -> None:
    """Returns when others use less than `limit` cores during half a second, or after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        watch = Watch()
        time.sleep(0.5)
        if (watch.others() or 0) < limit:
            return
