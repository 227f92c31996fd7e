#!/usr/bin/env python3
"""sync_latency.py: how long until another machine knows a state, and a count.

SPDX-License-Identifier: MIT

    sync_latency.py COMMAND SYNC_LATENCY [RESULTS.md]

Two machines, each a ledger and `tokenquota sync`, and one Redis over loopback, for each interval. SYNC_LATENCY changes the one at
random instants and asks the other four thousand times a second.
"""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests"))

from redis import Redis  # noqa: E402
from sync_nodes import agree, nodes  # noqa: E402
from tap import Skipped  # noqa: E402

# By interval: times, and milliseconds that the p99 of states and of counts is at most.
ROWS = {250: (100, 300, 550), 20: (300, 40, 60)}


def at(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def measure(command, program, folder, every, times):
    """Milliseconds of each change, by its kind."""
    with Redis(folder) as server:
        made = nodes(command, folder, server.url, "here", "there", limit="1T tokens once", every="%dms" % every)
        for node in made:
            node.start()
        try:
            made[0].count("api", 1)
            agree(made, 1)
            said = subprocess.run([program, made[0].ledger, made[1].ledger, str(times), str(2 * every)], capture_output=True,
                                  text=True, check=True).stdout
        finally:
            for node in made:
                node.kill()
    values = {"state": [], "count": []}
    for line in said.splitlines():
        kind, wait = line.split()
        values[kind].append(float(wait))
    return values


def main(command, program, results=None):
    rows, missed = [], 0
    with tempfile.TemporaryDirectory(prefix="tq-bench-") as folder:
        for every, (times, states, counts) in ROWS.items():
            values = measure(command, program, os.path.join(folder, str(every)), every, times)
            for kind, most in (("state", states), ("count", counts)):
                p50, p99 = at(values[kind], 0.5), at(values[kind], 0.99)
                missed += p99 > most
                rows.append(("a %s is known, --every %dms" % (kind, every), "%.1f ms" % p50, "%.1f ms" % p99,
                             "%.1f ms" % max(values[kind]), "%d" % most, "kept" if p99 <= most else "MISSED"))
    head = ("on another machine, over loopback", "median", "p99", "longest", "p99 at most", "")
    end = '%d of %d rows outside "at most"' % (missed, len(rows))
    print("\nMany machines\n")
    for row in (head, *rows):
        print("%-54s %12s %12s %12s %12s  %s" % row)
    print("\n" + end)
    if results:
        with open(results, "a", encoding="utf-8") as file:
            file.write("\n## Many machines\n\nHow long until another machine knows what one machine does, over loopback.\n\n")
            for row in (head, ["---"] * len(head), *rows):
                file.write("| %s |\n" % " | ".join(row))
            file.write("\n%s\n" % end)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Skipped as why:
        print("sync_latency.py: %s" % why)
