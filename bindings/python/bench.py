"""bench.py: what the calls of the package cost, beside a call that does nothing, and what its import costs.

SPDX-License-Identifier: MIT

    python3 bindings/python/bench.py [RESULTS.md]

Rounds of a loop; the median of the rounds is given. In a clone it compiles the extension first.
"""
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import build_inplace

build_inplace.main()
import tokenquota # noqa: E402: it is made now
from tokenquota import _core # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
ROUNDS, CALLS, IMPORTS = 101, 5000, 25
BODY = b'{"object":"chat.completion","usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}}'
IMPORT = "import time; start = time.perf_counter_ns(); import tokenquota; print((time.perf_counter_ns() - start) / 1e6)"


def rounds_ns(call, *given):
    """What one call costs in each round, with the loop around it."""
    costs = []
    for _ in range(ROUNDS):
        times = range(CALLS)
        start = time.perf_counter_ns()
        for _ in times:
            call(*given)
        costs.append((time.perf_counter_ns() - start) / CALLS)
    return costs


def observe_ns(provider):
    """As a program writes it: the look-up of the method is in it."""
    costs = []
    for _ in range(ROUNDS):
        times = range(CALLS)
        start = time.perf_counter_ns()
        for _ in times:
            provider.observe(100)
        costs.append((time.perf_counter_ns() - start) / CALLS)
    return costs


def imports_ms(folder):
    """With the code that Python keeps compiled, as it is after an installation; the first import compiles it."""
    names = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
    return [float(subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, check=True, text=True, cwd=HERE,
                                 env=names).stdout) for _ in range(IMPORTS + 1)][1:]


def row(name, values, unit, bound=None):
    middle = statistics.median(values)
    kept = "" if bound is None else "kept" if middle <= bound else "MISSED"
    limit = "" if bound is None else "%g" % bound
    return [name, "%.4g %s" % (middle, unit), "%.4g .. %.4g" % (min(values), max(values)), limit, kept]


def measure(folder):
    with tokenquota.Ledger(os.path.join(folder, "ledger")) as ledger:
        openai = ledger["openai"]
        yield row("a call that does nothing", rounds_ns(_core.nothing, 100), "ns")
        yield row("a call that reads the clock", rounds_ns(_core.now), "ns")
        yield row("openai.observe(100)", observe_ns(openai), "ns", 150)
        yield row("openai.observe(100, at_ns)", rounds_ns(openai.observe, 100, time.time_ns()), "ns")
        yield row("openai.state()", rounds_ns(openai.state), "ns")
        yield row("ledger[\"openai\"]", rounds_ns(ledger.__getitem__, "openai"), "ns")
        yield row("openai.observe_usage(body), 101 bytes", rounds_ns(openai.observe_usage, BODY), "ns")
        yield row("openai.verdict()", rounds_ns(openai.verdict), "ns")
        yield row("ledger.route([a, b])", rounds_ns(ledger.route, [openai, ledger["b"]]), "ns")
    yield row("import tokenquota", imports_ms(folder), "ms", 15)


def main(results=None):
    with tempfile.TemporaryDirectory(prefix="tq-bench-") as folder:
        rows = list(measure(folder))
    head = ["operation", "median", "range", "at most", ""]
    end = '%d of %d rows outside "at most"' % (sum(each[-1] == "MISSED" for each in rows), len(rows))
    print("\nPython %s\n" % platform.python_version())
    for each in [head, *rows]:
        print("%-40s %14s %24s %9s  %s" % tuple(each))
    print("\n" + end)
    if results:
        with open(results, "a", encoding="utf-8") as file:
            file.write("\n## Python %s\n\n" % platform.python_version())
            for each in [head, ["---"] * len(head), *rows]:
                file.write("| %s |\n" % " | ".join(each))
            file.write("\n%s\n" % end)


if __name__ == "__main__":
    main(*sys.argv[1:])
