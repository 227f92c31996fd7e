#!/usr/bin/env python3
# test_early.py: windows that ended early, as users saw them, through each door: what route answers, and what it costs.
# SPDX-License-Identifier: MIT
#
#     test_early.py COMMAND EARLY_SAYS [DOOR or all [INCIDENT]]
#
# The incidents are in tests/vectors/early, whose README.md has their form. EARLY_SAYS (early_says.c) asks the library, at the
# incident's time, on the ledger that the command writes to.
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

DAY_0 = 1740960000  # 2025-03-03 00:00 UTC
FOLDER = pathlib.Path("tests/vectors/early")
MINUTES = {"5h": 300, "7d": 10080}
MEMBERS = {"5h": "five_hour", "7d": "seven_day", "7d:opus": "seven_day_opus", "7d:sonnet": "seven_day_sonnet"}
DOORS = {
    "claude": ["library", "claude-line", "claude-response", "claude-usage", "claude-poll", "claude-log"],
    "codex": ["library", "codex-response", "codex-usage", "codex-poll", "codex-log"],
}
PROFILES = {"claude": "anthropic-subscription", "codex": "codex"}
READINGS = {"library", "claude-line", "claude-usage", "codex-usage", "codex-log"}
EXHAUSTED, THROTTLED, SUCCESS, OF_A_MODEL, USE_RESERVE = 2, 1, 1, 4, 2  # of tokenquota.h
USED, RESET, EMPTY, MODEL_ONLY, CREDIT = 4, 8, 1, 4, 8


# ---- the file ------------------------------------------------------------------------------------------------------

def instant(text):
    found = re.fullmatch(r"(?:(\d+)d)?(\d\d):(\d\d)(?::(\d\d))?", text)
    if not found:
        raise ValueError(f'"{text}" is no time')
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return DAY_0 + days * 86400 + hours * 3600 + minutes * 60 + seconds


def length(text):
    if not re.fullmatch(r"(\d+[hms])+", text):
        raise ValueError(f'"{text}" is no length')
    return sum(int(number) * {"h": 3600, "m": 60, "s": 1}[unit] for number, unit in re.findall(r"(\d+)([hms])", text))


class Window:
    """A window as it is said: `7d:opus 100% 5d12:00`."""

    def __init__(self, words, credit=None):
        self.name = words[0]
        self.length, _, self.model = words[0].partition(":")
        self.share = None if words[1] == "null" else int(words[1].rstrip("%"))
        self.end = instant(words[2]) if len(words) > 2 else None
        self.credit = credit
        self.minutes = MINUTES[self.length]


class Incident:
    def __init__(self, name):
        self.name, self.about, self.vendor, self.doors = name, "", None, None
        self.truth, self.pools, self.steps, self.expected = [], [], [], None

    def runs(self):
        """The doors to go through: what its doors line allows, of its vendor, that can carry each reading."""
        models = any(w.model for step in self.steps for w in step.windows)
        for vendor, doors in DOORS.items():
            for door in doors:
                if self.vendor not in (None, vendor) or (door == "library" and vendor != (self.vendor or "claude")):
                    continue
                if self.doors is not None and door not in self.doors:
                    continue
                if models and door in ("claude-line", "claude-log"):
                    continue
                yield door, vendor

    def is_out(self, at):
        return any(begin <= at < end for begin, end in self.truth)


class Step:
    def __init__(self, text):
        head, verb, *words = text.split()
        self.text, self.at = text, instant(head)
        self.verb, _, self.provider = verb.partition("@")
        self.provider = self.provider or "p"
        self.words = words
        self.sent, self.windows = None, []
        if "sent" in words:
            at = words.index("sent")
            self.sent = 0 if words[at + 1] == "?" else instant(words[at + 1])
            self.words = words[:at]
        if self.verb == "say":
            self.windows = self.read_windows(" ".join(self.words))
        elif self.verb == "route":
            self.read_route()
        elif self.verb in ("refuse", "refused"):
            self.end = instant(self.words[-1])
            self.windows = [Window([self.words[0], "100%", self.words[1]], "no")] if len(self.words) == 2 else []
        elif self.verb not in ("served", "failed", "mark", "reserve", "overage", "throttle"):
            raise ValueError(f"unknown step: {text}")

    @staticmethod
    def read_windows(text):
        text, _, credit = text.partition(" credit ")
        return [Window(part.split(), credit or "no") for part in text.split(", ")]

    def read_route(self):
        words = self.words
        self.reserve = words[-2:] == ["with", "reserve"]
        words = words[:-2] if self.reserve else words
        self.names = words[words.index("of") + 1:] if "of" in words else ["p"]
        words = words[:words.index("of")] if "of" in words else words
        self.until = words[words.index("until") + 1] if "until" in words else None
        words = words[:words.index("until")] if "until" in words else words
        self.answer = words[0]
        self.chosen = words[1] if len(words) > 1 else None


