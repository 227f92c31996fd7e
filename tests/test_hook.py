#!/usr/bin/env python3
# test_hook.py: `tokenquota hook` as Claude Code, Codex and Gemini CLI call it: warns, waits, stops, and goes on.
# SPDX-License-Identifier: MIT
#
#     test_hook.py COMMAND
import contextlib
import json
import os
import pathlib
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

from tap import Tap

DEADLINE = 30  # seconds, after which a test has failed
LOOK = 0.3     # how long a hook that waits is watched

# What each tool hands its hook, by its documents: at a prompt, and before a tool.
COMMON = {"session_id": "7b761c9c-d1b0", "transcript_path": "/tmp/t.jsonl", "cwd": "/tmp"}
TOOL_USE = {"tool_name": "Bash", "tool_input": {"command": "ls"}}
CODEX = {**COMMON, "turn_id": "t-1", "model": "gpt-5", "permission_mode": "default", "transcript_path": None}
INPUTS = {
    "claude": ({**COMMON, "permission_mode": "default", "hook_event_name": "UserPromptSubmit", "prompt": "go"},
               {**COMMON, "permission_mode": "default", "hook_event_name": "PreToolUse", **TOOL_USE}),
    "codex": ({**CODEX, "hook_event_name": "UserPromptSubmit", "prompt": "go"},
              {**CODEX, "hook_event_name": "PreToolUse", **TOOL_USE, "tool_use_id": "c-1"}),
    "gemini": ({**COMMON, "timestamp": "2026-12-01T00:00:00Z", "hook_event_name": "BeforeAgent", "prompt": "go"},
               {**COMMON, "timestamp": "2026-12-01T00:00:00Z", "hook_event_name": "BeforeTool", **TOOL_USE}),
}
RESUME = {"claude": "claude --resume 7b761c9c-d1b0", "codex": "codex resume 7b761c9c-d1b0",
          "gemini": "gemini --resume latest"}


def quota(*arguments):
    return subprocess.run([COMMAND, *arguments], check=True, capture_output=True, text=True).stdout


