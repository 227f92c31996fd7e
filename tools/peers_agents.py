"""peers_agents.py: the doors for agents in the clients that people use, against an API on this machine.

SPDX-License-Identifier: MIT

    meson runpython tools/peers_agents.py TOKENQUOTA FOLDER

Installs the client library of MCP (PyPI) and Claude Code, Codex and Gemini CLI (npm), each pinned, below FOLDER. What
cannot be installed is skipped with a message. The lines and blocks are those of docs/agents.md. The last line is
"N passed, N failed".
"""
import asyncio
import contextlib
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fake_api  # noqa: E402: it is beside this file

LIBRARY = "mcp==2.3.0"
CLIENTS = {"claude": "@anthropic-ai/claude-code@2.1.197", "codex": "@openai/codex@0.171.0",
           "gemini": "@google/gemini-cli@0.61.0"}
TITLES = {"claude": "Claude Code", "codex": "Codex", "gemini": "Gemini CLI"}
LONGEST = 180  # seconds that a client may take for one run
counts = {"passed": 0, "failed": 0}


def check(name, test, *arguments):
    try:
        test(*arguments)
        counts["passed"] += 1
        print("ok - " + name, flush=True)
    except Exception as error:  # noqa: BLE001: whatever it is, the others run
        counts["failed"] += 1
        print("not ok - %s\n# %s" % (name, str(error).replace("\n", "\n# ")), flush=True)


def install(what, command, log):
    """True when it worked; says so when not."""
    with open(log, "wb") as out:
        try:
            failed = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=600).returncode
        except (OSError, subprocess.TimeoutExpired) as error:
            failed = error
    if failed:
        print("skipped: %s could not be installed, see %s" % (what, log), flush=True)
    return not failed


# ---- the client library, which runs this file in an environment of its own ------------------------

async def ask_all(command, mode, version):
    from mcp import Client
    from mcp.client.stdio import StdioServerParameters
    told = []

    async def tell(progress, total, message):
        told.append((progress, total, message))

    server = StdioServerParameters(command=command, args=["mcp"], env=dict(os.environ))
    async with Client(server, mode=mode) as client:
        assert client.session.protocol_version == version, client.session.protocol_version
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == ["quota_status", "quota_route", "quota_explain", "quota_wait"]
        assert all(tool.annotations.read_only_hint for tool in tools)
        for name, arguments in (("quota_status", {}), ("quota_route", {"providers": ["out", "new"]}),
                                ("quota_explain", {"providers": ["out"]}),
                                ("quota_wait", {"providers": ["out"], "timeout_seconds": 1})):
            # The library checks the answer by the tool's schema.
            result = await client.call_tool(name, arguments, progress_callback=tell)
            assert not result.is_error and result.structured_content, result
        assert told and told[0][1] == 1, told
        wrong = await client.call_tool("quota_explain", {"providers": ["nobody"]})
        assert wrong.is_error and "unknown provider" in wrong.content[0].text, wrong
        began = time.monotonic()
        waiting = asyncio.create_task(client.call_tool("quota_wait", {"providers": ["out"], "timeout_seconds": 600}))
        await asyncio.sleep(0.2)
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        assert not (await client.call_tool("quota_status", {})).is_error
        assert time.monotonic() - began < 30


def library(python, command):
    for mode, version in (("auto", "2026-07-28"), ("legacy", "2025-11-25"), ("2026-07-28", "2026-07-28")):
        check("the client library of MCP, mode %s" % mode, lambda: subprocess.run(
            [python, __file__, "--library", command, mode, version], check=True, timeout=LONGEST))


# ---- the clients --------------------------------------------------------------------------------

def section(name):
    text = pathlib.Path("docs/agents.md").read_text()
    return re.search(r"^## %s$(.*?)^## " % TITLES[name], text, re.M | re.S).group(1)


def block(name, kind):
    return re.search(r"^```%s$(.*?)^```$" % kind, section(name), re.M | re.S).group(1).strip()


class Home:
    """A home of its own for one client, with the configuration of docs/agents.md in it."""

    def __init__(self, name, programs, command, api):
        self.name, self.api = name, api
        self.work = pathlib.Path(tempfile.mkdtemp())
        self.folder = self.work / "project"
        (self.work / "bin").mkdir()
        self.folder.mkdir()
        (self.work / "bin" / "tokenquota").symlink_to(command)
        (self.work / "bin" / name).symlink_to(programs[name])
        self.environment = {
            "HOME": str(self.work), "PATH": "%s:%s" % (self.work / "bin", os.environ["PATH"]), "TERM": "dumb",
            "TOKENQUOTA_LEDGER": str(self.work / "ledger"), "LANG": "C.UTF-8",
            "ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "none", "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "GOOGLE_GEMINI_BASE_URL": api.url, "GEMINI_API_KEY": "none", "GEMINI_CLI_TRUST_WORKSPACE": "true",
        }
        self.configure()

    def configure(self):
        hooks = json.loads(block(self.name, "json"))
        folder = self.work / ("." + self.name)
        folder.mkdir()
        if self.name == "codex":
            (folder / "hooks.json").write_text(json.dumps(hooks))
            (folder / "config.toml").write_text(
                'model_provider = "fake"\nmodel = "gpt-5"\napproval_policy = "never"\n'
                'sandbox_mode = "danger-full-access"\n[model_providers.fake]\nname = "fake"\nbase_url = "%s/v1"\n'
                'wire_api = "responses"\n' % self.api.url)
        elif self.name == "gemini":
            hooks["security"] = {"auth": {"selectedType": "gemini-api-key"}}
        if self.name != "codex":
            (folder / "settings.json").write_text(json.dumps(hooks))

    def run(self, *command, shell=False):
        done = subprocess.run(command[0] if shell else command, shell=shell, cwd=self.folder, env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=LONGEST)
        return done.stdout

    def quota(self, *arguments):
        return self.run("tokenquota", *arguments)

    def agent(self):
        """Gives the agent its task; what it said, and whether it did it."""
        del self.api.heard[:]
        made = self.folder / "made"
        said = self.run(*{
            "claude": ["claude", "-p", "make it", "--allowedTools", "Bash"],
            "codex": ["codex", "exec", "--skip-git-repo-check", "--dangerously-bypass-hook-trust", "make it"],
            "gemini": ["gemini", "-m", "gemini-2.5-pro", "--yolo", "-p", "make it"],
        }[self.name])
        there = made.exists()
        made.unlink(missing_ok=True)
        return said, there


