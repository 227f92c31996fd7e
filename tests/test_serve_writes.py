#!/usr/bin/env python3
# test_serve_writes.py: what is counted, applied, marked and limited over HTTP is in the ledger, also after kill -9.
# SPDX-License-Identifier: MIT
#
#     test_serve_writes.py COMMAND
#
# TQ_STRESS makes a million records of ten thousand.
import http.client
import json
import os
import pathlib
import random
import re
import resource
import signal
import stat
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from serve_fixture import DEADLINE, Daemon, drop_nulls
from tap import Tap

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILES = ROOT / "tests/cli/files"


def expect(have, want, what=""):
    if have != want:
        raise AssertionError("%s: %r, not %r" % (what, have, want))


def post(daemon, path, document, query=(), status=200):
    body = document if isinstance(document, (bytes, str)) else json.dumps(document)
    answer = daemon.ask("POST", path, query, {"Content-Type": "application/json"}, body)
    said = answer.json()
    expect(answer.status, status, "%s %.200s: %s" % (path, body, said))
    if status != 200:
        expect(answer.headers["Content-Type"], "application/problem+json", path)
        expect((said["type"], said["status"]), ("about:blank", status), path)
        if not said["detail"] or not re.fullmatch("[a-z_]+", said["code"]):
            raise AssertionError("%s: %s" % (path, said))
    return said


def observe(daemon, document, status=200):
    return post(daemon, "/v1/observe", document, status=status)


def used(daemon):
    """Tokens of today, by provider, as the command says."""
    return {row["provider"]: row["used"] for row in daemon.said("status")["providers"]}


# ---- observe -------------------------------------------------------------------------------------


def test_one(daemon):
    expect(observe(daemon, {"provider": "one", "tokens": 1200}), {"counted": 1, "state": "available"})
    daemon.run("budget", "one", "2000")
    said = observe(daemon, {"provider": "one", "tokens": 1000})
    expect((said["counted"], said["state"]), (1, "quota_exhausted"))
    expect(said["retry_at"], daemon.said("explain", "one")["providers"][0]["retry_at"])
    expect(used(daemon)["one"], 2200)


def test_many(daemon):
    records = [{"provider": "many/%d" % (i % 7), "tokens": i} for i in range(10000)]
    expect(observe(daemon, records), {"counted": 10000})
    counts = used(daemon)
    for number in range(7):
        expect(counts["many/%d" % number], sum(range(number, 10000, 7)))
    expect(observe(daemon, []), {"counted": 0})
    expect(observe(daemon, records + records[:1], 413)["code"], "too_many_records")
    expect(used(daemon), counts)


def test_classes(daemon):
    """The same as the command's options."""
    for name, unit in (("input", "input"), ("output", "output"), ("requests", "requests"), ("cost", "cost")):
        daemon.run("limit", "http", "add", "1000M %s per day" % unit if unit != "cost" else "$100 per day")
        daemon.run("limit", "cli", "add", "1000M %s per day" % unit if unit != "cost" else "$100 per day")
    daemon.run("observe", "cli", "--input", "1000", "--cache-read", "4000", "--cache-write", "30", "--output", "200",
               "--cost", "0.0123")
    daemon.run("observe", "cli", "77", "--input", "5")
    observe(daemon, {"provider": "http", "input": 1000, "cache_read": 4000, "cache_write": 30, "output": 200,
                     "cost": 0.0123})
    observe(daemon, {"provider": "http", "tokens": 77, "input": 5})
    expect(used(daemon)["http"], used(daemon)["cli"])
    limits = [[limit["used"] for limit in daemon.said("limit", name)["providers"][0]["limits"]] for name in ("http", "cli")]
    expect(limits[0], limits[1])
    observe(daemon, {"provider": "http", "requests": 40})
    expect(daemon.said("limit", "http")["providers"][0]["limits"][2]["used"], 42)


