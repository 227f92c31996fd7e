#!/usr/bin/env python3
# test_sync.py: machines that share limits through a real server: each a ledger and a `tokenquota sync` of its own.
# SPDX-License-Identifier: MIT
#
#     test_sync.py COMMAND
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

from redis import Redis
from sync_nodes import Node
from tap import Tap, expect, sentences, until

QUOTA = ('{"error":{"message":"You exceeded your current quota","type":"insufficient_quota",'
         '"code":"insufficient_quota"}}')


class Machine(Node):
    """What this test asks of a machine; commands may also say that a provider is out."""

    ANSWERS = (0, 1)

    def __init__(self, folder, name, url):
        super().__init__(COMMAND, folder, name, url)

    def serve(self, more="", provider=""):
        """The daemon, which exchanges the ledger by its configuration."""
        config = os.path.join(self.folder, "serve.ini")
        with open(config, "w", encoding="utf-8") as out:
            out.write("[sync]\nto = %s\nnode = %s\nevery = %s\n%s%s" % (self.url, self.name, self.every, more, provider))
        done = self.run("serve", "--config", config, "--check")
        expect((done.returncode, done.stderr), (0, ""), "the configuration")
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen([COMMAND, "serve", "--listen", "127.0.0.1:0", "--config", config], stdout=log,
                                            stderr=log, env=self.environment)

    def http(self, path, body=None):
        """The daemon, by its socket."""
        until("it listens", lambda: "http://127" in self.said())
        url = re.search(r"http://127[.:0-9]+", self.said()).group()
        with urllib.request.urlopen(urllib.request.Request(url + path, body, {"Content-Type": "application/json"})) as answer:
            expect(answer.status, 200, path)

    def provider(self, name):
        done = json.loads(self.quota("status", "--json"))
        return next((one for one in done["providers"] if one["provider"] == name), None)

    def verdict(self, name):
        one = self.provider(name)
        return (one["state"], one["reason"]) if one else None

    def used(self, name, sentence=None):
        """What all machines used, as this one knows it."""
        one = self.provider(name)
        if not one or sentence is None:
            return one and one["used"]
        return next((limit["used"] for limit in one["limits"] if limit["limit"] == sentence), None)

    def limits(self, name):
        one = self.provider(name)
        return sorted(limit["limit"] for limit in one["limits"]) if one else None


class Fleet:
    """A server, and machines around it."""

    def __init__(self, *names, starts=True):
        self.folder = tempfile.mkdtemp(prefix="sync.")
        self.server = Redis(os.path.join(self.folder, "server"))
        self.nodes = [Machine(self.folder, name, self.server.unix_url) for name in names]
        self.starts = starts

    def __enter__(self):
        self.server.start()
        for node in self.nodes if self.starts else []:
            node.start()
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            node.kill()
        self.server.kill()
        shutil.rmtree(self.folder)

    def all(self, what, ask, want):
        """Every machine comes to say so."""
        have = {}

        def agreed():
            have.update((node.name, ask(node)) for node in self.nodes)
            return all(one == want for one in have.values())

        try:
            until(what, agreed)
        except AssertionError:
            raise AssertionError("%s: %r, not %r; %s" % (what, have, want, [node.said() for node in self.nodes])) from None


# ---- counts ---------------------------------------------------------------------------------------------------------


def each_machine_knows_what_all_used():
    with Fleet("a", "b", "c") as fleet:
        fleet.nodes[0].quota("budget", "openai", "1M")
        fleet.all("the budget is everyone's", lambda node: (node.provider("openai") or {}).get("budget"), 1000000)
        for i, node in enumerate(fleet.nodes):
            for _ in range(3):
                node.quota("observe", "openai", str(100 * (i + 1)))
        fleet.all("the sum", lambda node: node.used("openai"), 1800)
        shown = fleet.nodes[0].quota("status", "openai")
        expect(len(re.findall(r"(?m)^  elsewhere +1,500 +heard .* ago$", shown)), 1, shown)
        fleet.nodes[2].quota("correct", "openai", "-300")
        fleet.all("what was taken back", lambda node: node.used("openai"), 1500)
        fleet.nodes[1].quota("observe", "openai", "1M")
        fleet.all("spent for all", lambda node: node.verdict("openai"), ("quota_exhausted", "spent"))
        expect([node.stop() for node in fleet.nodes], [0, 0, 0], "status after SIGTERM")


