#!/usr/bin/env python3
"""What the machine and other people may do to the command, and what must come of it: an answer or one
line and a documented exit status, never a signal, an endless wait or a file half-written.

    Scripts/checks/torture.py [ROWWISE [KILLS]]       default: .build/release/rowwise, 34 kills

Kills for each of 1, 2 and 3 threads (Scripts/checks/kill.sh), few descriptors, processes and little
memory, a full disk (a small tmpfs, where root), signals, pipes and devices for files, folders 1,000 deep.
Prints one table; the status is 1 where anything is wrong.
"""
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIGITS = ROOT / "Datasets/digits"
PICTURES = ROOT / "Datasets/digits-png"
# sysexits.h, as `rowwise --help` lists them.
DOCUMENTED = {0, 1, 64, 65, 66, 70, 71, 73, 74, 130}
TRAIN = ["train", str(DIGITS), "--recipe", "keras", "--layers", "lstm:16", "--epochs", "2", "--quiet"]
rows = []


def note(what, command, result, seconds, good):
    rows.append((what, command, result, f"{seconds:.1f}", "ok" if good else "WRONG"))


def run(what, arguments, folder, limits=None, allowed=None, timeout=60, stdin=None):
    """Runs the command under limits of `resource`; notes and returns its status."""
    def limit():
        for kind, value in (limits or {}).items():
            resource.setrlimit(kind, (value, value))
    start = time.time()
    try:
        result = subprocess.run([ROWWISE, *arguments], cwd=folder, preexec_fn=limit, timeout=timeout,
                                capture_output=True, stdin=stdin or subprocess.DEVNULL)
        status, errors = result.returncode, result.stderr.decode(errors="replace")
    except subprocess.TimeoutExpired:
        status, errors = "no end", ""
    seconds = time.time() - start
    good = status in (allowed or DOCUMENTED)
    if good and status not in (0, 1):
        good = bool(errors.strip()) and "Fatal error" not in errors
    note(what, arguments[0], str(status), seconds, good)
    if not good:
        print(f"{what}, {' '.join(arguments)}: {status}: {errors.strip()[:500]}", file=sys.stderr)
    return status


def limits(place):
    model = str(place / "run")
    picture = str(next(PICTURES.rglob("*.png")))
    commands = {
        "train": [*TRAIN, "--output", "limited"],
        "evaluate": ["evaluate", model, str(DIGITS), "--quiet"],
        "classify": ["classify", model, picture, "--quiet"],
        "inspect": ["inspect", str(PICTURES), "--quiet"],
    }
    for name, arguments in commands.items():
        for count in (4, 5, 6, 8, 12):
            shutil.rmtree(place / "limited", ignore_errors=True)
            run(f"{count} descriptors", arguments, place, {resource.RLIMIT_NOFILE: count})
        for megabytes in (96, 128, 192, 256, 512):
            shutil.rmtree(place / "limited", ignore_errors=True)
            run(f"{megabytes} MB", arguments, place, {resource.RLIMIT_AS: megabytes << 20})
        shutil.rmtree(place / "limited", ignore_errors=True)
        run("no core file, small stack", arguments, place, {resource.RLIMIT_STACK: 1 << 20})
        shutil.rmtree(place / "limited", ignore_errors=True)
        run("files of 1 KB at most", arguments, place, {resource.RLIMIT_FSIZE: 1 << 10})


def full_disk(place):
    disk = place / "disk"
    disk.mkdir()
    for kilobytes in (4, 16, 64, 256):
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(disk)],
                                 capture_output=True).returncode == 0
        if not mounted:
            note("full disk", "-", "SKIPPED: no tmpfs can be mounted", 0, True)
            return
        run(f"disk of {kilobytes} KB", [*TRAIN, "--output", str(disk / "run")], place)
        left = [name for _, _, names in os.walk(disk) for name in names if name.endswith(".partial")]
        note(f"disk of {kilobytes} KB", "leftovers", str(len(left)), 0, not left)
        subprocess.run(["umount", str(disk)], check=True)


def signals(place):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        for delay in (0.02, 0.2, 0.6):
            shutil.rmtree(place / "hit", ignore_errors=True)
            start = time.time()
            process = subprocess.Popen([ROWWISE, *TRAIN, "--epochs", "400", "--output", "hit"], cwd=place,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            process.send_signal(number)
            try:
                status = process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                status = "no end"
            # What handles no signal ends by it, as programs do.
            good = status in (0, 130, -number)
            note(f"signal {number} after {delay} s", "train", str(status), time.time() - start, good)
    reader = subprocess.Popen([ROWWISE, "inspect", str(PICTURES)], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, cwd=place)
    reader.stdout.close()
    status = reader.wait(20)
    note("nobody reads the output", "inspect", str(status), 0, status in (0, 74, -signal.SIGPIPE))


def strange_files(place):
    os.mkfifo(place / "pipe")
    for path in ("/dev/zero", "/dev/null", "/dev/full", str(place / "pipe"), str(place), "/proc/self/mem"):
        for arguments in (["classify", "run", path], ["classify", path, str(PICTURES)],
                          ["evaluate", path, str(DIGITS)], ["evaluate", "run", path], ["inspect", path],
                          ["train", path, "--epochs", "1", "--output", "strange"],
                          ["train", "--config", path], ["train", str(DIGITS), "--resume", path]):
            run(f"{pathlib.Path(path).name} as a file", arguments, place, timeout=20)
    deep = place / "deep"
    path = deep
    for _ in range(1000):
        path = path / "d"
    subprocess.run(["mkdir", "-p", str(path)], check=True)
    shutil.copy(next(PICTURES.rglob("*.png")), path)
    for arguments in (["inspect", "deep"], ["classify", "run", "deep"], ["train", "deep", "--epochs", "1"]):
        start = time.time()
        run("1,000 folders deep", arguments, place, timeout=10)
        note("1,000 folders deep", arguments[0], "seconds", time.time() - start, time.time() - start < 2)


def kills(count):
    start = time.time()
    for result in (subprocess.run([str(ROOT / "Scripts/checks/kill.sh"), ROWWISE, str(count)],
                                  capture_output=True),):
        note(f"{3 * count} kills over 1 to 3 threads", "train", str(result.returncode),
             time.time() - start, result.returncode == 0)


def main():
    # What a shell starts in the background, or nohup, ignores these, and so would the commands.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    place = pathlib.Path(tempfile.mkdtemp())
    try:
        run("nothing", [*TRAIN, "--output", "run"], place, allowed={0})
        limits(place)
        full_disk(place)
        signals(place)
        strange_files(place)
        kills(KILLS)
    finally:
        # Too deep for shutil.rmtree.
        subprocess.run(["rm", "-rf", str(place)], check=True)
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())
    wrong = sum(row[4] == "WRONG" for row in rows)
    print(f"{len(rows)} tried, {wrong} wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    ROWWISE = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".build/release/rowwise").resolve())
    KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 34
    main()
