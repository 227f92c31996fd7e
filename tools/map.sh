#!/bin/sh
# map.sh: prints every source file with its first sentence, room by room.
# SPDX-License-Identifier: MIT
#
#     tools/map.sh [ROOM]...
#
# A room is a folder (src) or a folder in one (cli/commands). Without one, all rooms of the product are printed. The
# sentence is what follows "NAME: " in the first comment, up to its full stop or its first empty line.
set -eu
[ $# -gt 0 ] || set -- include base src signals logs import view sync serve cli cli/commands cli/show

for room; do
    printf '%s/\n' "$room"
    for file in "$room"/*.[ch]; do
        [ -e "$file" ] || continue
        awk -v name="$(basename "$file")" '
            NR == 1 { sub(/^\/\* [^ ]+: /, "") }
            NR > 1 { sub(/^ \* ?/, "") }
            /^SPDX/ || /^$/ { exit }
            { text = text (text == "" ? "" : " ") $0 }
            /\*\/$/ { exit }
            END {
                sub(/ *\*\/$/, "", text)
                sub(/\. .*/, "", text)
                sub(/\.$/, "", text)
                printf "  %-22s %s\n", name, text
            }' "$file"
    done
done