def that_the_others_are_heard_is_known_also_when_they_count_nothing():
    with Fleet("a", "b") as fleet:
        a, b = fleet.nodes
        a.quota("limit", "api", "add", "1M tokens per day")
        a.count("api", 10)
        until("b knows", lambda: b.provider("api") and b.sum("api") == 10)
        first = b.limit("api")["heard_at"]
        until("it is heard later, too", lambda: b.limit("api")["heard_at"] > first)
        expect(b.sum("api"), 10, "and the sum is as it was")


def rolling_first_use_refill_and_once_are_shared():
    sentences = ["100k tokens per 5h rolling", "100k tokens per 5h first-use", "200 requests once"]

    with Fleet("a", "b", "c") as fleet:
        for sentence in [*sentences, "90k tokens per hour refill"]:
            fleet.nodes[0].quota("limit", "claude", "add", sentence)
        fleet.all("the limits", lambda node: len(node.limits("claude") or []), 4)
        for node in fleet.nodes:
            node.quota("observe", "claude", "700")
        for sentence, want in zip(sentences, (2100, 2100, 3)):
            fleet.all(sentence, lambda node, it=sentence: node.used("claude", it), want)
        starts = {next(limit["start_at"] for limit in node.provider("claude")["limits"] if limit["window"] == "first-use")
                  for node in fleet.nodes}
        expect(len(starts), 1, "first use begins for all with the earliest: %s" % starts)


def a_strict_limit_is_never_exceeded():
    with Fleet("a", "b", "c") as fleet:
        fleet.nodes[0].quota("limit", "strict", "add", "20k tokens per day", "--strict")
        fleet.all("the limit", lambda node: node.limits("strict"), ["20k tokens per day"])
        taken = {}

        def race():
            for node in fleet.nodes:
                done = node.run("hold", "take", "strict", "1k", "--", COMMAND, "observe", "strict", "1k")
                taken[node.name] = taken.get(node.name, 0) + (done.returncode == 0)
            return sum(taken.values()) >= 18

        until("most of it can be had", race)
        for _ in range(5):
            race()
        if sum(taken.values()) > 20:
            raise AssertionError("more than the amount was spent: %r" % taken)


# ---- words and settings ---------------------------------------------------------------------------------------------


def marks_refusals_and_clears_are_known_everywhere():
    with Fleet("a", "b", "c") as fleet:
        fleet.nodes[1].quota("mark", "openai", "exhausted", "--for", "1h")
        fleet.all("a mark", lambda node: node.verdict("openai"), ("quota_exhausted", "marked"))
        fleet.nodes[2].quota("mark", "openai", "available")
        fleet.all("a mark that was cleared elsewhere", lambda node: node.verdict("openai"), ("available", None))
        refusal = os.path.join(fleet.folder, "refusal")
        with open(refusal, "w", encoding="utf-8") as out:
            out.write('HTTP/1.1 429 Too Many Requests\r\nretry-after: 3600\r\ncontent-type: application/json\r\n\r\n' + QUOTA)
        fleet.nodes[0].quota("signal", refusal, "--provider", "openai")
        fleet.all("a refusal", lambda node: node.verdict("openai"), ("quota_exhausted", "reported"))
        fleet.nodes[0].quota("mark", "openai", "available")
        fleet.all("it is overruled", lambda node: node.verdict("openai"), ("available", None))