def the_tools_connect(home):
    print(home.run(block(home.name, "sh"), shell=True).strip().replace("\n", "\n# "))
    said = home.run(home.name, "mcp", "list")
    assert "tokenquota" in said and ("enabled" if home.name == "codex" else "Connected") in said, said


def it_works_and_is_warned(home):
    home.quota("limit", home.name, "add", "1M tokens per day")
    home.quota("rule", home.name, "off")
    home.quota("observe", home.name, "850k")
    said, made = home.agent()
    assert made and "all done" in said, said
    assert any("%s has used 85%% of the day limit" % home.name in heard for heard in home.api.heard)


def it_pauses_and_goes_on(home):
    home.quota("mark", home.name, "exhausted", "--for", "3s")
    began = time.monotonic()
    said, made = home.agent()
    assert made and "all done" in said and time.monotonic() - began > 2, said


def it_stops_before_a_prompt(home):
    home.quota("mark", home.name, "exhausted", "--for", "5h")
    said, made = home.agent()
    assert not made and not any("make it" in heard and "tools" in heard for heard in home.api.heard), said
    assert home.name == "codex" or "go on with: tokenquota hook %s --pause 90 --wait && " % home.name in said, said
    home.quota("mark", home.name, "available")


def it_stops_in_the_middle(home):
    """The first answer of the model costs what was left before the pause: nothing is asked of it after that."""
    home.api.asked = lambda: (setattr(home.api, "asked", lambda: None), home.quota("observe", home.name, "80k"))
    said, made = home.agent()
    home.api.asked = lambda: None
    if home.name == "claude":  # it runs that tool, but does not go on; a person at a terminal reads why
        assert "all done" not in said and not any('"tool_result"' in heard for heard in home.api.heard), said
    elif home.name == "codex":  # the agent is told why
        assert not made and any("has used 9" in heard for heard in home.api.heard), said
    else:
        assert not made and "has used 9" in said and "go on with: " in said, said


def client(name, programs, command, api):
    home = Home(name, programs, command, api)
    try:
        for test in (the_tools_connect, it_works_and_is_warned, it_pauses_and_goes_on, it_stops_before_a_prompt,
                     it_stops_in_the_middle):
            check("%s: %s" % (TITLES[name], test.__name__.replace("_", " ")), test, home)
    finally:
        shutil.rmtree(home.work, ignore_errors=True)


def install_clients(folder):
    """The program of each client that could be had."""
    programs = {}
    for name, package in CLIENTS.items():
        own = folder / name
        own.mkdir(parents=True, exist_ok=True)
        # No script of theirs is run.
        done = own / ("done-" + package.rpartition("@")[2])
        if not done.exists() and not install(
                TITLES[name], ["npm", "install", "--prefix", str(own), "--cache", str(folder / "cache"), "--no-save",
                               "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries", "1", package], own / "npm.log"):
            continue
        found = glob.glob(str(own / "node_modules/@anthropic-ai/claude-code-linux-*/claude")) if name == "claude" else \
            [str(own / "node_modules/.bin" / name)]
        found = [path for path in found if os.access(path, os.X_OK)]
        if found:
            done.touch()
            programs[name] = os.path.abspath(found[0])
        else:
            print("skipped: npm has no %s for this machine" % TITLES[name], flush=True)
    return programs


def main():
    if sys.argv[1] == "--library":
        asyncio.run(ask_all(*sys.argv[2:]))
        return 0
    command, folder = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).absolute() / "agents"
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / "venv" / "bin" / "python"
    work = pathlib.Path(tempfile.mkdtemp())
    os.environ["TOKENQUOTA_LEDGER"] = str(work / "ledger")
    try:
        subprocess.run([command, "mark", "out", "exhausted", "--for", "9h"], check=True, stdout=subprocess.DEVNULL)
        if install("a virtual environment", [sys.executable, "-m", "venv", str(folder / "venv")], folder / "venv.log") and \
                install("the client library of MCP", [str(python), "-m", "pip", "install", "-q", LIBRARY],
                        folder / "pip.log"):
            library(str(python), command)
        api = fake_api.Api()
        programs = install_clients(folder)
        for name in programs:
            client(name, programs, command, api)
        api.close()
    finally:
        shutil.rmtree(work)
    print("%(passed)d passed, %(failed)d failed" % counts)
    return counts["failed"] > 0


if __name__ == "__main__":
    sys.exit(main())
