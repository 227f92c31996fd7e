#!/usr/bin/env python3
# test_serve_reads.py: what the daemon answers is what the commands answer, for the same ledger and instant.
# SPDX-License-Identifier: MIT
#
#     test_serve_reads.py COMMAND CROWD [SANITIZER]
#
# CROWD (crowd.c) makes many providers of one pool. Of a sanitizer's build the memory is not measured.
import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from serve_fixture import DEADLINE, Daemon, drop_nulls
from tap import Tap

FILES = pathlib.Path(__file__).resolve().parent / "cli/files"
AT = "2025-03-03T16:45:30Z"
ODD = [
    "a b", "a&b=c", "a+b", "100%", "a/b/../c", "<script>alert(1)</script>", "\"quoted\"", "it's", "back\\slash",
    "ünï©ödé", "日本語/モデル", "😀", "#fragment", "?query", "a;b,c", "-dash", ".", "..", "*", "~", "%41", "{}[]|^`",
    "\u00a0", "x" * 255, "é" * 127,
]


def expect(have, want, what=""):
    if have != want:
        raise AssertionError("%s: %r, not %r" % (what, have, want))


def fill(daemon):
    """Providers in every state."""
    daemon.run("budget", "spent", "1000")
    daemon.run("observe", "spent", "1000", "--at", AT)
    daemon.run("budget", "half", "1000000")
    daemon.run("observe", "half", "500000", "--at", "2025-03-03T09:00:00Z")
    daemon.run("observe", "half", "70000", "--at", "2025-03-02T09:00:00Z")
    daemon.run("observe", "half", "60000", "--at", "2025-03-01T09:00:00Z")
    for sentence in ("900 requests per day", "$40 per month", "1000 tokens per 5h first-use reserve 10%"):
        daemon.run("limit", "limited", "add", sentence)
    daemon.run("observe", "limited", "950", "--at", AT)
    daemon.run("limit", "pool", "add", "100 tokens per day")
    daemon.run("observe", "member", "1", "--at", AT)
    daemon.run("set", "member", "pool=pool")
    daemon.run("observe", "member", "100", "--at", AT)
    daemon.run("mark", "marked", "exhausted", "--until", "2025-03-03T18:00:00Z", "--at", AT)
    daemon.run("mark", "passed", "exhausted", "--until", "2025-03-03T16:00:00Z", "--at", "2025-03-03T15:00:00Z")
    daemon.run("signal", str(FILES / "claude_opus.http"), "--provider", "claude", "--at", AT)
    daemon.run("signal", str(FILES / "openai_429.http"), "--provider", "throttled", "--at", AT)
    daemon.run("signal", str(FILES / "openai_no_money.http"), "--provider", "no-money", "--at", AT)
    for name in ODD:
        daemon.run("observe", "--at", AT, "--", name, "5")


def same(daemon, path, query, *command):
    answer = daemon.get(path, [*query, ("at", AT)])
    expect(answer.status, 200, path)
    expect(answer.headers["Content-Type"], "application/json", path)
    expect(answer.json(), drop_nulls(daemon.said(*command, "--at", AT)), "%s %s" % (path, query))
    return answer


def providers(*names):
    return [("provider", name) for name in names]


KNOWN = ["spent", "half", "limited", "member", "pool", "marked", "passed", "claude", "throttled", "no-money"]


def test_documents(daemon):
    same(daemon, "/v1/status", [], "status")
    same(daemon, "/v1/status", providers("half", "claude"), "status", "half", "claude")
    same(daemon, "/v1/exhausted", [], "exhausted")
    same(daemon, "/v1/exhausted", [("all", "")], "exhausted", "--all")
    for name in KNOWN:
        same(daemon, "/v1/explain", providers(name), "explain", name)
    same(daemon, "/v1/explain", providers(*KNOWN), "explain", *KNOWN)
    same(daemon, "/v1/explain", [*providers("limited"), ("use_reserve", "1")], "explain", "limited", "--use-reserve")