def what_a_vendor_states_of_its_windows_is_known_everywhere_and_lifted_by_an_answer():
    def stated(node):
        one = node.provider("codex")
        return one and [(limit["limit"], limit["end_at"], limit["said"]["share_ppm"], limit["said"]["said_at"],
                         limit["said"]["profile"], limit["said"]["credit"]) for limit in one["limits"]]

    with Fleet("a", "b") as fleet:
        a, b = fleet.nodes

        def says(node, percent, at):
            response = os.path.join(fleet.folder, "response")
            with open(response, "w", encoding="utf-8") as out:
                out.write("HTTP/1.1 200 OK\r\nx-codex-credits-has-credits: false\r\n")
                for window, minutes, used in (("primary", 300, percent), ("secondary", 10080, 12)):
                    out.write("x-codex-%s-used-percent: %d\r\nx-codex-%s-window-minutes: %d\r\nx-codex-%s-reset-after-seconds: "
                              "6300\r\n" % (window, used, window, minutes, window))
                out.write("\r\n")
            node.quota("signal", response, "--provider", "codex", "--quiet", "--at", at)
            said = stated(node)
            expect([(limit, share) for limit, _, share, _, _, _ in said], [("5h", 10000 * percent), ("7d", 120000)], "here")
            return said

        fleet.all("the first words", stated, says(a, 40, "now-90s"))
        fleet.all("later ones", stated, says(b, 100, "now-60s"))
        fleet.all("a window that is used up", lambda node: node.verdict("codex"), ("quota_exhausted", "reported"))
        a.quota("probe", "success", "codex", "--sent-at", "now-30s")
        fleet.all("what an answer lifted", lambda node: node.verdict("codex"), ("available", None))
        expect(stated(a), stated(b), "the words stay")


def limits_pools_and_settings_are_set_everywhere():
    with Fleet("a", "b", "c") as fleet:
        fleet.nodes[0].quota("limit", "account", "add", "5M tokens per month reserve 10%")
        fleet.all("a limit", lambda node: node.limits("account"), ["5M tokens per month reserve 10%"])
        fleet.nodes[1].quota("limit", "account", "add", "$40 per week")
        fleet.all("both limits", lambda node: node.limits("account"),
                  ["$40 per week", "5M tokens per month reserve 10%"])
        fleet.nodes[2].quota("set", "model", "pool=account")
        fleet.all("a pool", lambda node: (node.provider("model") or {}).get("pool"), "account")
        fleet.nodes[1].quota("limit", "account", "add", "6M tokens per month reserve 10%")
        fleet.all("another amount", lambda node: node.limits("account"), ["$40 per week", "6M tokens per month reserve 10%"])
        fleet.nodes[0].quota("forget", "model", "--yes")
        fleet.all("forgotten settings", lambda node: (node.provider("model") or {}).get("pool"), None)


# ---- failures -------------------------------------------------------------------------------------------------------


def the_server_is_killed_and_comes_back_empty():
    with Fleet("a", "b", "c") as fleet:
        fleet.nodes[0].quota("budget", "openai", "1M")
        fleet.all("the budget", lambda node: (node.provider("openai") or {}).get("budget"), 1000000)
        for node in fleet.nodes:
            node.quota("observe", "openai", "1000")
        fleet.all("the sum", lambda node: node.used("openai"), 3000)
        fleet.server.kill()
        until("each says that it is cut off", lambda: all("cut off from" in node.said() for node in fleet.nodes))
        if "openai spends its share" not in fleet.nodes[0].said():
            raise AssertionError(fleet.nodes[0].said())
        expect(fleet.nodes[0].run("sync", "--status").returncode, 1, "status while cut off")
        explained = json.loads(fleet.nodes[0].quota("explain", "openai", "--json"))["providers"][0]
        for said in (fleet.nodes[0].provider("openai")["cut_off"], explained["cut_off"]):
            expect((said["cut"], said["since"][:2]), ("share", "20"), "status and explain as JSON")
        for node in fleet.nodes:
            node.quota("observe", "openai", "500")
        fleet.server.start()
        fleet.all("the sum, told again", lambda node: node.used("openai"), 4500)
        until("each says that it is back", lambda: all("answers again" in node.said() for node in fleet.nodes))
        until("status", lambda: fleet.nodes[0].run("sync", "--status").returncode == 0)
        expect(fleet.nodes[0].provider("openai")["cut_off"], None, "not cut off any more")


