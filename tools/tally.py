"""tally.py: counts the tests in Meson's logs (testlog.json), one line a build and one in all.

SPDX-License-Identifier: MIT

A test program that speaks TAP counts as many tests as it says; any other counts as one. One that ended badly
without saying which of its tests it was (a crash, a time-out) adds a failed one.
"""
import json
import re
import sys

TAP = re.compile(r"^(not )?ok\b[^#\n]*(# *skip)?", re.IGNORECASE | re.MULTILINE)


def count(test):
    """(passed, failed, skipped) of one entry of the log."""
    lines = TAP.findall(test.get("stdout", ""))
    failed = sum(1 for bad, skip in lines if bad and not skip)
    skipped = sum(1 for bad, skip in lines if skip)
    passed = len(lines) - failed - skipped
    result = test["result"]
    if result == "SKIP":
        return passed, failed, max(skipped, 1)
    if result != "OK":
        return passed, max(failed, 1), skipped
    return (passed, failed, skipped) if lines else (1, 0, 0)


def read(path):
    try:
        with open(path, encoding="utf-8") as log:
            return [json.loads(line) for line in log]
    except FileNotFoundError:
        return []


def main(paths):
    total = [0, 0, 0]
    for path in paths:
        counts = [sum(column) for column in zip((0, 0, 0), *map(count, read(path)))]
        print("%s: %d passed, %d failed, %d skipped" % (path.split("/meson-logs")[0], *counts))
        total = [a + b for a, b in zip(total, counts)]
        if counts[0] + counts[1] == 0:
            print("%s: no test ran" % path)
            total[1] += 1
    if total[2]:
        print("%d skipped in all" % total[2])
    print("%d passed, %d failed" % tuple(total[:2]))
    return 1 if total[1] or not total[0] else 0


sys.exit(main(sys.argv[1:]))