def test_forms(daemon):
    """Numbers, instants and texts as JSON has them."""
    expect(observe(daemon, [
        {"provider": "f\u00fc\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "tokens": 1},
        {"provider": "forms", "tokens": "9007199254"},
        {"provider": "forms", "tokens": 1.2e3},
        {"provider": "forms", "tokens": 7, "at": None, "id": None},
    ]), {"counted": 4})
    counts = used(daemon)
    expect(counts["f\u00fc\U0001f600"], 1)
    expect(int(counts["forms"]), 9007199254 + 1200 + 7)
    observe(daemon, '{"provider":"\\u0066\\u00fc\\ud83d\\ude00","tokens":2}')
    expect(used(daemon)["f\u00fc\U0001f600"], 3)
    now = time.time()
    day = time.strftime("%Y-%m-%dT12:00:00Z", time.gmtime(now - 86400))
    observe(daemon, [{"provider": "when", "tokens": 5, "at": day}, {"provider": "when", "tokens": 6, "at": now - 86400}])
    expect(used(daemon)["when"], 0)
    expect(sum(row["used"] for row in daemon.said("status", "when", "--days")["days"]), 11)


def test_escapes(daemon):
    """An escape that is no character would make two names or ids one."""
    for text in (r"a\u0000b", r"a\ud800b", r"a\udc00", r"\ufffd"):
        for body in (r'{"provider":"%s","tokens":1}', r'{"provider":"escaped","tokens":1,"id":"%s"}'):
            answer = daemon.ask("POST", "/v1/observe", body=body % text)
            expect((answer.status, answer.json()["code"]), (422, "invalid_record"), body % text)
        for path, more in (("/v1/mark", '"for":"1h"'), ("/v1/limit", '"limit":"5 requests per day"')):
            answer = daemon.ask("POST", path, body='{"provider":"%s",%s}' % (text, more))
            expect((answer.status, answer.json()["code"]), (400, "bad_member"), path + text)
    answer = daemon.ask("POST", "/v1/observe", body=r'{"provider":"\ud83d\ude00","tokens":1,"id":"\u0061\\u0000"}')
    expect(answer.status, 200)


def test_twice(daemon):
    """Readers differ in which of two members of one name they take."""
    for path, body in (("/v1/mark", '{"provider":"a","provider":"b","for":"1h"}'),
                       ("/v1/mark", '{"provider":"a","for":"1h","for":"2h"}'),
                       ("/v1/limit", '{"provider":"a","limit":"5 requests per day","limit":"6 requests per day"}')):
        answer = daemon.ask("POST", path, body=body)
        expect((answer.status, answer.json()["code"]), (400, "bad_body"), body)


def test_invalid_refuses_all(daemon):
    before = used(daemon)
    good = {"provider": "before", "tokens": 1}
    for bad, words in [
        ({"tokens": 1}, 'has no "provider"'), ({"provider": "x"}, "nothing to count"), (7, "no object"), ([], "no object"),
        ({"provider": "x", "tokens": -1}, '"tokens"'), ({"provider": "x", "tokens": 1.5}, '"tokens"'),
        ({"provider": "x", "tokens": 2**63}, '"tokens"'), ({"provider": "x", "tokens": True}, '"tokens"'),
        ({"provider": "x", "tokens": [1]}, '"tokens"'), ({"provider": "", "tokens": 1}, '"provider"'),
        ({"provider": "x" * 256, "tokens": 1}, '"provider"'), ({"provider": "a\nb", "tokens": 1}, "name refused"),
        ({"provider": "x", "token": 1}, '"token"'), ({"provider": "x", "tokens": 1, "at": "soon"}, '"at"'),
        ({"provider": "x", "tokens": 1, "id": 1}, '"id"'), ({"provider": "x", "tokens": 1, "id": ""}, '"id"'),
        ({"provider": "x", "tokens": 1, "id": "i" * 256}, '"id"'), ({"provider": "x", "cost": -1}, '"cost"'),
        ({"provider": "x", "requests": 2**32}, '"requests"'), ({"provider": "x", "input": "many"}, '"input"'),
    ]:
        said = observe(daemon, [good, good, bad], 422)
        expect(said["code"], "invalid_record")
        if "record 2" not in said["detail"] or words not in said["detail"]:
            raise AssertionError("%r: %s" % (bad, said["detail"]))
    expect(observe(daemon, '{"provider":"x","tokens":1,"tokens":2}', 422)["code"], "invalid_record")
    expect(used(daemon), before)


def test_not_json(daemon):
    before = used(daemon)
    for body in ["", " ", "{", "[", '{"provider":"x","tokens":1', '[{"provider":"x","tokens":1}', "tokens=1",
                 '[{"provider":"x","tokens":1},]', '{"provider":"x","tokens":1}}', b'\xff\xfe{"provider":"x"}',
                 '{"provider":"x","tokens":01}', "{'provider':'x'}"]:
        expect(observe(daemon, body, 400)["code"], "not_json", body)
    expect(used(daemon), before)


def test_corpus(daemon):
    """What the fuzz target was given, over a socket: each is answered, and the daemon lives."""
    for file in sorted((ROOT / "fuzz/corpus/observe").iterdir()):
        answer = daemon.ask("POST", "/v1/observe", body=file.read_bytes())
        if answer.status not in (200, 400, 413, 422):
            raise AssertionError("%s: %d %s" % (file.name, answer.status, answer.body))
        answer.json()
    for path in ("/v1/mark", "/v1/limit"):
        for file in sorted((ROOT / "fuzz/corpus/observe").iterdir()):
            answer = daemon.ask("POST", path, body=file.read_bytes())
            if answer.status not in (400, 422):
                raise AssertionError("%s %s: %d %s" % (path, file.name, answer.status, answer.body))


def test_only_counting_shows(daemon):
    """A record that cannot be counted does not keep the others out, and is named."""
    before = used(daemon).get("some", 0)
    ahead = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2 * 86400))
    said = observe(daemon, [
        {"provider": "some", "tokens": 1}, {"provider": "some", "tokens": 1, "at": "2019-01-01T00:00:00Z"},
        {"provider": "some", "tokens": 1}, {"provider": "some", "tokens": 1, "at": ahead},
        {"provider": "never", "tokens": 1, "at": "2020-06-01T00:00:00Z"}, {"provider": "some", "tokens": 1},
    ], 422)
    expect((said["code"], said["counted"]), ("not_counted", 4))
    expect([(error["index"], error["code"]) for error in said["errors"]], [(1, "TQ_ECLOCK"), (3, "TQ_ECLOCK")])
    if "before 2020" not in said["errors"][0]["detail"] or "ahead of the clock" not in said["errors"][1]["detail"]:
        raise AssertionError(said)
    expect(used(daemon)["some"], before + 3)
    expect(observe(daemon, {"provider": "new", "tokens": 1, "at": ahead}, 422)["code"], "not_counted")
    if "new" in used(daemon):
        raise AssertionError("a name entered with a record that was refused")


