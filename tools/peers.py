"""peers.py: what ccusage finds in logs beside what tokenquota finds, by class, day by day and model by model.

SPDX-License-Identifier: MIT

    meson runpython tools/peers.py TOKENQUOTA CCUSAGE MAKE_LOGS [BYTES]

Both read the made-up trees of tests/logs/trees and two that are made here (50 MB each unless BYTES says otherwise),
of which a third voice says what is in them: their maker. The totals of `tokenquota import` are compared with those of
`tokenquota usage`, too. A difference that docs/logs.md does not explain is a failure; so is an explained one that is
no longer there. The last line is "N passed, N failed".
"""
import json
import os
import subprocess
import sys
import tempfile

TREES = "tests/logs/trees"
DOCUMENT = "docs/logs.md"
SECTION = "## Beside ccusage"
CLASSES = ("input", "cache_write", "cache_read", "output")

# (tree, day, model): what we count more than ccusage, class by class, and the words in docs/logs.md that say why.
# "" as the model is what ccusage counts in a day's total and in none of its models.
EXPLAINED = {
    ("claude_fork", "2026-09-10", "claude-opus-4-5-20251101"): ((-2, 0, 0, -20), "A copy without a request id"),
    ("claude_fork", "2026-09-11", "claude-opus-4-5-20251101"): ((6, 0, 0, 60), "Fast mode"),
    ("claude_fork", "2026-09-11", "claude-opus-4-5-20251101-fast"): ((-6, 0, 0, -60), "Fast mode"),
    ("claude_new", "2026-09-01", "claude-haiku-4-5-20251001"): ((0, 0, 0, 59), "A subagent's progress"),
    ("claude_old", "2025-06-01", ""): ((-7, 0, 0, -7), "Made-up answers"),
    ("codex_archive", "2026-07-01", "gpt-5.1-codex"): ((420, 0, 480, 48), "Compressed rollouts"),
    ("codex_bare", "2025-09-10", "gpt-5"): ((-25, 0, -5, -3), "A session without a model"),
    ("codex_bare", "2025-09-10", "unknown"): ((25, 0, 5, 3), "A session without a model"),
    ("codex_old", "2025-10-01", "gpt-5-codex"): ((200, 0, 100, 9), "A total that falls"),
    ("codex_records", "2026-09-20", "gpt-5.5"): ((20, 0, 0, 3), "Records and pages"),
    ("codex_records", "2026-09-20", "gpt-5.6-sol"): ((410, 0, 2090, 205), "Records and pages"),
}