def test_routes(daemon):
    same(daemon, "/v1/route", providers("spent", "half"), "route", "spent", "half")
    same(daemon, "/v1/route", providers("spent", "marked", "member"), "route", "spent", "marked", "member")
    same(daemon, "/v1/route", providers("spent", "nobody", "half"), "route", "spent", "nobody", "half")
    same(daemon, "/v1/route", [*providers("half", "pool"), ("policy", "pressure")], "route", "half", "pool", "--policy",
         "pressure")
    same(daemon, "/v1/route", [*providers("half", "passed"), ("policy", "sticky"), ("last", "passed")], "route", "half",
         "passed", "--policy", "sticky", "--last", "passed")
    same(daemon, "/v1/route", [*providers("half"), ("need", "600000")], "route", "half", "--need", "600000")
    same(daemon, "/v1/route", [*providers("limited"), ("use_reserve", "1")], "route", "limited", "--use-reserve")
    for query, code in (([], "no_provider"), (providers(""), "bad_name"), (providers("a\tb"), "bad_name"),
                        ([*providers("half"), ("policy", "best")], "bad_policy"),
                        ([*providers("half"), ("last", "half")], "bad_last"),
                        ([*providers("half"), ("policy", "sticky"), ("last", "x")], "bad_last"),
                        ([*providers("half"), ("need", "-1")], "bad_number"),
                        ([*providers("half"), ("at", "soon")], "bad_instant"),
                        ([*providers("half"), ("at", "17")], "bad_instant"),
                        ([*providers("half"), ("at", "-1")], "bad_instant"),
                        ([*providers("half"), ("enforc", "429")], "unknown_parameter"),
                        ([*providers("half"), ("use_reserve", "maybe")], "bad_flag"),
                        ([*providers("half"), ("enforce", "401")], "bad_enforce"),
                        ([*providers("half"), ("on_error", "allow")], "bad_on_error")):
        answer = daemon.get("/v1/route", query)
        expect(answer.headers["Content-Type"], "application/problem+json", query[-1:])
        expect((answer.status, answer.json()["code"]), (400, code), str(query[-1:]))


def test_days(daemon):
    document = same(daemon, "/v1/status", [("days", "64")], "status", "--days").json()
    newest = daemon.get("/v1/status", [("days", "2"), ("at", AT)]).json()
    expect(newest["days"], [day for day in document["days"] if day["day"] >= "2025-03-02"], "2 days")
    expect("days" in daemon.get("/v1/status", [("at", AT)]).json(), False, "without days")
    expect(daemon.get("/v1/status", [("days", "0")]).status, 400, "0 days")


def test_unknown(daemon):
    for path in ("/v1/verdict", "/v1/explain", "/v1/status"):
        answer = daemon.get(path, providers("throtled"))
        expect((answer.status, answer.json()["code"]), (404, "unknown_provider"), path)
        if 'did you mean "throttled"?' not in answer.json()["detail"]:
            raise AssertionError("it does not say which was meant: " + answer.json()["detail"])


def test_one_truth(daemon):
    """The verdict of each provider through each door."""
    status = {item["provider"]: item for item in daemon.get("/v1/status", [("at", AT)]).json()["providers"]}
    out = {item["provider"] for item in daemon.get("/v1/exhausted", [("at", AT)]).json()["exhausted"]}
    every = {item["provider"] for item in daemon.get("/v1/exhausted", [("at", AT), ("all", "")]).json()["exhausted"]}
    expect(set(status), set(KNOWN + ODD), "providers")
    expect(out - every, set(), "out, and not among all")
    for name in KNOWN + ODD:
        verdict = daemon.get("/v1/verdict", [*providers(name), ("at", AT)]).json()
        said = daemon.get("/v1/explain", [*providers(name), ("at", AT)]).json()["providers"][0]
        routed = daemon.get("/v1/route", [*providers(name), ("at", AT)]).json()
        enforced = daemon.get("/v1/verdict", [*providers(name), ("at", AT), ("enforce", "429")]).status
        command = daemon.run("explain", "--at", AT, "--", name).returncode
        for member in ("state", "reason", "retry_at", "limit", "said_at", "probe_at"):
            values = [document.get(member) for document in (verdict, said, status[name])]
            expect(values, values[:1] * 3, "%s of %s" % (member, name))
        is_out = verdict["state"] == "quota_exhausted"
        expect((routed["state"], enforced, command, name in out),
               (verdict["state"], 429 if is_out else 200, int(is_out), is_out), name)
        for member in ("provider", "sentence"):
            expect(verdict[member], said[member], "%s of %s" % (member, name))


