#!/bin/sh
# count.sh: builds the counter in Go for ../../tests/test_storm.py; without Go it writes a file of no length.
# SPDX-License-Identifier: MIT
#
#     count.sh BUILD OUTPUT DEPFILE
#
# DEPFILE says that it is made of the sources of the module, too.
set -eu
build=$(realpath "$1") output=$(realpath "$2") module=$(realpath "$(dirname "$0")/..")
find "$module" -name '*.go' -o -name '*.[ch]' | tr '\n' ' ' | sed "s|^|$2: |" >"$3"
command -v go >/dev/null 2>&1 || { : >"$output"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$module/tests/env.sh"
cd "$module"
go build -o "$output" ./tests/count
