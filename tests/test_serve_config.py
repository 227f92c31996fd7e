#!/usr/bin/env python3
# test_serve_config.py: the daemon's configuration: keys, mistakes with their lines, the ledger, SIGHUP, jobs.
# SPDX-License-Identifier: MIT
#
#     test_serve_config.py COMMAND
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from serve_fixture import DEADLINE, Daemon
from tap import Tap

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILES = ROOT / "tests/cli/files"
SAMPLE = ROOT / "sample/serve.ini"

# What is right, a section each.
GOOD = """
[serve]
listen = 127.0.0.1:8377
listen = [::1]:8377
listen: localhost:1
[serve]
[serve]
name = quota.example.com
name = other
[serve]
unix = /tmp/a b
[serve]
threads = 64
[serve]
ids = 1M
[serve]
allow-plain-http = yes
cors-limits = no ; a remark
[provider a]
budget = 5M
[provider a]
budget = none
[provider a]
budget =
[provider a]
rule = off
[provider a]
rule = default
[provider a]
care = 5/4
[provider a]
rule = care
care = 2
[provider a]
pool = b
[provider a]
pool =
[provider a]
weights = input:1,cache_read:0.1
price = input:3,output:$15
[provider a]
overage = stop
[provider a]
limit = 900 requests per day America/Los_Angeles
limit = $40 per month
  ; a remark
limit = 7d opus reserve 10%
[provider a]
poll = echo "a ; b"
every = 10s
timeout = 1s
profile = anthropic
[provider a]
probe = echo one
\ttwo
   three
profile = auto
[provider NAME with spaces / and "marks" {x} 日本語]
[provider x=y]
  budget = 1
[pool a]
budget = 1
[import claude]
[import all]
[import any name]
source = codex
path = /a
path = /b
[import csv]
path = /a.csv
provider = {model}
count = total
"""

