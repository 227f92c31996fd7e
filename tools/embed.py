#!/usr/bin/env python3
"""embed.py: writes files into a C source, so that the command carries them.

SPDX-License-Identifier: MIT

    tools/embed.py OUT.c FILE...

OUT.c defines `const struct embedded NAME[]` (serve/embedded.h), where NAME is the name of OUT.c without ".c": one
row for each FILE under its base name, and one without a path that ends them.

    tools/embed.py --script OUT.c FILE.lua HEADER

OUT.c defines `const char NAME[]`, the script without comments and without blanks in front of lines, `const size_t NAME_len`
and `const char NAME_sha1[]`, which HEADER declares.
"""

import hashlib
import os
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
# What a string literal of C takes as it is. "?" is not in it: two of them begin a trigraph.
PLAIN = {code: chr(code) for code in range(0x20, 0x7F) if chr(code) not in '"\\?'}


def literal(data):
    """The bytes as string literals, 32 of them a line. Octal escapes have three digits, so the next byte is not
    taken for one of them."""
    lines = (data[at : at + 32] for at in range(0, len(data), 32))
    return "\n".join('    "' + "".join(PLAIN.get(b, f"\\{b:03o}") for b in line) + '"' for line in lines) or '    ""'


def main(out, *files):
    name = os.path.splitext(os.path.basename(out))[0]
    bodies, rows = [], []
    for number, file in enumerate(files):
        with open(file, "rb") as source:
            data = source.read()
        path = os.path.basename(file)
        etag = '\\"' + hashlib.sha256(data).hexdigest()[:16] + '\\"'
        bodies.append(f"static const char file_{number}[] =\n{literal(data)};\n")
        rows.append(f'    {{"{path}", "{TYPES[os.path.splitext(path)[1]]}", "{etag}", file_{number}, {len(data)}}},\n')
    with open(out, "w", encoding="ascii") as c:
        c.write('/* Made by tools/embed.py. */\n#include "serve/embedded.h"\n\n')
        c.write("\n".join(bodies))
        c.write(f"\nconst struct embedded {name}[] = {{\n{''.join(rows)}    {{0}},\n}};\n")


def main_script(out, file, header):
    name = os.path.splitext(os.path.basename(out))[0]
    with open(file, "rb") as source:
        lines = [line.strip() for line in source]
    data = b"".join(line + b"\n" for line in lines if line and not line.startswith(b"--"))
    with open(out, "w", encoding="ascii") as c:
        c.write(f'/* Made by tools/embed.py. */\n#include "{header}"\n\n')
        c.write(f"const char {name}[] =\n{literal(data)};\nconst size_t {name}_len = {len(data)};\n")
        c.write(f'const char {name}_sha1[] = "{hashlib.sha1(data).hexdigest()}";\n')


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] == "--script":
        sys.exit(main_script(*sys.argv[2:]))
    if len(sys.argv) < 3:
        sys.exit("usage: tools/embed.py OUT.c FILE...")
    main(*sys.argv[1:])