def test_enforce(daemon):
    def ask(*query, path="/v1/verdict", **headers):
        return daemon.get(path, [*query, ("at", AT)], headers)

    passed = ask(*providers("half"), ("enforce", "429"))
    expect((passed.status, passed.body), (200, b""), "available")
    for status in (429, 403):
        answer = ask(*providers("spent"), ("enforce", status))
        expect(answer.status, status, "out")
        expect(answer.headers["Retry-After"], str(7 * 3600 + 14 * 60 + 30), "Retry-After")
        expect(answer.headers["X-RateLimit-Limit-Tokens"], "1000", "limit")
        expect(answer.headers["X-RateLimit-Remaining-Tokens"], "0", "remaining")
        expect(answer.headers["X-RateLimit-Reset-Tokens"], answer.headers["Retry-After"], "reset")
        expect(answer.headers["X-Tokenquota-Reason"], "spent", "reason")
        expect(answer.json()["code"], "quota_exhausted", "code")
    answer = ask(*providers("limited"), ("enforce", "429"))
    expect((answer.status, answer.headers["X-RateLimit-Limit-Tokens"], answer.headers["X-RateLimit-Remaining-Tokens"]),
           (429, "1000", "0"), "down to the reserve")
    answer = ask(*providers("throttled"), ("enforce", "429"))
    expect((answer.status, answer.headers["Retry-After"], answer.headers["X-RateLimit-Limit-Tokens"]),
           (429, "12", None), "throttled: of whose tokens nobody knows")
    answer = ask(*providers("no-money"), ("enforce", "403"))
    expect((answer.status, 240 <= int(answer.headers["Retry-After"]) <= 360), (403, True), "the next probe")
    answer = ask(*providers("nobody"), ("enforce", "429"))
    expect((answer.status, answer.headers["X-Tokenquota-Reason"]), (200, "unknown_provider"), "never counted")
    answer = ask(*providers("a\tb"), ("enforce", "429"), ("on_error", "allow"))
    expect(answer.status, 400, "no name")
    answer = ask(*providers("spent", "日本語/モデル"), ("enforce", "429"), path="/v1/route")
    expect((answer.status, answer.body, urllib.parse.unquote(answer.headers["X-Tokenquota-Provider"])),
           (200, b"", "日本語/モデル"), "route")
    answer = ask(*providers("spent", "marked"), ("enforce", "429"), path="/v1/route")
    expect((answer.status, answer.headers["Retry-After"]), (429, str(75 * 60 - 30)), "the first of them")
    answer = ask(*providers("spent"))
    expect((answer.status, answer.headers["Retry-After"]), (200, str(26070)), "a document of one that is out")


def test_probe(daemon):
    """GET takes no probe, POST takes it, and one caller gets it."""
    daemon.run("signal", str(FILES / "openai_no_money.http"), "--provider", "broke", "--at", "now-10m")
    for _ in range(2):
        answer = daemon.get("/v1/route", providers("broke"))
        expect((answer.status, answer.json()["probe"]), (200, False), "GET")
    at = daemon.ask("POST", "/v1/route", [*providers("broke"), ("at", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))])
    expect(at.json()["probe"], False, "POST at an instant")
    probes = [daemon.ask("POST", "/v1/route", providers("broke")).json()["probe"] for _ in range(3)]
    expect(probes, [True, False, False], "POST")


def test_undecided(daemon):
    """No ledger can be opened: 503, or what was asked for."""
    os.rename(daemon.ledger, daemon.ledger + ".away")
    os.mkdir(daemon.ledger)
    until = time.monotonic() + DEADLINE
    while daemon.get("/v1/verdict", providers("half")).status != 503:
        if time.monotonic() > until:
            raise AssertionError("the daemon decides without a ledger")
    for path in ("/v1/verdict", "/v1/route"):
        for status in ("429", "403"):
            answer = daemon.get(path, [*providers("half"), ("enforce", status)])
            expect((answer.status, answer.json()["code"]), (503, "undecided"), path)
            answer = daemon.get(path, [*providers("half"), ("enforce", status), ("on_error", "allow")])
            expect((answer.status, answer.body, answer.headers["X-Tokenquota-Reason"]), (200, b"", "undecided"), path)
    for path in ("/v1/status", "/v1/exhausted", "/v1/limits", "/v1/limits/half"):
        expect(daemon.get(path).status, 503, path)
    answer = daemon.get("/readyz")
    expect((answer.status, answer.json()["code"]), (503, "no_ledger"))
    os.rmdir(daemon.ledger)
    os.rename(daemon.ledger + ".away", daemon.ledger)
    expect(daemon.get("/readyz").status, 200, "who waits for this alone")
    expect(daemon.get("/v1/verdict", providers("half")).status, 200)


