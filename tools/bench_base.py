"""bench_base.py: what the calls cost now, beside another commit of this repository, in one run.

SPDX-License-Identifier: MIT

    meson runpython tools/bench_base.py BUILD COMMIT PROGRAM...

The commit is built below BUILD/base, with the benchmark programs of today, so that both sides measure with the same
code. A program of today that does not compile there (it calls what the commit has not) is replaced by the commit's
own, or runs on today's side alone when the commit has none of its name: its rows are printed without a ratio. In each turn every program runs once for both sides. The sides change places at each turn, so that a disturbance
of the machine falls on both. Rows are told apart by their names.

The first turn prints each row as soon as its program has ended. The table at the end is over all turns, also when
Ctrl-C or SIGTERM ends the run. No turn begins that would not end within MOST_SECONDS of the start.
"""
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

TURNS = 5
MOST_SECONDS = 13 * 60
# Few rounds, many turns. A program that is too old to know the variable takes its nine rounds.
ENVIRONMENT = dict(os.environ, TQ_BENCH_ROUNDS="3")


def run(words, log, **more):
    """Runs a command and adds its output to the log. Did it succeed?"""
    with open(log, "ab") as out:
        return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False, **more).returncode == 0


def give_up(why, log=None):
    if log:
        with open(log, encoding="utf-8", errors="replace") as file:
            sys.stderr.writelines(file.readlines()[-20:])
    sys.exit("make bench: " + why)


