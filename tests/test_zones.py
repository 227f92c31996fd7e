#!/usr/bin/env python3
"""test_zones.py: base/zone.c says of every zone of the system what Python's zoneinfo says.

    test_zones.py ZONE_SAYS

Skipped where the system has no zone database. TQ_SEED repeats a run.
"""
import datetime, os, random, subprocess, sys, zoneinfo

SEED = int(os.environ.get("TQ_SEED", random.randrange(1 << 31)))
EPOCH = datetime.datetime(1970, 1, 1)
UTC = datetime.timezone.utc


def find(name):
    for folder in zoneinfo.TZPATH:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path


def second(civil):
    return int((civil - EPOCH).total_seconds())


def questions(name, path, zone, pick):
    """Pairs of a question and its answer: instants and local times anywhere, and around the changes of clocks."""
    for _ in range(6):
        yield "%s at %d" % (path, at := pick.randrange(-2208988800, 4102444800)), offset(zone, at)
    seconds = [pick.randrange(-2208988800, 4102444800) for _ in range(6)]
    year = pick.randrange(1950, 2090)
    seconds += [at + more for at in changes(zone, year) for more in (-7200, -1, 0, 1, 1800, 7200)]
    for at in seconds:
        yield "%s at %d" % (path, at), offset(zone, at)
        civil = EPOCH + datetime.timedelta(seconds=at + offset(zone, at))
        for civil in (civil, civil + datetime.timedelta(minutes=30)):
            local = int((civil.replace(tzinfo=zone) - EPOCH.replace(tzinfo=UTC)).total_seconds())
            yield "%s is %s" % (path, civil.strftime("%Y %m %d %H %M %S")), local


def offset(zone, at):
    return int((EPOCH.replace(tzinfo=UTC) + datetime.timedelta(seconds=at)).astimezone(zone).utcoffset().total_seconds())


def changes(zone, year):
    """The seconds of a year at which its clocks change."""
    at = second(datetime.datetime(year, 1, 1))
    for day in range(365):
        low, high = at + day * 86400, at + (day + 1) * 86400
        if offset(zone, low) == offset(zone, high):
            continue
        before = offset(zone, low)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
        yield high


def main():
    pick = random.Random(SEED)
    names = sorted(name for name in zoneinfo.available_timezones() if find(name))
    if not names:
        print("1..0 # SKIP no zone database")
        return 77
    asked = []
    for name in names:
        asked += questions(name, find(name), zoneinfo.ZoneInfo(name), pick)
    run = subprocess.run([sys.argv[1]], input="".join(q + "\n" for q, _ in asked), capture_output=True, text=True)
    wrong = [(q, want, got) for (q, want), got in zip(asked, run.stdout.split("\n")) if got != str(want)]
    for line in wrong[:20]:
        print("# %s: %s, not %s" % line)
    right = run.returncode == 0 and len(run.stdout.splitlines()) == len(asked)
    print("1..1\n%sok 1 - %d zones, %d questions, seed %d" % ("" if right and not wrong else "not ", len(names), len(asked), SEED))
    return 0 if right and not wrong else 1


sys.exit(main())