# ---- openusage.limits.v1 -------------------------------------------------------------------------------------------

def test_limits(daemon):
    document = daemon.get("/v1/limits", [("at", AT)]).json()
    expect((document["schema"], document["generatedAt"], document["errors"]),
           ("openusage.limits.v1", "2025-03-03T16:45:30.000Z", []), "envelope")
    expect("marked" in document["providers"], False, "a provider without a resource")
    claude = document["providers"]["claude"]
    expect({key: claude[key] for key in ("displayName", "fetchedAt", "expiresAt", "stale")},
           {"displayName": "claude", "fetchedAt": "2025-03-03T16:45:30.000Z", "expiresAt": "2025-03-03T16:50:30.000Z",
            "stale": False}, "claude")
    expect("plan" in claude, False, "plan")
    expect(claude["resources"]["session"],
           {"kind": "consumption", "unit": "percent", "used": 10, "limit": 100, "remaining": 90, "utilization": 0.1,
            "resetsAt": "2025-03-03T18:30:00.000Z", "windowSeconds": 18000}, "session")
    expect(claude["resources"]["opus"]["used"], 100, "a model's week")
    limited = document["providers"]["limited"]["resources"]
    expect(limited["dailyRequests"],
           {"kind": "consumption", "unit": "requests", "used": 1, "limit": 900, "remaining": 899,
            "utilization": round(1 / 900, 17), "resetsAt": "2025-03-04T00:00:00.000Z", "windowSeconds": 86400}, "requests")
    expect({key: limited["monthlyCost"][key] for key in ("unit", "limit", "windowSeconds", "estimated")},
           {"unit": "usd", "limit": 40, "windowSeconds": 31 * 86400, "estimated": True}, "a record without a cost")
    expect(limited["session"]["used"], 950, "first use")
    expect(document["providers"]["half"]["resources"],
           {"budget": {"kind": "consumption", "unit": "tokens", "used": 500000, "limit": 1000000, "remaining": 500000,
                       "utilization": 0.5, "resetsAt": "2025-03-04T00:00:00.000Z", "windowSeconds": 86400}}, "budget")
    later = daemon.get("/v1/limits/claude", [("at", "2025-03-03T16:50:30Z")]).json()["providers"]["claude"]
    expect((later["stale"], later["fetchedAt"]), (True, "2025-03-03T16:45:30.000Z"), "five minutes later")
    later = daemon.get("/v1/limits/claude", [("at", "2025-03-03T20:00:00Z")]).json()["providers"]["claude"]
    expect("session" in later["resources"], False, "a window that has ended has no known value")


def test_limits_one(daemon):
    def names(name):
        answer = daemon.get("/v1/limits/" + urllib.parse.quote(name, safe=""), [("at", AT)])
        return answer.status, sorted(answer.json().get("providers", answer.json()))

    daemon.run("budget", "member", "500")
    expect(names("half"), (200, ["half"]), "a provider")
    expect(names("pool"), (200, ["member", "pool"]), "a pool and its members")
    expect(names("marked"), (200, []), "known, without a resource")
    expect(daemon.get("/v1/limits/nobody").status, 404, "unknown")
    expect(daemon.get("/v1/limits/nobody").json(), {"error": "provider_not_found"}, "unknown")
    for name in ODD:
        if name in (".", ".."):
            continue
        expect(names(name)[0], 200, name)


# ---- many, and odd -------------------------------------------------------------------------------------------------

def test_many(daemon):
    text = "".join("many-%03d,%s,%d\n" % (i, AT, i + 1) for i in range(300))
    path = daemon.folder / "many.csv"
    path.write_text("provider,timestamp,tokens\n" + text)
    daemon.run("import", "csv", str(path), "--at", AT)
    document = same(daemon, "/v1/status", [("days", "14")], "status", "--days")
    expect(sum(item["provider"].startswith("many-") for item in document.json()["providers"]), 300, "providers")
    names = ["many-%03d" % i for i in range(64)]
    same(daemon, "/v1/explain", providers(*names), "explain", *names)
    same(daemon, "/v1/route", providers("spent", *names), "route", "spent", *names)


# ---- events --------------------------------------------------------------------------------------------------------

