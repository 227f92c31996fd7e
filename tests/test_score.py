#!/usr/bin/env python3
# test_score.py: `tokenquota replay --score` gives the figures of a slow model of it, on made-up and on real logs.
# SPDX-License-Identifier: MIT
#
#     test_score.py COMMAND
#
# The model is tests/score_model.py. Logs are made here. Where ../shared/traces is there, its figures are compared, too.
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from fractions import Fraction

sys.dont_write_bytecode = True  # the tree of sources may be for reading only
from tap import Tap  # noqa: E402
from score_model import ADVISED, FIGURES, advice_of, care_rule, cases_of, figures_of, intervals_of  # noqa: E402

MS = 1_000_000
SHARED = "../shared/traces"


# ---- the command ---------------------------------------------------------------------------------------------------


def scored(command, path, *options):
    run = subprocess.run([command, "replay", "--score", "--json", path, *options], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(run.stderr)
    return json.loads(run.stdout)


def near(got, expected, most=0.00006):
    if got is None or expected is None:
        return got is None and expected is None
    return abs(Fraction(got) - Fraction(expected)) <= Fraction(most) + abs(Fraction(expected)) / 10**12


def compare_rows(got, cases, rules, where):
    for rule in rules:
        row = next(row for row in got["rules"] if (row["rule"], row["care"]) == (rule[0], rule[1] and rule[1] / 4))
        figures, within, above = figures_of(cases[rule])
        if rule[0] not in ("flight", "reserve") and (got["cases_within"], got["cases_exceeding"]) != (within, above):
            return f"{where}: {got['cases_within']}, {got['cases_exceeding']} cases; the model: {within}, {above}"
        for figure in FIGURES:
            if not near(row[figure], figures[figure]):
                return f"{where}, {rule}, {figure}: {row[figure]}; the model: {figures[figure] and float(figures[figure])}"
    return None


def compare_intervals(got, sums, where):
    for of in got["intervals"]:
        looks, none, inside, below, above, width = sums[of["interval_pct"]]
        percent = lambda part, whole: Fraction(100 * part, whole) if whole else None
        expected = {"looks": looks, "inside_pct": percent(inside, looks - none), "below_pct": percent(below, looks - none),
                    "above_pct": percent(above, looks - none), "none_pct": percent(none, looks),
                    "width_mean_days": width / (looks - none) if looks > none else None}
        for key, value in expected.items():
            if not near(of[key], value):
                return f"{where}, interval of {of['interval_pct']} %, {key}: {of[key]}; the model: {value and float(value)}"
    return None


def compare_advice(got, windows):
    if not windows:
        return None if got is None else f"advice without a window: {got}"
    means, least, mean, square, advised = advice_of(windows)
    tie = abs(means[ADVISED.index(got["least"] * 4)] - min(means)) <= min(means) / 10**12  # doubles cannot tell them apart
    if got["windows"] != len(windows) or not tie or got["advised"] != (advised if advised is None else advised / 4):
        return f"advice {got}; the model: {len(windows)} windows, least {least}, advised {advised}"
    for of, expected in zip(got["losses"], means):
        if not near(of["loss"], expected, 1e-9):
            return f"loss {of}; the model: {float(expected)}"
    if got["least"] * 4 == least and not near(got["difference"], mean, 1e-9):
        return f"difference {got['difference']}; the model: {float(mean)}"
    if got["least"] * 4 == least and not near(got["standard_error"] ** 2, square, 1e-9):
        return f"difference {got['difference']}, {got['standard_error']}; the model: {float(mean)}, {float(square) ** .5}"
    return None


SHOWN = (1, 5, 16)
RULES = [("off", None), ("original", None), ("horizon", None), ("reserve", None)] + [("care", c) for c in sorted({*SHOWN, *ADVISED[1:]})] + \
    [("flight", c) for c in SHOWN]


def compare(command, folder, rows, kind, lag, starts, group, budgets):
    """Scores a log, and asks the model."""
    path = os.path.join(folder, "log.csv")
    with open(path, "w") as file:
        file.write("unix_ms,provider,tokens" + (",start_ms\n" if starts else "\n"))
        for t, name, x, sent in rows:
            file.write(f"{t},{name},{x}" + (f",{'' if sent is None else sent}\n" if starts else "\n"))
    options = ["--window", kind, "--lag", f"{lag}s", "--group", group, "--care", "1/4,1.25,16/4"]
    for name, budget in budgets.items():
        options += ["--budget", f"{name}={budget}"]
    got = scored(command, path, *options)
    series = defaultdict(list)
    for t, name, x, sent in sorted(rows, key=lambda row: row[0]):
        sent = sent * MS if starts and sent is not None else None
        series[name.split("/")[0] if group == "prefix" else name].append((t * MS, x, sent))
    if [of["provider"] for of in got["providers"]] != sorted(series):
        return f"providers {[of['provider'] for of in got['providers']]}"
    windows, sums = [], {80: [0] * 6, 90: [0] * 6}
    rules = [rule for rule in RULES if rule[0] != "care" or rule[1] in SHOWN]
    for of in got["providers"]:
        name = of["provider"]
        cases = cases_of(series[name], kind, lag * 1000 * MS, RULES, budgets.get(name, budgets.get("*", 0)))
        if not cases:
            if of["rules"] or of["skipped"] != ("one window" if cases is None else "no window with 3 records"):
                return f"{name} is not skipped: {of['skipped']}"
        else:
            together = {rule: [case for window in cases.values() for case in window[rule]] for rule in RULES}
            fault = compare_rows(of, together, rules, name)
            if fault:
                return fault
            windows += cases.values()
        if kind == "day" and cases is not None:
            own = intervals_of(series[name])
            sums = {percent: [a + b for a, b in zip(sums[percent], own[percent])] for percent in sums}
            fault = compare_intervals(of, own, name)
            if fault:
                return fault
    together = {rule: [case for window in windows for case in window[rule]] for rule in RULES}
    return (compare_rows(got["all"], together, rules, "all") or compare_advice(got["advice"], windows) or
            (compare_intervals(got["all"], sums, "all") if kind == "day" else None))


# ---- what a ledger cannot hold ----------------------------------------------------------------------------------------


def rows_of(command, folder, rows, *options):
    path = os.path.join(folder, "log.csv")
    with open(path, "w") as file:
        file.write("unix_ms,provider,tokens\n" + "".join(f"{t},a,{x}\n" for t, x in rows))
    return {row["rule"]: row for row in scored(command, path, *options)["all"]["rules"]}


def crowd(command, folder):
    """1,100 calls at once: of an unknown size all run, of a known one 1,024 hold something and 76 are diverted."""
    day = 86_400_000
    rows = [(20_000 * day + minute * 60_000, 1) for minute in range(3)] + [(20_001 * day + day // 2, 1)] * 1100
    got = rows_of(command, folder, rows, "--budget", "a=2000")
    expected = {"flight": 0, "reserve": Fraction(100 * 76, 1100 * 2)}
    wrong = [f"{rule}: {got[rule]}" for rule, part in expected.items() if not near(got[rule]["diverted_pct"], part)]
    return wrong[0] if wrong else None


def too_large(command, folder):
    """A budget that no limit of a ledger can have leaves the rows that need one empty, and no others."""
    rows = [(1_714_521_600_000 + day * 86_400_000 + minute * 60_000, 5) for day in (0, 1) for minute in range(3)]
    for kind, most in (("day", 2**40 - 1), ("5h", 2**32 - 1)):
        for budget, empty in ((most, set()), (most + 1, {"flight", "reserve"})):
            got = rows_of(command, folder, rows, "--window", kind, "--budget", f"a={budget}")
            if {rule for rule, row in got.items() if row["false_pct"] is None} != empty:
                return f"{kind}, {budget}: {got}"
    return None


# ---- made-up logs -----------------------------------------------------------------------------------------------------


def made_up(seed):
    """Rows (unix_ms, name, tokens, start or None), not all in order."""
    rng = random.Random(seed)
    at = rng.choice([1_714_521_600_000, 1_714_521_600_000, -40 * 86_400_000, 9_000_000_000_000])
    gaps = rng.choice([[0, 1, 60_000, 600_000], [0, 1000, 600_000, 3_600_000, 20_000_000], [1_800_000, 40_000_000, 200_000_000]])
    sizes = rng.choice([[0, 1, 2, 3], [1000, 1500, 40_000], [0, 7, 100, 1_000_000], [123_456_789_012, 5]])
    rows = []
    # On a grid of quarters of half hours, and with few tokens, an exclusion ends at an instant at which a call begins.
    grid = 450_000 if seed % 3 == 1 and rng.random() < 0.6 else 1
    if grid > 1:
        gaps, sizes = [0, grid, 2 * grid, 4 * grid], [0, 1, 2, 3]
    for _ in range(rng.choice([3, 40, 130])):
        at += rng.choice(gaps) * rng.choice([1, 1, 3])
        if rng.random() < 0.05:
            at += rng.choice([1, 3, 20]) * 86_400_000
        when = at - at % 1_800_000 + rng.randrange(-1, 2) if rng.random() < 0.15 else at
        when = at - at % 86_400_000 + rng.randrange(-1, 2) if rng.random() < 0.05 else when
        sent = rng.choice([None, when, when + 5, when - rng.randrange(9_000_000), when - 200_000_000])
        sent = sent if sent is None else sent - sent % grid
        rows.append((when - when % grid, rng.choice(["a/x", "a/y", "b", "a"]), rng.choice(sizes), sent))
    return rows


# ---- the shared traces ------------------------------------------------------------------------------------------------

FAMILIES = {"ddx": ("ddx_agents_mit.csv", "prefix"), "bench": ("fizeau_bench.csv", "prefix"),
            "servegen": ("servegen_clients_10min.csv.gz", "name"),
            "ddx-by-name": ("ddx_agents_mit.csv", "name"), "bench-by-name": ("fizeau_bench.csv", "name")}
CELLS = dict(zip(FIGURES, FIGURES), outs_a_window="outs_a_day")  # what golden_shared.csv calls them


def golden_rule(row):
    return f"{row['rule']}{round(4 * row['care'])}" if row["care"] else row["rule"]


def shared_scores(command, kind):
    return {family: scored(command, os.path.join(SHARED, file), "--window", kind, "--group", group, "--care", "1/2,1,5/4,3/2,2,4")
            for family, (file, group) in FAMILIES.items()}


def figures_by_row(scores):
    """-> {(family, provider, rule): figures}, with the mean over the families as MACRO"""
    rows = {}
    for family, score in scores.items():
        for of in score["providers"] + [dict(score["all"], provider="*")]:
            for row in of["rules"]:
                rows[family, of["provider"], golden_rule(row)] = dict(
                    row, provider_windows=of["windows"], cases_within=of["cases_within"], cases_exceeding=of["cases_exceeding"])
    for names in (("ddx", "bench", "servegen"), ("ddx-by-name", "bench-by-name")):
        for rule in {key[2] for key in rows}:
            rows["MACRO", names[0], rule] = {figure: sum(rows[name, "*", rule][figure] for name in names) / len(names)
                                             for figure in FIGURES}
    return rows


def compare_golden(rows, golden):
    """-> (equal cells, cells, the first that is not)"""
    equal = count = 0
    wrong, family = None, None
    for line in golden:
        if line["family"] == "MACRO":
            ours = rows["MACRO", "ddx-by-name" if family.endswith("-by-name") else "ddx", line["rule"]]
        else:
            family = line["family"]
            ours = rows[family, line["provider"], line["rule"]]
            for key in ("provider_windows", "cases_within", "cases_exceeding"):
                count += 1
                equal += ours[key] == int(line[key])
        for figure, cell in CELLS.items():
            same = line[cell] == "" if ours[figure] is None else line[cell] != "" and near(ours[figure], line[cell], 0.00011)
            count, equal = count + 1, equal + same
            if not same and not wrong:
                wrong = f"{line}: {figure} is {ours[figure]}"
    return equal, count, wrong


def compare_golden_advice(scores, golden):
    for line in golden:
        of = scores[line["family"]]["advice"]
        care = lambda name: 0 if name == "off" else int(name[4:]) / 4
        expected = None if line["advised"] == "too few days" else care(line["advised"])
        losses = [float(line["loss_" + golden_rule({"rule": "care" if c else "off", "care": c / 4})]) for c in ADVISED]
        if (of["windows"], of["least"], of["advised"]) != (int(line["provider_windows"]), care(line["least"]), expected):
            return f"{line}: {of}"
        if any(abs(a["loss"] - b) > 0.00001 for a, b in zip(of["losses"], losses)):
            return f"{line}: {of['losses']}"
        if abs(of["difference"] - float(line["difference_to_care5"])) > 0.00001 or \
                abs(of["standard_error"] - float(line["standard_error"])) > 0.00001:
            return f"{line}: {of['difference']}, {of['standard_error']}"
    return None


def compare_cells(rows, lines, figures):
    """lines: a rule and its figures, as a page has them; behind a figure may be an interval in brackets."""
    for rule, *cells in lines:
        name, _, care = rule.partition(" ")
        ours = rows["MACRO", "ddx", golden_rule({"rule": name, "care": Fraction(care or 0)})]
        for cell, figure in zip(cells, figures):
            number = cell.partition(" ")[0]
            digits = len(number.partition(".")[2])
            if abs(float(number) - ours[figure]) > 0.5 * 10**-digits + 0.00006:
                return f"{rule}: {figure} is {ours[figure]}, the page says {cell}"
    return None


def table_rows(text):
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in text.splitlines() if line.startswith("| ")]


def compare_page(rows):
    """The first table of figures in docs/forecast.md is what the traces give."""
    with open("docs/forecast.md") as file:
        page = file.read().partition("**Logs that the rules were chosen on.**")[2].partition("**Logs that nobody")[0]
    lines = table_rows(page)[1:]
    return compare_cells(rows, lines, [figure for figure in FIGURES if figure != "lead_h"]) or \
        (None if len(lines) == 10 else f"the page has {len(lines)} rows")


def compare_verdicts_page(rows, kind):
    """The rows of docs/verdicts.md that are of the shared traces, with windows of this kind, are what these give."""
    with open("docs/verdicts.md") as file:
        lines = [line[2:] for line in table_rows(file.read()) if line[:2] == ["chosen on", kind]]
    return compare_cells(rows, lines, ("wrong_h", "warned_pct", "overrun_pct", "stranded_pct")) or \
        (None if lines or kind == "hour" else "the page has no row")


# ---- TAP --------------------------------------------------------------------------------------------------------------


def golden_lines(name, kind):
    with open(os.path.join(SHARED, "score", name), newline="") as file:
        return [line for line in csv.DictReader(file) if line["window"] == kind and line["calls"] == "600s"]


def main():
    command, tap = sys.argv[1], Tap()
    with tempfile.TemporaryDirectory() as folder:
        # Under horizon the first record takes the provider out for 45 minutes, to the millisecond at which a call begins.
        rows = [(1_714_521_600_000 + day * 86_400_000 + minute * 60_000, "a", tokens, 1_714_521_600_000 + day * 86_400_000 + minute * 60_000)
                for day in (0, 1) for minute, tokens in ((0, 2), (30, 0), (45, 1), (60, 0))]
        tap.judge("a call begins at the instant at which an exclusion ends",
                  compare(command, folder, rows, "day", 600, True, "name", {"a": 3}))
        tap.judge("1,100 calls run at once", crowd(command, folder))
        tap.judge("a budget that no limit can have", too_large(command, folder))
        for seed in range(int(os.environ.get("TQ_SCORE_LOGS", 24))):
            rng = random.Random(1000 + seed)
            kind = ("day", "5h", "hour", "week")[seed % 4]
            lag, starts, group = rng.choice([600, 600, 0, 7200]), seed % 3 == 1, rng.choice(["name", "prefix"])
            budgets = rng.choice([{}, {}, {"a": 5000, "*": 1}, {"b": 100}])
            tap.judge(f"made-up log {seed}: {kind}, calls of {'the log' if starts else f'{lag} s'}, by {group}, budgets {budgets}",
                      compare(command, folder, made_up(seed), kind, lag, starts, group, budgets))
    for kind in ("day", "5h", "hour", "week"):
        title = f"the shared traces, {kind}: figures and advice are the golden ones"
        if not os.path.exists(os.path.join(SHARED, "score", "golden_shared.csv")):
            tap.skip(title, f"there is no {SHARED}/score/golden_shared.csv")
            continue
        scores = shared_scores(command, kind)
        rows = figures_by_row(scores)
        equal, count, wrong = compare_golden(rows, golden_lines("golden_shared.csv", kind))
        print(f"# {kind}: {equal} of {count} cells equal to the fourth decimal")
        wrong = wrong or (None if count and equal == count else f"{equal} of {count} cells")
        tap.judge(title, wrong or compare_golden_advice(scores, golden_lines("golden_advice.csv", kind)))
        tap.judge(f"docs/verdicts.md has the figures of the shared traces, {kind}", compare_verdicts_page(rows, kind))
        if kind == "day":
            tap.judge("docs/forecast.md has the figures of the shared traces", compare_page(rows))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
