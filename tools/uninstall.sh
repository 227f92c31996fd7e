#!/bin/sh
# uninstall.sh: removes the files and links that `meson install` puts below DESTDIR, and nothing else.
# SPDX-License-Identifier: MIT
#
#     tools/uninstall.sh BUILD-DIR [DESTDIR]
set -eu

# Meson's own list of what it would install: "Installing [symlink pointing to] FILE to FOLDER-OR-LINK".
plan=$(meson install -C "$1" --no-rebuild --dry-run ${2:+--destdir "$2"})
printf '%s\n' "$plan" | sed -nE '
    s/^Installing symlink pointing to .* to (.*)$/\1/p; t
    s,^Installing (.*/)?([^/]+) to (.*[^/])/?$,\3/\2,p' | while read -r file; do
    rm -f "$file"
done
