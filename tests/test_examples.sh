#!/bin/sh
# test_examples.sh: shell loops, a Python process and a C program on one ledger: the sum is right.
# SPDX-License-Identifier: MIT
set -eu
. tests/tap.sh

check "examples/shared.sh" examples/shared.sh "$1" "$2" "$3"
finish
