"""peers_node.py: the package for Node as npm installs it, its types, and the SDKs of OpenAI, Anthropic and Vercel through it.

SPDX-License-Identifier: MIT

    meson runpython tools/peers_node.py FOLDER

Takes a copy of the clone, builds the package there and from its tarball, and runs bindings/node/tests/peers_clients.mjs in a
project with pinned packages of npm. What npm does not give is skipped with a message. Prints TAP.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]
import fake_vendor  # noqa: E402: it is in tools/
import tap  # noqa: E402: it is in tests/

SDKS = {"openai": "7.59.0", "@anthropic-ai/sdk": "1.14.0", "ai": "7.0.173", "@ai-sdk/openai": "4.0.118",
        "@ai-sdk/anthropic": "4.0.105", "typescript": "7.0.2", "@types/node": "26.6.7"}
QUIET = ["--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline"]
# What the programs of README take from around them.
AROUND = """declare const ask: (name: string) => Promise<object>;
declare const until: (at: Date | null) => Promise<void>;
declare const response: Response;
declare const body: string;
declare const signal: AbortSignal;
"""
LONGEST = 240  # seconds


def run(words, place, **options):
    """What it says; raises it when it fails."""
    done = subprocess.run(words, cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=LONGEST, check=False, **options)
    if done.returncode:
        raise AssertionError("%s: %s" % (" ".join(map(str, words)), done.stdout[-3000:]))
    return done.stdout


class Peers:
    def __init__(self, folder):
        self.folder, self.work = folder, pathlib.Path(tempfile.mkdtemp(prefix="tokenquota-node-"))
        self.clone, self.project, self.tarball = self.work / "clone", folder / "project", None
        self.package = self.clone / "bindings" / "node"
        # Nothing but npm's own cache is shared with the user; an addon that the caller names is not the one to test.
        self.environment = {**os.environ, "npm_config_cache": str(folder / "cache"), "npm_config_update_notifier": "false"}
        self.environment.pop("TOKENQUOTA_ADDON", None)

    def npm(self, place, *words):
        return run(["npm", *words], place, env=self.environment)

    def node(self, place, *words):
        return run(["node", *words], place, env=self.environment)

    def copy(self):
        """What git would clone, with what is not committed yet."""
        names = run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], ROOT).splitlines()
        for name in names:
            if (ROOT / name).is_file():
                (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.clone / name)

    def pack(self):
        self.npm(self.package, "pack", "--pack-destination", str(self.work))
        self.tarball, = self.work.glob("tokenquota-*.tgz")
        with tarfile.open(self.tarball) as packed:
            names = {each.name.partition("/")[2] for each in packed}
        missing = {"csrc/tokenquota.c", "csrc/tokenquota.h", "src/addon.h", "lib/index.mjs", "binding.gyp", "LICENSE"} - names
        assert not missing and not [name for name in names if name.startswith(("tests/", "build/"))], (missing, names)

    def build_in_clone(self):
        self.npm(self.package, "install", *QUIET)
        said = self.node(self.package, "-p", 'new (require("tokenquota").Ledger)(":memory:").provider("a").observe(1)')
        assert said == "false\n", said

    def build_from_tarball(self):
        place = self.work / "tarball"
        place.mkdir()
        (place / "package.json").write_text('{"private": true}')
        self.npm(place, "install", *QUIET, str(self.tarball))
        said = self.node(place, "-p", 'require("tokenquota").version + " " + require("tokenquota/package.json").version')
        assert re.fullmatch(r"(\S+) \1\n", said), said

    def build_with_the_compiler_alone(self):
        """The package of the tarball, where there is neither make nor node-gyp."""
        place = self.work / "alone"
        shutil.copytree(self.work / "tarball" / "node_modules" / "tokenquota", place, ignore=shutil.ignore_patterns("build"))
        tools = self.work / "tools"
        tools.mkdir()
        # The compiler itself: ccache would look for it in the path.
        path = os.pathsep.join(each for each in os.environ["PATH"].split(os.pathsep) if "ccache" not in each)
        for name in ("node", "cc", "as", "ld", "sh"):
            (tools / name).symlink_to(os.path.realpath(shutil.which(name, path=path)))
        run(["node", "scripts/install.cjs"], place, env={**self.environment, "PATH": str(tools), "CC": "cc", "CFLAGS": "-O0"})
        assert (place / "build" / "Release" / "tokenquota.node").is_file()

    def install_project(self):
        """The SDKs stay from run to run; tokenquota is this one, which may be built meanwhile."""
        self.project.mkdir(parents=True, exist_ok=True)
        (self.project / "package.json").write_text(json.dumps({"private": True, "dependencies": SDKS}))
        there = [self.project / "node_modules" / name / "package.json" for name in SDKS]
        if [json.loads(each.read_text())["version"] for each in there if each.exists()] != list(SDKS.values()):
            self.npm(self.project, "install", *QUIET, "--ignore-scripts")

    def use_in_project(self):
        place = self.project / "node_modules" / "tokenquota"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.work / "tarball" / "node_modules" / "tokenquota", place)
        for name in ("tap.mjs", "peers_clients.mjs"):
            shutil.copy2(ROOT / "bindings" / "node" / "tests" / name, self.project / name)

    def compile_types(self, *words):
        run([self.project / "node_modules" / ".bin" / "tsc", "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022",
             "--types", "node", *words], self.project)

    def check_types(self):
        """The types themselves, with nothing of others but Node's."""
        shutil.copytree(ROOT / "bindings" / "node" / "tests" / "types", self.project / "types", dirs_exist_ok=True)
        self.compile_types("--exactOptionalPropertyTypes", "types/calls.mts", "types/require.cts")

    def check_programs(self):
        """What README shows, and the SDKs, whose own types are not judged."""
        blocks = re.findall(r"```js\n(.*?)```", (self.package / "README.md").read_text(), re.DOTALL)
        assert len(blocks) >= 6, blocks
        names = ["types/clients.mts"]
        for number, block in enumerate(blocks):
            # Those that import nothing stand on the first one.
            head = "" if "import " in block else re.sub(r"^ledger.close.*\n", "", blocks[0], flags=re.MULTILINE)
            names.append("types/readme_%d.mts" % number)
            (self.project / names[-1]).write_text(AROUND + head + block + "export {};\n")
        self.compile_types("--skipLibCheck", *names)

    def run_clients(self, results):
        vendor = fake_vendor.Vendor()
        threading.Thread(target=vendor.serve_forever, daemon=True).start()
        words = ["node", "--no-warnings", "peers_clients.mjs", "http://127.0.0.1:%d" % vendor.server_address[1],
                 str(self.work / "ledger")]
        done = subprocess.run(words, cwd=self.project, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.STDOUT, text=True, timeout=LONGEST, env=self.environment)
        parts = re.findall(r"^(ok|not ok) \d+ - (.*)\n((?:#.*\n)*)", done.stdout, re.MULTILINE)
        for state, name, why in parts:
            results.judge(name, None if state == "ok" else why.replace("# ", ""))
        assert parts and re.search(r"^1\.\.%d$" % len(parts), done.stdout, re.MULTILINE), done.stdout[-3000:]


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    results, peers = tap.Tap(), Peers(folder)
    try:
        peers.copy()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            results.check("npm pack puts the C sources into the package, and no test", peers.pack)
            sdks, clone = pool.submit(peers.install_project), pool.submit(peers.build_in_clone)
            results.check("npm install builds the packed package", peers.build_from_tarball)
            results.check("npm install builds a fresh clone", clone.result)
            try:
                sdks.result()
            except (AssertionError, subprocess.TimeoutExpired) as why:
                print("skipped: the SDKs could not be installed from npm: %s" % str(why)[-500:])
                return results.end()
            if results.failed:
                return results.end()
            alone = pool.submit(peers.build_with_the_compiler_alone)
            peers.use_in_project()
            results.check("tsc --strict accepts the types", peers.check_types)
            results.check("tsc --strict accepts the programs of README, and a wrapped fetch in the SDKs", peers.check_programs)
            results.check("the clients run to their end", lambda: peers.run_clients(results))
            results.check("the C compiler alone builds it", alone.result)
    finally:
        shutil.rmtree(peers.work, ignore_errors=True)
    return results.end()


if __name__ == "__main__":
    sys.exit(main())
