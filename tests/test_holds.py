#!/usr/bin/env python3
# test_holds.py: `tokenquota hold` and `route --hold`: never beyond a limit, and free when nobody needs it.
# SPDX-License-Identifier: MIT
#
#     test_holds.py COMMAND
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

from tap import DEADLINE, Tap, expect, until

CALLERS = 10  # that meet at one edge


def run(*arguments, **given):
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, timeout=DEADLINE, check=False, **given)


def quota(*arguments):
    done = run(*arguments)
    if done.returncode:
        raise AssertionError("%s: %d %s" % (arguments, done.returncode, done.stderr))
    return done.stdout.strip()


def holds(*arguments):
    return json.loads(quota("hold", "list", *arguments, "--json"))["holds"]


def standing(name):
    return json.loads(run("status", name, "--json").stdout)["providers"][0]


def a_hold_ends_with_its_command_and_what_it_counted_stays():
    quota("limit", "life", "add", "100k tokens once")
    script = '"$0" observe life 5k && "$0" hold list life --json && exit 7'
    done = run("hold", "take", "life", "20k", "--", "sh", "-c", script, COMMAND)
    expect((done.returncode, done.stderr), (7, ""), "the command's status")
    inside = json.loads(done.stdout)["holds"]
    expect([(one["owned"], one["alive"], one["amounts"]["tokens"]) for one in inside], [(True, True, 20000)])
    expect((holds("life"), standing("life")["used"]), ([], 5000), "afterwards")


def a_command_settles_its_own_hold_in_one_step():
    quota("limit", "own", "add", "100k tokens once")
    script = '"$0" hold settle "$TOKENQUOTA_HOLD" 5k && "$0" hold list own --json'
    done = run("hold", "take", "own", "20k", "--", "sh", "-c", script, COMMAND)
    expect((done.returncode, done.stderr), (0, ""), "what it says")
    expect(json.loads(done.stdout)["holds"], [], "while the command still runs")
    expect((holds("own"), standing("own")["used"]), ([], 5000), "afterwards")


def kill_9_of_the_owner_frees_at_once_while_the_command_lives():
    quota("limit", "killed", "add", "80k tokens once")
    owner = subprocess.Popen([COMMAND, "hold", "take", "killed", "80k", "--", "sleep", str(DEADLINE)],
                             stdout=subprocess.DEVNULL, start_new_session=True)
    until("the hold", lambda: holds("killed"))
    done = run("hold", "take", "killed", "1")
    expect((done.returncode, done.stdout), (1, ""), "no room")
    if "80,000 held by 1 call" not in done.stderr:
        raise AssertionError(done.stderr)
    expect(standing("killed")["reason"], "held")
    owner.kill()
    owner.wait()
    expect(run("hold", "take", "killed", "80k").returncode, 0, "at once")
    os.killpg(owner.pid, signal.SIGKILL)


def commands_that_meet_at_an_edge_never_take_more_than_there_is():
    """Each holds its call's whole size, and ends at random: counted, given back, or killed."""
    quota("limit", "edge", "add", "40k tokens once")
    script = '"$0" hold list edge --json; "$0" observe edge 10k; "$0" hold cancel "$TOKENQUOTA_HOLD"'
    callers = [subprocess.Popen([COMMAND, "hold", "take", "edge", "10k", "--", "sh", "-c", script, COMMAND],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(CALLERS)]
    ends = [(caller.communicate(timeout=DEADLINE)[0], caller.wait()) for caller in callers]
    held = [len([one for one in json.loads(said)["holds"] if one["alive"]]) for said, status in ends if status == 0]
    if max(held) > 4 or any(status not in (0, 1) for _, status in ends):
        raise AssertionError(ends)
    used = standing("edge")["used"]
    expect((used, len(held), used <= 40000), (10000 * len(held), len(held), True), "used")
    while run("hold", "take", "edge", "10k", "--", COMMAND, "observe", "edge", "10k").returncode == 0:
        pass # two that meet may both be refused; alone nobody is
    expect(standing("edge")["used"], 40000, "all of it, and no more")


def route_passes_by_a_provider_whose_room_is_held():
    for name in ("first", "second"):
        quota("limit", name, "add", "40k tokens once")
    said = [run("route", "first", "second", "--hold", "20k", "--for", "5m").stdout.split() for _ in range(5)]
    expect([one[0] for one in said], ["first"] * 2 + ["second"] * 2 + ["first"], "which")
    expect(len({one[1] for one in said[:4]}), 4, "ids")
    quota("hold", "settle", said[0][1], "1k")
    expect(run("route", "first", "--hold", "20k").returncode, 1, "39k of which 20k is held")
    quota("hold", "cancel", said[1][1])
    expect(run("hold", "cancel", said[1][1]).returncode, 1, "twice")
    document = json.loads(quota("route", "first", "--hold", "20k", "--json"))
    expect((document["provider"], document["hold"]["provider"]), ("first", "first"))


def one_waits_for_room_and_another_gives_it_back():
    quota("limit", "waited", "add", "40k tokens once")
    first = quota("hold", "take", "waited", "40k")
    waiter = subprocess.Popen([COMMAND, "route", "waited", "--hold", "20k", "--wait", "--timeout", "20s"],
                              stdout=subprocess.PIPE, text=True)
    time.sleep(0.1)  # it may find no room before, or room afterwards: both are right
    quota("hold", "settle", first, "10k")
    expect(waiter.communicate(timeout=DEADLINE)[0].split("\t")[0], "waited")


def a_hold_counts_in_the_pool_and_its_id_frees_both():
    quota("limit", "account", "add", "30k tokens once")
    quota("set", "model", "pool=account")
    hold = quota("hold", "take", "model", "30k")
    expect((len(holds("model")), len(holds("account"))), (1, 1))
    expect(run("hold", "take", "other", "1").returncode, 0, "another provider")
    expect(run("hold", "take", "account", "1").returncode, 1)
    quota("hold", "settle", hold, "12k")
    expect((holds("model"), holds("account"), standing("account")["used"]), ([], [], 12000))


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TOKENQUOTA_LEDGER"] = os.path.join(folder, "ledger")
        tap.check_all(globals())
    return tap.end()


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv[1])
    sys.exit(main())
