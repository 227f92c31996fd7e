# tap.py: the results of a test program in Python, as TAP, and what it expects.
# SPDX-License-Identifier: MIT
import concurrent.futures
import time

DEADLINE = 30  # seconds; nothing takes so long when all is well
BESIDE = 6  # tests that run at one time: of those that mostly wait


class Skipped(Exception):
    """What a test raises when it cannot run here; its text says why."""


def expect(have, want, what=""):
    if have != want:
        raise AssertionError("%s: %r, not %r" % (what, have, want))


def until(what, ready):
    """Waits until ready() is true."""
    end = time.monotonic() + DEADLINE
    while not ready():
        if time.monotonic() > end:
            raise AssertionError("not in time: " + what)
        time.sleep(0.01)


def sentences(names):
    """The functions of a module whose names are sentences, of three words or more: its tests."""
    return {name: test for name, test in names.items()
            if name.count("_") > 1 and callable(test) and test.__module__ == "__main__"}


class Tap:
    def __init__(self):
        self.count, self.failed, self.skipped = 0, 0, set()

    def judge(self, name, fault):
        """fault: what is wrong, or None."""
        self.count += 1
        self.failed += fault is not None
        print("%s %d - %s" % ("ok" if fault is None else "not ok", self.count, name), flush=True)
        for line in str(fault or "").splitlines()[:40]:
            print("# " + line, flush=True)

    def skip(self, name, why):
        self.count += 1
        self.skipped.add(name)
        print("ok %d - %s # SKIP %s" % (self.count, name, why), flush=True)

    def check(self, name, run):
        """Runs it. It raises what is wrong, and the next one runs."""
        try:
            run()
        except Skipped as why:
            return self.skip(name, why)
        except Exception as wrong:  # noqa: BLE001: whatever it is
            return self.judge(name, "%s: %s" % (type(wrong).__name__, wrong))
        return self.judge(name, None)

    def check_all(self, names):
        """Runs the functions of a module whose names are sentences, of three words or more."""
        for name, test in sentences(names).items():
            self.check(name.replace("_", " "), test)

    def check_beside(self, tests):
        """Runs them beside each other, and says how it went in their order."""
        with concurrent.futures.ThreadPoolExecutor(BESIDE) as pool:
            running = {name: pool.submit(test) for name, test in tests.items()}
            for name, one in running.items():
                self.check(name.replace("_", " "), one.result)

    def end(self):
        """Says how many there were; the program's status."""
        print("1..%d" % self.count)
        return 1 if self.failed else 0