def unpack(commit, folder):
    os.makedirs(folder)
    with subprocess.Popen(["git", "archive", commit], stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-x", "-C", folder], stdin=archive.stdout, check=True)


def build(root, commit, bench):
    """Unpacks the commit below root and sets it up, with the folder `bench` in place of its own (None: with its own).
    Returns (folder, ninja): where it is built, and a function that builds a target there."""
    source, folder, log = (os.path.join(root, part) for part in ("source", "build", "build.log"))
    if not os.path.isdir(source):
        unpack(commit, source)
    if bench:
        shutil.rmtree(os.path.join(source, "bench"))
        shutil.copytree(bench, os.path.join(source, "bench"))
    ready = os.path.exists(os.path.join(folder, "build.ninja")) or run(["meson", "setup", folder, source], log)

    def ninja(target):
        return ready and run(["ninja", "-C", folder, target], log)

    return folder, ninja


def line(program, folder, tools):
    """The command line of a program in a build folder; what it starts is in the folder `tools`."""
    starts = {"bench": ["cli/tokenquota"], "bench_shared": ["cli/tokenquota", "bench/nothing"]}
    return [os.path.join(folder, "bench", program)] + [os.path.join(tools, path) for path in starts.get(program, [])]


def sides(build_folder, commit, programs):
    """({program: command line now}, {the same for the commit}, the programs that are the commit's own)."""
    root = os.path.join(build_folder, "base", commit[:12])
    base, ninja = build(os.path.join(root, "with-bench-of-today"), commit, "bench")
    folders = {program: base for program in programs if ninja("bench/" + program)}
    missing = [program for program in programs if program not in folders]
    if missing:
        base, ninja = build(os.path.join(root, "with-bench-of-its-own"), commit, None)
        folders.update({program: base for program in missing if ninja("bench/" + program)})
    if not all(ninja(target) for target in ("cli/tokenquota", "bench/nothing")):
        give_up("the commit %s does not build" % commit[:12], os.path.join(os.path.dirname(base), "build.log"))
    release = os.path.join(build_folder, "release")
    return ({program: line(program, release, release) for program in programs},
            {program: line(program, folder, base) for program, folder in folders.items()},
            [program for program in missing if program in folders])


def measure(line, scratch):
    """{name: (figure, unit)} of each row that the program writes."""
    if os.path.exists(scratch):
        os.unlink(scratch)
    if not run(line + [scratch], scratch + ".log", env=ENVIRONMENT):
        give_up("%s failed" % line[0], scratch + ".log")
    rows = {}
    with open(scratch, encoding="utf-8") as file:
        for cells in (text.split(" | ") for text in file if text.startswith("| ")):
            if cells[0] != "| operation":
                figure, unit = cells[1].split()
                rows[cells[0][2:]] = (float(figure), unit)
    return rows


HEADING = "%-56s %9s %9s %-6s %6s  %s" % ("operation", "base", "now", "", "ratio", "least .. most")


def compare(name, now, base):
    """A line of the table, from the figures of all turns."""
    ratios = sorted(a[0] / b[0] for a, b in zip(now, base) if b[0])
    if not ratios:
        return "%-56s not measured" % name
    unit = now[0][1]
    return "%-56s %9.4g %9.4g %-6s %6.3f  %5.3f .. %5.3f" % (
        name, statistics.median(b[0] for b in base), statistics.median(a[0] for a in now), unit,
        statistics.median(ratios), ratios[0], ratios[-1])


def figure(name, now):
    """A line for a row that the base has not."""
    return "%-56s %9s %9.4g %-6s" % (name, "-", statistics.median(a[0] for a in now), now[0][1])


def print_rows(turns):
    """Prints the rows of one program that both sides have measured, or today's alone when the base has no such program."""
    if "base" not in turns:
        for name in turns["now"][0] if turns["now"] else ():
            print(figure(name, [now[name] for now in turns["now"]]))
        sys.stdout.flush()
        return
    pairs = list(zip(turns["now"], turns["base"]))  # a turn that was cut short has one side alone
    if not pairs:
        return
    for name in pairs[0][0]:
        if name in pairs[0][1]:
            print(compare(name, [now[name] for now, _ in pairs], [base[name] for _, base in pairs]))
        else:
            print(figure(name, [now[name] for now, _ in pairs]))
    for name in pairs[0][1]:
        if name not in pairs[0][0]:
            print("%-56s only in the base" % name)
    sys.stdout.flush()


def take_turns(lines, turns, scratch, end_at):
    """Runs the programs of both sides and appends what they measure to turns[program][side]."""
    longest = 0
    for turn in range(TURNS):
        begun_at = time.monotonic()
        if begun_at + longest > end_at:
            print("\nThe time is up after %d of %d turns." % (turn, TURNS))
            break
        for program in turns:
            for side in ("now", "base") if turn % 2 else ("base", "now"):
                if side in turns[program]:
                    turns[program][side].append(measure(lines[side][program], scratch))
            if turn == 0:
                print_rows(turns[program])
        longest = max(longest, time.monotonic() - begun_at)


def interrupt(*_):
    raise KeyboardInterrupt


def main(build_folder, commit, *programs):
    end_at = time.monotonic() + MOST_SECONDS
    found = subprocess.run(["git", "rev-parse", "--verify", "--quiet", commit + "^{commit}"], stdout=subprocess.PIPE,
                           text=True, check=False).stdout.strip()
    if not found:
        give_up("there is no commit %s here" % commit)
    now, base, own = sides(build_folder, found, programs)
    turns = {program: {"now": [], "base": []} if program in base else {"now": []} for program in now}
    signal.signal(signal.SIGTERM, interrupt)
    print("\nbase: %s, %d turns, each with one run of both" % (found[:12], TURNS))
    print("\nThe first turn:\n" + HEADING, flush=True)
    try:
        take_turns({"now": now, "base": base}, turns, os.path.join(build_folder, "base", "rows.md"), end_at)
    except KeyboardInterrupt:
        print("\nThe run was cut short.")
    print("\nAll turns:\n" + HEADING)
    for program in turns:
        print_rows(turns[program])
    print("\nThe ratio is now / base: the median over the turns, then the range. Below 1 is cheaper (for M/s: slower).")
    for program in programs:
        if program not in base:
            print("%s: the base has no such program, and today's does not compile there" % program)
        elif program in own:
            print("%s: today's does not compile there, so the base ran its own" % program)


main(*sys.argv[1:])
