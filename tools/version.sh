#!/bin/sh
# version.sh: prints the version that include/tokenquota.h declares.
# SPDX-License-Identifier: MIT
awk '$1 == "#define" && $2 ~ /^TQ_VERSION_(MAJOR|MINOR|PATCH)$/ { part[$2] = $3; found++ }
     END {
         if (found != 3) exit 1
         print part["TQ_VERSION_MAJOR"] "." part["TQ_VERSION_MINOR"] "." part["TQ_VERSION_PATCH"]
     }' "$(dirname "$0")/../include/tokenquota.h"
