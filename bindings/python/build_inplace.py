"""build_inplace.py: compiles the extension beside its package in a clone, so that `import tokenquota` works from this folder.

SPDX-License-Identifier: MIT

    python3 bindings/python/build_inplace.py && PYTHONPATH=bindings/python python3 -c 'import tokenquota'

It needs a C compiler ($CC, else cc; with $CFLAGS and $LDFLAGS) and the headers of this Python. What it makes, git ignores.
"""
import glob
import os
import shlex
import subprocess
import sys
import sysconfig

HERE = os.path.dirname(os.path.abspath(__file__))
CORE = os.path.join(HERE, "amalgamation")
FLAGS = ["-std=gnu17", "-O2", "-fPIC", "-fvisibility=hidden", "-DNDEBUG", "-DTQ_API=", "-DPy_LIMITED_API=0x030A0000"]


def newest(paths):
    return max(os.path.getmtime(path) for path in paths)


def main():
    if os.path.exists(os.path.join(HERE, "../../tools/amalgamate.py")): # a clone; an sdist holds it
        subprocess.run([sys.executable, os.path.join(HERE, "../../tools/amalgamate.py"), CORE], check=True)
    compiler = [*shlex.split(os.environ.get("CC", "cc")), *FLAGS, *shlex.split(os.environ.get("CFLAGS", ""))]
    source, made = os.path.join(CORE, "tokenquota.c"), os.path.join(CORE, "tokenquota.o")
    if not os.path.exists(made) or os.path.getmtime(made) < os.path.getmtime(source):
        subprocess.run([*compiler, "-c", source, "-o", made], check=True)
    sources = sorted(glob.glob(os.path.join(HERE, "src/*.c")))
    target = os.path.join(HERE, "tokenquota/_core.abi3.so")
    if not os.path.exists(target) or os.path.getmtime(target) < newest([*sources, made, os.path.join(HERE, "src/binding.h")]):
        subprocess.run([*compiler, "-shared", "-I" + sysconfig.get_paths()["include"], "-I" + CORE, *sources, made,
                        *shlex.split(os.environ.get("LDFLAGS", "")), "-o", target + ".new"], check=True)
        os.replace(target + ".new", target)
    return target


if __name__ == "__main__":
    print(main())
