#!/usr/bin/env python3
"""test_windows.py: windows in every zone of the system are what a slow calendar makes of Python's zoneinfo.

    test_windows.py WINDOW_SAYS     the test; skipped where the system has no zone database. TQ_SEED repeats a run
    test_windows.py --vectors       prints tests/vectors/windows.txt

All is in quarter hours since 1970.
"""
import bisect, calendar, datetime, functools, io, os, random, struct, subprocess, sys, time, zoneinfo

SEED = int(os.environ.get("TQ_SEED", random.randrange(1 << 31)))
YEARS = 40
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
EPOCH_DAY = datetime.date(1970, 1, 1)
NAMES = ["none", "day", "week", "month", "quarter", "year"]
DAY, WEEK, MONTH, QUARTER, YEAR = range(1, 6)
KINDS = [(DAY, 0), (WEEK, 1), (WEEK, 7), (MONTH, 1), (MONTH, 31), (QUARTER, 2), (YEAR, 1), (YEAR, 4)]
VECTORS = [
    # zone, the day at which its law is kept, years around whose changes of clocks windows are shown
    ("UTC", "2026-01-01", (1970, 2026, 2100)),
    ("America/Los_Angeles", "2026-01-01", (2026, 2027, 2100, 2261)),
    ("Europe/London", "2026-01-01", (2026, 2096)),
    ("Europe/Dublin", "2026-01-01", (2026,)),
    ("Asia/Kathmandu", "2026-01-01", (2026, 2100)),
    ("Pacific/Chatham", "2026-01-01", (2026, 2027)),
    ("Australia/Lord_Howe", "2026-01-01", (2026, 2027)),
    ("Pacific/Kiritimati", "2026-01-01", (2026,)),
    ("Etc/GMT+12", "2026-01-01", (2026,)),
    ("Antarctica/Troll", "2026-01-01", (2026,)),
    ("Pacific/Apia", "2011-06-01", (2011, 2012, 2030)),
    ("Africa/Casablanca", "2026-01-01", (2026, 2027, 2030)),
    ("Africa/El_Aaiun", "2026-03-01", (2026,)),
    ("Asia/Gaza", "2026-01-01", (2026, 2027)),
    ("Asia/Jerusalem", "2026-01-01", (2026, 2027)),
    ("America/Havana", "2026-01-01", (2026, 2027)),
    ("America/Santiago", "2026-01-01", (2026, 2027)),
    ("America/Sao_Paulo", "2016-01-01", (2016, 2017, 2018)),
    ("Asia/Beirut", "2026-01-01", (2026, 2027)),
    ("Africa/Cairo", "2026-01-01", (2026, 2027)),
    ("Atlantic/Azores", "2026-01-01", (2026, 2027)),
    ("America/Nuuk", "2026-01-01", (2026, 2027)),
    ("America/Toronto", "2026-01-01", (2026,)),
]


def find(name):
    for folder in zoneinfo.TZPATH:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path


def quarter_of(year):
    return (datetime.date(year, 1, 1) - EPOCH_DAY).days * 96


def offset(zone, quarter):
    ahead = (EPOCH + datetime.timedelta(minutes=15 * quarter)).astimezone(zone).utcoffset()
    return ahead // datetime.timedelta(minutes=15)


# ---- the slow calendar -----------------------------------------------------------------------


def is_first(kind, first, date):
    if kind == WEEK:
        return date.isoweekday() == first
    if kind == MONTH:
        return date.day == min(first, calendar.monthrange(date.year, date.month)[1])
    return kind == DAY or date.day == 1 and (date.month - first) % (3 if kind == QUARTER else 12) == 0


@functools.cache
def firsts(kind, first):
    """All days on which such a window begins, and the place in the list of the one with index 0: the first of
    1970, of a quarter the one of month `first`, of a week the first from 1969-12-29 on."""
    day, days = datetime.date(1967, 1, 1), []
    while day.year < 2266:
        if is_first(kind, first, day):
            days.append(day)
        day += datetime.timedelta(1)
    zero = datetime.date(1969, 12, 29) if kind == WEEK else EPOCH_DAY
    if kind == QUARTER:
        zero = datetime.date(1970, first, 1)
    return days, bisect.bisect_left(days, zero)


def begin(zone, day):
    """The first quarter hour at which clocks show 00:00 of a day or later."""
    midnight = (day - EPOCH_DAY).days * 96
    for quarter in range(midnight - 60, midnight + 60):
        if quarter + offset(zone, quarter) >= midnight:
            return quarter


