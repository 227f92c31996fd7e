"""test_dist.py: a release is the same bytes each time and has all files; its list of parts is sound; all versions agree.

SPDX-License-Identifier: MIT

    meson runpython tests/test_dist.py BUILD-DIR LIBTOKENQUOTA.so LIBTOKENQUOTA-SIGNALS.so
"""
import glob
import hashlib
import io
import json
import lzma
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(ROOT, "tools")]

import amalgamate  # noqa: E402
import dist  # noqa: E402
from tap import Skipped, Tap  # noqa: E402

BUILD, *LIBRARIES = map(os.path.abspath, sys.argv[1:])
VERSION = amalgamate.version()
NAMES = ["SHA256SUMS", *(name % VERSION for name in (
    "tokenquota-%s.cdx.json", "tokenquota-%s.tar.xz", "tokenquota-amalgamation-%s.zip"))]


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def same(expected, came):
    if expected != came:
        raise AssertionError("expected %r, came %r" % (expected, came))


def need_clone():
    if not os.path.exists(os.path.join(ROOT, ".git")):
        raise Skipped("a release is made in a clone")
    if subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True, check=False).returncode != 0:
        raise Skipped("git reads no clone here, or trusts it to another user")
    if dist.Commit().version != VERSION:
        raise Skipped("the header has another version than its last commit")


def made():
    """The release, made once for all tests; compressed in haste, because that is not what is tested."""
    need_clone()
    if not made.files:
        with tempfile.TemporaryDirectory() as folder:
            dist.make(folder, BUILD, preset=0)
            made.files = {name: open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))}
    return made.files


made.files = {}


def a_release_has_these_files_and_their_sums():
    same(NAMES, list(made()))
    sums = "".join("%s  %s\n" % (hashlib.sha256(data).hexdigest(), name) for name, data in made().items() if name != "SHA256SUMS")
    same(sums, made()["SHA256SUMS"].decode())


def a_second_release_from_another_folder_has_the_same_bytes():
    first, here = made(), os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            dist.make("again", BUILD, preset=0)
        finally:
            os.chdir(here)
        for name, data in first.items():
            with open(os.path.join(folder, "again", name), "rb") as file:
                same((name, hashlib.sha256(data).hexdigest()), (name, hashlib.sha256(file.read()).hexdigest()))


def the_tarball_has_what_a_clone_has():
    prefix = "tokenquota-%s/" % VERSION
    listed = subprocess.run(["git", "-C", ROOT, "ls-tree", "-rz", "HEAD"], check=True, stdout=subprocess.PIPE, text=True).stdout
    tracked = {row.split("\t")[1]: row.split(" ")[0] for row in listed.split("\0") if row}
    modes = {"100644": 0o644, "100755": 0o755, "120000": 0o777}
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(made()["tokenquota-%s.tar.xz" % VERSION]))) as archive:
        members = [member for member in archive if not member.isdir()]
    same({prefix + path: modes[mode] for path, mode in tracked.items()}, {member.name: member.mode for member in members})
    same({("root", "root", dist.Commit().epoch)}, {(member.uname, member.gname, member.mtime) for member in members})


def the_amalgamation_is_two_files_and_the_licence():
    folder = "tokenquota-amalgamation-%s/" % VERSION
    with zipfile.ZipFile(io.BytesIO(made()["tokenquota-amalgamation-%s.zip" % VERSION])) as archive:
        same([folder + name for name in ("LICENSE", "tokenquota.c", "tokenquota.h")], archive.namelist())
        assert "tokenquota %s," % VERSION in archive.read(folder + "tokenquota.c").decode().splitlines()[0]


def the_list_of_parts_names_what_is_built_and_needed():
    parts = json.loads(made()["tokenquota-%s.cdx.json" % VERSION])
    same(("CycloneDX", "1.6", VERSION), (parts["bomFormat"], parts["specVersion"], parts["metadata"]["component"]["version"]))
    by_name = {part["bom-ref"]: part for part in parts["components"]}
    same(len(parts["components"]), len(by_name))
    for name in ("tokenquota", "libtokenquota.a", "libtokenquota.so.%s" % VERSION, "libtokenquota-signals.so.%s" % VERSION):
        same(VERSION, by_name[name]["version"])
    facts = {(fact["name"], fact["value"]) for part in parts["components"] for fact in part.get("properties", [])}
    for fact in (("links", "libjansson.so.4"), ("loads", "libmicrohttpd.so.12"), ("loads", "libsqlite3.so.0"),
                 ("loads", "libinih.so.1"), ("embeds", "dygraph.min.js")):
        assert ("tokenquota:" + fact[0], fact[1]) in facts, fact
    refs = set(by_name) | {parts["metadata"]["component"]["bom-ref"]}
    same(refs, {row["ref"] for row in parts["dependencies"]})
    for row in parts["dependencies"]:
        assert set(row["dependsOn"]) <= refs, row


def all_versions_are_that_of_the_header():
    found = {"debian/changelog": re.match(r"tokenquota \((.+)-[^-]+\) ", text("debian/changelog")).group(1),
             "CHANGELOG.md": re.search(r"^## (\S+)", text("CHANGELOG.md"), re.MULTILINE).group(1)}
    for path in glob.glob(os.path.join(ROOT, "bindings/*/package.json")):
        found[path] = json.loads(text(path)).get("version", VERSION)
    for path in glob.glob(os.path.join(ROOT, "bindings/*/pyproject.toml")):
        for said in re.findall(r"^version\s*=\s*['\"](.+)['\"]", text(path), re.MULTILINE):
            found[path] = said
    same({path: VERSION for path in found}, found)


def debian_s_symbols_are_those_of_the_libraries():
    listed = {}
    for line in text("debian/libtokenquota0.symbols").splitlines():
        if line.startswith("lib"):
            listed[line.split(" ")[0]] = names = []
        elif line.startswith(" "):
            names.append(line.split("@")[0].strip())
    exported = {}
    for library in LIBRARIES:
        said = subprocess.run(["nm", "-D", "--defined-only", library], check=True, stdout=subprocess.PIPE, text=True).stdout
        exported[os.path.basename(library).replace(".so.%s" % VERSION, ".so.%s" % VERSION.split(".")[0])] = sorted(
            line.split()[-1] for line in said.splitlines() if line.split()[-1].startswith("tq_"))
    same(exported, {name: sorted(names) for name, names in listed.items()})


tap = Tap()
tap.check_all(globals())
sys.exit(tap.end())
