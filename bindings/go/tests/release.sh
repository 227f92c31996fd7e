#!/bin/sh
# release.sh: writes the Go module as a release has it, with the amalgamation beside the package that compiles it.
# SPDX-License-Identifier: MIT
#
#     bindings/go/tests/release.sh FOLDER
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
folder=$1
core=$folder/internal/core
mkdir -p "$folder"
(cd "$root/bindings/go" && tar -cf - --exclude=tests --exclude=amalgamation.h --exclude=tokenquota.h --exclude=sources.h .) |
    tar -xf - -C "$folder"
cp "$root/LICENSE" "$folder/"
python3 "$root/tools/amalgamate.py" "$core"
mv "$core/tokenquota.c" "$core/amalgamation.h"