def test_events(daemon):
    """A change by another process reaches every client, as `watch` says it."""
    clients = [daemon.listen() for _ in range(5)]
    for client in clients:
        client.greeting()
        expect(client.answer.status, 200, "status")
        expect(client.answer.getheader("Content-Type"), "text/event-stream", "type")
    daemon.run("mark", "events \"<1>", "exhausted", "--for", "2h")
    begun = time.monotonic()
    first = [client.next("state")[1] for client in clients]
    print("# five clients saw a change after %.0f ms" % (1000 * (time.monotonic() - begun)))
    for data in first:
        expect(data, first[0], "all see the same")
    expect((first[0]["provider"], first[0]["from"], first[0]["state"], first[0]["reason"], first[0]["schema"]),
           ("events \"<1>", "available", "quota_exhausted", "marked", 1), "the event")
    verdict = daemon.get("/v1/verdict", providers("events \"<1>")).json()
    expect((first[0]["retry_at"], first[0]["sentence"]), (verdict["retry_at"], verdict["sentence"]), "the verdict")
    daemon.run("mark", "events \"<1>", "available")
    for client in clients:
        expect(client.next("state")[1]["state"], "available", "back")
        client.close()


def test_head(daemon):
    """Nothing follows the header of an answer to HEAD: a proxy would give it to the next client."""
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=DEADLINE) as connection:
        connection.sendall(b"HEAD /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
                           b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        got = b"".join(iter(lambda: connection.recv(4096), b""))
    expect(got.split(b"\r\n\r\n", 1)[1][:12], b"HTTP/1.1 200")


def test_last_id(daemon):
    """A client that was cut off goes on behind the last event that it had."""
    client, witness = daemon.listen(), daemon.listen()
    client.greeting()
    witness.greeting()
    daemon.run("mark", "cut", "exhausted", "--for", "1h")
    expect(client.next("state")[1]["state"], "quota_exhausted", "before")
    client.close()
    daemon.run("mark", "cut", "available")
    daemon.run("mark", "cut-2", "exhausted", "--for", "1h")
    seen = [witness.next("state")[1] for _ in range(3)]
    client = daemon.listen(client.last_id)
    expect([client.next()[1] for _ in range(2)], seen[1:], "what it missed, once")
    client.close()
    for strange in ("0000000000000000-1", "x", client.last_id + "0", client.last_id.split("-")[0] + "-99999999"):
        client = daemon.listen(strange)
        expect(client.next()[0], "resync", strange)
        for words in (["available"], ["exhausted", "--for", "1h"]):
            daemon.run("mark", "cut-2", *words)
            expect(client.next("state"), witness.next("state"), "it goes on")
        client.close()
    last = witness.last_id
    witness.close()
    daemon.stop()
    daemon.start()
    client = daemon.listen(last)
    expect(client.next()[0], "resync", "of another instance")
    client.close()


def test_usage(daemon):
    """Counts that changed are told, with the names."""
    client = daemon.listen()
    client.greeting()
    until = time.monotonic() + DEADLINE
    names = []
    while "burnt" not in names and time.monotonic() < until:
        daemon.run("observe", "burnt", "7")
        names = client.next("usage")[1].get("providers", [])
    expect("burnt" in names, True, "names")
    expect(daemon.get("/v1/verdict", providers("burnt")).json()["used"] >= 7, True, "used")
    client.close()


def test_replaced(daemon):
    """Another ledger in the place of the first one: clients are told to ask anew, and hear of its changes."""
    client = daemon.listen()
    client.greeting()
    os.rename(daemon.ledger, daemon.ledger + ".old")
    daemon.run("observe", "fresh", "1")
    expect(client.next("resync")[0], "resync", "replaced")
    daemon.run("mark", "fresh", "exhausted", "--for", "1h")
    while client.next("state")[1]["provider"] != "fresh":
        pass
    expect(daemon.get("/v1/verdict", providers("fresh")).json()["state"], "quota_exhausted", "the new one")
    client.close()


def test_replaced_before(daemon):
    """The ledger was replaced before anybody listened: the first client hears of the new one's changes."""
    os.rename(daemon.ledger, daemon.ledger + ".old")
    daemon.run("observe", "second", "1")
    client = daemon.listen()
    client.greeting()
    daemon.run("mark", "second", "exhausted", "--for", "1h")
    expect(client.next("state")[1]["provider"], "second")
    client.close()


def rss(daemon):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path("/proc/%d/status" % daemon.process.pid).read_text()).group(1))