def read_header(incident, word, rest):
    if word == "about":
        incident.about = rest
    elif word == "vendor":
        incident.vendor = rest
    elif word == "doors":
        doors = set(rest.split()) | (READINGS if "readings" in rest.split() else set())
        incident.doors = doors | {door.replace("-usage", "-poll") for door in doors}
    elif word == "pool":
        incident.pools.append(rest.split())
    elif word == "truth":
        incident.truth = [tuple(instant(t) for t in part.split("-")) for part in rest[len("out "):].split(", ")]
    elif word == "=>":
        found = re.fullmatch(r"probes (\d+) refused (\d+) wrongly-out (\S+)", rest)
        incident.expected = int(found[1]), int(found[2]), length(found[3])
    else:
        return False
    return True


def read_file(path):
    incident = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = re.sub(r"(^| )#( .*|$)", "", line).strip()
        word, _, rest = text.partition(" ")
        if not text:
            continue
        try:
            if word == "incident":
                incident = Incident(rest.split()[0])
                yield incident
            elif not read_header(incident, word, rest.strip()):
                incident.steps.append(Step(text))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            sys.exit(f"{path}:{number}: {error}: {text}")


# ---- what a vendor sends -------------------------------------------------------------------------------------------

def rfc3339(at):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def response(status, fields, body):
    lines = [f"HTTP/1.1 {status} X"] + [f"{name}: {value}" for name, value in fields if value is not None]
    return "\r\n".join(lines) + "\r\n\r\n" + json.dumps(body)


SERVED = {
    "claude": {"type": "message", "model": "m", "usage": {"input_tokens": 0, "output_tokens": 1}},
    "codex": {"object": "response", "model": "m", "usage": {"input_tokens": 0, "output_tokens": 1, "total_tokens": 1}},
}
REFUSED = {
    "claude": {"type": "error", "error": {"type": "rate_limit_error", "message": "This request would exceed your limit"}},
    "codex": {"error": {"type": "usage_limit_reached", "message": "The usage limit has been reached"}},
}


def claude_response(windows, end=None, refused=False):
    prefix = "anthropic-ratelimit-unified-"
    spent = [w for w in windows if w.share is not None and w.share >= 100]
    rejected = refused or bool(spent)
    fields = [("content-type", "application/json"), (prefix + "status", "rejected" if rejected else "allowed")]
    if refused and not windows:
        fields.append((prefix + "reset", end))
    for w in windows:
        name = prefix + w.name.replace(":", "_")
        fields += [(name + "-status", "rejected" if w in spent else "allowed"), (name + "-reset", w.end),
                   (name + "-utilization", None if w.share is None else w.share / 100)]
    return response(429 if rejected else 200, fields, REFUSED["claude"] if rejected else SERVED["claude"])


def codex_response(windows, end=None, refused=False):
    credit = windows[0].credit if windows else "no"
    spent = any(w.share is not None and w.share >= 100 for w in windows)
    rejected = refused or (spent and credit == "no")
    fields = [("content-type", "application/json"), ("x-codex-plan-type", "plus")]
    if credit != "unsaid":
        fields += [("x-codex-credits-has-credits", "True" if credit == "there" else "False"),
                   ("x-codex-credits-unlimited", "False")]
    for place, w in zip(("primary", "secondary"), windows):
        fields += [(f"x-codex-{place}-used-percent", w.share), (f"x-codex-{place}-window-minutes", w.minutes),
                   (f"x-codex-{place}-reset-at", w.end)]
    body = SERVED["codex"]
    if rejected:
        body = {"error": dict(REFUSED["codex"]["error"])}
        if not windows:
            body["error"]["resets_at"] = end
    return response(429 if rejected else 200, fields, body)