def an_old_ledger_is_put_back():
    with Fleet("a", "b") as fleet:
        a, b = fleet.nodes
        a.quota("budget", "openai", "1M")
        a.quota("observe", "openai", "1000")
        fleet.all("the sum", lambda node: node.used("openai"), 1000)
        a.quota("ledger", "backup", os.path.join(fleet.folder, "old"))
        a.quota("observe", "openai", "5000")
        a.quota("budget", "openai", "2M")
        a.quota("mark", "openai", "exhausted", "--for", "1h")
        fleet.all("the newer state", lambda node: (node.used("openai"), node.provider("openai")["budget"]), (6000, 2000000))
        a.stop()
        shutil.copy(os.path.join(fleet.folder, "old"), a.ledger)
        expect(a.provider("openai")["budget"], 1000000, "the old one's budget")
        a.start()
        fleet.all("what others know stands", lambda node: (node.used("openai"), node.provider("openai")["budget"],
                                                           node.verdict("openai")),
                  (6000, 2000000, ("quota_exhausted", "marked")))
        b.quota("observe", "openai", "100")
        a.quota("observe", "openai", "100")
        fleet.all("and is counted on", lambda node: node.used("openai"), 6200)


def an_old_ledger_in_which_as_much_was_set_is_put_back():
    with Fleet("a", "b") as fleet:
        a = fleet.nodes[0]
        a.quota("budget", "openai", "1M")
        a.quota("observe", "openai", "1000")
        a.quota("ledger", "backup", os.path.join(fleet.folder, "old"))
        a.quota("observe", "openai", "5000")
        a.quota("mark", "openai", "exhausted", "--for", "1h")
        fleet.all("the newer state", lambda node: (node.used("openai"), node.verdict("openai")),
                  (6000, ("quota_exhausted", "marked")))
        a.stop()
        shutil.copy(os.path.join(fleet.folder, "old"), a.ledger)
        expect(a.verdict("openai"), ("available", None), "the old one")
        a.start()
        fleet.all("what others know stands", lambda node: (node.used("openai"), node.verdict("openai")),
                  (6000, ("quota_exhausted", "marked")))


def hostile_words_in_the_server_change_nothing():
    with Fleet("a", "b") as fleet:
        a = fleet.nodes[0]
        a.quota("budget", "openai", "1M")
        fleet.all("the budget", lambda node: (node.provider("openai") or {}).get("budget"), 1000000)
        words = next(key for key in fleet.server.keys() if key.endswith(":w"))
        version, now = 4 * 10 ** 15, int(fleet.server.ask("TIME")[0])
        for name, value in (("settings", "budget -5\n"), ("settings", "limit 7 5M tokens per day\n"), ("settings", "x" * 5000),
                            ("reported", "ffffffffffffffff 0 0"), ("reported", "zz"), ("throttled", "1 1"), ("mark", "-1"),
                            ("mark", "99999999999999999999"), ("available", "9223372036854775807"), ("served", "x"),
                            ("stated:8:300:%00", "1 2 3"), ("stated:99:1:", "1000001 9 9 9 9 9 9"), ("unheard-of", "1")):
            version += 1
            field = "openai\n" + name
            fleet.server.ask("HSET", words, field, "%d z %s" % (1000 * now + 60000 + version % 1000, value), ":v", version)
            fleet.server.ask("ZADD", words[:-1] + "o", version, field)
            a.quota("observe", "openai", "10")
        fleet.all("the counts go on", lambda node: node.used("openai"), 130)
        refused = r"(?m)^tokenquota_sync_words_refused_total [1-9]"
        until("they were heard", lambda: re.search(refused, a.quota("status", "--prometheus")))
        fleet.all("all is as it was",
                  lambda node: (node.verdict("openai"), node.provider("openai")["budget"], node.limits("openai")),
                  (("available", None), 1000000, []))
        expect([node.stop() for node in fleet.nodes], [0, 0], "status")


