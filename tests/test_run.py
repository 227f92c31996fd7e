#!/usr/bin/env python3
# test_run.py: `tokenquota run`: its limits hold for all that it starts, whatever is killed, and then it is forgotten.
# SPDX-License-Identifier: MIT
#
#     test_run.py COMMAND
import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile

from tap import DEADLINE, Skipped, Tap, expect, until

# Counts 10k a call until a call is refused, and says how many there were.
AGENT = 'n=0; while "$0" observe claude 10k --check; do n=$((n+1)); done; echo $((n+1)) refused'


def contains(text, part):
    if part not in text:
        raise AssertionError("%r is not in %r" % (part, text))


def tokenquota(*arguments, **given):
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, timeout=DEADLINE, check=False, **given)


def run(*arguments, script, **given):
    return tokenquota("run", *arguments, "--", "sh", "-c", script, COMMAND, **given)


def names():
    return [one["provider"] for one in json.loads(tokenquota("status", "--json").stdout)["providers"]]


def used(name):
    return json.loads(tokenquota("status", name, "--json").stdout)["providers"][0]["used"]


def it_stops_at_its_cap_and_gives_the_status_of_its_command():
    done = run("claude", "--name", "cap", "--limit", "45k", script=AGENT + '; "$0" explain claude; "$0" route claude '
               'openai; printf %s "$TOKENQUOTA_RUN"; exit 3')
    lines = done.stdout.splitlines()
    expect((done.returncode, lines[0], lines[-2:]), (3, "5 refused", ["openai", "claude/cap"]))
    contains(done.stdout, "claude/cap: limit 1 is spent: 50,000 of 45,000 tokens used")
    contains(done.stderr, "claude/cap used 50,000 of 45,000 tokens, 5 requests in ")
    contains(done.stderr, "its limit was reached")
    expect(("claude/cap" in names(), used("claude")), (False, 50000), "forgotten, and counted")


def its_doors_are_the_run_and_others_are_not():
    before = used("claude")
    done = run("claude", "--name", "doors", "--limit", "5 requests", "-q", script='"$0" hold take claude 1k >id; '
               '"$0" hold settle "$(cat id)" 7; "$0" correct claude -2; echo "{}" | "$0" statusline claude >&2; '
               '"$0" observe claude/other 5; "$0" status --json')
    counts = {one["provider"]: one["used"] for one in json.loads(done.stdout)["providers"]}
    expect((counts["claude/doors"], counts["claude/other"]), (5, 5))
    expect((used("claude"), used("claude/other")), (before + 5, 5))


# Whether the provider is out for the run and for others, and then what only the provider's own words were is lifted.
STANDING = '"$0" explain vendor >&2; a=$?; env -u TOKENQUOTA_RUN "$0" explain vendor >&2; b=$?; ' \
           '"$0" mark vendor available >&2; "$0" explain vendor >&2; echo "$a $b $?"'


def write(name, text):
    with open(name, "w", encoding="ascii") as file:
        file.write(text)
    return name


def what_a_vendor_says_in_it_is_said_of_the_provider():
    refusal = write("refusal", 'HTTP/1.1 429 Too Many Requests\nretry-after: 600\n\n'
                    '{"usage": {"input_tokens": 30, "output_tokens": 10}}')
    script = '"$0" signal -p vendor -q --count %s; echo $?; %s; "$0" status --json' % (refusal, STANDING)
    done = run("vendor", "--name", "job", "--limit", "5k", "-q", script=script)
    refused, standing, document = done.stdout.split("\n", 2)
    expect((refused, standing), ("1", "1 1 0"), done.stderr)
    contains(done.stderr, "vendor/job (pool vendor): ")
    counts = {one["provider"]: one["used"] for one in json.loads(document)["providers"] if "vendor" in one["provider"]}
    expect(counts, {"vendor": 40, "vendor/job": 40}, "the tokens count in the run")
    script = '"$0" signal -p vendor --json %s' % refusal
    said = json.loads(run("vendor", "--name", "job", "-q", script=script).stdout)["verdict"]
    expect((said["provider"], said["pool"], said["applied"], said["state"]), ("vendor/job", "vendor", True, "quota_exhausted"))
    expect(tokenquota("explain", "vendor").returncode, 1, "after the run, too")


