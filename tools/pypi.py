"""pypi.py: installs a pinned package of PyPI below a folder, for the comparisons of make peers.

SPDX-License-Identifier: MIT
"""
import shutil
import subprocess
import sys

LONGEST = 300  # seconds


def install(package, folder, *options):
    """The folder that holds it; None, which is said, when it cannot be had."""
    place, log = folder / package, folder / (package + ".log")
    if place.is_dir():
        return place
    fresh = folder / (package + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    words = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--retries", "1", *options, "--target",
             str(fresh), package]
    with open(log, "wb") as out:
        try:
            failed = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=LONGEST).returncode
        except (OSError, subprocess.TimeoutExpired):
            failed = 1
    if failed:
        print("skipped: %s could not be installed; %s says why" % (package, log), flush=True)
        return None
    fresh.rename(place)
    return place