# What is wrong: the lines, and for each mistake its line and what is said of it.
WRONG = [
    ("budget = 5", [(1, "the key stands before the first section; write [serve] above it")]),
    ("# remark\n\n[serv]", [(3, 'unknown section "serv"; did you mean "serve"?')]),
    ("[xyz a]\nany = 1\n[serve]\nunx = 1",
     [(1, 'unknown section "xyz"; write [serve], [sync], [provider NAME], [pool NAME] or [import NAME]'),
      (4, 'unknown key "unx"; did you mean "unix"?')]),
    ("[]", [(1, 'unknown section ""')]),
    ("[serve", [(1, 'the section has no "]"')]),
    ("[serve] x", [(1, 'there is something behind the "]"')]),
    ("[serve x]", [(1, "[serve] has no name; write [serve]")]),
    ("[provider]", [(1, "the section has no name; write [provider NAME]")]),
    ("[import  ]", [(1, "the section has no name; write [import NAME]")]),
    ("[provider " + "x" * 400 + "]", [(1, "the name of the section is too long")]),
    ("[provider " + "x" * 256 + "]", [(1, "name")]),
    ("[provider a\x01b]", [(1, "name")]),
    ("[serve]\n[provider a]\n[serve]", [(3, "[serve] has a section at line 1 already; write its keys there")]),
    ("[provider a]\n[provider b]\n[pool a]", [(3, "a has a section at line 1 already; write its keys there")]),
    ("".join("[provider %d]\n" % i for i in range(64)) + "[provider 5]\n", [(65, "5 has a section at line 6 already")]),
    ("".join("[import %d]\nsource = claude\n" % i for i in range(64)) + "[import 5]\nsource = claude\n",
     [(129, "5 has a section at line 11 already")]),
    ("[import claude]\n[import claude]", [(2, "claude has a section at line 1 already")]),
    ("[serve]\nlisten", [(2, "this is no section, and no KEY = VALUE")]),
    ("[serve]\nlisten = 8377", [(2, 'listen: "8377" is no HOST:PORT; write as in 127.0.0.1:8377')]),
    ("[serve]\nlisten = a:99999", [(2, "is no HOST:PORT")]),
    ("[serve]\nlisten = ::1:80", [(2, "an IPv6 address without brackets")]),
    ("[serve]\n" + "listen = a:1\n" * 17, [(18, "listen: \"a:1\" is one address too many")]),
    ("[serve]\nname = a:80", [(2, 'name: "a:80" is no name; write as in quota.example.com, without a port')]),
    ("[serve]\n" + "name = a\n" * 17, [(18, "name: \"a\" is one name too many")]),
    ("[serve]\nunix =", [(2, "unix: it has no value")]),
    ("[serve]\nunix = a\nunix = b", [(3, '"unix" is given twice; give one value')]),
    ("[serve]\ntoken-file =", [(2, "token-file: it has no value")]),
    ("[serve]\nread-token-file =", [(2, "read-token-file: it has no value")]),
    ("[serve]\nthreads = 0", [(2, 'threads: "0" is no number from 1 to 64')]),
    ("[serve]\nthreads = 65", [(2, 'threads: "65" is no number from 1 to 64')]),
    ("[serve]\nids = -1", [(2, 'ids: "-1" is no number from 1 to 16777216')]),
    ("[serve]\nallow-plain-http = maybe", [(2, 'allow-plain-http: "maybe" is neither; write yes or no')]),
    ("[serve]\ncors-limits =", [(2, 'cors-limits: "" is neither; write yes or no')]),
    ("[provider a]\nbugdet = 1", [(2, 'unknown key "bugdet"; did you mean "budget"?')]),
    ("[provider a]\nlisten = 1", [(2, 'the key "listen" belongs to [serve]')]),
    ("[provider a]\nzzzzzz = 1", [(2, 'unknown key "zzzzzz"; write budget, rule, care, pool, weights, price, overage, '
                                      "cut, limit, profile, poll, every, probe or timeout")]),
    ("[provider a]\nbudget = 5X", [(2, 'budget: "5X" is not a number of tokens; write for example 5000000')]),
    ("[provider a]\nrule = cares", [(2, 'rule: "cares" is not a rule; write care, off, original, horizon or default')]),
    ("[provider a]\ncare = 9", [(2, 'care: "9" is no care; write 0 to 8 in steps of a quarter')]),
    ("[provider a]\nrule = off\ncare = 2", [(1, "a care makes care the provider's rule")]),
    ("[provider a]\npool = a", [(2, '"a": its pool cannot be that: there would be a circle, or a fourth level')]),
    ("[provider a]\npool = b\n[provider b]\npool = c\n[provider c]\npool = d\n[provider d]\npool = e",
     [(6, "there would be a circle, or a fourth level")]),
    ("[provider a]\nweights = inpt:1", [(2, 'weights: unknown class "inpt"; did you mean "input"?')]),
    ("[provider a]\nprice = input", [(2, 'price: "input" is no class with a number; write as in: price=input:3')]),
    ("[provider a]\noverage = stopp", [(2, 'overage: unknown overage "stopp"; did you mean "stop"?')]),
    ("[provider a]\nlimit = 900 requests", [(2, 'limit: in "900 requests"')]),
    ("[provider a]\nlimit =", [(2, "limit: ")]),
    ("[provider a]\nlimit = 9 requests per day Mars/Phobos", [(2, '"Mars/Phobos": there is no such zone')]),
    ("[provider a]\nlimit = 900 requests per day\nlimit = 800 requests per day",
     [(3, "this is a limit of above with another amount or reserve; write one of them")]),
    ("[provider a]\n" + "".join("limit = %d requests per %dd rolling\n" % (i, i) for i in range(1, 10)),
     [(10, "limit: a provider has at most 8 limits")]),
    ("[provider a]\nprofile = antropic\nprobe = x",
     [(2, 'profile: there is no profile "antropic"; did you mean "anthropic"?')]),
    ("[provider a]\nprofile = openai", [(1, "profile goes with poll or probe")]),
    ("[provider a]\ntimeout = 1m", [(1, "timeout goes with poll or probe")]),
    ("[provider a]\nprobe = x\nevery = 1m", [(1, "every goes with poll; a probe runs when it is due")]),
    ("[provider a]\npoll = x\nevery = 1s", [(2 + 1, "every is at least 10s")]),
    ("[provider a]\npoll = x\nevery = soon", [(3, 'every: "soon" is not a length of time; write for example 15m')]),
    ("[provider a]\npoll = x\ntimeout = 0s", [(3, 'timeout: "0s" must be longer than 0')]),
    ("[provider a]\npoll =", [(2, "poll: it has no value")]),
    ("[provider a]\npoll = " + "x" * 300, [(2, "the line is longer than 197 bytes; split it: a line that begins with a "
                                               "blank goes on with the value above")]),
    ("[provider a]\npoll = x\n" + (" " + "y" * 190 + "\n") * 22, [(24, "the command is longer than 4095 bytes")]),
    ("[provider a]\nbudget = 5M\n rule = off",
     [(3, 'the line begins with a blank, so it goes on with "budget" above')]),
    ("[import zlaude]", [(1, "the name is none of a source; write source = claude")]),
    ("[import a]\nsource = cluade", [(2, 'source: unknown source "cluade"; did you mean "claude"?')]),
    ("[import all]\npath = /a", [(1, "all finds the logs by itself; to read /a, name its source")]),
    ("[import csv]", [(1, "csv has no folder of its own; name a PATH")]),
    ("[import claude]\npath =", [(2, "path: it has no value")]),
    ("[import claude]\nprovider = {tol}", [(2, "provider: ")]),
    ("[import claude]\ncount = all", [(2, 'count: "all" is neither; write counted or total')]),
    ("[serve]\n\0", [(2, "there is a byte of zero; it takes text")]),
    ("[serve]\n# \udcff", [(1, "the file is not UTF-8")]),
]