def what_a_vendor_says_of_a_model_is_kept_for_the_provider():
    """Also when the name is that of a model, in a pool of its own."""
    tokenquota("set", "model", "pool=account")
    windows = {"five_hour": {"used_percentage": 10, "resets_at": 4000000000}, "seven_day_opus": {"used_percentage": 100,
               "resets_at": 4000000000}}
    line = write("line", json.dumps({"rate_limits": windows}))
    script = '"$0" signal -p model %s; "$0" reset --yes model >&2; "$0" statusline model <%s; ' % (line, line)
    done = run("model", "--name", "job", "--limit", "5k", "-q", script=script + STANDING.replace("vendor", "model"))
    contains(done.stdout, "7 d opus on model\n")
    contains(done.stdout, "\nmodel/job: its pool is out: out of quota in 7 d opus")
    contains(done.stdout, "| reported: out of quota until ")
    expect(done.stdout.splitlines()[-1], "1 1 0", done.stderr)


def kill_9_of_it_leaves_the_cap_in_force_and_the_last_process_ends_it():
    with tempfile.TemporaryDirectory() as folder:
        script = "(trap '' HUP; while [ ! -e go ]; do sleep 0.02; done; %s; while [ ! -e end ]; do sleep 0.02; done) " \
                 ">said 2>&1 & touch begun; wait" % AGENT
        first = subprocess.Popen([COMMAND, "run", "claude", "--name", "orphan", "--limit", "45k", "--", "sh", "-c",
                                  script, COMMAND], cwd=folder, start_new_session=True)
        try:
            until("the agent", lambda: os.path.exists(os.path.join(folder, "begun")))
            first.kill()
            first.wait()
            expect("claude/orphan" in names(), True, "in force without its first process")
            expect(tokenquota("run", "claude", "--name", "orphan", "--", "true").returncode, 2, "the name is taken")
            open(os.path.join(folder, "go"), "w", encoding="ascii").close()
            until("its refusal", lambda: "refused" in open(os.path.join(folder, "said"), encoding="ascii").read())
            expect(used("claude/orphan"), 50000, "at the cap")
            expect(tokenquota("explain", "claude/orphan").returncode, 1)
            open(os.path.join(folder, "end"), "w", encoding="ascii").close()
            until("that it is forgotten", lambda: "claude/orphan" not in names())
        finally:
            os.killpg(first.pid, signal.SIGKILL) if "claude/orphan" in names() else None
    expect(run("claude", "--name", "orphan", "-q", script="exit 4").returncode, 4, "the name is free again")


def a_child_that_got_no_descriptor_keeps_it_in_force():
    """Python closes what its children would inherit."""
    code = 'import subprocess as s, sys; s.Popen(["sh", "-c", sys.argv[1]], stdout=s.DEVNULL, stderr=s.DEVNULL)'
    with tempfile.TemporaryDirectory() as folder:
        done = tokenquota("run", "claude", "--name", "closed", "--", sys.executable, "-c", code,
                          "until [ -e end ]; do sleep 0.02; done", cwd=folder)
        contains(done.stderr, 'processes that it started go on under the limits of "claude/closed"')
        expect("claude/closed" in names(), True, "in force")
        open(os.path.join(folder, "end"), "w", encoding="ascii").close()
        until("that it is forgotten", lambda: "claude/closed" not in names())


def when_its_time_is_up_the_next_call_is_refused():
    done = run("claude", "--name", "timed", "--for", "1s", script='"$0" observe claude 1 --check; echo $?; '
               'while "$0" explain claude; do sleep 0.05; done; "$0" observe claude 1 --check; echo $?')
    lines = done.stdout.splitlines()
    expect((done.returncode, lines[0], lines[-1]), (0, "0", "1"))
    contains(done.stderr, "its time was up")


def a_provider_of_its_name_is_refused_and_stays():
    """Also one that is in the pool, as a run is."""
    tokenquota("observe", "claude/opus", "7")
    tokenquota("set", "claude/opus", "pool=claude")
    for _ in range(2):
        done = tokenquota("run", "claude", "--name", "opus", "--", "true")
        expect((done.returncode, used("claude/opus")), (2, 7))
        contains(done.stderr, '"claude/opus" is a provider already, and no run')