def connections(daemon):
    return sum("socket:" in os.readlink(item) for item in pathlib.Path("/proc/%d/fd" % daemon.process.pid).iterdir()
               if item.is_symlink())


def test_burst(daemon):
    """More changes at once than are kept: a client that reads is told to ask anew, and goes on."""
    client = daemon.listen()
    client.greeting()
    daemon.run("mark", "crowd", "exhausted", "--for", "1h")
    expect(client.next("resync")[0], "resync", "3,001 changes")
    daemon.run("mark", "alone", "exhausted", "--for", "1h")
    while client.next("state")[1]["provider"] != "alone":
        pass
    client.close()


def test_deaf(daemon):
    """A client that does not read is dropped, and takes no memory meanwhile."""
    before, memory = connections(daemon), rss(daemon)
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", daemon.port))
    deaf.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    client = daemon.listen()
    client.greeting()
    expect(connections(daemon), before + 2, "both are there")
    until = time.monotonic() + DEADLINE
    while connections(daemon) > before + 1:
        if time.monotonic() > until:
            raise AssertionError("it is still there")
        for words in (["available"], ["exhausted", "--for", "1h"]):
            daemon.run("mark", "crowd", *words)
            client.next("state", "resync")
    if not sys.argv[3:] or sys.argv[3] == "none":
        expect(rss(daemon) - memory < 4096, True, "KiB more: %d" % (rss(daemon) - memory))
    client.close()
    deaf.close()


def test_limited(daemon):
    """Of many providers an answer has the most urgent ones, and says how many it leaves out."""
    for words in (["available"], ["exhausted", "--for", "1h"]):
        daemon.run("mark", "crowd", *words)
        for path, member in (("/v1/status", "providers"), ("/v1/exhausted", "exhausted")):
            want = daemon.said(path[4:])[member]
            for limit in (10, 5000):
                have = daemon.get(path, [("limit", limit)]).json()
                expect([item["provider"] for item in have[member]], [item["provider"] for item in want[:limit]], path)
                expect(have.get("left_out", 0), max(0, len(want) - limit), path)
            have = daemon.get(path).json()
            expect(len(have[member]) + have.get("left_out", 0), len(want), path)
            expect(len(have[member]) <= 1000, True, path)
    expect(len(daemon.get("/v1/limits").json()["providers"]) <= 1000, True, "limits")


def test_crowded(daemon):
    """Only so many can listen; when one goes, another can."""
    clients = [daemon.listen() for _ in range(256)]
    served = [client.answer.status for client in clients].count(200)
    expect(served >= 250, True, "of 256, but for those that left and still count: %d" % served)
    answer = daemon.get("/v1/events")
    expect((answer.status, answer.json()["code"], answer.headers["Retry-After"]), (503, "too_many", "5"), "one more")
    clients.pop().close()
    until = time.monotonic() + DEADLINE
    while True:
        daemon.run("mark", "alone", "available")
        daemon.run("mark", "alone", "exhausted", "--for", "1h")
        client = daemon.listen()
        clients.append(client)
        if client.answer.status == 200:
            break
        if time.monotonic() > until:
            raise AssertionError("nobody else can listen")
    for client in clients:
        client.close()


def main():
    tap = Tap()
    with Daemon(sys.argv[1], "--patience", "2s", "--threads", "3") as daemon:
        subprocess.run([sys.argv[2], daemon.ledger, "3000", "crowd"], check=True)
        daemon.run("observe", "alone", "1")
        for test in (test_burst, test_deaf, test_limited, test_crowded):
            tap.check(test.__name__[5:].replace("_", " "), lambda: test(daemon))
    with Daemon(sys.argv[1]) as daemon, Daemon(sys.argv[1]) as other:
        fill(daemon)
        other.run("observe", "first", "1")
        for test in (test_documents, test_routes, test_days, test_unknown, test_one_truth, test_enforce, test_probe,
                     test_undecided, test_limits, test_limits_one, test_many, test_events, test_head, test_last_id,
                     test_usage, test_replaced):
            tap.check(test.__name__[5:].replace("_", " "), lambda: test(daemon))
        tap.check("replaced before", lambda: test_replaced_before(other)) # here a second has passed, so that it is seen
        tap.check("the end", lambda: expect((daemon.stop(), other.stop()), (0, 0), "exit"))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
