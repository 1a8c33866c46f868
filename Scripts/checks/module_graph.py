#!/usr/bin/env python3
"""Prints the graph of the package's modules and checks it: without circles, and every target declares
exactly what its sources import.

    Scripts/checks/module_graph.py             the check; the status is 1 where anything is wrong
    Scripts/checks/module_graph.py --print     also each module with what it is built on, floor first
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Swift files of these hold no import of what they link.
UNIMPORTED = {"RowwiseTool"}
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\(\w+\))? |public |package |internal |private |fileprivate )*import (?:struct |func )?(\w+)",
    re.M)


def manifest():
    text = subprocess.run(["swift", "package", "dump-package"], cwd=ROOT, check=True,
                          capture_output=True, text=True).stdout
    return json.loads(text)


def names(target):
    """Declared dependencies: targets and products."""
    found = set()
    for dependency in target["dependencies"]:
        found.add((dependency.get("byName") or dependency.get("product") or
                   dependency.get("target"))[0])
    return found


def folder(target):
    if target.get("path"):
        return ROOT / target["path"]
    return ROOT / ("Tests" if target["type"] == "test" else "Sources") / target["name"]


def imports(target):
    found = set()
    for path in folder(target).rglob("*"):
        if path.suffix == ".swift":
            found |= set(IMPORT.findall(path.read_text()))
    for link in folder(target).iterdir():
        if link.is_symlink() and link.is_dir():
            for path in link.resolve().rglob("*.swift"):
                found |= set(IMPORT.findall(path.read_text()))
    return found - {target["name"]}


def levels(graph):
    """The modules floor by floor: each above everything that it is built on."""
    left, done = dict(graph), set()
    while left:
        ready = sorted(name for name, below in left.items() if not below - done)
        if not ready:
            raise SystemExit("a circle among " + ", ".join(sorted(left)))
        yield ready
        done |= set(ready)
        left = {name: below for name, below in left.items() if name not in done}


def main():
    package = manifest()
    targets = {target["name"]: target for target in package["targets"]}
    graph = {name: names(target) & set(targets) for name, target in targets.items()}
    wrong = []
    for name, target in targets.items():
        if target["type"] == "system" or name.startswith("C") and not list(folder(target).rglob("*.swift")):
            continue
        if not list(folder(target).rglob("*.swift")) and not any(folder(target).iterdir()):
            continue
        declared, found = names(target), imports(target)
        known = set(targets) | {"ArgumentParser", "TOMLKit", "SwiftProtobuf", "RealModule",
                               "NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket"}
        for missing in sorted((found & known) - declared):
            wrong.append(f"{name} imports {missing} and does not declare it")
        for unused in sorted(declared - found - UNIMPORTED):
            wrong.append(f"{name} declares {unused} and does not import it")
    floors = list(levels(graph))
    if "--print" in sys.argv:
        for floor in floors:
            for name in floor:
                if targets[name]["type"] != "test":
                    print(name + ": " + ", ".join(sorted(graph[name])))
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(targets)} targets on {len(floors)} floors, no circle, {len(wrong)} wrong dependencies")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