def window(zone, kind, first, quarter):
    """Index, start and length of the last window that has begun."""
    days, zero = firsts(kind, first)
    date = EPOCH_DAY + datetime.timedelta((quarter + offset(zone, quarter)) // 96)
    at = bisect.bisect_right(days, date)
    while (start := begin(zone, days[at])) > quarter:
        at -= 1
    end = begin(zone, days[at + 1])
    return at - zero, max(start, 0), end - max(start, 0)


def changes(zone, first, last):
    """The quarter hours in between at which clocks change, but for changes that are taken back within three weeks."""
    for low in range(first, last, 21 * 96):
        high, before = low + 21 * 96, offset(zone, low)
        if offset(zone, high) != before:
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
            yield high


# ---- the vectors -----------------------------------------------------------------------------


def rule_of(path):
    return open(path, "rb").read().rstrip(b"\n").rsplit(b"\n", 1)[1].decode()


def rule_zone(rule):
    """A zone with nothing but a rule."""
    head = lambda version: b"TZif" + version + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    block = struct.pack(">lbb", 0, 0, 0) + b"UTC\0"
    return zoneinfo.ZoneInfo.from_file(io.BytesIO(head(b"2") + block + head(b"2") + block + b"\n" + rule.encode() + b"\n"))


def exceptions(zone, rule, now):
    """The first 8 times from a year before now on of which the rule does not say what the zone does."""
    found, since = [], None
    for quarter in range(now - 366 * 96, now + YEARS * 366 * 96):
        ahead = offset(zone, quarter)
        wrong = ahead if ahead != offset(rule, quarter) else None
        if wrong != since:
            if since is not None:
                found.append((start, quarter, since))
                if len(found) == 8:
                    break
            start, since = quarter, wrong
    return found


def vectors():
    print("# Windows of calendars, made by tests/test_windows.py --vectors with tzdata %s." % version())
    print("# A zone: its rule, and the times [from, until) of which it says something else, with the offset then.")
    print("# A window: which, its first day or month, its index, start and length. All is in quarter hours.")
    for name, kept, years in VECTORS:
        zone, rule = zoneinfo.ZoneInfo(name), rule_of(find(name))
        now = (datetime.date.fromisoformat(kept) - EPOCH_DAY).days * 96
        other = exceptions(zone, rule_zone(rule), now)
        print(" ".join(["zone", name, rule] + ["%d-%d:%d" % each for each in other]))
        seen = set()
        for year in years:
            edges = list(changes(zone, quarter_of(year), quarter_of(year + 1))) or [quarter_of(year) + 5700]
            for kind, first in KINDS:
                for edge in edges:
                    for at in (edge - 96, edge - 1, edge, edge + 96):
                        seen.add((kind, first) + window(zone, kind, first, max(at, 0)))
        for kind, *rest in sorted(seen):
            print(NAMES[kind], *rest)


def version():
    for folder in zoneinfo.TZPATH:
        if os.path.isfile(path := os.path.join(folder, "tzdata.zi")):
            return open(path).readline().split()[-1]
    return "of an unknown version"


# ---- the test --------------------------------------------------------------------------------


def asked(program, questions):
    run = subprocess.run([program], input="".join(q + "\n" for q in questions), capture_output=True, text=True)
    return run.stdout.split("\n")[:-1] if run.returncode == 0 else []


def instants(zone, now, until, pick):
    """Quarter hours anywhere, and around the changes of clocks."""
    yield from (pick.randrange(now, until) for _ in range(4))
    for edge in changes(zone, now, until):
        yield pick.choice((edge - 1, edge, pick.randrange(edge - 96, edge + 96)))


def main():
    if sys.argv[1] == "--vectors":
        return vectors()
    pick = random.Random(SEED)
    names = sorted(name for name in zoneinfo.available_timezones() if find(name))
    if not names:
        print("1..0 # SKIP no zone database")
        return 77
    now = int(time.time()) // 900
    files = {open(find(name), "rb").read(): name for name in names}.values()
    heads = ["%s %d " % (find(name), now * 900) for name in files]
    ends = asked(sys.argv[1], [head + "until" for head in heads])
    pairs = []
    for name, head, end in zip(files, heads, ends):
        zone, until = zoneinfo.ZoneInfo(name), min(int(end), now + YEARS * 35064) if end != "no" else now
        pairs += [(head + "until", "a law")] * (end == "no")
        for at in instants(zone, now, until, pick) if until > now else ():
            kind, first = pick.choice(KINDS)
            want = window(zone, kind, first, at)
            if want[1] + want[2] <= until:
                pairs.append((head + "%d %d %d" % (kind, first, at), "%d %d %d" % want))
    got = asked(sys.argv[1], [question for question, _ in pairs])
    wrong = [(q, want, said) for (q, want), said in zip(pairs, got) if said != want]
    for line in wrong[:20]:
        print("# %s: %s, not %s" % line)
    right = len(got) == len(pairs) and len(ends) == len(heads) and not wrong
    print("1..1\n%sok 1 - %d zones (%d different), %d windows in %d years, seed %d" %
          ("" if right else "not ", len(names), len(heads), len(pairs), YEARS, SEED))
    return 0 if right else 1


sys.exit(main())