def expect(have, want, what=""):
    if have != want:
        raise AssertionError("%s: %r, not %r" % (what, have, want))


def until(what, check):
    """Looks until the check holds, and gives what it gave."""
    end = time.monotonic() + DEADLINE
    while not (found := check()):
        if time.monotonic() > end:
            raise AssertionError("never: " + what)
        time.sleep(0.01)
    return found


class Configured(Daemon):
    """A daemon with a configuration, whose lines are in a file. ledger: that of another one."""

    def __init__(self, command, text, ledger=None):
        super().__init__(command)
        self.text, self.other = text, ledger

    def start(self):
        if self.other:
            self.ledger = self.environment["TOKENQUOTA_LEDGER"] = self.other
        self.config = self.folder / "serve.ini"
        self.log = self.folder / "log"
        self.write(self.text)
        self.begin()

    def begin(self):
        from_here = len(self.lines())
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.command, "serve", "--listen", "127.0.0.1:0", "--config", self.config],
                                            env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        found = self.wait_line(r"listening on http://127\.0\.0\.1:(\d+)", from_here)
        self.port = int(found.group(1))

    def stop(self):
        """Its lines are in the file, not in a pipe; of a sanitizer they are shown."""
        if not self.process:
            return None
        self.process.terminate()
        try:
            code = self.process.wait(timeout=DEADLINE)
        finally:
            self.process.kill()
            self.process = None
        if code != 0:
            print("# " + "\n# ".join(self.lines()[-30:]), flush=True)
        return code

    def write(self, text):
        self.config.write_text(text.replace("FOLDER", str(self.folder)))

    def lines(self):
        text = self.log.read_text() if self.log.exists() else ""
        return [line.removeprefix("tokenquota: serve: ") for line in text.splitlines()]

    def wait_line(self, pattern, from_here=0):
        return until(pattern, lambda: next(filter(None, (re.search(pattern, line)
                                                         for line in self.lines()[from_here:])), None))

    def reload(self, text=None):
        """Gives the lines that it said meanwhile."""
        if text is not None:
            self.write(text)
        before = len(self.lines())
        self.process.send_signal(signal.SIGHUP)
        last = self.wait_line(r"^the files were read again$|^nothing was changed$", before).group(0)
        said = self.lines()[before:]
        return said[:said.index(last)]

    def count(self, name):
        path = self.folder / name
        return len(path.read_text().splitlines()) if path.exists() else 0

    def script(self, name, text):
        (self.folder / name).write_text(text.replace("FOLDER", str(self.folder)).replace("FILES", str(FILES)))


