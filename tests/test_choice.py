#!/usr/bin/env python3
"""test_choice.py: replay --policy places calls on accounts as a slow twin with fractions does.

    test_choice.py COMMAND          the test. TQ_SEED repeats a run
    test_choice.py --log            prints tests/cli/files/calls.csv
    test_choice.py --table COMMAND  prints the table of docs/choice.md, in minutes

Logs are made here. Real calls are in ../shared/traces when it is there, and beside them the prototype from which
the policies come: its refused calls, refused tokens and switches must be the same.
"""
import csv, datetime, json, math, os, random, statistics, subprocess, sys, tempfile
from fractions import Fraction

from tap import Tap

SEED = int(os.environ.get("TQ_SEED", random.randrange(1 << 31)))
SHARED = os.environ.get("TQ_SHARED", "../shared")
BEGIN = 1_772_409_600  # 2026-03-02 00:00 UTC, a Monday
HOUR, DAY, WEEK = 3600, 86400, 7 * 86400
POLICIES = ["order", "sticky", "pressure", "sticky-pressure"]


def stamp(at, form="%Y-%m-%dT%H:%MZ"):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime(form)


# ---- the twin: each limit has `amount`, `used`, and a window [start, end) or none ----------------------------

class Repeating:
    """A window that begins at an anchor, and again after each length."""

    def __init__(self, amount, length, anchor, reserve=0):
        self.amount, self.length, self.reserve = amount, length, reserve
        self.start, self.used = anchor, 0

    def turn(self, at):
        left = []
        while at >= self.start + self.length or at < self.start:
            if at >= self.start + self.length:
                left.append(Fraction(max(0, self.amount - self.used), self.amount))
                self.start += self.length
            else:
                self.start -= self.length
            self.used = 0
        return left

    def until(self, at):
        return self.start + self.length - at

    def words(self):
        return "%d tokens per %ds from %s reserve %d" % (self.amount, self.length, stamp(self.start), self.reserve)


class FirstUse:
    """A window that begins with a call."""

    def __init__(self, amount, length):
        self.amount, self.length, self.reserve, self.start, self.used = amount, length, 0, None, 0

    def turn(self, at):
        if self.start is None or at < self.start + self.length:
            return []
        left = [Fraction(max(0, self.amount - self.used), self.amount)]
        self.start, self.used = None, 0
        return left

    def until(self, at):
        return self.length if self.start is None else self.start + self.length - at

    def words(self):
        return "%d tokens per %ds first-use" % (self.amount, self.length)


class Once:
    """It never turns, and has no reset."""

    def __init__(self, amount):
        self.amount, self.length, self.reserve, self.used = amount, None, 0, 0

    def turn(self, at):
        return []

    def words(self):
        return "%d tokens once" % self.amount


class Account:
    def __init__(self, name, limits):
        self.name, self.limits, self.calls, self.tokens, self.lapsed, self.resets = name, limits, 0, 0, 0, 0
        self.longest = max((l for l in limits if l.length), key=lambda l: l.length, default=None)

    def turn(self, at, first):
        for limit in self.limits:
            left = limit.turn(at)
            if limit is self.longest and not first:
                self.lapsed += sum(left)
                self.resets += len(left)

    def available(self):
        return all(l.used < l.amount - l.reserve for l in self.limits)

    def pressure(self, at):
        l = self.longest
        return Fraction(max(0, l.amount - l.reserve - l.used), l.amount * l.until(at)) if l else Fraction(0)

    def count(self, at, tokens):
        self.calls += 1
        self.tokens += tokens
        for l in self.limits:
            if isinstance(l, FirstUse) and l.start is None:
                l.start = at
            l.used += tokens


def choose(policy, accounts, last, at):
    able = [a for a in accounts if a.available()]
    if not able:
        return None
    if policy == "sticky" and last in able:
        return last
    if policy in ("order", "sticky"):
        return able[0]
    best = max(able, key=lambda a: a.pressure(at))
    if policy == "sticky-pressure" and last in able:
        mine, other = last.pressure(at), best.pressure(at)
        return best if other > mine and 2 * other >= 3 * mine else last
    return best


