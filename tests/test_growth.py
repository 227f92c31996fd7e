#!/usr/bin/env python3
# test_growth.py: logs that grow by random pieces, imported after each, count what they count when whole.
# SPDX-License-Identifier: MIT
#
#     test_growth.py COMMAND
#
# The logs are the trees of tests/logs/trees. Each file is written anew with more of its bytes, as some tools do, or
# gets the bytes appended, as others do: by turns. TQ_SEED chooses other pieces.
import datetime
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

TREES = pathlib.Path("tests/logs/trees")
STEPS = 8
COPIES = (".zst", ".gz")  # a packed file is there as a whole or not at all


class Tree:
    def __init__(self, folder, work):
        head, _, records = (folder / "expected.txt").read_text().partition("\n\n")
        words = dict(line.split(" ", 1) for line in head.splitlines() if " " in line)
        self.source = words["source"]
        self.path = words.get("path")
        self.is_plain = "env" not in words
        last = max(re.findall(r"^(\d{4}-\d\d-\d\d)T", records, re.M))
        self.at = (datetime.date.fromisoformat(last) + datetime.timedelta(days=1)).isoformat() + "T00:00:00Z"
        self.home = work / folder.name
        self.files = {}
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.name != "expected.txt":
                self.files[self.home / file.relative_to(folder)] = file.read_bytes()

    def write(self, share, append):
        """Writes so much of each file: what is there stays, or the file is made anew."""
        for path, data in self.files.items():
            if path.suffix in (".db", ".sqlite"):  # no tool has half of a database; test_source_database.c has those that grow
                size = len(data)
            elif path.suffix in COPIES:
                size = len(data) if share >= 1 else 0
            else:
                size = len(data) if share >= 1 else min(len(data), int(len(data) * share) + random.randrange(40))
            path.parent.mkdir(parents=True, exist_ok=True)
            there = path.stat().st_size if path.exists() else 0
            if size <= there:
                continue
            if append:
                with open(path, "ab") as file:
                    file.write(data[there:size])
            else:
                path.write_bytes(data[:size])

    def take_in(self, command, ledger):
        """Imports; what was counted by provider."""
        environment = {name: value for name, value in os.environ.items()
                       if not name.endswith(("_DIR", "_HOME")) or name == "XDG_RUNTIME_DIR"}
        environment["HOME"] = str(self.home)
        arguments = [command, "import", self.source] + ([str(self.home / self.path)] if self.path else [])
        result = subprocess.run(arguments + ["--ledger", str(ledger), "--at", self.at, "--json", "--provider",
                                             "{vendor}/{model}"],
                                env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if result.returncode == 1:  # there is no log yet
            return {}
        said = json.loads(result.stdout)
        return {row["provider"]: row["counted"] for row in said["providers"]}


def add(sums, more):
    for name, counted in more.items():
        sums[name] = sums.get(name, 0) + counted


def grow(tree, command, work):
    """What is counted in one go, and in steps."""
    tree.write(1, False)
    whole = tree.take_in(command, work / "whole")
    shutil.rmtree(tree.home)
    steps = {}
    for step in range(1, STEPS + 1):
        tree.write(step / STEPS, step % 2 == 0)
        add(steps, tree.take_in(command, work / "steps"))
    add(steps, tree.take_in(command, work / "steps"))
    return whole, steps


def main(command):
    seed = int(os.environ.get("TQ_SEED") or 1)
    random.seed(seed)
    number = bad = 0
    for folder in sorted(TREES.iterdir()):
        with tempfile.TemporaryDirectory() as work:
            work = pathlib.Path(work)
            tree = Tree(folder, work)
            if not tree.is_plain:
                continue
            number += 1
            whole, steps = grow(tree, command, work)
            right = whole == steps and sum(whole.values()) > 0
            bad += not right
            print(f"{'ok' if right else 'not ok'} {number} - {folder.name}")
            if not right:
                print(f"# seed {seed}: whole {whole}, in steps {steps}")
    print(f"1..{number}")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