# ---- ids -----------------------------------------------------------------------------------------


def test_ids(daemon):
    begun = time.time()
    said = observe(daemon, {"provider": "ids", "tokens": 5, "id": "a"})
    expect((said["counted"], said["duplicates"]), (1, 0))
    if not re.fullmatch(r"2\d{3}-\d\d-\d\dT[\d:.]+Z", said["ids_since"]):
        raise AssertionError(said)
    expect(observe(daemon, {"provider": "ids", "tokens": 5, "id": "a"})["duplicates"], 1)
    said = observe(daemon, [{"provider": "ids", "tokens": 5, "id": name} for name in "abcbca"])
    expect((said["counted"], said["duplicates"]), (2, 4))
    expect(used(daemon)["ids"], 15)
    said = observe(daemon, [{"provider": "ids", "tokens": 5, "id": "d"},
                            {"provider": "ids", "tokens": 5, "id": "e", "at": "2019-01-01T00:00:00Z"},
                            {"provider": "ids", "tokens": 5, "id": "c"}], 422)
    expect((said["counted"], said["duplicates"], [error["index"] for error in said["errors"]]), (1, 1, [1]))
    since = said["ids_since"]
    expect(observe(daemon, {"provider": "ids", "tokens": 5, "id": "e"})["counted"], 1)
    observe(daemon, '{"provider":"ids","tokens":5,"id":"\\u0061\\u0062"}')
    expect(observe(daemon, '{"provider":"ids","tokens":5,"id":"ab"}')["duplicates"], 1)
    daemon.kill()
    said = observe(daemon, [{"provider": "ids", "tokens": 5, "id": name} for name in ["a", "b", "c", "d", "e", "ab"]])
    expect((said["counted"], said["duplicates"], said["ids_since"]), (0, 6, since))
    expect(used(daemon)["ids"], 30)
    mode = stat.S_IMODE(os.stat(daemon.ledger).st_mode)
    expect(stat.S_IMODE(os.stat(daemon.ledger + ".ids").st_mode), mode)


