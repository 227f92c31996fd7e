"""amalgamate.py: writes tokenquota.c and tokenquota.h, the libraries of base/, src/ and signals/ as one source and its header.

SPDX-License-Identifier: MIT

    python3 tools/amalgamate.py FOLDER

Each file of bindings/core.c, and each header that one of them includes, stands where it is included first. System headers stay
as they are. The two files need a C compiler and libc: `cc -c tokenquota.c`. It asks for Python 3.8 alone, because packages
of bindings run it where they are built.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PUBLIC = ("include/tokenquota.h", "include/tokenquota_signals.h")
INCLUDE = re.compile(r'^#include (?:"([^"]+)"|<(tokenquota\w*\.h)>)[^\n]*\n', re.MULTILINE)
SYSTEM = re.compile(r"^#include <[^>]+>\n", re.MULTILINE)
LICENCE = re.compile(r"\A/\*.*?\*/\n", re.DOTALL)
HEADERS = "/* headers */\n"
RULE = "/* ---- %s %s */\n"


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def version():
    parts = dict(re.findall(r"^#define TQ_VERSION_(MAJOR|MINOR|PATCH) (\d+)$", read(PUBLIC[0]), re.MULTILINE))
    return "%(MAJOR)s.%(MINOR)s.%(PATCH)s" % parts


def whole(path, seen):
    """The text of a file, with what it includes in the place of the includes; nothing of what was seen before."""
    text = read(path)

    def expand(include):
        name = include.group(1)
        if name is None:
            return "" # public: tokenquota.h holds both
        beside = os.path.join(os.path.dirname(path), name)
        found = next(place for place in (beside, name, "include/" + name) if os.path.exists(os.path.join(ROOT, place)))
        if found in seen or found in PUBLIC:
            return ""
        seen.add(found)
        return whole(found, seen)

    return RULE % (path, "-" * (100 - len(path))) + INCLUDE.sub(expand, text)


def write(folder, name, text):
    """A file that is there is replaced in one step, and left alone when it is the same."""
    path = os.path.join(folder, name)
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    fresh = "%s.%d" % (path, os.getpid())
    with open(fresh, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(fresh, path)


def main(folder):
    os.makedirs(folder, exist_ok=True)
    banner = "/* %s: tokenquota " + version() + ", made from its sources by tools/amalgamate.py: do not edit.\n *\n" \
        " * SPDX-License-Identifier: MIT\n */\n"
    write(folder, "tokenquota.h", banner % "tokenquota.h" + "".join(whole(path, set()) for path in PUBLIC))
    seen = set()
    core = LICENCE.sub("", read("bindings/core.c")).replace("#include <tokenquota.h>\n", HEADERS)
    core = INCLUDE.sub(lambda line: whole(line.group(1), seen) if line.group(1) else "", core)
    # The headers of the system come first: below them all names are hidden, but those that TQ_API exports.
    system = sorted(set(SYSTEM.findall(core)))
    headers = "".join(system) + '#include "tokenquota.h"\n\n#pragma GCC visibility push(hidden)\n' \
        "/* Of inline functions in the headers some are for the command. */\n" \
        '#pragma GCC diagnostic ignored "-Wunused-function"\n'
    core = SYSTEM.sub("", core).replace(HEADERS, headers)
    write(folder, "tokenquota.c", banner % "tokenquota.c" + core + "\n#pragma GCC visibility pop\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