def twin(calls, accounts, policy):
    last, switches, refused, refused_tokens = None, 0, 0, 0
    for n, (at, tokens) in enumerate(calls):
        for a in accounts:
            a.turn(at, n == 0)
        chosen = choose(policy, accounts, last, at)
        if chosen is None:
            refused += 1
            refused_tokens += tokens
            continue
        chosen.count(at, tokens)
        switches += last is not None and chosen is not last
        last = chosen
    rows = [(a.name, a.calls, a.tokens, a.resets, int(a.lapsed / a.resets * 1000000) if a.resets else None)
            for a in accounts]
    return refused, refused_tokens, switches, rows


# ---- the command ---------------------------------------------------------------------------------------------

def placed(command, path, accounts, policy):
    words = []
    for a in accounts:
        words += ["--account", "%s: %s" % (a.name, "; ".join(l.words() for l in a.limits))]
    run = subprocess.run([command, "replay", path, "--quiet", "--json", "--rule", "off", "--policy", policy] + words,
                         stdout=subprocess.PIPE)
    if run.returncode not in (0, 1):
        raise SystemExit("Bail out! the command exits with %d" % run.returncode)
    told = json.loads(run.stdout)["placed"]
    rows = [(a["account"], a["calls"], int(a["tokens"]), a["windows"], a["lapsed_ppm"]) for a in told["accounts"]]
    return told["refused_calls"], int(told["refused_tokens"]), told["switches"], rows


def near(told, wanted):
    """Parts of a window are rounded in the ninth place, so a millionth may differ."""
    return told[:3] == wanted[:3] and len(told[3]) == len(wanted[3]) and all(
        a[:4] == b[:4] and (a[4] == b[4] or (a[4] is not None and abs(a[4] - b[4]) <= 1))
        for a, b in zip(told[3], wanted[3]))


# ---- logs ----------------------------------------------------------------------------------------------------

def write(path, calls):
    with open(path, "w") as out:
        out.write("timestamp,provider,tokens\n")
        for at, tokens in calls:
            out.write("%s,agent,%d\n" % (stamp(at, "%Y-%m-%dT%H:%M:%SZ"), tokens))