def check(command, text, *more):
    """serve --check: exit status, standard output, lines of standard error."""
    with tempfile.TemporaryDirectory(prefix="tq-config-") as folder:
        path = pathlib.Path(folder) / "serve.ini"
        if text is not None:
            path.write_text(text, errors="surrogateescape")
        done = subprocess.run([command, "serve", "--check", "--config", "serve.ini", "--ledger", "ledger", *more],
                              cwd=folder, env={**os.environ, "HOME": folder}, capture_output=True, text=True,
                              timeout=DEADLINE)
        expect(set(os.listdir(folder)) - {"serve.ini"}, set(), "files")
        return done.returncode, done.stdout, done.stderr.replace("tokenquota: serve: ", "").splitlines()


# ---- the file ------------------------------------------------------------------------------------


def test_good(command):
    for section in re.split(r"\n(?=\[)", GOOD.strip()):
        for text in (section + "\n", "\ufeff" + section.replace("\n", "\r\n")):
            expect(check(command, text), (0, "serve.ini: no mistake found\n", []), section)


def test_mistakes(command):
    for text, mistakes in WRONG:
        status, out, lines = check(command, text)
        expect((status, out), (2, ""), text)
        expect(len(lines), len(mistakes), "%r: %s" % (text[:80], lines))
        for line, (number, said) in zip(lines, mistakes):
            if not line.startswith("serve.ini:%d: " % number) or said not in line:
                raise AssertionError("%r: %r, not %d: %r" % (text[:80], line, number, said))


def test_all_mistakes(command):
    status, _, lines = check(command, "[provider a]\nrule = x\nbudget = y\n[import]\n[serve]\nlisten\nz = 1\n")
    expect((status, [line.split(":")[1] for line in lines]), (2, ["2", "3", "4", "6", "7"]), "lines")


def test_no_file(command):
    expect(check(command, None), (2, "", ["serve.ini: No such file or directory"]), "none")
    status, _, lines = check(command, "#" * (1 << 20) + "\n")
    expect((status, lines), (2, ["serve.ini: it is larger than 1048576 bytes"]), "large")


def test_everybody(command):
    with Configured(command, "[provider a]\n") as daemon:
        daemon.config.chmod(0o666)
        said = daemon.reload("[provider a]\npoll = touch FOLDER/ran\n")
        expect(said, ["%s: everybody may write it, and its commands run as you; run chmod o-w on it" % daemon.config],
               "said")
        daemon.config.chmod(0o664)
        expect(daemon.reload(), [], "its group may")
        until("the command", lambda: (daemon.folder / "ran").exists())


def test_tokens_and_reach(command):
    status, _, lines = check(command, "[serve]\nlisten = 0.0.0.0:8377\n")
    expect((status, "callers need a token" in lines[0]), (2, True), lines)
    with Configured(command, "") as daemon:
        text = "[serve]\nlisten = 127.0.0.1:%d\nlisten = localhost:8377\n" % daemon.port
        expect(check(command, text)[0], 0, "beside the daemon")
    status, _, lines = check(command, "[serve]\ntoken-file = none\n")
    expect((status, lines), (2, ["the file of tokens none is not there; run: (umask 077; openssl rand -hex 24 >none)"]), "no file")
    status, _, lines = check(command, "[serve]\nlisten = 192.0.2.1:1\ntoken-file = none\n")
    expect((status, len(lines), "192.0.2.1" in lines[1]), (2, 2, True), "both: %s" % lines)