def codex_credits(windows):
    credit = windows[0].credit
    return None if credit == "unsaid" else {
        "has_credits": credit == "there", "unlimited": False, "balance": "9.99" if credit == "there" else "0"}


def codex_usage(windows):
    """What GET /backend-api/wham/usage answers."""
    spent = any(w.share is not None and w.share >= 100 for w in windows) and windows[0].credit == "no"
    limit = {"allowed": not spent, "limit_reached": spent, "primary_window": None, "secondary_window": None}
    for place, w in zip(("primary_window", "secondary_window"), windows):
        limit[place] = {"used_percent": w.share, "limit_window_seconds": w.minutes * 60, "reset_at": w.end}
    document = {"plan_type": "plus", "rate_limit": limit, "credits": codex_credits(windows)}
    if document["credits"] is None:
        del document["credits"]
    return json.dumps(document)


def claude_usage(windows):
    """What GET /api/oauth/usage answers."""
    document = dict.fromkeys(MEMBERS.values())
    for w in windows:
        document[MEMBERS[w.name]] = {"utilization": w.share, "resets_at": w.end and rfc3339(w.end)}
    return json.dumps(document)


def claude_line(windows):
    limits = {}
    for w in windows:
        limits[MEMBERS[w.name]] = {"used_percentage": w.share, "resets_at": w.end}
    return json.dumps({"session_id": "s", "rate_limits": limits})


def claude_log(at, window, end):
    """The line that Claude Code writes when it is refused."""
    if window is None:
        text = f"Claude AI usage limit reached|{end}"
    else:
        when = time.gmtime(end)
        hour, noon = when.tm_hour % 12 or 12, "pm" if when.tm_hour >= 12 else "am"
        name = {"5h": "session", "7d": "weekly"}[window.name]
        text = (f"You've hit your {name} limit \u00b7 resets {time.strftime('%b', when)} {when.tm_mday} "
                f"at {hour}:{when.tm_min:02}{noon} (UTC)")
    return json.dumps({
        "type": "assistant", "uuid": f"u{at}", "sessionId": "s", "timestamp": rfc3339(at).replace("Z", ".000Z"),
        "message": {"model": "<synthetic>", "role": "assistant", "usage": {"input_tokens": 0, "output_tokens": 0},
                    "content": [{"type": "text", "text": text}]},
        "error": "rate_limit", "isApiErrorMessage": True, "apiErrorStatus": 429}, separators=(",", ":")) + "\n"


def codex_log(at, windows):
    limits = {"limit_id": "codex", "limit_name": None, "primary": None, "secondary": None, "plan_type": "plus"}
    for place, w in zip(("primary", "secondary"), windows):
        limits[place] = {"used_percent": w.share, "window_minutes": w.minutes, "resets_at": w.end}
    if codex_credits(windows):
        limits["credits"] = codex_credits(windows)
    return json.dumps({"timestamp": rfc3339(at).replace("Z", ".000Z"), "type": "event_msg",
                       "payload": {"type": "token_count", "info": None, "rate_limits": limits}}, separators=(",", ":")) + "\n"


# ---- the doors -----------------------------------------------------------------------------------------------------

class Failure(Exception):
    pass