def make(rng, count, days):
    """Calls in bursts, in whole minutes: a first-use window of the ledger begins at a multiple of 4 seconds."""
    calls, at = [], BEGIN + 8 * HOUR
    for _ in range(count):
        at += rng.choice([60, 60, 300, 1800, rng.randrange(60, 2 * days * DAY // count * 3, 60)])
        calls.append((at, int(rng.lognormvariate(10, 1.2))))
    return calls


def plans(rng, amount):
    """Some accounts: weeks that end on other days, with and without a window of 5 hours; a day; none."""
    kinds = [
        lambda: [Repeating(amount, WEEK, BEGIN + rng.randrange(0, WEEK, 900)), FirstUse(amount // 6, 5 * HOUR)],
        lambda: [Repeating(amount, WEEK, BEGIN + rng.randrange(0, WEEK, 900), amount // 10)],
        lambda: [FirstUse(amount // 4, DAY), FirstUse(amount // 10, 5 * HOUR)],
        lambda: [Repeating(amount // 7 + 1, DAY, BEGIN)],
        lambda: [Once(amount)],
    ]
    return [Account("a%d" % i, rng.choice(kinds[:3] if i == 0 else kinds)()) for i in range(rng.randrange(1, 5))]


def small_log():
    return make(random.Random(7), 80, 20)


# ---- the test ------------------------------------------------------------------------------------------------

def test_made(command, folder, tap):
    path, wrong, refused, switches = os.path.join(folder, "calls.csv"), [], 0, 0
    for run in range(40):
        rng = random.Random(SEED + run)
        calls = make(rng, rng.randrange(20, 400), rng.randrange(3, 60))
        amount = max(100, sum(t for _, t in calls) // rng.choice([1, 3, 10]) // 3)
        state = rng.getstate()
        write(path, calls)
        for policy in POLICIES:
            rng.setstate(state)
            accounts = plans(rng, amount)
            told = placed(command, path, accounts, policy)
            wanted = twin(calls, accounts, policy)
            refused += wanted[0]
            switches += wanted[2]
            if not near(told, wanted):
                wrong.append("# TQ_SEED=%d, run %d, %s:\n#   told   %s\n#   wanted %s" %
                             (SEED, run, policy, told, wanted))
    print("\n".join(wrong[:3]), end="\n" if wrong else "")
    good = not wrong and refused > 100 and switches > 100
    tap.judge("40 made logs, each policy", None if good else (wrong[:3], refused, switches))


def real_calls():
    with open(os.path.join(SHARED, "traces/ddx_agents_mit.csv")) as rows:
        return [(int(r["unix_ms"]), int(r["input_tokens"]) + int(r["output_tokens"])) for r in csv.DictReader(rows)]


def prototype(name):
    path = os.path.join(SHARED, "reference/prototypes", name)
    with open(path) as source:
        world = {"__file__": os.path.abspath(path)}
        exec(source.read().split("med=weeks")[0], world)
    return world


def write_real(folder):
    path, calls = os.path.join(folder, "real.csv"), sorted(real_calls())
    with open(path, "w") as out:
        out.write("timestamp,provider,tokens\n")
        out.writelines("%d,agent,%d\n" % call for call in calls)
    return path, calls, calls[0][0] // 1000 // 900 * 900


def three(share, begins):
    """Three accounts that each hold a share a week, and a sixth of it in 5 hours."""
    return [Account(n, [Repeating(math.ceil(share), WEEK, at), FirstUse(math.ceil(share / 6), 5 * HOUR)])
            for n, at in zip("abc", begins)]


def table(command, folder):
    """40 draws of when the weeks of the accounts begin, and four sizes of plans."""
    path, calls, begin = write_real(folder)
    weeks, whole = {}, sum(tokens for _, tokens in calls)
    for at, tokens in calls:
        weeks[(at // 1000 - begin) // WEEK] = weeks.get((at // 1000 - begin) // WEEK, 0) + tokens
    rng = random.Random(1)
    draws = [[begin] + [begin + rng.randrange(0, WEEK, 900) for _ in range(2)] for _ in range(40)]
    for load in (0.8, 0.6, 0.4, 0.25):
        share, base = max(weeks.values()) * load / 3, None
        for policy in POLICIES:
            told = [placed(command, path, three(share, d), policy) for d in draws]
            percent = [100 * t[1] / whole for t in told]
            base = base or percent
            print("%.2f %-15s %5.1f [%5.1f .. %5.1f]  %4d switches, fewer than order in %2d of 40" % (
                load, policy, statistics.median(percent), min(percent), max(percent),
                statistics.median(t[2] for t in told), sum(a < b for a, b in zip(percent, base))), flush=True)


def test_real(command, folder, tap):
    (path, calls, begin), world = write_real(folder), prototype("strat.py")
    for load in (0.25, 0.4, 0.6):
        share = world["weeks"][-1] * load / 3
        for policy, row in (("order", "order"), ("pressure", "expiry pressure"),
                            ("sticky-pressure", "sticky+pressure 1.5")):
            accounts = three(share, [begin + at for at in world["OFF"]])
            refused, tokens, switches, rows = placed(command, path, accounts, policy)
            calls_refused, percent, switched, lapsed = world["run"](row, share)
            windows = sum(r[3] for r in rows)
            # The prototype also counts the window of the first account that ended where the log begins.
            without = (lapsed * (windows + 1) - 100) / windows
            ours = sum(r[3] * r[4] for r in rows) / windows / 10000
            same = (refused, switches) == (calls_refused, switched) and abs(ours - without) < 0.001 and \
                abs(100 * tokens / sum(x for _, x in calls) - percent) < 1e-9
            tap.judge("%s at %.2f: %d refused, %.1f %% of tokens, %d switches, %.1f %% lapsed" %
                      (row, load, refused, percent, switches, ours), None if same else "replay says %s" % ((calls_refused, switched, percent, without),))


def main():
    if sys.argv[1:] == ["--log"]:
        write("/dev/stdout", small_log())
        return
    if sys.argv[1] == "--table":
        with tempfile.TemporaryDirectory() as folder:
            table(sys.argv[2], folder)
        return
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        test_made(sys.argv[1], folder, tap)
        if os.path.exists(os.path.join(SHARED, "reference/prototypes/strat.py")):
            test_real(sys.argv[1], folder, tap)
        else:
            tap.skip("the shared log", "it is not at %s (TQ_SHARED)" % SHARED)
    sys.exit(tap.end())


main()