def test_ids_of_two_connections(daemon):
    """The same ids at once: each counts once."""
    counted, threads = [], []

    def send():
        counted.append(observe(daemon, [{"provider": "both", "tokens": 1, "id": "both-%d" % i} for i in range(500)])["counted"])

    for _ in range(6):
        threads.append(threading.Thread(target=send))
        threads[-1].start()
    for thread in threads:
        thread.join(DEADLINE)
    expect(sum(counted), 500)
    expect(used(daemon)["both"], 500)


def test_damaged_ids(daemon):
    """What is left of the file still counts once, and nothing is promised of the rest."""
    records = [{"provider": "damage", "tokens": 1, "id": "damage-%d" % i} for i in range(100)]
    before = observe(daemon, records)["ids_since"]
    daemon.kill(restart=False)
    with open(daemon.ledger + ".ids", "r+b") as file:
        file.seek(64 + 32 * 3 + 5)
        file.write(b"\x55")
    daemon.start()
    said = observe(daemon, records)
    if said["counted"] > 1 or said["ids_since"] <= before:
        raise AssertionError(said)
    daemon.kill(restart=False)
    with open(daemon.ledger + ".ids", "r+b") as file:
        file.write(os.urandom(64)[:8].replace(b"t", b"x") + b"nonsense")
    daemon.start()
    expect(observe(daemon, records)["counted"], 100)
    daemon.kill(restart=False)
    os.unlink(daemon.ledger + ".ids")
    daemon.start()
    expect(observe(daemon, records)["counted"], 100)
    expect(observe(daemon, records)["duplicates"], 100)


def test_file_limit(daemon):
    """A limit on the size of files is as a full disk: it does not end the daemon."""
    observe(daemon, {"provider": "filed", "tokens": 1, "id": "filed"})
    _, hard = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
    large = os.path.getsize(daemon.ledger + ".ids")
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (large, hard))
    records = [{"provider": "filed", "tokens": 1, "id": "filed-%d" % i} for i in range(100)]
    expect(observe(daemon, records)["counted"], 100)
    expect(observe(daemon, records)["duplicates"], 100)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
    expect(daemon.get("/readyz").status, 200)


def test_replaced_ledger(daemon):
    """The daemon goes on with the new file within a second; on the old one is what was counted before."""
    old, new = daemon.ledger + ".old", daemon.ledger + ".new"
    daemon.run("observe", "replaced", "7", "--ledger", new)
    os.link(daemon.ledger, old)
    os.rename(new, daemon.ledger)
    sent, until = 0, time.monotonic() + DEADLINE
    while used(daemon)["replaced"] == 7:
        if time.monotonic() > until:
            raise AssertionError("the daemon counts on the file that is gone")
        observe(daemon, [{"provider": "replaced", "tokens": 1, "id": "replaced-%d" % (sent + i)} for i in range(10)])
        sent += 10
    rows = json.loads(daemon.run("status", "--json", "--ledger", old).stdout)["providers"]
    before = sum(row["used"] for row in rows if row["provider"] == "replaced")
    expect(used(daemon)["replaced"] - 7 + before, sent)
    expect(observe(daemon, [{"provider": "replaced", "tokens": 1, "id": "replaced-%d" % (sent - 1)}])["duplicates"], 1)


# ---- kill -9 -------------------------------------------------------------------------------------


