#!/usr/bin/env python3
# test_rules.py: `tokenquota replay --rule NAME` says what a slow model of each rule says, on real and made-up logs.
# SPDX-License-Identifier: MIT
#
#     test_rules.py COMMAND
#
# The model keeps whole lists and computes with fractions; it shares nothing with the library but the definition in
# docs/verdicts.md. Logs are made here, one of them out of order, and real ones are in ../shared/traces when it is
# there. (Late records, which replay puts in order, are tests/test_model.c's.)
import csv
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
from fractions import Fraction

from tap import Tap

DAY = 86_400_000_000_000
HALF_HOUR = DAY // 48
SHARED = "../shared/traces"
CARES = {"care": Fraction(5, 4), "care 0": Fraction(0), "care 1/2": Fraction(1, 2), "care 4": Fraction(4)}


class Provider:
    def __init__(self, budget):
        self.budget = budget
        self.days = {}        # day -> tokens
        self.half_hours = {}  # number -> tokens, of the newest of each parity only
        self.call = None      # the mean call, 8 times
        self.newest_day = None
        self.mark = 0         # the original's
        self.predicted = 0    # the others'


def half_hour_tokens(provider, number):
    return provider.half_hours.get(number, 0)


def add_to_half_hour(provider, number, tokens):
    same_parity = [n for n in provider.half_hours if n % 2 == number % 2]
    if any(n > number for n in same_parity):
        return
    if tokens > 0:
        call = provider.call
        provider.call = 8 * tokens if call is None else call - call // 8 + tokens
    for n in same_parity:
        if n < number:
            del provider.half_hours[n]
    provider.half_hours[number] = provider.half_hours.get(number, 0) + tokens


def exceeds(provider, used, last, at, care=1):
    """Is used + care x took x min(1, left / 30 min) above the budget at `at`, with nothing behind half hour last?"""
    here = at // HALF_HOUR
    gone = Fraction(at % HALF_HOUR, HALF_HOUR)
    this = half_hour_tokens(provider, here) if here <= last else 0
    before = half_hour_tokens(provider, here - 1) if here - 1 <= last else 0
    left = Fraction(min(DAY - at % DAY, HALF_HOUR), HALF_HOUR)
    return used + care * (this + before * (1 - gone)) * left > provider.budget


