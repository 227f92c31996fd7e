"""vectors.py: runs the vectors that are made of calls the command has, each as a process on one ledger.

    vectors.py TOKENQUOTA SEED-VECTORS

Cases with `record` are left out: the command only observes. Instants are moved by whole days, so that what is
observed lies in the past of any clock and after 2020. The command refuses the empty name, so calls with it are
left out, too.
"""
import datetime
import json
import os
import subprocess
import sys

DAY = 86400 * 10**9
FIRST_DAY = 20150 * DAY  # 2025-03-03


def rfc3339(at_ns):
    seconds, part = divmod(at_ns, 10**9)
    text = (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return text + (".%09d" % part).rstrip("0").rstrip(".") + "Z"


def shift_of(calls):
    observed = [int(call.split(" ")[-1]) for call, _ in calls if call.startswith("observe ")]
    return FIRST_DAY - min(observed) // DAY * DAY if observed else 0


class Case:
    def __init__(self, command, calls):
        self.command = command
        self.shift = shift_of(calls)

    def run(self, *words):
        done = subprocess.run([self.command, *words], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    def moved(self, at_ns):
        return int(at_ns) + self.shift if int(at_ns) > 0 else int(at_ns)

    def at(self, at_ns):
        return rfc3339(self.moved(at_ns))

    def listed(self, *words):
        status, text = self.run("exhausted", "--json", *words)
        assert status in (0, 1), text
        entries = json.loads(text)["exhausted"]
        names = sorted((entry["provider"].encode(), entry["retry_at"]) for entry in entries)
        return " ".join("%s=%s" % (name.decode(), end) for name, end in names) or "none"

    def expected_list(self, answer):
        pairs = [pair.rsplit("=", 1) for pair in answer.split(" ")] if answer != "none" else []
        return " ".join("%s=%s" % (name, self.at(end)) for name, end in pairs) or "none"

    def call(self, words, answer):
        """What came and what was expected."""
        kind, rest = words[0], words[1:]
        if kind == "set_budget":
            return self.run("budget", rest[0], str(max(int(rest[1]), 0))), (0, "")
        if kind == "observe":
            return self.run("observe", "--at", self.at(rest[2]), rest[0], str(max(int(rest[1]), 0))), (0, "")
        if kind == "mark_quota_exhausted" and int(rest[1]) > 0:
            return self.run("mark", rest[0], "exhausted", "--until", self.at(rest[1]), "--at", "1969-12-31")[0], 0
        if kind in ("mark_quota_exhausted", "mark_available"):
            return self.run("mark", rest[0], "available")[0] in (0, 2), True  # 2: not known
        if kind == "state":
            state, end = answer.split(" ")
            out = (0, rest[0] + "\n") if state == "available" else (1, "%s\t%s\n" % (rest[0], self.at(end)))
            status, text = self.run("route", "--at", self.at(rest[1]), "--", rest[0])
            return (status, "\t".join(text.rstrip("\n").split("\t")[:2]) + "\n"), out  # without why
        if kind == "all_exhausted":
            return self.listed("--all"), self.expected_list(answer)
        if kind == "exhausted_at":
            return self.listed("--at", self.at(rest[0])), self.expected_list(answer)
        return "unknown call", None


def main(command, path):
    cases = calls_made = answers = 0
    with open(path, encoding="utf-8") as file:
        blocks = file.read().strip().split("\n\n")
    for block in blocks:
        lines = block.split("\n")
        calls = [(line.split(" -> ") + [""])[:2] for line in lines[1:]]
        if any(call.startswith(("record ", "reset")) for call, _ in calls):
            continue
        case = Case(command, calls)
        cases += 1
        if os.path.exists("ledger"):
            os.remove("ledger")
        case.run("ledger", "create", "--rule", "original")
        for call, answer in calls:
            words = call.split(" ")
            if '""' in words:
                continue
            came, expected = case.call(words, answer)
            calls_made += 1
            answers += answer != ""
            if came != expected:
                print("%s: %s -> %s\n  came: %r\n  expected: %r" % (lines[0], call, answer, came, expected))
                return 1
    print("%d cases, %d calls, %d answers" % (cases, calls_made, answers))
    return 0


sys.exit(main(*sys.argv[1:]))