def begin(given, *arguments):
    process = subprocess.Popen([COMMAND, "hook", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    with contextlib.suppress(BrokenPipeError):  # it may have said what is wrong, and ended
        process.stdin.write(given if isinstance(given, bytes) else json.dumps(given).encode())
        process.stdin.close()
    return process


def end(process):
    """What it answered, once it has ended."""
    out = process.stdout.read()
    errors = process.stderr.read().decode()
    return process.wait(DEADLINE), json.loads(out) if out else None, errors


def hook(given, *arguments):
    status, answer, errors = end(begin(given, *arguments))
    assert status == 0 and errors == "", (status, answer, errors)
    return answer


def waits(process):
    return not select.select([process.stdout], [], [], LOOK)[0]


def stop_reason(answer):
    """Why it stopped; the answer is one of the two forms and has nothing else."""
    if "continue" in answer:
        assert set(answer) == {"continue", "stopReason"} and answer["continue"] is False, answer
        return answer["stopReason"]
    own = answer["hookSpecificOutput"]
    assert set(own) == {"hookEventName", "permissionDecision", "permissionDecisionReason"}, answer
    assert own["hookEventName"] == "PreToolUse" and own["permissionDecision"] == "deny", answer
    return own["permissionDecisionReason"]


def used(name, tokens, *rest):
    """A provider with so much used of a million a day, which no rule takes out."""
    quota("limit", name, "add", "1M tokens per day")
    quota("rule", name, "off")
    quota("observe", name, tokens)
    for settings in rest:
        quota("set", name, settings)


def below_the_warning_nothing_is_said():
    for prompt, tool in INPUTS.values():
        assert hook(prompt, "low", "--warn", "80", "--pause", "90") == {}
        assert hook(tool, "low", "--warn", "80", "--pause", "90") == {}


def a_warning_is_told_at_prompts_alone():
    used("warm", "830k")
    for prompt, tool in INPUTS.values():
        answer = hook(prompt, "warm", "--warn", "80", "--pause", "90")
        assert set(answer) == {"systemMessage", "hookSpecificOutput"}, answer
        assert "warm has used 83% of the day limit, which resets 00:00, in " in answer["systemMessage"], answer
        assert answer["hookSpecificOutput"] == {"hookEventName": prompt["hook_event_name"],
                                                "additionalContext": answer["systemMessage"]}
        assert hook(tool, "warm", "--warn", "80", "--pause", "90") == {}
        assert hook(prompt, "warm", "--pause", "90") == {}
        assert hook(prompt, "warm") == {}


def past_the_pause_it_ends_the_run():
    for name, inputs in INPUTS.items():
        for given in inputs:
            answer = hook(given, "hot", "--warn", "80", "--pause", "90", "--max-wait", "1ms")
            reason = stop_reason(answer)
            assert "hot has used 93% of the day limit, which resets 00:00" in reason, reason
            assert reason.endswith("go on with: tokenquota hook hot --pause 90 --wait && " + RESUME[name]), reason
            denied = "hookSpecificOutput" in answer
            assert denied == (name == "codex" and given["hook_event_name"] == "PreToolUse"), (name, answer)
        assert hook(inputs[0], "hot") == {}, "without --pause only what is out stops"


def a_budget_a_pool_and_the_vendor_s_word_count():
    quota("budget", "daily", "1M")
    quota("rule", "daily", "off")
    quota("observe", "daily", "950k")
    assert "95% of the day's budget" in stop_reason(hook(INPUTS["claude"][0], "daily", "--pause", "95"))
    used("account", "0")
    quota("set", "account/opus", "pool=account")
    quota("observe", "account/opus", "970k")
    reason = stop_reason(hook(INPUTS["claude"][0], "account/opus", "--pause", "96"))
    assert "account has used 97% of the day limit (it is the pool of account/opus)" in reason, reason
    now = int(time.time())
    subprocess.run([COMMAND, "statusline", "stated"], check=True, capture_output=True, input=json.dumps({
        "rate_limits": {"five_hour": {"used_percentage": 61, "resets_at": now + 7200},
                        "seven_day": {"used_percentage": 83, "resets_at": now + 400000}}}).encode())
    answer = hook(INPUTS["claude"][0], "stated", "--warn", "80")
    assert "stated has used 83% of the 7 d limit, which resets" in answer["systemMessage"], answer


def one_that_is_out_is_waited_for():
    for given in (INPUTS["claude"][0], INPUTS["codex"][1], INPUTS["gemini"][1]):
        quota("mark", "back", "exhausted", "--for", "5m")
        process = begin(given, "back")
        assert waits(process)
        quota("mark", "back", "available")
        assert end(process) == (0, {}, "")


def it_goes_on_after_the_end():
    quota("mark", "soon", "exhausted", "--for", "1s")
    began = time.monotonic()
    assert hook(INPUTS["claude"][1], "soon", "--max-wait", "1m") == {}
    assert time.monotonic() - began < DEADLINE
    assert quota("route", "soon") == "soon\n"


def a_share_that_falls_is_waited_for():
    quota("limit", "full", "add", "1M tokens per 30m rolling")
    quota("rule", "full", "off")
    quota("observe", "full", "950k")
    process = begin(INPUTS["claude"][0], "full", "--pause", "90")
    assert waits(process)
    quota("correct", "full", "-500k")
    assert end(process) == (0, {}, "")


def it_waits_no_longer_than_it_may():
    quota("limit", "slow", "add", "1M tokens per 5h rolling")  # nobody knows when it falls below a share
    quota("rule", "slow", "off")
    quota("observe", "slow", "950k")
    began = time.monotonic()
    reason = stop_reason(hook(INPUTS["claude"][0], "slow", "--pause", "90", "--max-wait", "1s"))
    assert time.monotonic() - began >= 1 and "slow has used 95% of the 5 h rolling limit. Stopped" in reason, reason
    # An end that is known to come too late is not waited for.
    reason = stop_reason(hook(INPUTS["claude"][0], "late"))
    assert "late: marked exhausted until" in reason, reason


def one_call_is_the_probe():
    response = b"HTTP/1.1 429 x\r\ncontent-type: application/json\r\n\r\n{\"error\":{\"code\":\"insufficient_quota\"}}"
    subprocess.run([COMMAND, "signal", "-", "--provider", "dry", "--at", "now-10m"], capture_output=True, input=response)
    answer = hook(INPUTS["claude"][1], "dry", "--max-wait", "1ms")
    assert "this call is its probe" in answer["systemMessage"] and set(answer) == {"systemMessage"}, answer
    assert "dry: " in stop_reason(hook(INPUTS["claude"][1], "dry", "--max-wait", "1ms"))


def other_events_pass():
    quota("mark", "other", "exhausted", "--for", "10h")
    for event in ("Stop", "SessionStart", "PostToolUse", "AfterAgent", "BeforeModel", "Invented"):
        assert hook({**COMMON, "hook_event_name": event}, "other") == {}


def what_was_never_counted_passes_and_is_said():
    quota("observe", "claude", "1")
    answer = hook(INPUTS["claude"][0], "cluade")
    assert 'nothing was counted for "cluade" yet, so it may be called; did you mean "claude"?' in answer["systemMessage"]
    assert hook(INPUTS["claude"][1], "cluade") == {}
    none = str(WORK / "none")
    assert "there is no ledger at %s yet" % none in hook(INPUTS["claude"][0], "claude", "--ledger", none)["systemMessage"]
    assert not os.path.exists(none)
    assert "cluade" not in quota("ledger", "names")


def what_cannot_be_decided_stops_or_goes_as_it_is_told():
    broken = WORK / "broken"
    broken.write_bytes(b"no ledger at all" * 1000)
    for given in (INPUTS["claude"][0], INPUTS["codex"][1], INPUTS["gemini"][1]):
        status, answer, errors = end(begin(given, "claude", "--ledger", str(broken)))
        assert status == 0 and 'could not decide about "claude": ' in stop_reason(answer), answer
        assert errors.count("\n") == 1 and "--on-error go" in errors, errors
        status, answer, errors = end(begin(given, "claude", "--ledger", str(broken), "--on-error", "go"))
        assert status == 0 and "could not decide" in answer["systemMessage"] and errors.count("\n") == 1, answer
        assert "continue" not in answer
    for bad in (b"", b"{", b"[]", b"5", b'{"hook_event_name":""}', b'{"session_id":"x"}', b'{"hook_event_name":"Stop"'):
        status, answer, errors = end(begin(bad, "claude"))
        assert status == 2 and answer is None and "could not decide" in errors, (bad, status, answer)
        status, answer, errors = end(begin(bad, "claude", "--on-error", "go"))
        assert status == 0 and set(answer) == {"systemMessage"}, answer
    status, answer, errors = end(begin(INPUTS["claude"][0], "a\x01b"))
    assert "could not decide" in stop_reason(answer), answer
    for name in ("", "x" * 300, "x" * 100000):
        assert end(begin(INPUTS["claude"][0], name))[0] == 2


def large_and_hostile_input_is_read():
    big = {**INPUTS["claude"][1], "tool_input": {"content": "x" * 5000000}}
    assert hook(big, "low") == {}
    for session in ("a; rm -rf /", "$(reboot)", "-x", "x" * 200, "", "a\u0000b", 5, None, "\ud800"):
        given = {**INPUTS["claude"][0], "session_id": session}
        reason = stop_reason(hook(given, "late"))
        assert reason.endswith("go on with: tokenquota hook late --wait && claude --continue"), reason
    quota("mark", "it's", "exhausted", "--for", "10h", "--ledger", str(WORK / "a b"))
    reason = stop_reason(hook(INPUTS["claude"][0], "it's", "--ledger", str(WORK / "a b")))
    long = "'" * 100 + "/" + "./" * 1900 + "none"
    answer = end(begin(INPUTS["claude"][0], "'" * 255, "--ledger", long, "--on-error", "stop"))
    assert answer[0] == 0, answer
    assert "tokenquota hook 'it'\\''s' --ledger '%s' --wait && " % (WORK / "a b") in reason, reason


def a_ledger_that_is_replaced_is_opened_anew():
    quota("mark", "moved", "exhausted", "--for", "5m")
    process = begin(INPUTS["claude"][0], "moved")
    assert waits(process)
    quota("ledger", "backup", str(WORK / "copy"))
    os.rename(WORK / "copy", os.environ["TOKENQUOTA_LEDGER"])
    quota("mark", "moved", "available")
    assert end(process) == (0, {}, "")


def the_line_that_goes_on_works():
    """The run was stopped; its line waits until the provider is back, and then starts the tool again."""
    quota("mark", "stopped", "exhausted", "--for", "8h")
    reason = stop_reason(hook(INPUTS["claude"][0], "stopped", "--pause", "90"))
    (WORK / "bin").mkdir()
    (WORK / "bin" / "tokenquota").symlink_to(COMMAND)
    (WORK / "bin" / "claude").write_text("#!/bin/sh\necho resumed \"$@\"\n")
    (WORK / "bin" / "claude").chmod(0o755)
    process = subprocess.Popen(["sh", "-c", reason.partition("go on with: ")[2]], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "PATH": "%s:%s" % (WORK / "bin", os.environ["PATH"])})
    assert waits(process)
    quota("mark", "stopped", "available")
    assert process.stdout.read() == "resumed --resume 7b761c9c-d1b0\n"
    assert process.stderr.read() == "" and process.wait(DEADLINE) == 0


def for_a_shell_it_answers_by_its_status():
    for arguments, wanted in ((["low", "--pause", "90"], 0), (["late", "--max-wait", "1s"], 1),
                              (["hot", "--pause", "90", "--max-wait", "1s"], 1),
                              (["claude", "--ledger", str(WORK / "broken")], 2)):
        done = subprocess.run([COMMAND, "hook", *arguments, "--wait"], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        assert done.returncode == wanted and done.stdout == "" and (done.stderr == "") == (wanted == 0), done


def the_lines_of_the_docs_are_those_of_the_tools():
    """Each block of docs/agents.md is configuration of its tool: the events fit, and so does the timeout."""
    text = pathlib.Path("docs/agents.md").read_text()
    for title, name, seconds in (("Claude Code", "claude", 1), ("Codex", "codex", 1), ("Gemini CLI", "gemini", 1000)):
        section = re.search(r"^## %s$(.*?)^## " % title, text, re.M | re.S).group(1)
        hooks = json.loads(re.search(r"^```json$(.*?)^```$", section, re.M | re.S).group(1))["hooks"]
        assert set(hooks) == {given["hook_event_name"] for given in INPUTS[name]}, hooks
        for given in INPUTS[name]:
            for group in hooks[given["hook_event_name"]]:
                assert group.get("matcher", "*") == "*"
                for one in group["hooks"]:
                    assert one["type"] == "command" and one["timeout"] == 600 * seconds, one
                    words = one["command"].split()
                    assert words[:3] == ["tokenquota", "hook", name], words
                    assert hook(given, "low", *words[3:]) == {}
    for version in re.findall(r'"@[a-z-]+/[a-z-]+@([0-9.]+)"', pathlib.Path("tools/peers_agents.py").read_text()):
        assert version in text, version
    # The wait ends a minute before that.
    assert "(9m; keep it below" in quota("hook", "--help") and "`--max-wait`, 9 minutes" in text.replace("\n", " ")
    source = pathlib.Path("cli/commands/hook.c").read_text()
    assert "#define MAX_WAIT_NS (9 * 60 * SECOND_NS)" in source


def main():
    global COMMAND, WORK
    COMMAND = os.path.abspath(sys.argv[1])
    WORK = pathlib.Path(tempfile.mkdtemp())
    os.environ.update(TOKENQUOTA_LEDGER=str(WORK / "ledger"), HOME=str(WORK), TZ="UTC", LC_ALL="C")
    tap = Tap()
    try:
        used("low", "790k")
        used("hot", "930k")
        quota("mark", "late", "exhausted", "--for", "10h")
        tap.check_all(globals())
    finally:
        shutil.rmtree(WORK)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
