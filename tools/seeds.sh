#!/bin/sh
# seeds.sh: writes the responses of tests/vectors/signals/ as seeds of fuzz/fuzz_signal.c, one file a case.
# SPDX-License-Identifier: MIT
#
#     tools/seeds.sh FOLDER
#
# A seed is the line of the profiles that read the response, and the response.
set -eu
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/../tests/vectors/signals"
awk -v folder="$folder" '
    /^case / { close(seed); name = substr($0, 6); gsub(/[^A-Za-z0-9.-]/, "_", name); seed = folder "/" name }
    /^by / { print substr($0, 4) >seed }
    /^>/ { print substr($0, 3) >seed }' ./*.txt
