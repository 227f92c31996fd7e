"""sbom.py: writes the list of parts of a build as CycloneDX 1.6 (JSON): what is built, what it needs, under which licences.

SPDX-License-Identifier: MIT

tools/dist.py calls it. Nothing of it is a list kept by hand. Meson says what is installed and which files of the system it embeds (dygraphs in the
daemon's page). The built files say which libraries they are linked with and which they load (linked.py). dpkg says which
package brings each, in which version, and the package's copyright file under which licence. On a system without dpkg the
libraries are listed by their names alone.
"""
import datetime
import hashlib
import json
import os
import re
import subprocess
import uuid
from urllib.parse import quote

import linked

# SPDX's names of licences, by Debian's. Of others the file's own word is given.
SPDX = {"expat": "MIT", "zlib": "Zlib", "bsd-3-clause": "BSD-3-Clause", "gpl-2": "GPL-2.0-only", "gpl-2+": "GPL-2.0-or-later",
        "lgpl-2.1+": "LGPL-2.1-or-later"}


def run(*words):
    """What it prints; nothing when it is not there."""
    try:
        return subprocess.run(words, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    except OSError:
        return ""


def introspect(build, name):
    with open(os.path.join(build, "meson-info", "intro-%s.json" % name), encoding="utf-8") as file:
        return json.load(file)


def ways(path):
    """How a package may call the file: /lib and /usr/lib are one folder, and links lead to others."""
    for way in (path, os.path.realpath(path)):
        yield from (way, re.sub("^/usr/lib/", "/lib/", way), re.sub("^/lib/", "/usr/lib/", way))


def packages_of(paths):
    """For each of the files (name, version, architecture) of the package that brings it; dpkg is asked twice, for all at once."""
    said = run("dpkg-query", "-S", *sorted({way for path in paths for way in ways(path)}))
    owners = {path: name for name, path in re.findall(r"^([^\s:,]+)[^ ]*: (/.*)$", said, re.MULTILINE)}
    form = "${Package}\t${Version}\t${Architecture}\n"
    rows = run("dpkg-query", "-Wf", form, *sorted(set(owners.values()))).splitlines() if owners else []
    known = {row.split("\t")[0]: tuple(row.split("\t")) for row in rows}
    return {path: known[owners[way]] for path in paths for way in ways(path) if way in owners}


def licences(package):
    """As the package's copyright file says: an expression of SPDX, else the file's own words."""
    path = "/usr/share/doc/%s/copyright" % package
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if text.startswith("Format:"):
        whole = re.search(r"^Files:\s*\*\s*$(.*?)(?:^\s*$|\Z)", text, re.MULTILINE | re.DOTALL)
        said = re.search(r"^License:\s*(\S.*)$", whole.group(1) if whole else "", re.MULTILINE)
        if said:
            words = [SPDX.get(word.lower()) for word in re.split(r" (?:or|and) ", said.group(1).strip())]
            if all(words):
                between = [word.upper() for word in re.findall(r" (or|and) ", said.group(1))]
                joined = words[0] + "".join(" %s %s" % pair for pair in zip(between, words[1:]))
                return [{"expression": joined}] if between else [{"license": {"id": joined}}]
            return [{"license": {"name": said.group(1).strip()}}]
    return [{"license": {"name": "as in " + path, "text": {"contentType": "text/plain", "content": text}}}]


def places():
    """Where the dynamic linker finds each library."""
    said = run("/sbin/ldconfig", "-p") or run("ldconfig", "-p")
    return {name: path for name, path in reversed(re.findall(r"^\s+(\S+) \(.*\) => (\S+)$", said, re.MULTILINE))}


def release():
    """debian-12, for the addresses of packages."""
    try:
        with open("/etc/os-release", encoding="utf-8") as file:
            said = dict(line.rstrip().split("=", 1) for line in file if "=" in line)
    except OSError:
        return "", ""
    name = said.get("ID", "").strip('"')
    return name, "%s-%s" % (name, said.get("VERSION_ID", "").strip('"'))


class Parts:
    """The components, each once, and what each depends on."""

    def __init__(self, version, packages):
        self.version, self.packages, self.components, self.needs = version, packages, {}, {}
        self.release = release()

    def ours(self, path, kind):
        name = os.path.basename(path)
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        self.components[name] = {
            "bom-ref": name, "type": kind, "name": name, "version": self.version,
            "hashes": [{"alg": "SHA-256", "content": digest}], "licenses": [{"license": {"id": "MIT"}}]}
        self.needs.setdefault(name, set())
        return name

    def system(self, path, name, how):
        """The package of a file of the system; without dpkg the file's own name."""
        package = self.packages.get(path)
        ref = package[0] if package else name
        part = self.components.setdefault(ref, {
            "bom-ref": ref, "type": "library", "name": ref, "scope": "optional", "properties": []})
        if package:
            address = (self.release[0], package[0], quote(package[1], safe="~"), package[2], self.release[1])
            part["version"] = package[1]
            part["purl"] = "pkg:deb/%s/%s@%s?arch=%s&distro=%s" % address
            part["licenses"] = licences(package[0])
        # What is loaded when it is needed may be missing until then.
        if how != "loads":
            part["scope"] = "required"
        fact = {"name": "tokenquota:" + how, "value": name}
        if fact not in part["properties"]:
            part["properties"].append(fact)
        self.needs.setdefault(ref, set())
        return ref


def embedded(targets, folders):
    """The files of the system that a target is made of."""
    for target in targets:
        for group in target["target_sources"]:
            for path in group.get("sources", []):
                if os.path.isabs(path) and not path.startswith((folders["source"] + os.sep, folders["build"] + os.sep)):
                    yield path


def collect(build, version):
    with open(os.path.join(build, "meson-info", "meson-info.json"), encoding="utf-8") as file:
        folders = json.load(file)["directories"]
    kinds = {"executable": "application", "shared library": "library", "static library": "library"}
    targets = introspect(build, "targets")
    built = sorted((target["filename"][0], kinds[target["type"]]) for target in targets
                   if target["installed"] and target["type"] in kinds)
    sonames = {name: os.path.basename(path) for path, _ in built if ".so" in path for name in linked.dynamic(path, "SONAME")}
    found = places()
    # (the built file, how it needs the other, the other's name and place)
    needs = [(os.path.basename(path), how, name, found.get(name, name)) for path, _ in built if not path.endswith(".a")
             for how, names in (("links", linked.linked(path)), ("loads", linked.loaded(path))) for name in names]
    needs += [(os.path.basename(path), "embeds", os.path.basename(place), place) for path, kind in built if kind == "application"
              for place in embedded(targets, folders)]
    parts = Parts(version, packages_of({place for *_, place in needs}))
    for path, kind in built:
        parts.ours(path, kind)
    for user, how, name, place in needs:
        parts.needs[user].add(sonames.get(name) or parts.system(place, name, how))
    return parts


def document(build, version, commit, epoch):
    parts = collect(build, version)
    ours = sorted(ref for ref, part in parts.components.items() if "hashes" in part)
    top = {"bom-ref": "pkg:generic/tokenquota@" + version, "type": "application", "name": "tokenquota", "version": version,
           "description": "count LLM tokens per provider and see that a budget will not last",
           "purl": "pkg:generic/tokenquota@" + version, "licenses": [{"license": {"id": "MIT"}}],
           "properties": [{"name": "tokenquota:commit", "value": commit}]}
    needs = dict(parts.needs)
    needs[top["bom-ref"]] = ours
    when = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    made = {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6",
            "version": 1,
            "metadata": {"timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": top},
            "components": [parts.components[ref] for ref in sorted(parts.components)],
            "dependencies": [{"ref": ref, "dependsOn": sorted(needs[ref])} for ref in sorted(needs)]}
    made["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(made, sort_keys=True)).urn
    return json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
