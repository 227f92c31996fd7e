#!/bin/sh
# sources.sh: prints internal/core/sources.h, a sum over the C sources outside of the module, which Go's build cache does not see.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../../.."
printf '/* %s */\n' "$(cat bindings/core.c include/*.h base/*.[ch] src/*.[ch] signals/*.[ch] | sha256sum)"