class Client(threading.Thread):
    """Sends records of one token, in requests of 1 to 40. With ids it sends again what was not acknowledged."""

    def __init__(self, daemon, number, count, with_ids):
        super().__init__(daemon=True)
        self.daemon_process, self.name_of, self.with_ids = daemon, "client/%d" % number, with_ids
        self.random = random.Random(number)
        self.left, self.acknowledged, self.sent, self.again, self.wrong = count, 0, 0, 0, None
        self.connection = None
        self.requests = []

    def send(self, body):
        if not self.connection:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.daemon_process.port, timeout=DEADLINE)
        self.connection.request("POST", "/v1/observe", body=body)
        answer = self.connection.getresponse()
        said = json.loads(answer.read())
        if answer.status != 200:
            raise AssertionError(said)
        return said["counted"] + said.get("duplicates", 0)

    def send_once(self, records):
        """Were they acknowledged?"""
        up = self.daemon_process.up
        if not up.wait(DEADLINE):
            raise AssertionError("the daemon did not come back")
        self.sent += len(records)
        try:
            done = self.send(json.dumps(records))
        except (OSError, http.client.HTTPException):
            self.connection = None
            return False
        expect(done, len(records))
        self.acknowledged += len(records)
        return True

    def run(self):
        try:
            while self.left > 0:
                size = min(self.left, self.random.randint(1, 40))
                records = [{"provider": self.name_of, "tokens": 1} for _ in range(size)]
                for at, record in enumerate(records if self.with_ids else []):
                    record["id"] = "%s/%d" % (self.name_of, self.left - at)
                self.left -= size
                if self.with_ids:
                    self.requests.append(records)
                while not self.send_once(records) and self.with_ids:
                    self.again += size
        except Exception as wrong:
            self.wrong = wrong
        finally:
            self.daemon_process.progress.set()


def run_clients(daemon, clients, kills):
    """Runs them to their end, and kills the daemon so often between."""
    total = sum(client.left for client in clients)
    daemon.up, daemon.progress = threading.Event(), threading.Event()
    daemon.up.set()
    for client in clients:
        client.start()
    for number in range(1, kills + 1):
        until = time.monotonic() + DEADLINE * 10
        while sum(client.sent - client.again for client in clients) < total * number // (kills + 1):
            if not any(client.is_alive() for client in clients) or time.monotonic() > until:
                break
            daemon.progress.wait(0.002)
            daemon.progress.clear()
        daemon.up.clear()
        daemon.kill()
        daemon.up.set()
    for client in clients:
        client.join(DEADLINE * 10)
        if client.wrong or client.is_alive():
            raise AssertionError("%s: %r" % (client.name_of, client.wrong))


