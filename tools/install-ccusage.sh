#!/bin/sh
# install-ccusage.sh: installs one version of ccusage from npm into a folder, and copies its program to one place.
# SPDX-License-Identifier: MIT
#
#     tools/install-ccusage.sh VERSION FOLDER PROGRAM
#
# The package ccusage starts a program that is in a package for each system; no script of theirs is run. Where npm has
# none for this machine this fails and says so.
set -eu
version=$1 folder=$2 program=$3

mkdir -p "$folder"
npm install --prefix "$folder" --cache "$folder/cache" --no-save --ignore-scripts --no-audit --no-fund "ccusage@$version" \
    >"$folder/npm.log" 2>&1 </dev/null || { cat "$folder/npm.log" >&2; exit 1; }
for found in "$folder"/node_modules/@ccusage/ccusage-*/bin/ccusage; do
    [ -f "$found" ] || { echo "install-ccusage.sh: npm has no ccusage $version for this machine" >&2; exit 1; }
    cp "$found" "$program.new"
    chmod +x "$program.new"
done
said=$("$program.new" --version)
[ "${said##* }" = "$version" ] || { echo "install-ccusage.sh: asked for $version, got: $said" >&2; exit 1; }
mv "$program.new" "$program"