class World:
    """A ledger, and the door through which one incident goes."""

    def __init__(self, tools, folder, door, vendor):
        self.command, self.library = tools
        self.door, self.vendor, self.folder = door, vendor, folder
        self.ledger = folder / "ledger"
        self.log = folder / "s.jsonl"
        self.ask(f"open {self.ledger}")

    def ask(self, line):
        self.library.stdin.write(line + "\n")
        self.library.stdin.flush()
        answer = self.library.stdout.readline().strip()
        if not answer or answer.startswith("error"):
            raise Failure(f"the library answers {answer or 'nothing'} to: {line}")
        return answer

    def run(self, args, text, at, behind=(), may_fail=False):
        done = subprocess.run([self.command, *args, "--at", rfc3339(at), "--ledger", self.ledger, *behind], input=text,
                              capture_output=True, text=True, cwd=self.folder)
        if done.returncode not in (0, 1) and not may_fail:
            raise Failure(f"{' '.join(args)}: status {done.returncode}: {done.stderr.strip()}")
        return done

    # What each step does is the method of its name, and of the door's for what the door carries in its own way.

    def say(self, step):
        windows, at, name = step.windows, step.at, step.provider
        spent = all(w.share is not None and w.share >= 100 for w in windows)
        if self.door == "library":
            self.apply(step, 0, 0, 0, -1, windows)
        elif self.door == "claude-line" or (self.door == "claude-log" and not spent):
            self.run(["statusline", name], claude_line(windows), at)
        elif self.door == "claude-log":
            for w in windows:
                self.write(step, claude_log(at, w, w.end))
        elif self.door == "codex-log":
            self.write(step, codex_log(at, windows))
        elif self.door.endswith("-poll"):
            document = self.folder / "usage.json"
            document.write_text(claude_usage(windows) if self.vendor == "claude" else codex_usage(windows))
            self.run(["poll", name, "--once", "--every", "10s", "--profile", PROFILES[self.vendor]], "", at,
                     ["--", "cat", document], may_fail=all(w.share is None for w in windows))  # it says nothing
        else:
            make = {"claude-response": claude_response, "codex-response": codex_response,
                    "claude-usage": claude_usage, "codex-usage": codex_usage}[self.door]
            self.signal(step, make(windows), None)

    def write(self, step, line):
        begin = "" if self.log.exists() or self.vendor == "claude" else json.dumps({
            "timestamp": rfc3339(step.at).replace("Z", ".000Z"), "type": "session_meta",
            "payload": {"id": "0198aaaa-0000-7000-8000-000000000001", "cwd": "/", "model_provider": "openai"}},
            separators=(",", ":")) + "\n"
        with self.log.open("a") as file:
            file.write(begin + line)
        self.run(["import", self.vendor, str(self.log), "--provider", step.provider], "", step.at)

    def signal(self, step, text, sent):
        options = ["--sent-at", rfc3339(sent)] if sent else []
        self.run(["signal", "--provider", step.provider, "--profile", PROFILES[self.vendor], "--quiet", *options], text,
                 step.at)

    def apply(self, step, refusal, flags, retry, binds, windows, sent=0):
        axes = []
        for w in windows:
            known = (USED if w.share is not None else 0) | (RESET if w.end else 0)
            full = w.share is not None and w.share >= 100
            axis_flags = (EMPTY if full else 0) | (MODEL_ONLY if w.model else 0) | (CREDIT if w.credit != "no" else 0)
            axes.append(f"0,{known},{axis_flags},{(w.share or 0) * 10000},{w.minutes},{w.end or 0},{w.model}")
        self.ask(" ".join(map(str, ["apply", step.provider, step.at, sent, refusal, flags, retry, binds, *axes])))

    def refuse(self, step, sent=None):
        sent = step.sent if step.sent is not None else (sent or step.at)
        windows = step.windows
        if self.door == "library":
            self.apply(step, EXHAUSTED, OF_A_MODEL if any(w.model for w in windows) else 0, step.end, 0 if windows else -1, windows, sent)
        elif self.door == "claude-log" and step.sent is None and sent == step.at:
            self.write(step, claude_log(step.at, windows[0] if windows else None, step.end))
        else:
            make = claude_response if self.vendor == "claude" else codex_response
            self.signal(step, make(windows, step.end, True), sent)

    def refused(self, step):
        self.refuse(step, self.probed_at)

    def throttle(self, step):
        seconds = length(step.words[0])
        if self.door == "library":
            self.apply(step, THROTTLED, 0, step.at + seconds, -1, [], step.at)
        else:
            error = {"type": "error", "error": {"type": "rate_limit_error", "message": "Too many requests"}}
            if self.vendor == "codex":
                error = {"error": {"type": "rate_limit_exceeded", "code": "rate_limit_exceeded", "message": "slow down"}}
            self.signal(step, response(429, [("retry-after", seconds)], error), step.at)

    def served(self, step):
        sent = step.sent if step.sent is not None else self.probed_at
        if self.door == "library":
            self.apply(step, 0, SUCCESS, 0, -1, [], sent)
        else:
            self.signal(step, response(200, [("content-type", "application/json")], SERVED[self.vendor]), sent)

    def failed(self, step):
        self.ask(f"failed {step.provider} {step.at}")

    def mark(self, step):
        self.ask(f"mark {step.provider} {step.at}")

    def reserve(self, step):
        self.ask(f"reserve {step.provider} {MINUTES[step.words[0]]} {int(step.words[1].rstrip('%')) * 100}")

    def overage(self, step):
        self.ask(f"overage {step.provider} {int(step.words[0] == 'stop')}")

    def route(self, step):
        """The answer and the name that was chosen."""
        flags = USE_RESERVE if step.reserve else 0
        answer, place = self.ask(" ".join(map(str, ["route", step.at, flags, *step.names]))).split()
        if answer == "probe":
            self.probed_at = step.at
        return answer, step.names[int(place)]

    def until(self, name, at, flags=0):
        """When it is available again: at when it is, infinity when nobody knows."""
        end = int(self.ask(f"state {at} {flags} {name}"))
        return at if end == 0 else float("inf") if end < 0 else end


