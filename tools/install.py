"""install.py: installs what was built, or takes it away again, and says in one line which files and where.

SPDX-License-Identifier: MIT

    meson runpython tools/install.py install|uninstall BUILD-DIR DESTDIR

DESTDIR may be empty. Whether the folders may be written is asked first: Meson would ask for a password or print a
traceback. A failure is one sentence.
"""
import json
import os
import re
import subprocess
import sys


def read(build, name):
    with open(os.path.join(build, "meson-info", name), encoding="utf-8") as file:
        return json.load(file)


def nearest(folder):
    """The folder, or the closest one above it that exists."""
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return folder


def refused(files):
    """Why the first of the folders that may not be written to may not, or None."""
    for folder in sorted({nearest(os.path.dirname(file)) for file in files}):
        if not os.path.isdir(folder):
            return "%s is not a folder" % folder
        if not os.access(folder, os.W_OK | os.X_OK):
            return "%s may not be written: use sudo, or another PREFIX (PREFIX=$HOME/.local)" % folder
    return None


def summary(files, below):
    """bin (1 file), lib (10 files): by the first folder below the prefix."""
    counts = {}
    for file in files:
        folder = os.path.relpath(file, below).split(os.sep)[0]
        counts[folder] = counts.get(folder, 0) + 1
    return ", ".join("%s (%d %s)" % (name, n, "file" if n == 1 else "files") for name, n in sorted(counts.items()))


def install(build, destdir):
    """None, or why not."""
    # Meson lies in another place than this Python where it was installed by hand: so it is asked for by its name.
    run = subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet"]
                         + (["--destdir", destdir] if destdir else []),
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         check=False)
    if run.returncode == 0:
        return None
    errors = re.findall(r"^(?:ERROR|\w*Error): (?!Unhandled)(.*)$", run.stdout, re.MULTILINE)
    return errors[-1] if errors else run.stdout


def uninstall(files):
    """None, or why not."""
    for file in files:
        try:
            os.unlink(file)
        except OSError as error:
            return "%s: %s" % (file, error.strerror)
    return None


def main(verb, build, destdir):
    destdir = os.path.abspath(destdir) if destdir else ""
    prefix = next(o["value"] for o in read(build, "intro-buildoptions.json") if o["name"] == "prefix")
    files = [destdir + file for file in read(build, "intro-installed.json").values()]
    if verb == "uninstall":
        files = [file for file in files if os.path.lexists(file)]
    why = refused(files) or (install(build, destdir) if verb == "install" else uninstall(files))
    if why:
        print("make %s: %s" % (verb, why), file=sys.stderr)
        return 1
    print("%sed below %s: %s" % (verb, destdir + prefix, summary(files, destdir + prefix) or "nothing"))
    return 0


sys.exit(main(*sys.argv[1:]))