def a_ledger_is_replaced_under_its_process():
    with Fleet("a", "b") as fleet:
        a = fleet.nodes[0]
        a.quota("budget", "openai", "1M")
        a.quota("observe", "openai", "1000")
        a.quota("ledger", "backup", a.ledger + ".old")
        a.quota("observe", "openai", "200")
        fleet.all("the sum", lambda node: node.used("openai"), 1200)
        os.rename(a.ledger + ".old", a.ledger)
        until("it says so", lambda: "was replaced" in a.said())
        fleet.all("what others know stands", lambda node: node.used("openai"), 1200)


def what_was_counted_while_cut_off_is_told_by_its_bucket():
    with Fleet("a", "b") as fleet:
        a = fleet.nodes[0]
        a.quota("limit", "openai", "add", "1M tokens per 15min rolling")
        fleet.all("the limit", lambda node: len(node.limits("openai") or []), 1)
        sentence = a.limits("openai")[0]
        fleet.server.kill()
        until("it is cut off", lambda: "cut off from" in a.said())
        a.quota("observe", "openai", "100", "--at", "now-5m")
        a.quota("observe", "openai", "20", "--at", "now-2m")
        fleet.server.start()
        fleet.all("the sum of all buckets", lambda node: node.used("openai", sentence), 120)


def a_record_that_comes_late_is_told_by_its_bucket():
    with Fleet("a", "b") as fleet:
        a = fleet.nodes[0]
        a.quota("limit", "openai", "add", "1M tokens per 15min rolling")
        fleet.all("the limit", lambda node: len(node.limits("openai") or []), 1)
        sentence = a.limits("openai")[0]
        until("nobody catches up any more", lambda: a.run("sync", "--status").returncode == 0 and a.status()["flushes"] > 70)
        a.quota("observe", "openai", "100", "--at", "now-10m")
        a.quota("observe", "openai", "20", "--at", "now-2m")
        fleet.all("the sum of all buckets", lambda node: node.used("openai", sentence), 120)


def of_all_machines_one_has_the_probe():
    with Fleet("a", "b", "c") as fleet:
        refusal = os.path.join(fleet.folder, "refusal")
        with open(refusal, "w", encoding="utf-8") as out:
            out.write('HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\n\r\n' + QUOTA)
        fleet.nodes[0].quota("limit", "openai", "add", "1M tokens per day")
        fleet.all("the limit", lambda node: len(node.limits("openai") or []), 1)
        fleet.nodes[0].quota("signal", refusal, "--provider", "openai", "--at", "now-10m")
        fleet.all("the refusal", lambda node: node.verdict("openai"), ("quota_exhausted", "reported"))
        takers = []

        def somebody_took_it():
            takers.extend(node for node in fleet.nodes if node.run("probe", "take", "openai").returncode == 0)
            return takers

        until("one takes the probe", somebody_took_it)
        for _ in range(5):
            somebody_took_it()
        expect(len(takers), 1, "takers")
        takers[0].quota("probe", "success", "openai")
        fleet.all("it is back", lambda node: node.verdict("openai"), ("available", None))


