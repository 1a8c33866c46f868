"""What a study says of the machine that it ran on."""
import platform


def processor():
    """The processor's name."""
    try:
        rows = open("/proc/cpuinfo").read().splitlines()
        return next(row.split(":", 1)[1].strip() for row in rows if row.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
