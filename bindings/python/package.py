#!/usr/bin/env python3
"""package.py: what meson.build asks for: the package's version, and what an sdist holds beside the files of this folder.

SPDX-License-Identifier: MIT

    package.py version      the version of the header, of the clone or of the sdist
    package.py dist         (called by meson dist) the amalgamation and the licence
"""
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CLONE = os.path.exists(os.path.join(ROOT, "tools", "amalgamate.py"))


def version():
    header = os.path.join(ROOT, "include", "tokenquota.h") if CLONE else os.path.join(HERE, "amalgamation", "tokenquota.h")
    with open(header, encoding="utf-8") as file:
        parts = dict(re.findall(r"^#define TQ_VERSION_(MAJOR|MINOR|PATCH) (\d+)$", file.read(), re.MULTILINE))
    return "%(MAJOR)s.%(MINOR)s.%(PATCH)s" % parts


def dist():
    into = os.environ["MESON_PROJECT_DIST_ROOT"]
    subprocess.run([sys.executable, os.path.join(ROOT, "tools", "amalgamate.py"), os.path.join(into, "amalgamation")], check=True)
    licence = os.path.join(into, "LICENSE") # in a clone a link to the one of all
    if os.path.lexists(licence):
        os.remove(licence)
    shutil.copyfile(os.path.join(ROOT, "LICENSE"), licence)


if sys.argv[1:] == ["version"]:
    print(version())
elif sys.argv[1:] == ["dist"]:
    dist()
else:
    sys.exit(__doc__)