def a_daemon_exchanges_and_says_how_it_goes():
    with Fleet("a", "b", starts=False) as fleet:
        a, b = fleet.nodes
        b.start()
        a.serve(provider="[provider openai]\nbudget = 1M\n")
        fleet.all("the budget", lambda node: (node.provider("openai") or {}).get("budget"), 1000000)
        a.quota("observe", "openai", "100")
        b.quota("observe", "openai", "10")
        fleet.all("the sum", lambda node: node.used("openai"), 110)
        until("the metrics", lambda: "tokenquota_sync_machines 2" in a.quota("status", "--prometheus"))
        metrics = a.quota("status", "--prometheus")
        table = pathlib.Path(__file__).parent.parent.joinpath("docs/metrics.md").read_text()
        documented = re.findall(r"`(tokenquota_sync_\w+)`", table)
        expect(set(re.findall(r"(?m)^(tokenquota_sync_\w+)", metrics)), set(documented), "the series of docs/metrics.md")
        # A process that the machine does not let run for a second is cut off.
        for series in ("tokenquota_sync_cut 0", 'tokenquota_sync_overshoot_bound{provider="openai"}'):
            until(series, lambda it=series: it in a.quota("status", "--prometheus"))

        def state_is_whole():
            state = json.loads(a.quota("sync", "--status", "--json"))
            return (state["node"], state["machines"], state["cut"]) == ("a", 2, False)

        until("the state", state_is_whole)
        if "exchanges through" not in a.quota("doctor"):
            raise AssertionError(a.quota("doctor"))
        expect(a.stop(), 0, "the daemon's status")


