"""test_storm.py: eight processes in four languages count on one ledger while some are killed; the sums are exact.

SPDX-License-Identifier: MIT

    test_storm.py COMMAND NAME=PROGRAM[ ARGUMENT]...      (TQ_STRESS: so many times as long)

A counter says one byte behind each round of two records: 3 tokens for a provider of all, 1 for one of its own. A killed one may
have counted once more than it said, in one or both; anything else is a fault.
"""
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from tap import Tap  # noqa: E402

ROUNDS = 4000 * int(os.environ.get("TQ_STRESS", "1"))
KILLS = 4 * int(os.environ.get("TQ_STRESS", "1")) # of each language
AT_ONCE = 2 # counters of each language
ALL = "all"


class Counter:
    """One process; what it said so far."""

    def __init__(self, language, words, path, number):
        self.language, self.own, self.said, self.killed = language, "%s-%d" % (language, number), 0, False
        self.process = subprocess.Popen([*words, path, ALL, self.own, str(ROUNDS)], stdout=subprocess.PIPE)

    def read(self):
        """False: it has ended."""
        came = os.read(self.process.stdout.fileno(), 65536)
        self.said += len(came)
        return bool(came)

    def kill(self):
        self.killed = True
        self.process.send_signal(signal.SIGKILL)


def storm(languages, path):
    """All counters that ran. Of each language some are killed, each at another count, and replaced."""
    running, ran = selectors.DefaultSelector(), []
    kills = dict.fromkeys(languages, 0)

    def start(language):
        counter = Counter(language, languages[language], path, len(ran))
        ran.append(counter)
        running.register(counter.process.stdout, selectors.EVENT_READ, counter)

    for language in list(languages) * AT_ONCE:
        start(language)
    while running.get_map():
        for key, _ in running.select():
            counter = key.data
            if counter.read():
                if kills[counter.language] < KILLS and not counter.killed and counter.said > 97 * (1 + len(ran) % 13):
                    kills[counter.language] += 1
                    counter.kill()
                continue
            running.unregister(key.fileobj)
            counter.process.stdout.close()
            counter.process.wait()
            if counter.killed:
                start(counter.language)
    return ran


def judge(tap, command, languages):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "ledger")
        ran = storm(languages, path)
        said = subprocess.run([command, "status", "--json", "--ledger", path], check=True, capture_output=True).stdout
        used = {row["provider"]: row["used"] for row in json.loads(said)["providers"]}

    def counted_what_it_said(language):
        for counter in (one for one in ran if one.language == language):
            over = used[counter.own] - counter.said
            assert over in ((0, 1) if counter.killed else (0,)), "%s: said %d, counted %d" % (
                counter.own, counter.said, used[counter.own])
            assert counter.killed or (counter.process.returncode, counter.said) == (0, ROUNDS), "%s ended with %d" % (
                counter.own, counter.process.returncode)
        killed = sum(one.killed for one in ran if one.language == language)
        assert killed == KILLS, "%d of %d were killed" % (killed, KILLS)

    def all_is_the_sum():
        least, killed = sum(one.said for one in ran), sum(one.killed for one in ran)
        assert least * 3 <= used[ALL] <= (least + killed) * 3 and used[ALL] % 3 == 0, "said %d, counted %d, %d killed" % (
            least * 3, used[ALL], killed)

    for language in languages:
        tap.check("%s: each record is counted once, %d kills" % (language, KILLS), lambda: counted_what_it_said(language))
    tap.check("the sum over %d processes is exact" % len(ran), all_is_the_sum)


def main(command, given):
    tap, languages = Tap(), {}
    for word in given:
        name, _, program = word.partition("=")
        if program:
            languages[name] = program.split(" ")
        else:
            tap.skip("%s counts" % name, "there is no %s here" % name)
    judge(tap, command, languages)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
