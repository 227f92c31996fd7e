"""dist.py: writes what a release consists of, the same bytes each time: tarball, amalgamation, list of parts, sums.

SPDX-License-Identifier: MIT

    python3 tools/dist.py FOLDER BUILD-DIR       all of it; BUILD-DIR holds the build whose parts are listed
    python3 tools/dist.py --tarball FOLDER       the tarball alone

All is of the commit that is checked out (HEAD). What has been changed since is not in it, and that is said.

    tokenquota-VERSION.tar.xz               what a clone has
    tokenquota-amalgamation-VERSION.zip     tokenquota.c, tokenquota.h and LICENSE
    tokenquota-VERSION.cdx.json             the parts, as CycloneDX (sbom.py)
    SHA256SUMS                              of the three
"""
import hashlib
import io
import lzma
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile

import amalgamate
import sbom

ROOT = amalgamate.ROOT
# What the amalgamation is made from and with.
CORE = ("LICENSE", "base/", "bindings/core.c", "include/", "signals/", "src/", "tools/amalgamate.py")


def git(*words):
    done = subprocess.run(["git", "-C", ROOT, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit("tools/dist.py: a release is made in a clone: " + done.stderr.decode(errors="replace").strip())
    return done.stdout


class Commit:
    def __init__(self):
        self.name, epoch = git("log", "-1", "--format=%H %ct").decode().split()
        self.epoch = int(epoch)
        header = git("show", "HEAD:include/tokenquota.h").decode()
        self.version = amalgamate.version_of(header)

    def tar(self):
        """The files in the order of their names, of root, as old as the commit."""
        prefix = "tokenquota-%s/" % self.version
        return git("-c", "tar.umask=0022", "archive", "--format=tar", "--prefix=" + prefix, self.name)


def amalgamation(commit, tar):
    """Made by the commit's own tool from the commit's sources."""
    made = io.BytesIO()
    stamp = time.gmtime(max(commit.epoch, 315532800))[:6] # a zip knows nothing older than 1980
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
            prefix = "tokenquota-%s/" % commit.version
            archive.extractall(folder, [file for file in archive if file.name.startswith(tuple(prefix + name for name in CORE))])
        tree = os.path.join(folder, "tokenquota-" + commit.version)
        subprocess.run([sys.executable, os.path.join(tree, "tools", "amalgamate.py"), folder], check=True)
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in (tree + "/LICENSE", folder + "/tokenquota.c", folder + "/tokenquota.h"):
                entry = zipfile.ZipInfo("tokenquota-amalgamation-%s/%s" % (commit.version, os.path.basename(path)), stamp)
                entry.external_attr, entry.compress_type = 0o100644 << 16, zipfile.ZIP_DEFLATED
                with open(path, "rb") as file:
                    archive.writestr(entry, file.read())
    return made.getvalue()


def write(folder, name, data):
    """In one step, so that nobody reads half a file."""
    fresh = os.path.join(folder, ".%s.%d" % (name, os.getpid()))
    with open(fresh, "wb") as file:
        file.write(data)
    os.replace(fresh, os.path.join(folder, name))


def make(folder, build=None, preset=9):
    """The names of the files. Without build it is the tarball alone."""
    os.makedirs(folder, exist_ok=True)
    commit = Commit()
    tar = commit.tar()
    files = {"tokenquota-%s.tar.xz" % commit.version: lzma.compress(tar, preset=preset)}
    if build:
        files["tokenquota-amalgamation-%s.zip" % commit.version] = amalgamation(commit, tar)
        parts = sbom.document(build, commit.version, commit.name, commit.epoch)
        files["tokenquota-%s.cdx.json" % commit.version] = parts.encode()
        sums = ["%s  %s\n" % (hashlib.sha256(data).hexdigest(), name) for name, data in sorted(files.items())]
        files["SHA256SUMS"] = "".join(sums).encode()
    for name, data in files.items():
        write(folder, name, data)
    return list(files)


def main(arguments):
    alone = arguments[:1] == ["--tarball"]
    if len(arguments) != 2:
        sys.exit(__doc__)
    folder = arguments[1] if alone else arguments[0]
    for name in make(folder, None if alone else arguments[1]):
        print(os.path.join(folder, name))
    changed = git("status", "--porcelain").decode().splitlines()
    if changed:
        print("tools/dist.py: %d changes since the last commit are not in it" % len(changed), file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
