#!/bin/sh
# fill.sh: a template with what the rows of the command's options say in place of its @ lines.
# SPDX-License-Identifier: MIT
#
#     fill.sh TEMPLATE TOKENQUOTA bash|fish|zsh|man
#
# A line @ROWS@ stands for all commands, a line @ROWS NAME@ for one.
awk -v fill="'$2' help --complete $3" '
    /^@ROWS.*@$/ {
        name = substr($0, 7, length($0) - 7)
        command = fill (name == "" ? "" : " \"" name "\"")
        while ((command | getline line) > 0)
            print line
        close(command)
        next
    }
    { print }' "$1"