def test_sample(command):
    text = SAMPLE.read_text()
    expect(check(command, text)[0], 0, "as it is")
    head, serve, rest = text.partition("[serve]")
    on = serve + re.sub(r"(?m)^# ?(    |\[sync\]|[a-z-]+ = )", r"\1", rest)
    on = re.sub(r"(?m)^(read-)?token-file = .*\n", "", on)
    expect(check(command, on), (0, "serve.ini: no mistake found\n", []), "with all keys")
    blocks = re.findall(r"(?ms)^```ini\n(.*?)^```$", (ROOT / "docs/serve.md").read_text())
    expect([block for block in blocks if block not in text], [], "what docs/serve.md quotes")
    expect(len(blocks) >= 3, True, "quotes")
    keys = set(re.findall(r"(?m)^(?:# )?([a-z-]+) = ", text))
    for section in ("serve", "sync", "provider a", "import claude"):
        said = check(command, "[%s]\nzzzzzzzz = 1\n" % section)[2][0]
        wanted = re.split(r", | or ", said.partition("; write ")[2])
        expect(set(wanted) - keys, set(), "keys of [%s] that the sample does not have" % section)


def test_found(command):
    unit = (ROOT / "contrib/systemd/tokenquota.service.in").read_text()
    expect("\nEnvironment=XDG_CONFIG_HOME=/etc\n" in unit and "--config" not in unit, True, "/etc/tokenquota/serve.ini")
    with tempfile.TemporaryDirectory(prefix="tq-config-") as folder:
        home = {**os.environ, "HOME": folder}
        home.pop("XDG_CONFIG_HOME", None)
        for variable, below in (("HOME", ".config/tokenquota"), ("XDG_CONFIG_HOME", "config/tokenquota")):
            place = pathlib.Path(folder) / below
            place.mkdir(parents=True)
            (place / "serve.ini").write_text("[x]\n")
            if variable == "XDG_CONFIG_HOME":
                home[variable] = folder + "/config"
            done = subprocess.run([command, "serve", "--check", "--ledger", folder + "/ledger"], env=home,
                                  capture_output=True, text=True, timeout=DEADLINE)
            expect((done.returncode, "%s/serve.ini:1: unknown section" % place in done.stderr), (2, True), done.stderr)


# ---- the ledger ----------------------------------------------------------------------------------

FIRST = """[pool account]
budget = 40M
[provider claude]
pool = account
budget = 5M
care = 2
weights = output:5
price = input:3,output:15
overage = stop
limit = 900 requests per day
"""


def test_reconciled(command):
    with Configured(command, FIRST) as daemon:
        expect(daemon.lines()[:-1], [
            "account: budget none -> 40M", "claude: budget none -> 5M", "claude: care default -> 2",
            "claude: pool none -> account", "claude: weights none -> output:5",
            "claude: price none -> input:3,output:15",
            "claude: overage allow -> stop", "claude: limit 1 is new: 900 requests per day"], "the first time")
        expect(daemon.said("set", "claude"), {
            "schema": 1, "provider": "claude", "budget": 5000000, "rule": "care", "care": 2.0, "pool": "account",
            "weights_thousandths": {"input": 1000, "cache_read": 1000, "cache_write": 1000, "output": 5000},
            "price_micro_usd": {"input": 3000000, "cache_read": None, "cache_write": None, "output": 15000000},
            "overage": "stop", "cut": "share"}, "set")
        expect(daemon.reload(), [], "applied again")
        daemon.run("observe", "claude", "1000")
        daemon.run("limit", "claude", "add", "$40 per month")
        daemon.run("set", "account", "rule=off")
        expect(daemon.reload(FIRST.replace("5M", "6M").replace("900", "950")), [
            "account: rule off is in the ledger and not in the configuration; it stays",
            "claude: budget 5M -> 6M", "claude: limit 1: 900 requests per day -> 950 requests per day",
            "claude: limit 2 ($40 per month) is in the ledger and not in the configuration; it stays"], "changed")
        expect(daemon.reload(), [], "applied again")
        expect(daemon.reload("[provider claude]\nbudget =\npool = none\n")[:2],
               ["claude: budget 6M -> none", "claude: pool account -> none"], "taken away")
        expect(json.loads(daemon.run("status", "claude", "--json").stdout)["providers"][0]["used"], 1000, "counts")
        daemon.stop()
        from_here = len(daemon.lines())
        daemon.begin()
        expect([line for line in daemon.lines()[from_here:-1] if "->" in line or "new" in line], [], "restarted")