def run(arguments, **environment):
    """What a program prints; it must end well. Nothing of the user's own logs is in its way."""
    clean = {"PATH": os.environ["PATH"], "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(arguments, env={**clean, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit("%s: exit status %d\n%s" % (" ".join(arguments), done.returncode, done.stderr.decode()))
    return done.stdout.decode()


def add(sums, day, model, counts):
    row = sums.setdefault((day, model), [0] * len(CLASSES))
    for i, value in enumerate(counts):
        row[i] += value


def without_empty(sums):
    return {key: tuple(row) for key, row in sums.items() if any(row)}


class Peers:
    def __init__(self, tokenquota, ccusage, make_logs, work):
        self.tokenquota, self.ccusage, self.make_logs, self.work = tokenquota, ccusage, make_logs, work

    def ours(self, tool, places):
        sums = {}
        words = [self.tokenquota, "usage", "--utc", "--source", tool, "--by", "day", "--json", *places]
        for row in json.loads(run(words, HOME=self.work))["rows"]:
            for model in row["models"]:
                add(sums, row["key"], model["model"], [model[name] for name in CLASSES])
        return without_empty(sums)

    def theirs(self, tool, places):
        """Of a day ccusage gives a total and its models; what is only in the total goes to the model ""."""
        names = ("inputTokens", "cacheCreationTokens", "cacheReadTokens", "outputTokens")
        place = {"claude": "CLAUDE_CONFIG_DIR", "codex": "CODEX_HOME"}[tool]
        words = [self.ccusage, tool, "daily", "--json", "--offline", "--timezone", "UTC"]
        sums = {}
        for row in json.loads(run(words, HOME=self.work, **{place: ",".join(places)}))["daily"]:
            models = row.get("models") or {m["modelName"]: m for m in row.get("modelBreakdowns", [])}
            add(sums, row["date"], "", [row[name] for name in names])
            for model, counts in models.items():
                add(sums, row["date"], model, [counts.get(name, 0) for name in names])
                add(sums, row["date"], "", [-counts.get(name, 0) for name in names])
        return without_empty(sums)

    def imported(self, tool, places, at):
        ledger = os.path.join(self.work, "ledger")
        for name in (ledger, ledger + ".imports"):
            if os.path.exists(name):
                os.unlink(name)
        words = [self.tokenquota, "import", tool, "--ledger", ledger, "--at", at, "--json", *places]
        said = json.loads(run(words, HOME=self.work))["deduplicated"]
        return tuple(said[name] for name in CLASSES)

    def made(self, tool, size):
        """A tree of so many bytes; its place and what is in it."""
        place, sums = os.path.join(self.work, tool), {}
        for line in run([self.make_logs, tool, place, str(size)]).splitlines():
            day, model, _, *counts = line.split("\t")
            add(sums, day, model, map(int, counts))
        return place, without_empty(sums)


class Report:
    def __init__(self):
        self.passed = self.failed = 0
        self.met = set()
        with open(DOCUMENT, encoding="utf-8") as document:
            self.section = document.read().partition(SECTION + "\n")[2].partition("\n## ")[0]

    def say(self, good, what):
        self.passed += good
        self.failed += not good
        print("%s %d - %s" % ("ok" if good else "not ok", self.passed + self.failed, what))

    def compare(self, tree, ours, theirs, whose):
        """One test for a tree, and one for each difference that is explained."""
        unexplained = []
        nothing = (0,) * len(CLASSES)
        for day, model in sorted(set(ours) | set(theirs)):
            mine, other = ours.get((day, model), nothing), theirs.get((day, model), nothing)
            more = tuple(a - b for a, b in zip(mine, other))
            explained = EXPLAINED.get((tree, day, model)) if whose == "ccusage" else None
            if explained and explained[0] == more:
                self.met.add((tree, day, model))
                self.say("| " + explained[1] + " |" in self.section,
                         "%s %s %s: %s more, explained by \"%s\"" % (tree, day, model or "(no model)", more, explained[1]))
            elif any(more):
                unexplained.append("# %s %s: ours %s, of %s %s" % (day, model or "(no model)", mine, whose, other))
        self.say(bool(ours) and not unexplained, "%s: %d days and models as %s" % (tree, len(ours), whose))
        print("".join(line + "\n" for line in unexplained), end="")

    def same(self, what, ours, theirs):
        self.say(ours == theirs, what)
        if ours != theirs:
            print("# %s and %s" % (ours, theirs))


def total(sums):
    return tuple(sum(row[i] for row in sums.values()) for i in range(len(CLASSES)))


def main(arguments):
    size = int(arguments[3]) if len(arguments) > 3 else 50000000
    report = Report()
    with tempfile.TemporaryDirectory(prefix="tqpeers-", dir="/var/tmp") as work:
        peers = Peers(*map(os.path.abspath, arguments[:3]), work)
        for tree in sorted(os.listdir(TREES)):
            tool = tree.partition("_")[0]
            if tool not in ("claude", "codex"):
                continue
            top = os.path.abspath(os.path.join(TREES, tree))
            places = [os.path.join(top, name) for name in ("first", "second", "logs")]
            places = [place for place in places if os.path.isdir(place)]
            ours = peers.ours(tool, places)
            report.compare(tree, ours, peers.theirs(tool, places), "ccusage")
            last = max(day for day, _ in ours)
            report.same("%s: import counts what usage shows" % tree,
                        peers.imported(tool, places, last + "T23:59:59Z"), total(ours))
        for tool in ("claude", "codex"):
            place, truth = peers.made(tool, size)
            ours = peers.ours(tool, [place])
            report.compare("made " + tool, ours, truth, "make_logs")
            report.compare("made " + tool, ours, peers.theirs(tool, [place]), "ccusage")
            report.same("made %s: import counts what usage shows" % tool,
                        peers.imported(tool, [place], "2026-09-18T23:59:59Z"), total(ours))
    for tree, day, model in sorted(set(EXPLAINED) - report.met):
        report.say(False, "%s %s %s: explained, but no longer different" % (tree, day, model or "(no model)"))
    print("%d passed, %d failed" % (report.passed, report.failed))
    return 1 if report.failed else 0


sys.exit(main(sys.argv[1:]))
