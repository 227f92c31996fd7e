"""tally.py: counts the tests in Meson's logs (testlog.json), one line a build and one in all.

SPDX-License-Identifier: MIT

A program that speaks TAP counts as many tests as it planned: each one that it did not report is a failed one. Any
other program counts as one. One that ended badly without saying which test it was adds a failed one.
"""
import json
import re
import sys

PLAN = re.compile(r"^1\.\.(\d+)", re.MULTILINE)
TEST = re.compile(r"^(not )?ok\b([^#\n]*)(# *skip)?", re.IGNORECASE | re.MULTILINE)
FAULT = re.compile(r"^not ok\b.*\n(?:#.*\n)*", re.MULTILINE)


def count(test):
    """[passed, failed, skipped] of one entry of the log."""
    said = test.get("stdout", "")
    tests = TEST.findall(said)
    plan = PLAN.search(said)
    if not tests and not plan:
        result = test["result"]
        return [int(result == "OK"), int(result not in ("OK", "SKIP")), int(result == "SKIP")]
    skipped = sum(1 for bad, _, skip in tests if skip)
    failed = sum(1 for bad, _, skip in tests if bad and not skip)
    passed = len(tests) - failed - skipped
    failed += max(int(plan.group(1)) - len(tests), 0) if plan else 1
    if test["result"] not in ("OK", "SKIP"):
        failed = max(failed, 1)
    return [passed, failed, skipped]


def read(path):
    try:
        with open(path, encoding="utf-8") as log:
            return [json.loads(line) for line in log]
    except FileNotFoundError:
        return []


def main(paths):
    total = [0, 0, 0]
    for path in paths:
        build, counts = path.split("/meson-logs")[0], [0, 0, 0]
        for test in read(path):
            of_test = count(test)
            if of_test[1]:
                print("%s: %s failed" % (build, test["name"]))
                print("".join(FAULT.findall(test.get("stdout", "") + "\n")), end="")
            counts = [a + b for a, b in zip(counts, of_test)]
        print("%s: %d passed, %d failed, %d skipped" % (build, *counts))
        if counts[0] + counts[1] == 0:
            print("%s: no test ran" % build)
            counts[1] = 1
        total = [a + b for a, b in zip(total, counts)]
    print("%d passed, %d failed" % tuple(total[:2]))
    return 1 if total[1] else 0


sys.exit(main(sys.argv[1:]))