def test_refused(command):
    """What this ledger alone refuses is said, and the rest is done."""
    with Configured(command, "[provider a]\n") as daemon:
        for days in range(1, 9):
            daemon.run("limit", "a", "add", "9 requests per %dd rolling" % days)
        said = daemon.reload("[provider a]\nlimit = 9 requests per 20d rolling\n[provider b]\nbudget = 1\n")
        expect((said[0].startswith(str(daemon.config) + ':2: "a": '), said[-1]), (True, "b: budget none -> 1"), said)
        expect(daemon.get("/healthz").status, 200, "alive")


# ---- SIGHUP --------------------------------------------------------------------------------------


def test_bad_file(command):
    with Configured(command, "[provider a]\nbudget = 1k\n") as daemon:
        said = daemon.reload("[provider a]\nbudget = 2k\nbugdet = 3\n[provider b]\n")
        expect(said, ['%s:3: unknown key "bugdet"; did you mean "budget"?' % daemon.config], "said")
        expect(daemon.run("budget", "a").stdout, "1000\n", "budget")
        expect(daemon.run("budget", "b", good=(2,)).returncode, 2, "b")
        daemon.config.unlink()
        expect(daemon.reload(), ["%s: No such file or directory" % daemon.config], "no file")
        expect(daemon.reload("[provider a]\nbudget = 3k\n"), ["a: budget 1k -> 3k"], "mended")


def test_later(command):
    with Configured(command, "[serve]\nthreads = 2\n") as daemon:
        said = daemon.reload("[serve]\nunix = FOLDER/socket\nids = 5\nthreads = 3\nname = x\n")
        expect(said, ["%s changed in the configuration; restart the daemon for it" % key
                      for key in ("name", "unix", "threads", "ids")], "said")
        expect((daemon.folder / "socket").exists(), False, "socket")
        expect(daemon.reload("[serve]\nlisten = 127.0.0.1:1\nthreads = 2\n"), [], "the command line's listen stays")


def test_names(command):
    with Configured(command, "[serve]\nname = quota.example.com\n") as daemon:
        def ask(host):
            return daemon.get("/v1/status", headers={"Host": host}).status

        expect([ask("quota.example.com"), ask("other.example.com")], [200, 421], "host")


def write_token(path, token):
    path.write_text(token + "\n")
    path.chmod(0o600)


def test_tokens(command):
    with Configured(command, "") as daemon:
        def ask(token):
            return daemon.get("/v1/status", headers={"Authorization": "Bearer " + token} if token else {}).status

        write_token(daemon.folder / "a", "a" * 20)
        write_token(daemon.folder / "b", "b" * 20)
        expect(ask(None), 200, "without a file")
        daemon.reload("[serve]\ntoken-file = FOLDER/a\n")
        expect([ask(None), ask("a" * 20), ask("b" * 20)], [401, 200, 401], "a")
        daemon.reload("[serve]\nread-token-file = FOLDER/b\n")
        expect([ask("a" * 20), ask("b" * 20)], [401, 200], "b")
        write_token(daemon.folder / "b", "c" * 20)
        daemon.reload()
        expect([ask("b" * 20), ask("c" * 20)], [401, 200], "the same file")
        (daemon.folder / "b").chmod(0o644)
        expect("others may read" in daemon.reload()[0], True, "mode")
        expect(ask("c" * 20), 200, "as before")


def test_under_load(command):
    """Nothing is lost or refused while files good and bad are read."""
    with Configured(command, FIRST) as daemon:
        done, wrong, stop = [0] * 4, [], threading.Event()
        body = json.dumps({"provider": "load", "tokens": 1})

        def work(number):
            connection = None
            try:
                while not stop.is_set():
                    if not connection or done[number] % 50 == 0:
                        connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=DEADLINE)
                    if number % 2:
                        connection.request("GET", "/v1/verdict?provider=claude")
                    else:
                        connection.request("POST", "/v1/observe", body, {"Content-Type": "application/json"})
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status != 200:
                        wrong.append(answer.status)
                    done[number] += 1
            except OSError as fault:
                wrong.append(fault)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        texts = [FIRST, FIRST.replace("5M", "6M"), "[bad]\n", FIRST + "[provider x]\npoll = sleep 100\n"]
        for i in range(20):
            before = sum(done)
            daemon.reload(texts[i % len(texts)])
            until("requests go on", lambda: sum(done) > before + 20 or wrong)
        stop.set()
        for thread in threads:
            thread.join()
        expect(wrong, [], "after %d requests" % sum(done))
        expect(used(daemon, "load"), done[0] + done[2], "each record that was acknowledged, once")


