#!/usr/bin/env python3
"""Types command lines into real shells, presses the tab key and looks at what the command would get.

    Scripts/checks/completion.py ROWWISE [SHELL ...]

ROWWISE is the built command, whose scripts are tested; SHELL is bash, zsh or fish (all three where none
is named). A shell that is not installed is skipped, which is said. The exit status is 1 where a line is
completed wrongly, and 77 where no shell could be tested.
"""

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# What is typed before the tab key, and the arguments that the command then gets.
CASES = [
    ("tra", ["train"]),
    # Names of files, also in folders, with spaces and as the value of an option.
    ("train dig", ["train", "digits/"]),
    ("train my", ["train", "my pictures/"]),
    ("evaluate trained/first", ["evaluate", "trained/first-run/"]),
    ("evaluate trained/first-run digi", ["evaluate", "trained/first-run", "digits/"]),
    ("classify model.safetensors sca", ["classify", "model.safetensors", "scan.png"]),
    ("classify model.safetensors scan.png oth",
     ["classify", "model.safetensors", "scan.png", "other.png"]),
    ("classify model.safetensors odd", ["classify", "model.safetensors", "odd:name.png"]),
    ("train --config opt", ["train", "--config", "options.yaml"]),
    ("train --resume trained/fir", ["train", "--resume", "trained/first-run/"]),
    ("train digits --output trai", ["train", "digits", "--output", "trained/"]),
    ("train digits --output=trai", ["train", "digits", "--output=trained/"]),
    ("compare trained/first-run --data my", ["compare", "trained/first-run", "--data", "my pictures/"]),
    ("inspect sca", ["inspect", "scan.png"]),
    ("search opt", ["search", "options.yaml"]),
    ("runs trai", ["runs", "trained/"]),
    ("import weigh", ["import", "weights.onnx"]),
    ("export model.safetensors --output weig",
     ["export", "model.safetensors", "--output", "weights.onnx"]),
    # Behind words with colons and equals signs.
    ("train digits --layers lstm:32 --find", ["train", "digits", "--layers", "lstm:32",
                                              "--find-learning-rate"]),
    ("train digits --layers lstm:32:bidirectional,dropout:0.2 --optimizer lio",
     ["train", "digits", "--layers", "lstm:32:bidirectional,dropout:0.2", "--optimizer", "lion"]),
    ("train --layers lstm:32 dig", ["train", "--layers", "lstm:32", "digits/"]),
    ("train --layers=lstm:32 dig", ["train", "--layers=lstm:32", "digits/"]),
    ("train digits --layers lstm:32 --output trai",
     ["train", "digits", "--layers", "lstm:32", "--output", "trained/"]),
    ("benchmark --layers lstm:32 --layers gru:16 --form",
     ["benchmark", "--layers", "lstm:32", "--layers", "gru:16", "--format"]),
    ("train digits --augment light,rotate:5 --patie",
     ["train", "digits", "--augment", "light,rotate:5", "--patience"]),
    # In the middle of such a word nothing is offered, and nothing is lost.
    ("train digits --layers lstm:3", ["train", "digits", "--layers", "lstm:3"]),
    ("train digits --layers lstm:", ["train", "digits", "--layers", "lstm:"]),
    ("evaluate m d --format=js", ["evaluate", "m", "d", "--format=json"]),
]

# In bash a word in quotes or with its break in the middle.
BASH_CASES = [
    ("classify model.safetensors odd:na", ["classify", "model.safetensors", "odd:name.png"]),
    ("train 'my", ["train", "my pictures/"]),
    ("train \"my p", ["train", "my pictures/"]),
]

END = "<end>"


