"""here.py: lets the tests import tap, and the tokenquota under test, also in the processes that they start.

SPDX-License-Identifier: MIT

$TQ_PYTHON_CORE is the extension that Meson built: the package is then made of links beside it. Without it, it is the one that is
installed (make peers), or that build_inplace.py made.
"""
import atexit
import importlib.util
import os
import shutil
import sys
import tempfile

TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(TESTS)))
PACKAGE = os.path.join(os.path.dirname(TESTS), "tokenquota")


def _link(core):
    folder = os.path.join(FOLDER, "python")
    os.makedirs(os.path.join(folder, "tokenquota"))
    os.symlink(core, os.path.join(folder, "tokenquota", os.path.basename(core)))
    for name in os.listdir(PACKAGE):
        if not name.startswith(("__pycache__", "_core.abi3")):
            os.symlink(os.path.join(PACKAGE, name), os.path.join(folder, "tokenquota", name))
    return folder


FOLDER = tempfile.mkdtemp(prefix="tokenquota-python.")
_owner = os.getpid()
atexit.register(lambda: os.getpid() == _owner and shutil.rmtree(FOLDER, ignore_errors=True))
_paths = [os.path.join(ROOT, "tests"), TESTS]
if "TQ_PYTHON_CORE" in os.environ:
    _paths.insert(0, _link(os.environ["TQ_PYTHON_CORE"]))
elif importlib.util.find_spec("tokenquota") is None:
    _paths.insert(0, os.path.dirname(PACKAGE))
sys.path[:0] = _paths
_paths += map(os.path.abspath, filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))
os.environ["PYTHONPATH"] = os.pathsep.join(_paths)
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
sys.dont_write_bytecode = True
os.environ["TOKENQUOTA_LEDGER"] = os.path.join(FOLDER, "default.ledger")


def path(name):
    """A place for a file of this test program."""
    return os.path.join(FOLDER, name)


def raises(kind, words, call, *given, **named):
    """Makes a call that must raise; the exception, whose text holds the words."""
    try:
        answer = call(*given, **named)
    except kind as error:
        assert words in str(error), "%r is not in %r" % (words, str(error))
        return error
    raise AssertionError("it raised nothing and answered %r" % (answer,))
