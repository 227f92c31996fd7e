"""linked.py: which shared libraries a built file is linked with, and which it loads when it needs them.

SPDX-License-Identifier: MIT

    python3 tools/linked.py FILE        prints what it loads

What it loads (dlopen) is found by its names: a text libNAME.so.N (or .N.N) in the file that is not the name of a linked library or
its own.
"""
import re
import subprocess
import sys

NAME = re.compile(rb"(?<=\0)lib[A-Za-z0-9_+.-]+\.so(?:\.[0-9]+)+(?=\0)")


def dynamic(path, tag):
    """The names of this tag in the file's dynamic section."""
    said = subprocess.run(["readelf", "-dW", path], check=True, stdout=subprocess.PIPE, text=True).stdout
    return re.findall(r"\(%s\).*\[(.*)\]" % tag, said)


def linked(path):
    return sorted(dynamic(path, "NEEDED"))


def loaded(path):
    with open(path, "rb") as file:
        names = {name.decode() for name in NAME.findall(file.read())}
    return sorted(names - set(dynamic(path, "NEEDED")) - set(dynamic(path, "SONAME")))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print("\n".join(loaded(sys.argv[1])))
