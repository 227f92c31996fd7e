# score_model.py: a slow, obvious model of `replay --score`: whole lists, fractions, one decision a line.
# SPDX-License-Identifier: MIT
#
# It is written from docs/forecast.md and shares nothing with the command. Instants are integers in nanoseconds.
from collections import defaultdict
from fractions import Fraction
from statistics import median

HOUR = 3_600_000_000_000
HALF = HOUR // 2
SECOND = HOUR // 3600
DAY = 24 * HOUR
PARTS = [Fraction(*part) for part in ((1, 2), (3, 4), (9, 10), (11, 10), (5, 4), (3, 2), (2, 1))]
ADVISED = (0, 2, 4, 5, 6, 8, 16)  # quarters
FIGURES = ("false_pct", "wrong_h", "diverted_pct", "warned_pct", "lead_h", "overrun_pct", "stranded_pct", "outs_a_window")


def care_rule(care):
    return ("care", care) if care else ("off", None)


# ---- the rules ---------------------------------------------------------------------------------------------------


def took(before, done, at):
    """What the last half hour took, of all records so far: this half hour, and the part of the one before."""
    here = at // HALF
    this = sum(x for t, x in before + done if t // HALF == here)
    last = sum(x for t, x in before + done if t // HALF == here - 1)
    return this + last * Fraction(HALF - at % HALF, HALF)


def mean_call(before, done):
    call8 = 0
    for _, x in before + done:
        if x:
            call8 = call8 - call8 // 8 + x if call8 else 8 * x
    return Fraction(call8, 8)


class Asked:
    """A rule is asked at `at`, in a window [start, end) with this budget."""

    def __init__(self, before, done, budget, start, end, at):
        self.before, self.done, self.budget, self.start, self.end, self.at = before, done, budget, start, end, at
        self.used = sum(x for t, x in done if t >= start)

    def lacks(self, times, at):
        return self.budget - self.used < times * took(self.before, self.done, at) * Fraction(min(self.end - at, HALF), HALF)

    def first_without(self, times):
        """The first instant at which it lacks no more. It lacks at self.at."""
        step, holds = 1 << 42, self.at
        while step:
            if holds + step < self.end and self.lacks(times, holds + step):
                holds += step
            step >>= 1
        return holds + 1

    def until(self, rule, out):
        """The instant until which the provider is out, or None."""
        kind, care = rule
        if self.used >= self.budget:
            return self.end
        if kind == "original":
            gone = self.at - self.start
            return self.end if out or (gone > 0 and Fraction(self.used, gone) * (self.end - self.start) > self.budget) else None
        if kind == "horizon":
            nearly = self.used * 10 >= self.budget * 9
            if not (nearly and out) and not self.lacks(1, self.at):
                return None
            return self.end if nearly else self.first_without(1)
        if kind == "care" and care:
            times, room = Fraction(care, 4), self.budget - self.used
            if room * 4 < self.budget and room < times * mean_call(self.before, self.done):
                return self.end
            return self.first_without(times) if self.lacks(times, self.at) else None
        return None


def live(window, budget, rule, before):
    """-> used, exclusions [(from, to)], the first instant of them or None"""
    start, end, records = window
    done, outs, diverted, until = [], [], set(), None
    for at, ends, i in events_of(records):
        if not ends:
            if until is not None and until > at:
                diverted.add(i)
        elif i not in diverted:
            done.append((at, records[i][1]))
            out = until is not None and until > at
            until = look(outs, out, at, Asked(before, done, budget, start, end, at).until(rule, out))
    return sum(x for _, x in done), [(a, b) for a, b in outs if b > a], outs[0][0] if outs else None


def events_of(records):
    """At one instant dispatches come first; ties are in the order of the log."""
    return sorted([(sent, 0, i) for i, (_, _, sent) in enumerate(records)] + [(t, 1, i) for i, (t, _, _) in enumerate(records)])


def look(outs, out, at, new):
    if new is not None and not out:
        outs.append([at, new])
    elif out:
        outs[-1][1] = at if new is None else new
    return new


# ---- calls that hold something ------------------------------------------------------------------------------------

HOLDS = 1024
EARLY = 4 * SECOND


def budget_most(kind):
    return 2**32 - 1 if kind == "5h" else 2**40 - 1


class Counted:
    """The windows of a ledger: those of 5 hours begin on whole 4 seconds, at a first hold or record."""

    def __init__(self, start, end, kind):
        self.start, self.length, self.kind = start, end - start, kind
        if kind == "5h":
            self.start -= start % EARLY

    def opened(self, at):
        if at >= self.start + self.length:
            self.start = at - at % EARLY

    def of(self, at):
        """-> start, end, perhaps of one that is not open yet"""
        start = self.start if at < self.start + self.length else at
        return start, start + self.length


def live_holding(window, budget, rule, before, kind):
    start, end, records = window
    counted, done, outs, diverted, holds, until, refused = Counted(start, end, kind), [], [], set(), {}, None, []
    used_at = lambda at: sum(x for t, x in done if t >= counted.of(at)[0])

    def state(at):
        if rule[0] == "reserve":
            return counted.of(at)[1] if used_at(at) + sum(holds.values()) >= budget else None
        if used_at(at) == 0 and not holds:
            return None
        asked = Asked(before, done, budget, *counted.of(at), at)
        flying = budget - asked.used < Fraction(rule[1], 4) * len(holds) * mean_call(before, done)
        return asked.end if flying else asked.until(("care", rule[1]), False)

    def look_at(at):
        nonlocal until
        new = state(at)
        new = end if new is not None and kind == "5h" and new >= end - EARLY else new
        until = look(outs, until is not None and until > at, at, new)

    for at, ends, i in events_of(records):
        tokens = records[i][1]
        amount = tokens + tokens // 4
        if not ends:
            if rule[0] == "flight" and until is not None and until > at:
                diverted.add(i)
            elif rule[0] == "reserve" and (len(holds) == HOLDS or used_at(at) + sum(holds.values()) + amount > budget):
                diverted.add(i)
                refused.append(at)
            else:
                if len(holds) < HOLDS:
                    holds[i] = amount if rule[0] == "reserve" else None
                    counted.opened(at)
                look_at(at)
        elif i not in diverted:
            counted.opened(at)
            done.append((at, tokens))
            holds.pop(i, None)
            look_at(at)
    firsts = [a for a, _ in outs[:1]] + refused[:1]
    return sum(x for _, x in done), [(a, b) for a, b in outs if b > a], min(firsts) if firsts else None


# ---- windows, cases, figures ---------------------------------------------------------------------------------------


def windows_of(records, kind, lag):
    """records: (t, tokens, start or None), by time -> [(start, end, [(t, tokens, dispatched)])]"""
    out = []
    for t, x, sent in records:
        if kind == "5h":
            if not out or t >= out[-1][1]:
                out.append((t, t + 5 * HOUR, []))
        else:
            length = {"day": DAY, "hour": HOUR, "week": 7 * DAY}[kind]
            monday = 4 * DAY if kind == "week" else 0
            start = (t - monday) // length * length + monday
            if not out or out[-1][0] != start:
                out.append((start, start + length, []))
        sent = t - lag if sent is None else sent
        out[-1][2].append((t, x, max(out[-1][0], min(sent, t))))
    return out


def cases_of(records, kind, lag, rules, budget):
    """-> {window: {rule: [(total, budget, used, exclusions, first, spent)]}}, or None for one window"""
    windows = windows_of(records, kind, lag)
    if len(windows) < 2:
        return None
    mean = Fraction(sum(x for _, x, _ in records), len(windows))
    before, cases = [], {}
    for window in windows:
        total = sum(x for _, x, _ in window[2])
        if len(window[2]) >= 3 and total > 0:
            budgets = [budget] if budget else [max(1, mean * part // 1) for part in PARTS]
            for amount in budgets:
                amount, run, spent = int(amount), 0, None
                for t, x, _ in window[2]:
                    run += x
                    if run >= amount:
                        spent = t
                        break
                for rule in rules:
                    of = cases.setdefault(window[0], defaultdict(list))[rule]
                    if rule[0] not in ("flight", "reserve"):
                        of.append((total, amount) + live(window, amount, rule, before) + (spent,))
                    elif amount <= budget_most(kind):
                        of.append((total, amount) + live_holding(window, amount, rule, before, kind) + (spent,))
        before += [(t, x) for t, x, _ in window[2]]
    return cases


def figures_of(cases):
    within = [case for case in cases if case[0] <= case[1]]
    above = [case for case in cases if case[0] > case[1]]
    out = dict.fromkeys(FIGURES)
    if within:
        n = len(within)
        out["false_pct"] = Fraction(100 * sum(case[4] is not None for case in within), n)
        out["wrong_h"] = Fraction(sum(b - a for case in within for a, b in case[3]), n * HOUR)
        out["diverted_pct"] = sum(Fraction(100 * (case[0] - case[2]), case[0]) for case in within) / n
        out["outs_a_window"] = Fraction(sum(len(case[3]) for case in within), n)
    if above:
        n = len(above)
        leads = [max(0, case[5] - case[4]) if case[4] is not None else 0 for case in above]
        out["warned_pct"] = Fraction(100 * sum(lead >= HOUR // 6 for lead in leads), n)
        out["lead_h"] = Fraction(median(map(Fraction, leads))) / HOUR
        out["overrun_pct"] = sum(Fraction(100 * max(0, case[2] - case[1]), case[1]) for case in above) / n
        out["stranded_pct"] = sum(Fraction(100 * max(0, case[1] - case[2]), case[1]) for case in above) / n
    return out, len(within), len(above)


def loss(case):
    total, budget, used = case[:3]
    if total <= budget:
        return Fraction(total - used, budget)
    return Fraction(max(0, budget - used) + 3 * max(0, used - budget), budget)


def advice_of(windows):
    """[{rule: cases}] -> losses, least, difference, its square error, advised"""
    losses = [[sum(map(loss, cases[care_rule(care)])) / len(cases[care_rule(care)]) for care in ADVISED] for cases in windows]
    n = len(losses)
    means = [sum(column) / n for column in zip(*losses)]
    least = means.index(min(means))
    differences = [row[least] - row[3] for row in losses]
    mean = sum(differences) / n
    square = sum((x - mean) ** 2 for x in differences) / (n - 1) / n if n > 1 else Fraction(0)
    beyond = mean < 0 and mean**2 > 4 * square
    return means, ADVISED[least], mean, square, (ADVISED[least] if beyond else 5) if n >= 10 else None


def intervals_of(records):
    """-> {percent: [looks, none, inside, below, above, widths]}"""
    days = defaultdict(list)
    for t, x, _ in records:
        days[t // DAY].append((t % DAY, x))
    out = {80: [0, 0, 0, 0, 0, Fraction(0)], 90: [0, 0, 0, 0, 0, Fraction(0)]}
    if len(days) < 6:
        return out
    totals = {day: sum(x for _, x in of) for day, of in days.items()}
    active = [total for total in totals.values() if total]
    for day in sorted(days):
        if day < min(days) + 5:
            continue
        for half in range(1, 48):
            used = sum(x for t, x in days[day] if t <= half * HALF)
            if used == 0:
                continue
            past = sorted(totals[k] for k in range(day - 14, day) if totals.get(k, 0) >= used)
            for percent in (80, 90):
                of, miss, n = out[percent], 100 - percent, len(past)
                of[0] += 1
                if n == 0:
                    of[1] += 1
                    continue
                low, high = (n + 1) * miss // 200, -(-(n + 1) * (200 - miss) // 200)
                low, high = past[low - 1] if low else used, past[min(high, n) - 1]
                of[2] += low <= totals[day] <= high
                of[3] += totals[day] < low
                of[4] += totals[day] > high
                of[5] += Fraction(high - low) * len(active) / sum(active)
    return out
