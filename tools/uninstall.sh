#!/bin/sh
# uninstall.sh: removes what `meson install` would put below DESTDIR, files and links, and nothing else.
# SPDX-License-Identifier: MIT
#
#     tools/uninstall.sh BUILD-DIR [DESTDIR]
set -eu
dir=$1 destdir=${2-}

meson install -C "$dir" --no-rebuild --dry-run --destdir "$destdir"
