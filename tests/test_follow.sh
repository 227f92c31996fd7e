#!/bin/sh
# test_follow.sh: an importer that follows counts what is written, once, whatever happens to the files meanwhile.
# SPDX-License-Identifier: MIT
#
#     test_follow.sh TOKENQUOTA
#
# The importer is one process throughout. Each step writes, then looks at the ledger until it says what it must, at most
# for PATIENCE looks; what was counted twice before makes a later step fail.
set -eu
. tests/tap.sh
tokenquota=$1
PATIENCE=400
HOME=$work
export HOME
logs=$work/logs
ledger=$work/ledger
one=$logs/projects/p/one.jsonl
now=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)
mkdir -p "$logs/projects/p"

# A response's line: its number, and the tokens that count. Some of its text is escaped.
line() {
    printf '{"type":"assistant","timestamp":"%s","sessionId":"s","requestId":"req_%s","message":{"id":"msg_%s","model":"claude-opus-4-5","content":[{"type":"text","text":"made\\n\\"up\\""}],"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":5,"output_tokens":%s}}}\n' \
        "$now" "$1" "$1" "$2"
}

used() {
    "$tokenquota" ledger dump --ledger "$ledger" 2>/dev/null | grep -o '"used":[0-9]*' | awk -F: '{ n += $2 } END { print n + 0 }'
}

becomes() {
    looks=0
    until [ "$(used)" = "$1" ]; do
        looks=$((looks + 1))
        [ $looks -lt $PATIENCE ] || { echo "expected $1 tokens, there are $(used)"; cat "$work/said"; return 1; }
        sleep 0.02
    done
}

what_is_there() {
    becomes 10
}

a_line_more() {
    line 2 20 >>"$one"
    becomes 30
}

output_grew() {
    line 2 25 >>"$one"
    becomes 35
}

half_a_line() {
    whole=$(line 3 100)
    printf '%s' "$whole" | cut -c 1-200 | tr -d '\n' >>"$one"
    line 4 1 >"$logs/projects/p/two.jsonl" # seen after the half
    becomes 36
    { printf '%s' "$whole" | cut -c 201-; } >>"$one"
    becomes 136
}

new_folder() {
    mkdir -p "$logs/projects/q/session/subagents"
    line 5 1000 >"$logs/projects/q/session/subagents/agent-a.jsonl"
    becomes 1136
    line 6 1000 >>"$logs/projects/q/session/subagents/agent-a.jsonl"
    becomes 2136
}

rotated() {
    mv "$one" "$work/one.old"
    line 7 3 >"$one"
    becomes 2139
    line 8 3 >>"$one"
    becomes 2142
}

truncated() {
    : >"$one"
    line 7 3 >>"$one"
    line 9 5 >>"$one"
    becomes 2147
}

# Back under another name: all of it was counted.
moved() {
    mv "$work/one.old" "$logs/projects/q/moved.jsonl"
    mv "$logs/projects/p/two.jsonl" "$logs/projects/q/two.jsonl"
    line 10 7 >>"$logs/projects/q/two.jsonl"
    becomes 2154
    line 11 9 >>"$logs/projects/q/moved.jsonl"
    becomes 2163
}

replaced_by_rename() {
    { cat "$one"; line 12 11; } >"$work/new"
    mv "$work/new" "$one"
    becomes 2174
}

one_importer_at_a_time() {
    status=0
    said=$("$tokenquota" import claude "$logs" --ledger "$ledger" 2>&1) || status=$?
    [ $status -ne 0 ] || { echo "a second importer ran"; return 1; }
    echo "$said" | grep -q "$importer" || { echo "process $importer is not named: $said"; return 1; }
}

ends_when_told() {
    kill -TERM "$importer"
    looks=0
    while [ "$(awk '{ print $3 }' "/proc/$importer/stat")" != Z ]; do # it is waited for below
        looks=$((looks + 1))
        [ $looks -lt $PATIENCE ] || { echo "process $importer goes on"; return 1; }
        sleep 0.02
    done
}

ended_well() {
    same 0 "$1"
    same 2174 "$(used)"
}

nothing_new_afterwards() {
    "$tokenquota" import claude "$logs" --ledger "$ledger" --quiet
    same 2174 "$(used)"
}

line 1 10 >"$one"
"$tokenquota" import claude "$logs" --ledger "$ledger" --follow --quiet >"$work/said" 2>&1 &
importer=$!
trap 'kill -KILL $importer 2>/dev/null || true; rm -rf "$work"' EXIT

check 'what is there is counted' what_is_there
check 'a line more' a_line_more
check 'output that grew counts the difference' output_grew
check 'half a line waits for its other half' half_a_line
check 'a file in a new folder' new_folder
check 'a file that was rotated away, and its successor' rotated
check 'a file that was truncated' truncated
check 'files that moved' moved
check 'a file that another one took the place of' replaced_by_rename
check 'a second importer says who is at work' one_importer_at_a_time
check 'told to end it ends' ends_when_told
status=0
wait $importer || status=$?
check 'and it ended well' ended_well $status
check 'the next run finds nothing new' nothing_new_afterwards
finish