def a_run_in_a_run_keeps_to_both():
    inner = '"$0" run claude --name in --limit 50k -- sh -c \'"$0" observe claude 20k; printenv TOKENQUOTA_RUN; ' \
            '"$0" explain claude\' "$0"; "$0" run openai --name side -q -- sh -c \'"$0" observe openai 3; ' \
            '"$0" observe claude 4\' "$0"; exit 0'
    done = run("claude", "--name", "out", "--limit", "15k", script=inner)
    contains(done.stdout, "claude/out/in\nclaude/out\nclaude/out/in (pool claude/out): limit 1 of its pool is spent")
    contains(done.stderr, "claude/out/in used 20,000 of 50,000 tokens, 1 request in ")
    contains(done.stderr, "claude/out used 20,004 of 15,000 tokens, 2 requests in ")
    expect((used("openai"), [name for name in names() if "out" in name]), (3, []))


def a_process_of_a_run_that_is_over_is_refused():
    gone = {**os.environ, "TOKENQUOTA_RUN": "claude/gone"}
    for arguments in (["observe", "claude", "5"], ["route", "claude"], ["explain", "claude"], ["hold", "take", "claude"]):
        done = tokenquota(*arguments, env=gone)
        expect((done.returncode, done.stdout), (2, ""), arguments)
        contains(done.stderr, "the run of this process is over: TOKENQUOTA_RUN=claude/gone")
    expect(tokenquota("observe", "openai", "5", env=gone).returncode, 0, "another provider")


def another_user_cannot_see_its_processes_and_does_not_forget_it():
    """Root can, so this is done as another user then."""
    user = os.geteuid() or 65534
    given = {"user": user, "cwd": "/"} if os.geteuid() == 0 else {}
    try:
        tokenquota("--version", **given)
    except PermissionError as why:  # as below /root
        raise Skipped("run as root, and no other user can run the command") from why
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        os.chown(folder, user, -1)
        given["env"] = {**os.environ, "TOKENQUOTA_LEDGER": os.path.join(folder, "ledger")}
        for name in ("claude/mine", "claude/theirs"):
            expect(tokenquota("observe", name, "5", **given).returncode, 0)
            expect(tokenquota("set", name, "pool=claude", **given).returncode, 0)
        with open(os.path.join(folder, "ledger.runs"), "wb") as file:
            file.write(b"".join((b"claude/%s\t1\t0\t%d" % one).ljust(511) + b"\n"
                                for one in ((b"theirs", user + 1), (b"mine", user))))
        os.chown(file.name, user, -1)
        said = json.loads(tokenquota("status", "--json", **given).stdout)["providers"]
        expect([one["provider"] for one in said if "/" in one["provider"]], ["claude/theirs"])


def a_run_that_somebody_forgets_is_over_for_its_processes():
    """Else its name would be a new provider's, without limits and without a pool."""
    done = run("claude", "--name", "lost", "--limit", "5k", "-q", script='"$0" forget --yes claude/lost; '
               '"$0" observe claude 5; echo $?; "$0" route claude; echo $?')
    expect((done.stdout, "claude/lost" in names()), ("2\n2\n", False))
    contains(done.stderr, "the run of this process is over: TOKENQUOTA_RUN=claude/lost")


def more_runs_than_there_are_lines_are_refused():
    with tempfile.TemporaryDirectory() as folder:
        ledger = os.path.join(folder, "ledger")
        with open(ledger + ".runs", "wb") as file:
            file.write(b"".join((b"claude/%d\t1\t0" % i).ljust(511) + b"\n" for i in range(4096)))
            file.flush()
            fcntl.lockf(file, fcntl.LOCK_EX)
            done = tokenquota("run", "claude", "--ledger", ledger, "--", "true")
    expect(done.returncode, 2)
    contains(done.stderr, "4096 runs are in force, or the disk is full: there is no room for one more")


def signals_reach_the_command_and_its_status_comes_back():
    expect(run("claude", "-q", script="kill -KILL $$").returncode, 128 + signal.SIGKILL)
    expect(tokenquota("run", "claude", "-q", "--", "no-such-command").returncode, 127)
    expect(tokenquota("run", "claude", "-q", "--", "/").returncode, 126)
    first = subprocess.Popen([COMMAND, "run", "claude", "-q", "--", "sh", "-c",
                              "trap 'exit 9' TERM; echo; while :; do sleep 0.02; done"], stdout=subprocess.PIPE)
    first.stdout.readline()
    first.terminate()
    expect(first.wait(DEADLINE), 9, "SIGTERM")
    expect(run("claude", "-q", script="cat", input="x").stdout, "x", "standard input")


def main():
    tap = Tap()
    os.environ.pop("TOKENQUOTA_RUN", None)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["TOKENQUOTA_LEDGER"] = os.path.join(folder, "ledger")
        tap.check_all(globals())
    return tap.end()


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv[1])
    sys.exit(main())