def two_daemons_exchange_while_they_are_asked_and_read_their_configuration_again():
    with Fleet("a", "b", starts=False) as fleet:
        for node in fleet.nodes:
            node.serve(provider="[provider openai]\nbudget = 1M\n")
        total = 0
        for turn in range(6):
            for node in fleet.nodes:
                node.http("/v1/observe", b'{"provider":"openai","tokens":100}')
                node.http("/v1/status")
                node.http("/metrics")
                total += 100
            if turn % 2:
                fleet.nodes[turn % 4 // 2].process.send_signal(signal.SIGHUP)
        fleet.all("the sum", lambda node: node.used("openai"), total)
        fleet.server.kill()
        until("each is cut off", lambda: all("cut off from" in node.said() for node in fleet.nodes))
        fleet.server.start()
        until("each is back", lambda: all("answers again" in node.said() for node in fleet.nodes))
        expect([node.stop() for node in fleet.nodes], [0, 0], "the daemons' status")


def a_login_that_changed_is_read_again_at_sighup():
    with Fleet("daemon", "plain", starts=False) as fleet:
        login = os.path.join(fleet.folder, "login")

        def log_in(password):
            fleet.server.ask("ACL", "SETUSER", "default", "resetpass", ">" + password)
            fleet.server.password = password
            fleet.server.ask("CLIENT", "KILL", "TYPE", "normal")
            with open(os.open(login, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
                file.write(password + "\n")

        log_in("first")
        daemon, plain = fleet.nodes
        daemon.quota("budget", "openai", "1M")
        daemon.serve(more="auth-file = %s\n" % login)
        plain.options = ("--auth-file", login)
        plain.start()
        fleet.all("the budget", lambda node: (node.provider("openai") or {}).get("budget"), 1000000)
        log_in("second")
        for node in fleet.nodes:
            until("it is refused", lambda node=node: "refused user or password" in node.said())
            node.process.send_signal(signal.SIGHUP)
            until("it reads the file", lambda node=node: "read the login again" in node.said())
            node.quota("observe", "openai", "100")
        fleet.all("the sum", lambda node: node.used("openai"), 200)


def a_restart_keeps_what_was_said():
    with Fleet("a", "b") as fleet:
        a, b = fleet.nodes
        a.quota("mark", "openai", "exhausted", "--for", "1h")
        fleet.all("the mark", lambda node: node.verdict("openai"), ("quota_exhausted", "marked"))
        a.kill()
        b.quota("mark", "openai", "available")
        a.start()
        fleet.all("what was said meanwhile", lambda node: node.verdict("openai"), ("available", None))
        a.stop()
        a.quota("mark", "openai", "exhausted", "--for", "2h")
        a.start()
        fleet.all("what was changed meanwhile", lambda node: node.verdict("openai"), ("quota_exhausted", "marked"))


def two_of_one_name_and_two_of_one_ledger_are_refused():
    with Fleet("a") as fleet:
        until("it exchanges", lambda: fleet.nodes[0].run("sync", "--status").returncode == 0)
        twin = Machine(os.path.join(fleet.folder, "elsewhere"), "a", fleet.server.unix_url)
        twin.quota("budget", "openai", "1M")
        done = twin.run("sync", "--to", fleet.server.unix_url, "--node", "a", "--once")
        expect((done.returncode, "another node is named a" in done.stderr), (2, True), done.stderr)
        done = fleet.nodes[0].run("sync", "--to", fleet.server.unix_url, "--node", "b", "--once")
        expect((done.returncode, "another process exchanges" in done.stderr), (2, True), done.stderr)


def a_run_stays_local_and_its_pool_is_shared():
    with Fleet("a", "b") as fleet:
        a, b = fleet.nodes
        a.quota("limit", "claude", "add", "1M tokens per day")
        fleet.all("the limit", lambda node: node.limits("claude"), ["1M tokens per day"])
        script = '"$0" observe claude 2k && sleep 1'
        a.quota("run", "--name", "job", "--limit", "50k tokens once", "claude", "--", "sh", "-c", script, COMMAND)
        fleet.all("the pool's count", lambda node: node.used("claude", "1M tokens per day"), 2000)
        expect([key for key in fleet.server.keys() if "job" in key], [], "keys of a run")
        expect(b.provider("claude/job"), None, "the run elsewhere")


# ---- the command ----------------------------------------------------------------------------------------------------


def a_dry_run_says_what_would_be_and_writes_nothing():
    with Fleet("a", starts=False) as fleet:
        a = fleet.nodes[0]
        done = a.run("sync", "--to", fleet.server.unix_url, "--node", "a", "--dry-run")
        expect((done.returncode, done.stderr, os.listdir(a.folder)), (0, "", []), "without a ledger")
        a.quota("budget", "openai", "1M")
        done = a.run("sync", "--to", fleet.server.unix_url, "--node", "a", "--dry-run")
        expect((done.returncode, done.stderr), (0, ""), "status")
        for words in ("with       nobody yet", "1 provider, 1 window;", "openai, tokens per day (budget): used 0",
                      "nothing was written"):
            if words not in done.stdout:
                raise AssertionError("%r is not in %s" % (words, done.stdout))
        expect(fleet.server.keys(), [], "keys")
        expect([name for name in os.listdir(a.folder) if "sync" in name], [], "files")
        done = a.run("sync", "--to", "redis://127.0.0.1:1", "--node", "a", "--dry-run")
        expect((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)


def once_exchanges_once_and_leave_ends_it():
    with Fleet("a", "b", starts=False) as fleet:
        for node in fleet.nodes:
            node.quota("budget", "openai", "1M")
            node.quota("observe", "openai", "100")
            done = node.run("sync", "--to", fleet.server.unix_url, "--node", node.name, "--once")
            expect((done.returncode, done.stderr), (0, ""), "once")
        expect(fleet.nodes[1].used("openai"), 200, "what the first one said")
        b = fleet.nodes[1]
        until("it hears nothing more", lambda: "  cut off from the other machines for" in b.quota("explain", "openai"))
        expect("This machine is cut off" in b.quota("status"), True, "status while cut off")
        fleet.nodes[0].start()
        until("it exchanges", lambda: fleet.nodes[0].run("sync", "--status").returncode == 0)
        done = fleet.nodes[0].run("sync", "--leave")
        expect((done.returncode, "end that process first" in done.stderr), (2, True), done.stderr)
        expect(fleet.nodes[1].run("sync", "--leave").returncode, 0, "leave")
        expect("cut off" in b.quota("status") + b.quota("explain", "openai"), False, "status of one that left")
        done = fleet.nodes[1].run("sync", "--status")
        expect((done.returncode, "no other machine" in done.stderr), (2, True), done.stderr)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv[1])
    os.environ["TOKENQUOTA_LEDGER"] = "/nonexistent/ledger"
    TAP = Tap()
    NAMES = {name: test for name, test in globals().items() if not sys.argv[2:] or name in sys.argv[2:]}
    TAP.check_beside(sentences(NAMES))
    sys.exit(TAP.end())