# ---- jobs ----------------------------------------------------------------------------------------

PROBE = """echo run >>FOLDER/ran
cat FILES/openai_200.http
"""


def test_probe_once(command):
    """Two daemons see that a probe is due: one asks, and its answer puts the provider back."""
    with Configured(command, "[provider openai]\n") as one:
        one.script("probe.sh", PROBE)
        text = "[provider openai]\nprobe = sh %s/probe.sh\n" % one.folder
        one.run("signal", str(FILES / "openai_no_money.http"), "--provider", "openai", "--at", "now-2h")
        with Configured(command, "[provider openai]\n", one.ledger) as two:
            for daemon in (one, two):
                daemon.write(text)
                daemon.process.send_signal(signal.SIGHUP)
            until("the probe's answer", lambda: one.get("/v1/verdict?provider=openai").json()["state"] == "available")
            expect(two.get("/v1/verdict?provider=openai").json()["state"], "available", "the other one")
            expect(one.reload() + two.reload(), [], "nothing is said")
        expect(one.count("ran"), 1, "runs")


def test_probe_refused(command):
    """A probe that fails is said, and the next one is due later."""
    with Configured(command, "[provider openai]\nprobe = echo run >>FOLDER/ran; exit 3\n") as daemon:
        daemon.run("signal", str(FILES / "openai_no_money.http"), "--provider", "openai", "--at", "now-2h")
        daemon.wait_line(r'^openai: "/bin/sh" exited with status 3$')
        expect(daemon.get("/v1/verdict?provider=openai").json()["state"], "quota_exhausted", "state")
        expect(daemon.count("ran"), 1, "runs")


def test_replaced(command):
    """A job goes on with the ledger that replaces the one that it had open."""
    with Configured(command, "[provider openai]\nprobe = sh FOLDER/probe.sh\n") as daemon:
        daemon.script("probe.sh", PROBE)
        fds = pathlib.Path("/proc/%d/fd" % daemon.process.pid)
        until("the job has it open", lambda: [os.path.realpath(fd) for fd in fds.iterdir()].count(daemon.ledger) == 2)
        os.rename(daemon.ledger, daemon.ledger + ".old")
        daemon.run("signal", str(FILES / "openai_no_money.http"), "--provider", "openai", "--at", "now-2h")
        until("the probe's answer", lambda: daemon.said("status", "openai")["providers"][0]["state"] == "available")
        expect(daemon.count("ran"), 1, "runs")


def test_poll(command):
    """One of two daemons polls; the command has no descriptor of the daemon, and its answer is applied."""
    text = "[provider claude]\npoll = ls -l /proc/$$/fd >FOLDER/fds; echo run >>FOLDER/ran;\n cat FOLDER/claude.json\n"
    with Configured(command, "") as one:
        text = text.replace("FOLDER", str(one.folder))
        limits = {"five_hour": {"used_percentage": 43, "resets_at": int(time.time()) + 3600},
                  "seven_day": {"used_percentage": 81, "resets_at": int(time.time()) + 86400}}
        (one.folder / "claude.json").write_text(
            json.dumps({"session_id": "1", "model": {"id": "claude-opus-4-1"}, "rate_limits": limits}))
        with Configured(command, "", one.ledger) as two:
            one.reload(text)
            until("a run", lambda: one.count("ran"))
            two.reload(text)
            two.wait_line("^claude: another process polls claude; waiting$")
            expect(one.count("ran"), 1, "runs")
            limits = until("limits", lambda: one.said("limit", "claude", "list")["providers"])
            expect([limit["window"] for limit in limits[0]["limits"]], ["stated"] * 2, "limits")
            links = re.findall(r" (\d+) -> (\S+)", (one.folder / "fds").read_text())
            odd = [link for link in links if re.search("ledger|socket|anon_inode|signalfd|imports", link[1])]
            expect(odd, [], "descriptors")


