#!/usr/bin/env python3
"""test_cli.py: runs the command as people do and compares every byte it writes with tests/cli/.

SPDX-License-Identifier: MIT

    tests/test_cli.py [--update] PATH-OF-TOKENQUOTA [CASE]...

tests/cli/COMMAND.t has the cases of a command. A case is its name and lines indented by two:

    refused: a name with a line end
      ? program               without which the case is skipped
      < standard input        (else empty)
      $ shell script, which finds the command as "$TQ"; `tokenquota ARGUMENTS` is the command, too
        standard output, indented by four
      ! standard error
      [1]                     exit status (else 0)
      \\ out                   the last line of out (or of err, in) has no line end

It runs in a folder of its own with a copy of tests/cli/files/; say.sh in it is for scripts of many commands. The
ledger is "ledger" there, and $cases the folder tests/cli. A script that exits with 77 skips its case; its standard
error says why. --update writes output, errors and exit status anew: read the difference before you keep it. Prints
TAP; exits 1 when a case fails.
"""
import concurrent.futures
import difflib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent / "cli"
MARKS = {"  ? ": "needs", "  < ": "in", "  $ ": "script", "    ": "out", "  ! ": "err"}


def parse(path):
    cases, case = [], None
    for line in path.read_bytes().decode("utf-8", "surrogateescape").split("\n"):
        mark = next((mark for mark in MARKS if (line + "  ").startswith(mark)), None)
        if not line or line.startswith("#"):
            continue
        if line[0] != " ":
            case = {"name": line, "exit": 0, "no_end": [], **{part: [] for part in MARKS.values()}}
            cases.append(case)
        elif line.startswith("  ["):
            case["exit"] = int(line[3:-1])
        elif line.startswith("  \\ "):
            case["no_end"].append(line[4:])
        elif mark:
            case[MARKS[mark]].append(line[4:])
        else:
            sys.exit("%s: not a line of a case: %s" % (path, line))
    return cases


def text(case, part):
    whole = "".join(line + "\n" for line in case[part])
    return whole[:-1] if part in case["no_end"] else whole


def put(case):
    lines = [case["name"]]
    for mark, part in MARKS.items():
        lines += [mark + line for line in case[part]]
    if case["exit"]:
        lines.append("  [%d]" % case["exit"])
    lines += ["  \\ " + part for part in case["no_end"]]
    return "\n".join(lines) + "\n"


def set_part(case, part, whole):
    case["no_end"] = [other for other in case["no_end"] if other != part]
    case[part] = whole.split("\n")
    if case[part][-1] == "":
        case[part].pop()
    else:
        case["no_end"].append(part)


def run(case, command):
    """(out, err, exit status) of a case; a text instead when it is skipped."""
    for program in case["needs"]:
        if not shutil.which(program):
            return "%s is not installed" % program
    with tempfile.TemporaryDirectory() as scratch:
        folder = scratch + "/dir"
        shutil.copytree(HERE / "files", folder)
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("COLUMNS", "NO_COLOR", "TOKENQUOTA_PRESETS", "XDG_STATE_HOME")}
        environment.update(LC_ALL="C.UTF-8", TZ="CET-1CEST,M3.5.0,M10.5.0/3", TERM="xterm", TOKENQUOTA_LEDGER="ledger", XDG_CONFIG_HOME=scratch + "/config",
                           TQ=command, cases=str(HERE))
        # A command ends soon, and what leaks is looked for in the libraries' tests: it is a third of a start under ASan.
        environment["ASAN_OPTIONS"] = "detect_leaks=0"
        # In a subshell, which is silent when a process that it stopped ends.
        script = 'tokenquota() { "$TQ" "$@"; }\n(\n' + text(case, "script") + ")\n"
        done = subprocess.run(["sh", "-c", script], cwd=folder, env=environment, capture_output=True,
                              input=text(case, "in").encode("utf-8", "surrogateescape"))
    out, err = (part.decode("utf-8", "surrogateescape") for part in (done.stdout, done.stderr))
    return err.strip() if done.returncode == 77 else (out, err, done.returncode)


def differences(case, result):
    for part, came in zip(("out", "err"), result):
        yield from difflib.unified_diff(text(case, part).splitlines(), came.splitlines(), part + " expected", part, lineterm="")
        if text(case, part) != came and text(case, part).rstrip("\n") == came.rstrip("\n"):
            yield part + ": another line end"
    if case["exit"] != result[2]:
        yield "exit status %d, expected %d" % (result[2], case["exit"])


def main(arguments):
    update = arguments[:1] == ["--update"]
    arguments = arguments[update:]
    if not arguments or not os.access(arguments[0], os.X_OK):
        print("usage: tests/test_cli.py [--update] PATH-OF-TOKENQUOTA [CASE]...", file=sys.stderr)
        return 2
    command, wanted, failed = os.path.abspath(arguments[0]), arguments[1:], 0
    files = {path: parse(path) for path in sorted(HERE.glob("*.t"))}
    cases = [case for path in files for case in files[path] if not wanted or case["name"] in wanted]
    print("1..%d" % len(cases), flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda case: run(case, command), cases)
        for number, (case, result) in enumerate(zip(cases, results), 1):
            if isinstance(result, str):
                print("ok %d - %s # SKIP %s" % (number, case["name"], result))
                continue
            if update:
                set_part(case, "out", result[0])
                set_part(case, "err", result[1])
                case["exit"] = result[2]
            found = list(differences(case, result))
            failed += bool(found)
            print("%sok %d - %s" % ("not " if found else "", number, case["name"]))
            for line in found:
                print("# " + line.encode("utf-8", "replace").decode())
    if update:
        for path, cases in files.items():
            path.write_bytes("\n".join(map(put, cases)).encode("utf-8", "surrogateescape"))
    return failed > 0


sys.exit(main(sys.argv[1:]))