def first_without(provider, used, at, care):
    """The first instant behind `at` at which it exceeds no more, at the latest the day's end. It exceeds at `at`."""
    end = (at // DAY + 1) * DAY
    last = at // HALF_HOUR
    step, holds = 1 << 43, at
    while step:
        if holds + step < end and exceeds(provider, used, last, holds + step, care):
            holds += step
        step >>= 1
    return holds + 1


def care_until(provider, care, used, at):
    room = provider.budget - used
    if used > 0 and (room <= 0 or (4 * room < provider.budget and 8 * room < care * (provider.call or 0))):
        return (at // DAY + 1) * DAY
    if used == 0 or not exceeds(provider, used, at // HALF_HOUR, at, care):
        return 0
    return first_without(provider, used, at, care)


def horizon_until(provider, used, at):
    end = (at // DAY + 1) * DAY
    if used >= provider.budget:
        return end
    nearly = 10 * used >= 9 * provider.budget
    if nearly and provider.predicted > at:
        return end
    last = at // HALF_HOUR
    if not exceeds(provider, used, last, at):
        return 0
    return end if nearly else first_without(provider, used, at, 1)


def record(provider, rule, tokens, at):
    """Counts; answers whether the provider is out at `at` after it, and until when."""
    day = at // DAY
    provider.days[day] = provider.days.get(day, 0) + tokens
    late = provider.newest_day is not None and day < provider.newest_day
    if not late:
        provider.newest_day = day
    used = provider.days[day]
    if rule not in ("original", "off"):
        add_to_half_hour(provider, at // HALF_HOUR, tokens)
    if provider.budget > 0 and not late:
        end = (day + 1) * DAY
        if rule == "original":
            elapsed = at - day * DAY
            if used >= provider.budget or (elapsed > 0 and used * DAY > provider.budget * elapsed):
                provider.mark = end
        elif rule == "off":
            provider.predicted = end if used >= provider.budget else 0
        elif rule == "horizon":
            provider.predicted = horizon_until(provider, used, at)
        else:
            provider.predicted = care_until(provider, CARES[rule], used, at)
    return max(provider.mark, provider.predicted)


def transitions(records, budgets, rule):
    """(instant, provider, out or in, until) of every change, in no particular order."""
    providers, out_until, changes = {}, {}, []
    for at, name, tokens in records:
        for other, until in list(out_until.items()):
            if until <= at:
                changes.append((until, other, "available", None))
                del out_until[other]
        provider = providers.setdefault(name, Provider(budgets.get(name, 0)))
        until = record(provider, rule, tokens, at)
        if until > at:
            if name not in out_until:
                changes.append((at, name, "quota_exhausted", until))
            out_until[name] = until
        elif name in out_until:
            changes.append((at, name, "available", None))
            del out_until[name]
    return sorted(changes, key=str)


# ---- logs ------------------------------------------------------------------------------------------------------


def read_log(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", newline="") as file:
        rows = [(int(row["unix_ms"]) * 1_000_000, row["provider_or_model"],
                 int(row["input_tokens"] or 0) + int(row["output_tokens"] or 0)) for row in csv.DictReader(file)]
    return sorted(rows, key=lambda row: row[0])  # stable, as replay's


def made_up_log(path, seed, unordered):
    rng = random.Random(seed)
    at = 1_714_521_600_000
    with open(path, "w") as file:
        file.write("unix_ms,provider_or_model,input_tokens,output_tokens\n")
        for _ in range(4000):
            at += rng.choice([0, 1, 1000, 60_000, 600_000, 1_800_000, 7_200_000])
            when = at - rng.randrange(90_000_000) if unordered and rng.random() < 0.2 else at
            if rng.random() < 0.1:
                when -= when % 1_800_000 - rng.randrange(2)
            file.write(f"{when},{rng.choice('abc')},{rng.randrange(1000)},{rng.choice([0, 1, 50000])}\n")


def budgets_for(records, part):
    """A part of each provider's mean active day, at least 1."""
    days = {}
    for at, name, tokens in records:
        days.setdefault(name, {}).setdefault(at // DAY, 0)
        days[name][at // DAY] += tokens
    return {name: max(1, sum(of.values()) * part[0] // (len(of) * part[1])) for name, of in days.items()}


# ---- replay ----------------------------------------------------------------------------------------------------


def nanoseconds(text):
    """RFC 3339 in UTC, any fraction, exactly."""
    import calendar
    seconds, _, fraction = text.rstrip("Z").partition(".")
    date, _, time = seconds.partition("T")
    parts = tuple(map(int, date.split("-"))) + tuple(map(int, time.split(":")))
    return calendar.timegm(parts) * 10**9 + int(fraction.ljust(9, "0") or 0)


def replayed(command, path, budgets, rule, folder):
    file = os.path.join(folder, "budgets")
    with open(file, "w") as out:
        for name, budget in budgets.items():
            out.write(f"{name}={budget}\n")
    name, _, care = rule.partition(" ")
    run = subprocess.run([command, "replay", "--json", "--rule", name, "--budgets", file, path] +
                         (["--care", care] if care else []),
                         capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        raise RuntimeError(run.stderr)
    end = json.loads(run.stdout)["end_at"]
    return nanoseconds(end), sorted(
        [(nanoseconds(t["at"]), t["provider"], t["to"], nanoseconds(t["retry_at"]) if t["retry_at"] else None)
         for t in json.loads(run.stdout)["transitions"]], key=str)


# ---- TAP -------------------------------------------------------------------------------------------------------


def compare(command, path, records, rule, part, folder):
    budgets = budgets_for(records, part)
    end, got = replayed(command, path, budgets, rule, folder)
    expected = [change for change in transitions(records, budgets, rule) if change[0] <= end]
    if not expected:
        return "the model sees no change: this compares nothing"
    if got == expected:
        return None
    only_got = [change for change in got if change not in expected]
    only_expected = [change for change in expected if change not in got]
    return f"replay alone: {only_got[:3]}; the model alone: {only_expected[:3]}"


def main():
    command, tap = sys.argv[1], Tap()
    with tempfile.TemporaryDirectory() as folder:
        logs = []
        for seed in (1, 2, 3):
            path = os.path.join(folder, f"made-up-{seed}.csv")
            made_up_log(path, seed, unordered=seed == 3)
            logs.append((f"made-up log {seed}", path))
        for name in ("ddx_agents_mit.csv", "fizeau_bench.csv", "azure2023_code.csv", "mooncake_conv.csv"):
            logs.append((name, os.path.join(SHARED, name)))
        for name, path in logs:
            for rule in ("original", "off", "horizon", *(CARES if path.startswith(folder) else ["care"])):
                for part in ((1, 4), (1, 2), (9, 10)):
                    title = f"{name}, rule {rule}, budget {part[0]}/{part[1]} of the mean day"
                    if not os.path.exists(path):
                        tap.skip(title, f"there is no {path}")
                        continue
                    tap.judge(title, compare(command, path, read_log(path), rule, part, folder))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