def test_kills(daemon):
    count = 1000000 if os.environ.get("TQ_STRESS") else 10000
    clients = [Client(daemon, number, count // 8, number % 2 == 0) for number in range(8)]
    run_clients(daemon, clients, 40 if os.environ.get("TQ_STRESS") else 6)
    counts = used(daemon)
    for client in clients:
        have = counts[client.name_of]
        print("# %s: %d acknowledged, %d in the ledger, %d sent" % (client.name_of, client.acknowledged, have, client.sent))
        if not client.acknowledged <= have <= client.sent:
            raise AssertionError("acknowledged %d, in the ledger %d, sent %d" % (client.acknowledged, have, client.sent))
        if client.with_ids:
            expect(client.acknowledged, count // 8, client.name_of)
            if client.again == 0:
                expect(have, client.acknowledged, client.name_of)
    # Nothing is in flight now: to send all of it once more, over another kill, counts nothing.
    daemon.kill()
    for client in clients:
        client.connection = None
        for records in client.requests:
            expect(client.send(json.dumps(records)), len(records))
    expect(used(daemon), counts)
    expect(daemon.run("ledger", "check").returncode, 0)


# ---- signal, mark, limit -------------------------------------------------------------------------


def test_signal(daemon):
    """The document of the command, of the same response at the same instant."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    for file in sorted(FILES.glob("*.http")):
        body = file.read_bytes()
        command = daemon.run("signal", str(file), "--provider", file.name, "--at", at, "--json", "--ledger",
                             daemon.ledger + ".other", good=(0, 1, 2))
        answer = daemon.ask("POST", "/v1/signal", [("provider", file.name), ("at", at)],
                            {"Content-Type": "message/http"}, body)
        if command.returncode == 2:
            expect((answer.status, answer.json()["code"]), (422, "not_a_response"), file.name)
            continue
        expect(answer.status, 200, file.name)
        # When a probe is due varies by ledger.
        have, want = (re.sub(r'("probe_at": *"|a probe is due at )2[-0-9T: ]+', r"\1", text) for text in (
            json.dumps(answer.json()), json.dumps(drop_nulls(json.loads(command.stdout)))))
        expect(json.loads(have), json.loads(want), file.name)
    body = (FILES / "openai_429.http").read_bytes()
    query = [("provider", "signal")]
    for more, code in [([("profile", "opnai")], "unknown_profile"), ([("sent_at", "soon")], "bad_instant"),
                       ([("count", "ys")], "bad_flag"), ([("for_model", "2")], "bad_flag"),
                       ([("provider", "two")], "no_provider"), ([("for", "x")], "unknown_parameter")]:
        answer = daemon.ask("POST", "/v1/signal", query + more, body=body)
        expect((answer.status, answer.json()["code"]), (400, code))
    expect(daemon.ask("POST", "/v1/signal", body=body).json()["code"], "no_provider")
    expect(daemon.ask("POST", "/v1/signal", query, body=b"").json()["code"], "not_a_response")
    if "signal" in used(daemon):
        raise AssertionError("a provider was made by what was refused")


def test_signal_lifts(daemon):
    """A success that was sent later lifts, and --count counts."""
    refusal = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 600\r\n\r\n{}"
    served = ('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"usage":{"prompt_tokens":10,'
              '"completion_tokens":5,"total_tokens":15}}')
    query = [("provider", "lifted")]
    minute_ago, since = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - ago)) for ago in (60, 30))
    said = daemon.ask("POST", "/v1/signal", query + [("at", minute_ago)], body=refusal).json()
    expect((said["refusal"], said["verdict"]["state"]), ("throttled", "quota_exhausted"))
    said = daemon.ask("POST", "/v1/signal", query + [("count", "")], body=served).json()
    expect((said["verdict"]["state"], said["verdict"]["counted"]), ("quota_exhausted", True))
    said = daemon.ask("POST", "/v1/signal", query + [("sent_at", since)], body=served).json()
    expect(said["verdict"]["state"], "available")
    expect(used(daemon)["lifted"], 15)


def test_mark(daemon):
    observe(daemon, {"provider": "marked", "tokens": 1})
    said = post(daemon, "/v1/mark", {"provider": "marked", "for": "1h30m"})
    expect((said["state"], said["reason"]), ("quota_exhausted", "marked"))
    expect(daemon.run("route", "marked", good=(1,)).returncode, 1)
    said = post(daemon, "/v1/mark", {"provider": "marked", "available": True})
    expect((said["state"], said["provider"]), ("available", "marked"))
    end = int(time.time()) + 3600
    for until in (end, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))):
        said = post(daemon, "/v1/mark", {"provider": "until", "until": until})
        expect(said["retry_at"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end)))
    for body, status, code in [
        ({"provider": "marked"}, 400, "bad_body"), ({"provider": "marked", "available": False}, 400, "bad_body"),
        ({"provider": "marked", "for": "1h", "until": end}, 400, "bad_body"), ([], 400, "bad_body"),
        ({"provider": "marked", "for": "soon"}, 400, "bad_length"), ({"provider": "marked", "for": 5}, 400, "bad_member"),
        ({"provider": "marked", "for": "0s"}, 400, "bad_length"), ({"provider": "marked", "for": "999999d"}, 400, "bad_length"),
        ({"provider": "marked", "until": "soon"}, 400, "bad_instant"), ({"provider": "marked", "until": 1}, 422, "has_passed"),
        ({"for": "1h"}, 400, "bad_member"), ({"provider": "a\nb", "for": "1h"}, 400, "bad_name"),
        ({"provider": "marked", "for": "1h", "reason": "x"}, 400, "unknown_member"),
        ({"provider": "marekd", "available": True}, 404, "unknown_provider"), ("{", 400, "not_json"),
    ]:
        expect(post(daemon, "/v1/mark", body, status=status)["code"], code, body)
    if "marekd" in used(daemon):
        raise AssertionError("a name entered that was only put back")


def test_hold(daemon):
    """Two clients that each hold what they need, the third that finds no room, and what became of the holds."""
    daemon.run("limit", "held", "add", "50k tokens once")
    first = post(daemon, "/v1/hold", {"provider": "held", "tokens": 20000, "for": "2m"})
    expect((first["provider"], first["id"]), ("held", "held#00000001"))
    second = post(daemon, "/v1/hold", {"provider": "held", "tokens": "20000", "cost": 0.4, "use_reserve": False})
    said = post(daemon, "/v1/hold", {"provider": "held", "tokens": 10001}, status=409)
    expect(said["code"], "no_room")
    if "40,000 held by 2 calls" not in said["detail"]:
        raise AssertionError(said)
    row, = daemon.said("status", "held")["providers"]
    expect((row["holds"], row["limits"][0]["held"]), ({"calls": 2, "flying": 0, "tokens": 40000}, 40000))
    metrics = daemon.get("/metrics").body.decode()
    for line in ('tokenquota_holds{provider="held"} 2', 'tokenquota_held_tokens{provider="held"} 40000'):
        expect(line in metrics.splitlines(), True, line)
    said = post(daemon, "/v1/hold/settle", {"hold": first["id"], "tokens": 12300})
    expect((said["provider"], said["ended"], used(daemon)["held"]), ("held", False, 12300))
    expect(post(daemon, "/v1/hold/extend", {"hold": second["id"], "for": "1h"})["until"] > second["until"], True)
    expect(post(daemon, "/v1/hold/cancel", {"hold": second["id"]}), {"schema": 1, "provider": "held"})
    for path in ("cancel", "extend"):
        expect(post(daemon, "/v1/hold/" + path, {"hold": second["id"]}, status=410)["code"], "hold_ended")
    expect(post(daemon, "/v1/hold/settle", {"hold": second["id"], "input": 5, "output": 2})["ended"], True)
    expect((used(daemon)["held"], daemon.said("hold", "list", "held")["holds"]), (12307, []))
    for body, status, code in [
        ({"provider": "held", "tokens": -1}, 400, "bad_member"), ({"provider": "held", "cost": "much"}, 400, "bad_member"),
        ({"provider": "held", "for": "soon"}, 400, "bad_length"), ({"provider": "held", "for": "32d"}, 400, "bad_length"),
        ({"provider": "held", "use_reserve": 1}, 400, "bad_member"), ({"tokens": 5}, 400, "bad_member"),
        ({"provider": "held", "token": 5}, 400, "unknown_member"), ([], 400, "bad_body"),
        ({"provider": "held", "tokens": 2 ** 44}, 400, "bad_member"), ({"provider": "held", "cost": 17592187}, 400, "bad_member"),
    ]:
        expect(post(daemon, "/v1/hold", body, status=status)["code"], code, body)
    for path, body, status, code in [
        ("settle", {"hold": "held#00000001"}, 400, "bad_body"), ("settle", {"tokens": 5}, 400, "bad_member"),
        ("settle", {"hold": "held", "tokens": 5}, 404, "unknown_hold"), ("cancel", {}, 400, "bad_member"),
        ("extend", {"hold": "no#00000001"}, 404, "unknown_hold"), ("extend", {"hold": "held#00000001", "for": 5}, 400, "bad_member"),
    ]:
        expect(post(daemon, "/v1/hold/" + path, body, status=status)["code"], code, body)


def test_route_hold(daemon):
    for name in ("routed", "next"):
        daemon.run("limit", name, "add", "30k tokens once")
    asked = [("provider", "routed"), ("provider", "next"), ("hold", "20k"), ("for", "5m")]
    said = [daemon.ask("POST", "/v1/route", asked).json() for _ in range(3)]
    expect([one["provider"] for one in said], ["routed", "next", "routed"])
    expect([one["hold"]["id"] for one in said[:2]] + [said[2].get("hold")], ["routed#00000001", "next#00000001", None])
    post(daemon, "/v1/hold/cancel", {"hold": said[0]["hold"]["id"]})
    answer = daemon.ask("POST", "/v1/route", asked + [("enforce", "429")])
    expect((answer.status, answer.headers["X-Tokenquota-Hold"]), (200, "routed#00000002"))
    expect(daemon.ask("POST", "/v1/route", asked + [("enforce", "429")]).status, 429)
    for query in (asked[:2] + [("for", "5m")], asked[:3] + [("hold", "x")], asked + [("at", "2026-03-05T12:00:00Z")]):
        expect(daemon.ask("POST", "/v1/route", query).json()["code"], "bad_hold", query)
    expect(daemon.get("/v1/route", asked).json()["code"], "bad_hold", "GET changes nothing")
    for _ in range(1024):
        post(daemon, "/v1/hold", {"provider": "crowded"})
    expect(post(daemon, "/v1/hold", {"provider": "crowded"}, status=409)["code"], "too_many_holds")
    said = daemon.ask("POST", "/v1/route", [("provider", "crowded"), ("provider", "next"), ("hold", "1")]).json()
    expect(said.get("provider"), "next", "all places of holds are taken: %s" % said)


def test_limit(daemon):
    said = post(daemon, "/v1/limit", {"provider": "limited", "limit": "900 requests per 5h first-use reserve 10%"})
    expect([row["limit"] for row in said["limits"]], ["900 requests per 5h first-use reserve 10%"])
    post(daemon, "/v1/limit", {"provider": "limited", "limit": "$40 per month"})
    want = drop_nulls(daemon.said("limit", "limited")["providers"][0])
    said = daemon.ask("DELETE", "/v1/limit", [("provider", "limited"), ("limit", "2")])
    expect((said.status, said.json()["limits"]), (200, want["limits"][:1]))
    for body, status, code in [
        ({"provider": "limited", "limit": "5M tokens per fortnight"}, 422, "bad_limit"), ({"provider": "limited"}, 400, "bad_member"),
        ({"provider": "limited", "limit": "x" * 600}, 400, "bad_member"), ({"limit": "5M tokens per day"}, 400, "bad_member"),
        ({"provider": "limited", "limit": "5M tokens per day Mars/Olympus"}, 422, "bad_limit"),
        ({"provider": "limited", "limit": "5M tokens per day", "reserve": 1}, 400, "unknown_member"),
        ({"provider": "a\nb", "limit": "5M tokens per day"}, 400, "bad_name"),
    ]:
        expect(post(daemon, "/v1/limit", body, status=status)["code"], code, body)
    for number in range(1, 9):
        post(daemon, "/v1/limit", {"provider": "full", "limit": "5M tokens per %dh rolling" % number})
    expect(post(daemon, "/v1/limit", {"provider": "full", "limit": "5M tokens per day"}, status=409)["code"], "too_many_limits")
    for query, status, code in [
        ([("provider", "limited"), ("limit", "2")], 404, "unknown_limit"), ([("provider", "limited")], 400, "no_limit"),
        ([("provider", "limited"), ("limit", "9")], 400, "bad_number"), ([("limit", "1")], 400, "no_provider"),
        ([("provider", "nobody"), ("limit", "1")], 404, "unknown_provider"),
    ]:
        answer = daemon.ask("DELETE", "/v1/limit", query)
        expect((answer.status, answer.json()["code"]), (status, code), query)


# ---- the description -----------------------------------------------------------------------------


def test_openapi(daemon):
    """Its paths are those of serve/routes.c, and its references lead somewhere."""
    answer = daemon.get("/v1/openapi.json")
    expect((answer.status, answer.headers["Content-Type"]), (200, "application/json"))
    document = answer.json()
    expect(document, json.loads((ROOT / "serve/openapi.json").read_text()))
    rows = re.findall(r'\{"(GET|POST|DELETE)", "([^"]+)"', (ROOT / "serve/routes.c").read_text())
    routes = {(method.lower(), path[:-1] + "/{id}" if path.endswith("/") else path) for method, path in rows
              if path not in ("/", "/page/")}
    said = {(method, path) for path, item in document["paths"].items() for method in item}
    expect(sorted(routes - said), [], "paths that are not described")
    expect(sorted(said - routes), [], "paths that there are not")
    for reference in re.findall(r'"#/([^"]+)"', json.dumps(document)):
        part = document
        for key in reference.split("/"):
            part = part[key]
    for known in (answer.headers["ETag"], "*"):
        expect(daemon.get("/v1/openapi.json", headers={"If-None-Match": known}).status, 304)


class KillableDaemon(Daemon):
    def kill(self, restart=True):
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=DEADLINE)
        if restart:
            self.start()


def main(command):
    tap = Tap()
    with KillableDaemon(command) as daemon:
        for name, test in sorted(globals().items()):
            if name.startswith("test_") and callable(test):
                tap.check(name[5:].replace("_", " "), lambda test=test: test(daemon))
    with KillableDaemon(command, "--threads", "4") as daemon:
        for test in (test_ids_of_two_connections, test_kills):
            tap.check(test.__name__[5:].replace("_", " ") + ", in four threads", lambda test=test: test(daemon))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