class Shell:
    """An interactive shell in a pseudo-terminal."""

    def __init__(self, name, script, folder):
        self.name = name
        home = tempfile.mkdtemp(dir=folder)
        work = os.path.join(folder, "work")
        environment = {
            "PATH": os.environ["PATH"], "HOME": home, "TERM": "vt100", "LC_ALL": "C.UTF-8",
            "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home, "ZDOTDIR": home, "HISTFILE": "",
        }
        arguments = {
            "bash": ["bash", "--noprofile", "--norc", "-i"],
            "zsh": ["zsh", "-f", "-i"],
            "fish": ["fish", "--no-config", "-i"],
        }[name]
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(work)
            os.execvpe(arguments[0], arguments, environment)
        self.prepare(script, home)

    def prepare(self, script, home):
        # What a completed line would run shows its arguments instead.
        show = "printf 'argument=%s\\n' \"$@\"; printf '%s%s\\n' '<e' 'nd>'"
        if self.name == "bash":
            lines = ["PS1=", "bind 'set bell-style none'", f"source {script}",
                     "rowwise() { " + show + "; }"]
        elif self.name == "zsh":
            shutil.copy(script, os.path.join(home, "_rowwise"))
            lines = ["PS1=", f"fpath=({home} $fpath)", "autoload -U compinit", "compinit -u -D",
                     "rowwise() { " + show + "; }"]
        else:
            show = "printf 'argument=%s\\n' $argv; printf '%s%s\\n' '<e' 'nd>'"
            lines = [f"source {script}", "function rowwise; " + show + "; end"]
        for line in lines:
            self.send(line + "\r")
        self.send("rowwise ready\r")
        self.read_to_end()

    def send(self, text):
        os.write(self.terminal, text.encode())

    def read(self, until, seconds=20):
        """What the terminal shows until something stands in it, or nothing comes for a while."""
        shown = b""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit and until not in shown:
            if select.select([self.terminal], [], [], 0.2)[0]:
                try:
                    shown += os.read(self.terminal, 65536)
                except OSError:
                    break
        return shown.decode(errors="replace")

    def read_to_end(self):
        return self.read(END.encode())

    def complete(self, typed):
        """The command's arguments after the tab key."""
        self.send("rowwise " + typed + "\t\r")
        shown = re.sub(r"\x1b(\[[0-9;?]*[A-Za-z]|[=>()][0-9AB]?)", "", self.read_to_end())
        return [line.split("argument=", 1)[1].strip("\r")
                for line in shown.split("\n") if "argument=" in line and "%s" not in line]

    def close(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def make_files(folder):
    """The files whose names are completed."""
    work = os.path.join(folder, "work")
    for name in ["digits", "my pictures", "trained/first-run"]:
        os.makedirs(os.path.join(work, name))
    for name in ["scan.png", "other.png", "odd:name.png", "options.yaml", "model.safetensors",
                 "weights.onnx"]:
        open(os.path.join(work, name), "w").close()


def without_ending(words):
    """Shells differ in whether they end a folder's name, and an option that has a value."""
    return [word.removesuffix("/").removesuffix("=") for word in words]


def test(name, tool, folder):
    """The number of lines that a shell completes wrongly."""
    script = os.path.join(folder, f"rowwise.{name}")
    with open(script, "w") as file:
        subprocess.run([tool, "--generate-completion-script", name], stdout=file, check=True)
    cases = CASES + (BASH_CASES if name == "bash" else [])
    shell = Shell(name, script, folder)
    wrong = 0
    for typed, expected in cases:
        received = shell.complete(typed)
        if without_ending(received) != without_ending(expected):
            wrong += 1
            print(f"{name}: rowwise {typed}<tab>\n  expected {expected}\n  received {received}")
    shell.close()
    print(f"{name}: {len(cases) - wrong} of {len(cases)} lines are completed rightly")
    return wrong


def main():
    tool = os.path.abspath(sys.argv[1])
    wrong = tested = 0
    for name in sys.argv[2:] or ["bash", "zsh", "fish"]:
        if shutil.which(name) is None:
            print(f"{name}: SKIPPED, it is not installed")
            continue
        with tempfile.TemporaryDirectory() as folder:
            make_files(folder)
            wrong += test(name, tool, folder)
        tested += 1
    sys.exit(1 if wrong else 0 if tested else 77)


if __name__ == "__main__":
    main()
