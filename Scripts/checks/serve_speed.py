"""How fast `rowwise serve` answers wrk, which shares the processors with it, and the memory it takes."""
import re
import shutil
import subprocess
import time

# 28 × 28 pictures, 16 connections, 2 processors.
LEAST = 5000
SLOWEST = 10.0


def check_speed(place, note):
    server = place.serve()
    time.sleep(1)
    megabytes = server.memory() / 1e6
    model = place.served.stat().st_size / 1e6
    note("idle memory", f"{megabytes:.1f} MB, the model's file {model:.1f} MB", megabytes <= 40 + model)
    if not shutil.which("wrk"):
        print("SKIPPED: no wrk to measure speed with")
    else:
        data = "".join(f"\\x{byte:02x}" for byte in place.files[0])
        script = place.path / "wrk.lua"
        script.write_text(f'wrk.method = "POST"\nwrk.body = "{data}"\n')
        text = subprocess.run(
            ["wrk", "-t1", "-c16", "-d8", "--latency", "-s", script,
             f"http://127.0.0.1:{server.port}/classify"], capture_output=True, text=True, check=True).stdout
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
        value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
        slow = float(value) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]
        errors = re.findall(r"Non-2xx.*|Socket errors.*", text)
        note("wrk, 16 connections", f"{rate:.0f} requests/s, 99 % within {slow:.2f} ms {errors}",
             rate >= LEAST and slow <= SLOWEST and not errors)
    server.end()
