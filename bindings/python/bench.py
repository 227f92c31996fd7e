"""bench.py: what the calls of the package cost, beside a call that does nothing, and what its import costs.

SPDX-License-Identifier: MIT

    python3 bindings/python/bench.py [RESULTS.md]

The median of many runs of a loop. RESULTS.md: the table is appended to it. The package must be importable: build_inplace.py.
"""
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import tokenquota
from tokenquota import _core

RUNS, CALLS, IMPORTS = 101, 5000, 15
BODY = b'{"object":"chat.completion","usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}}'


def loop_ns(call, *given):
    """The median cost of one call, with the loop around it."""
    def run(times):
        start = time.perf_counter_ns()
        for _ in times:
            call(*given)
        return (time.perf_counter_ns() - start) / CALLS

    return statistics.median(run(range(CALLS)) for _ in range(RUNS))


def observe_ns(provider):
    """As a program writes it: the look-up of the method is in it."""
    def run(times):
        start = time.perf_counter_ns()
        for _ in times:
            provider.observe(100)
        return (time.perf_counter_ns() - start) / CALLS

    return statistics.median(run(range(CALLS)) for _ in range(RUNS))


def import_ms():
    words = "import time; start = time.perf_counter_ns(); import tokenquota; print(time.perf_counter_ns() - start)"
    return statistics.median(int(subprocess.run([sys.executable, "-c", words], capture_output=True, check=True, text=True).stdout)
                             for _ in range(IMPORTS)) / 1e6


def rows(folder):
    with tokenquota.Ledger(os.path.join(folder, "bench.ledger")) as ledger, tokenquota.Ledger(":memory:") as private:
        openai, mine = ledger["openai"], private["mine"]
        openai.observe(1)
        yield "a call that does nothing", loop_ns(_core.nothing, 100), ""
        yield "the clock (`tokenquota.now_ns` inside)", loop_ns(_core.now), ""
        yield "`provider.observe(100)`, file", observe_ns(openai), "at most 150"
        yield "`provider.observe(100)`, private memory", observe_ns(mine), ""
        yield "`provider.observe(100, at_ns)`, file", loop_ns(openai.observe, 100, time.time_ns()), ""
        yield "`provider.available()`, file", loop_ns(openai.available), ""
        yield "`ledger[\"openai\"]`", loop_ns(ledger.__getitem__, "openai"), ""
        openai.state()
        yield "`provider.state()`, file", loop_ns(openai.state), ""
        yield "`provider.verdict()`", loop_ns(openai.verdict), ""
        yield "`provider.observe_usage(body)`", loop_ns(openai.observe_usage, BODY), ""
        yield "`ledger.route([a, b])`", loop_ns(ledger.route, [openai, ledger["b"]]), ""


def main():
    lines = ["", "## Python %s" % platform.python_version(), "", "| call | median | asked |", "|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        lines += ["| %s | %.0f ns | %s |" % (name, cost, asked and asked + " ns")
                  for name, cost, asked in rows(folder)]
    lines += ["| `import tokenquota` | %.1f ms | at most 15 ms |" % import_ms(), ""]
    print("\n".join(lines))
    if len(sys.argv) > 1:
        with open(sys.argv[1], "a", encoding="utf-8") as file:
            file.write("\n".join(lines))


if __name__ == "__main__":
    main()