def check_route(world, incident, step):
    """What was asked of the vendor: (probes, refused requests)."""
    answer, chosen = world.route(step)
    until = world.until(chosen, step.at, USE_RESERVE if step.reserve else 0)
    said = f"{answer} {chosen}" + ("" if until == step.at else
                                   " until unknown" if until == float("inf") else f" until {rfc3339(until)}")
    if answer != step.answer or step.chosen not in (None, chosen):
        raise Failure(f"{step.text}: route says {said}")
    if step.until and until != (float("inf") if step.until == "unknown" else instant(step.until)):
        raise Failure(f"{step.text}: route says {said}, which should be until "
                      f"{step.until if step.until == 'unknown' else rfc3339(instant(step.until))}")
    asks = answer != "no" and chosen == "p" and not step.reserve
    return answer == "probe", asks and incident.is_out(step.at)


def wrongly_out(incident, begin, end):
    """Seconds of [begin, end) in which the vendor would have served."""
    if end <= begin:
        return 0
    out = sum(max(0, min(end, e) - max(begin, b)) for b, e in incident.truth)
    return end - begin - out


def run_incident(world, incident):
    probes = refused = wrong = now = 0
    for name, pool in incident.pools:
        world.ask(f"pool {name} {pool}")
    for step, after in zip(incident.steps, incident.steps[1:] + [None]):
        if step.verb == "route":
            probe, refusal = check_route(world, incident, step)
            probes += probe
            refused += refusal
        else:
            getattr(world, step.verb)(step)
        now = max(now, step.at)  # what was said earlier may come later
        if after:
            wrong += wrongly_out(incident, now, min(world.until("p", now), after.at))
    if (probes, refused, wrong) != incident.expected:
        raise Failure("probes %d refused %d wrongly-out %d s, " % (probes, refused, wrong) +
                      "which should be %d, %d, %d s" % incident.expected)


def main():
    command = str(pathlib.Path(sys.argv[1]).resolve())
    only_door = sys.argv[3] if len(sys.argv) > 3 else "all"
    only = sys.argv[4] if len(sys.argv) > 4 else None
    incidents = [i for path in sorted(FOLDER.glob("*.txt")) for i in read_file(path) if only in (None, i.name)]
    polls = subprocess.run([command, "poll", "--help"], capture_output=True).returncode == 0
    bad = runs = 0
    with subprocess.Popen([sys.argv[2]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as library, \
            tempfile.TemporaryDirectory() as scratch:
        print(f"1..{len(incidents)}")
        for number, incident in enumerate(incidents, 1):
            failures = []
            for door, vendor in incident.runs():
                if only_door not in ("all", door) or (door.endswith("-poll") and not polls):
                    continue
                runs += 1
                folder = pathlib.Path(scratch) / f"{number}-{door}"
                folder.mkdir()
                try:
                    run_incident(World((command, library), folder, door, vendor), incident)
                except Failure as failure:
                    failures.append(f"{door}: {failure}")
            bad += bool(failures)
            print(f"{'not ok' if failures else 'ok'} {number} - {incident.name}: {incident.about}")
            for failure in failures:
                print(f"# {failure}")
        library.stdin.close()
    print(f"# {len(incidents)} incidents, {runs} runs")
    return 1 if bad or not runs else 0


sys.exit(main())
