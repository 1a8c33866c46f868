#!/usr/bin/env python3
"""Checks that what README.md shows is true.

- Every ```swift block stands, word for word, in Examples/Readme/main.swift, which is built and run.
- Every command of a ```sh block is run, in order, in a new folder with small data; `train` makes two
  passes there where it does not say how many. Commands that install are left out.
- The output after a mark `<!-- output of SCRIPT -->` has the words of that script's output; numbers may
  differ with the processor. `--write` replaces it by a new one.

    Scripts/checks/readme.py .build/release [--write]
"""
import argparse
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import gzip

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
# Scripts whose output is shown, and between which words, in the order in which they need each other.
SHOWN = (("Scripts/demo.sh", "== rowwise evaluate", "\n== The run is in"), ("Scripts/photo.sh", "", None))
SKIPPED = ("make ", "apt-get ", "swift ")
# Says by its status that something does not hold: part of what is shown.
MAY_FAIL = ("--require",)


def blocks(text, language):
    """(line, content) of every fenced block of a language."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [(text.count("\n", 0, m.start()) + 1, m.group(1)) for m in pattern.finditer(text)]


def read_idx(path):
    data = gzip.decompress(path.read_bytes())
    rank = data[3]
    return struct.unpack(f">{rank}I", data[4:4 + 4 * rank]), data[4 + 4 * rank:]


def write_idx(path, shape, values):
    head = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
    path.write_bytes(gzip.compress(head + values))


def make_fashion(folder):
    """The bundled digits, 28 x 28 and few, under the names of Fashion-MNIST."""
    folder.mkdir(parents=True)
    for part, count in (("train", 200), ("t10k", 100)):
        source = ROOT / "Datasets" / "digits"
        (_, height, width), pixels = read_idx(source / f"{part}-images-idx3-ubyte.gz")
        _, labels = read_idx(source / f"{part}-labels-idx1-ubyte.gz")
        out = bytearray()
        for n in range(count):
            for y in range(28):
                for x in range(28):
                    out.append(pixels[(n * height + y * height // 28) * width + x * width // 28])
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", (count, 28, 28), bytes(out))
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", (count,), labels[:count])


def make_place(place, built):
    """A folder with everything that the README's commands name."""
    data = place / "Datasets"
    shutil.copytree(ROOT / "Datasets", data)
    make_fashion(data / "fashion-mnist")
    photos = place / "photos"
    for number in range(10):
        pictures = sorted((ROOT / "Datasets" / "digits-png" / str(number)).glob("*.png"))
        for part, some in (("train", pictures[:4]), ("test", pictures[4:])):
            target = photos / part / str(number)
            target.mkdir(parents=True)
            for picture in some:
                shutil.copy(picture, target)
    shutil.copytree(photos / "test" / "3", place / "holiday")
    shutil.copy(photos / "test" / "3" / os.listdir(photos / "test" / "3")[0], place / "photo.png")
    (place / "space.yaml").write_text(
        "data: digits\nlayers: [lstm:4, lstm:8]\nepochs: 2\nlearning_rate: [0.001, 0.01]\n")
    tools = place / "bin"
    tools.mkdir()
    (tools / "rowwise").write_text(
        "#!/bin/bash\n"
        'extra=()\n'
        'case " $* " in " train "*) case " $* " in\n'
        '  *" --epochs"*|*" --resume"*|*" --config"*) ;; *) extra=(--epochs 2) ;;\n'
        "esac ;; esac\n"
        f'exec "{built}/rowwise" "$@" "${{extra[@]}}"\n')
    (tools / "rowwise").chmod(0o755)
    return dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}")


def commands(block):
    """The commands of a block, those over several lines as one."""
    for command in re.sub(r"\\\n\s*", " ", block).splitlines():
        command = re.sub(r"\s+#\s.*$", "", command).strip()
        if command and not command.startswith(SKIPPED):
            yield command


def check_shell(text, built):
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        environment = make_place(place, built)
        for line, block in blocks(text, "sh"):
            for command in commands(block):
                result = subprocess.run(
                    ["bash", "-c", command], cwd=place, env=environment, capture_output=True,
                    text=True, timeout=600, stdin=subprocess.DEVNULL)
                allowed = (0, 1) if any(word in command for word in MAY_FAIL) else (0,)
                if result.returncode not in allowed:
                    failures += 1
                    print(f"README.md:{line}: status {result.returncode}: {command}\n"
                          f"{result.stderr.strip()}")
    return failures


def check_swift(text, built):
    example = (ROOT / "Examples" / "Readme" / "main.swift").read_text()
    failures = 0
    for line, block in blocks(text, "swift"):
        if block.strip() not in example:
            failures += 1
            print(f"README.md:{line}: this Swift is not in Examples/Readme/main.swift")
    result = subprocess.run(
        [built / "ReadmeExample"], cwd=ROOT, capture_output=True, text=True, timeout=600)
    if result.returncode != 0:
        failures += 1
        print(f"Examples/Readme ends with status {result.returncode}: {result.stderr.strip()}")
    return failures


def shape(text):
    """What has to be the same on every processor: words, not numbers, nor where rows are folded."""
    return [word for word in re.split(r"[\s,()]+", text) if re.search(r"[A-Za-z=\\]", word)]


def check_output(built, write, script, first, behind):
    text = README.read_text()
    mark = f"<!-- output of {script} -->\n```text\n"
    output = subprocess.run(
        [script, built / "rowwise"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    output = output[output.index(first):output.index(behind) if behind else None]
    start = text.index(mark) + len(mark)
    end = text.index("```", start)
    if write:
        README.write_text(text[:start] + output.strip() + "\n" + text[end:])
        return 0
    if shape(text[start:end]) == shape(output):
        return 0
    for shown, real in zip(shape(text[start:end]), shape(output)):
        if shown != real:
            print(f"README.md shows of {script} {shown!r} where it writes {real!r}")
            break
    else:
        print(f"README.md shows more or less than {script} writes")
    return 1


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("built", type=pathlib.Path, help="the folder with the built programs")
    parser.add_argument("--write", action="store_true", help="replace the scripts' outputs")
    arguments = parser.parse_args()
    built = arguments.built.resolve()
    failures = sum(check_output(built, arguments.write, *shown) for shown in SHOWN)
    text = README.read_text()
    if not arguments.write:
        failures += check_swift(text, built) + check_shell(text, built)
        print(f"README.md: {failures} of its examples do not hold" if failures
              else "README.md: every example holds")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