def test_kept_and_replaced(command):
    """SIGHUP leaves a job alone that is the same, and ends the command of one that changed."""
    text = "[provider %s]\npoll = echo $$ >>FOLDER/%s; exec sleep 1000\ntimeout = 1h\n"

    def pids(name):
        path = daemon.folder / name
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def lives(pid):
        return os.path.exists("/proc/%d" % pid)

    with Configured(command, text % ("a", "a") + text % ("b", "b")) as daemon:
        until("both run", lambda: pids("a") and pids("b"))
        daemon.reload(text % ("a", "a") + (text % ("b", "b2")) + (text % ("c", "c")))
        until("the old one's end", lambda: not lives(pids("b")[0]))
        until("a new one", lambda: pids("c"))
        expect((len(pids("a")), lives(pids("a")[0])), (1, True), "the same")
        daemon.reload("")
        until("no job is left", lambda: not lives(pids("a")[0]) and not lives(pids("c")[0]))
        daemon.reload(text % ("d", "d"))
        until("one more", lambda: pids("d"))
        expect(daemon.stop(), 0, "exit")
        expect(lives(pids("d")[0]), False, "ended with the daemon")


def line_of(number):
    usage = {"input_tokens": 100, "output_tokens": 1}
    return json.dumps({"type": "assistant", "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                       "sessionId": "s", "requestId": "r%d" % number,
                       "message": {"id": "m%d" % number, "model": "opus", "usage": usage}}) + "\n"


def used(daemon, name):
    rows = json.loads(daemon.run("status", "--json").stdout)["providers"]
    return next((row["used"] for row in rows if row["provider"] == name), 0)


IMPORT = "[import work]\nsource = claude\npath = FOLDER/logs\nprovider = work/{model}\n[import rows]\nsource = csv\n" \
         "path = FOLDER/rows.csv\n"


def test_follow(command):
    """Logs of two importers are counted as they grow, once, though two daemons are asked to."""
    with Configured(command, IMPORT) as one:
        one.wait_line("import work: .*/logs is not there yet; it is read once it is")
        logs = one.folder / "logs/project"
        logs.mkdir(parents=True)
        with open(logs / "session.jsonl", "w") as log:
            for number in range(3):
                log.write(line_of(number))
        one.reload(IMPORT + "# the folder is there now\n")
        one.reload(IMPORT.replace("work/", "w/"))
        until("three responses", lambda: used(one, "w/opus") == 303)
        text = IMPORT.replace("FOLDER", str(one.folder)).replace("work/", "w/")
        with Configured(command, text, one.ledger) as two:
            two.wait_line("^import: .*")
            (one.folder / "rows.csv").write_text("provider,tokens,timestamp\nrow,7,%d\n" % time.time())
            with open(logs / "session.jsonl", "a") as log:
                log.write(line_of(3))
            until("one more", lambda: used(one, "w/opus") == 404)
            expect(one.stop(), 0, "exit")
            with open(logs / "session.jsonl", "a") as log:
                log.write(line_of(4))
            until("the other one takes over", lambda: used(two, "w/opus") == 505)
    with Configured(command, "") as none:
        expect(none.stop(), 0, "exit without jobs")


def main():
    tap = Tap()
    command = os.path.abspath(sys.argv[1])
    for test in (test_good, test_mistakes, test_all_mistakes, test_no_file, test_everybody, test_tokens_and_reach,
                 test_sample, test_found, test_reconciled, test_refused, test_bad_file, test_later, test_names,
                 test_tokens, test_under_load, test_probe_once, test_probe_refused, test_replaced, test_poll,
                 test_kept_and_replaced, test_follow):
        tap.check(test.__name__[5:].replace("_", " "), lambda: test(command))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
