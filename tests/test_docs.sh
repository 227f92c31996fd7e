#!/bin/sh
# test_docs.sh: what the documents say is so: programs, commands, output, options, files and functions.
# SPDX-License-Identifier: MIT
#
#     test_docs.sh TOKENQUOTA LIBTOKENQUOTA.so
set -eu
. tests/tap.sh
command=$1 library=$2
# The man page is made from the rows of the command's options.
man=$(dirname "$(realpath "$command")")/../completions/tokenquota.1
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS COLUMNS
export TZ=UTC LC_ALL=C
pages="README.md ARCHITECTURE.md CONTRIBUTING.md SECURITY.md CHANGELOG.md $(echo docs/*.md)"

mkdir "$work/bin"
ln -s "$(realpath "$command")" "$work/bin/tokenquota"
PATH=$work/bin:$PATH

# The blocks of a kind (```KIND) in a page.
blocks() { # KIND PAGE
    awk -v fence='```' -v kind="$1" '$0 == fence { on = 0 } on { print } $0 == fence kind { on = 1 }' "$2"
}

readme_program_is_the_example() {
    blocks c README.md >"$work/observe.c"
    diff -u examples/observe.c "$work/observe.c"
}

# The compiler and pkg-config as README calls them, before anything is installed.
readme_program_builds_and_runs() {
    line=$(blocks console README.md | sed -n 's/^\$ cc /cc /p')
    same 'cc observe.c $(pkg-config --cflags --libs tokenquota)' "$line"
    folder=$(dirname "$(realpath "$library")")
    PKG_CONFIG_PATH=$folder/../meson-uninstalled
    export PKG_CONFIG_PATH
    (cd "$work" && eval "$CC ${line#cc }")
    (cd "$work" && LD_LIBRARY_PATH=$folder ./a.out) | grep -E '^openai is out for [0-9]+ s more$'
}

# The picture: the output below "$ make run", from this build's command.
readme_picture_is_what_make_run_prints() {
    blocks console README.md | awk '/^\$ / { on = ($0 == "$ make run"); next } on' >"$work/picture"
    # Nobody's logs are there: the sample is what is replayed.
    env -u CLAUDE_CONFIG_DIR -u CODEX_HOME HOME="$work" make -s -o build-release run command="$command" | sed "s,$command,build/release/cli/tokenquota," >"$work/run"
    diff -u "$work/picture" "$work/run"
}

# In their order, on one ledger. What README shows below a command is what it prints.
readme_commands_run() {
    export TOKENQUOTA_LEDGER="$work/ledger"
    blocks console README.md | sed -nE 's/^\$ (tokenquota |sed )/\1/p' >"$work/commands"
    [ "$(wc -l <"$work/commands")" -ge 3 ] || { echo "README has no command lines"; return 1; }
    while read -r line; do
        status=0
        eval "$line" >"$work/output" 2>"$work/errors" || status=$?
        blocks console README.md | awk -v line="$ $line" '/^\$ / { on = ($0 == line); next } on' >"$work/shown"
        [ ! -s "$work/shown" ] || diff -u "$work/shown" "$work/output"
        case $line in *' observe '* | *' budget '* | *' set '*) echo 'counts, and says nothing' >>"$work/output" ;; esac
        [ $status -le 1 ] && [ -s "$work/output" ] && ! [ -s "$work/errors" ] ||
            { echo "exit status $status: $line"; cat "$work/errors"; return 1; }
    done <"$work/commands"
}

# The line that puts the command into the path names the folder where make builds it.
readme_says_where_the_command_is() {
    line=$(sed -nE 's/^    (export PATH=[^ ]*).*/\1/p' README.md)
    (PATH=/nowhere; eval "$line"; same "$PWD/build/release/cli:/nowhere" "$PATH")
    make -pqrR 2>/dev/null | grep -x 'command = $(BUILD)/release/cli/tokenquota'
    make -pqrR 2>/dev/null | grep -x 'BUILD = build'
}

help_options() {
    {
        tokenquota --help
        tokenquota --help | sed -nE 's/^  ([a-z]+) .*/\1/p' | while read -r command; do
            tokenquota "$command" --help
        done
        for command in ledger preset; do
            tokenquota $command --help | sed -nE 's/^  ([a-z]+) .*/\1/p' | while read -r verb; do
                tokenquota $command "$verb" --help
            done
        done
    } | grep -oE -- '--[a-z][a-z-]+' | sort -u
}

options_exist() {
    help_options >"$work/options"
    [ "$(wc -l <"$work/options")" -gt 5 ] || { echo "the help was not understood"; return 1; }
    grep -hoE 'tokenquota [a-z]+.*' $pages | sed 's/ && .*//' | grep -oE -- ' --[a-z][a-z-]+' | tr -d ' ' | sort -u >"$work/used"
    [ -s "$work/used" ]
    same '' "$(grep -vxF -f "$work/options" "$work/used" || true)"
}

# With logs of a tool make run shows them, and not the sample.
make_run_shows_the_user_s_logs() {
    mkdir -p "$work/home/.claude/projects/p"
    printf '%s\n' '{"type":"assistant","timestamp":"2026-03-04T10:00:00Z","sessionId":"s","requestId":"r",
        "message":{"id":"msg_1","model":"claude-x","usage":{"input_tokens":7,"output_tokens":5}}}' | tr -d '\n' \
        >"$work/home/.claude/projects/p/s.jsonl"
    echo >>"$work/home/.claude/projects/p/s.jsonl"
    env -u CLAUDE_CONFIG_DIR -u CODEX_HOME HOME="$work/home" XDG_STATE_HOME="$work/state" \
        make -s -o build-release run command="$command" >"$work/run"
    grep -E '2026-03-04.* 12$|2026-03-04.*\b12\b' "$work/run" && ! grep -q anthropic/claude-sonnet "$work/run"
    # One table, so one number for a day; and the user has what each next step needs.
    same 1 "$(grep -c '^2026-03-04  ' "$work/run")"
    sed -n '/^try:/,$s/^\(try: \|     \)\(.*[^ ]\)   .*/\2/p' "$work/run" >"$work/next"
    [ "$(wc -l <"$work/next")" -ge 3 ]
    while read -r step; do
        case $step in 'make serve') continue ;; esac # it stays; test_serve_http.py runs it
        HOME="$work/home" XDG_STATE_HOME="$work/state" TOKENQUOTA_LEDGER="$work/next.ledger" sh -c "$step" || [ $? -eq 1 ]
    done <"$work/next"
}

man_page_has_the_same_options() {
    mandoc -T ascii -O width=200 "$man" | sed "s/.$(printf '\010')//g" | grep -oE -- '--[a-z][a-z-]+' | sort -u >"$work/man"
    help_options | diff -u - "$work/man"
}

man_page_is_sound() {
    mandoc -T lint -W warning "$man" >"$work/lint" || { cat "$work/lint"; return 1; }
}

links_lead_somewhere() {
    for page in $pages; do
        [ -s "$page" ] || echo "no $page"
        grep -oE '\]\([^)]+\)' "$page" | sed -E 's/^\]\(//; s/\)$//; s/#.*//' | grep -vE '^(https?:|$)' |
            while read -r target; do
                [ -e "$(dirname "$page")/$target" ] || echo "$page: $target"
            done
    done >"$work/dead"
    same '' "$(cat "$work/dead")"
}

# `folder/file.c` in a text is a file, `make word` a target, `tq_word` a function of the headers or of src/.
named_files_exist() {
    grep -oE '`[a-z.]+/[A-Za-z0-9_./-]*`' $pages | tr -d '`' | while IFS=: read -r page name; do
        case $name in build/* | message/http) continue ;; esac # what is built; a media type
        [ -e "$name" ] || echo "$page: $name"
    done >"$work/dead"
    same '' "$(cat "$work/dead")"
}

named_targets_exist() {
    make -pqrR 2>/dev/null | sed -nE 's/^([a-z][a-z-]*):.*/\1/p' | sort -u >"$work/targets"
    grep -ohE '(`|^    |^\$ )make [a-z-]+' $pages | sed 's/.*make //' | sort -u >"$work/named"
    [ -s "$work/named" ]
    same '' "$(grep -vxF -f "$work/targets" "$work/named" || true)"
}

named_functions_exist() {
    cat include/*.h base/*.[ch] src/*.[ch] signals/*.[ch] logs/*.[ch] tests/*.[ch] | grep -oE '\b(tq|TQ)_[A-Za-z0-9_]+' | sort -u >"$work/known"
    cat $pages | grep -oE '`(struct )?(tq|TQ)_[A-Za-z0-9_]+`' | sed 's/struct //' | tr -d "\`" | grep -v "_$" | sort -u >"$work/named"
    [ -s "$work/named" ]
    same '' "$(grep -vxF -f "$work/known" "$work/named" || true)"
}

# Every .c and .h of the product has a line with a sentence, the one it begins with, and no other file has one.
map_names_every_file() {
    tools/map.sh | awk '/^[a-z]/ { room = $1; next } NF > 1 { print room $1 }' | sort >"$work/mapped"
    find include base src signals logs import view sync serve cli -name '*.[ch]' | sort | diff -u - "$work/mapped"
    same '' "$(tools/map.sh | awk '/^  / && NF < 4')"
}

# ARCHITECTURE.md tells of each room.
architecture_names_every_room() {
    tools/map.sh | sed -n 's/^\([a-z].*\)/\1/p' | while read -r room; do
        grep -qF "**\`$room\`**" ARCHITECTURE.md || echo "$room"
    done >"$work/unnamed"
    same '' "$(cat "$work/unnamed")"
}

# A function in a row of ARCHITECTURE.md's two walks is in the room that the row names.
architecture_walks_exist() {
    sed -n '/^## One record/,/^## Invariants/p' ARCHITECTURE.md | sed -n 's/^| `\([a-z/]*\/\)` | \([^|]*\) |.*/\1 \2/p' >"$work/walks"
    [ "$(wc -l <"$work/walks")" -gt 20 ]
    while read -r room names; do
        for name in $(echo "$names" | grep -oE '[a-z_]{4,}'); do
            grep -qE "\\b$name\(" "$room"*.[ch] || echo "$room: no $name"
        done
    done <"$work/walks" >"$work/gone"
    same '' "$(cat "$work/gone")"
}

# The table of profiles: each one with its vendor and whether it was seen live, and no other.
providers_are_the_profiles() {
    tokenquota signal --list | awk -F '\t' '{ print $1 "|" $2 "|" ($3 ~ /live/ ? "yes" : "no") }' | sort >"$work/profiles"
    [ "$(wc -l <"$work/profiles")" -gt 20 ] || { echo "the list of profiles was not understood"; return 1; }
    sed -nE 's/^\| `([a-z-]+)` \| ([^|]*) \| (yes|no) \|.*/\1|\2|\3/p' docs/providers.md | sort |
        diff -u "$work/profiles" -
}

# And a paragraph for each below it, and a file of responses.
providers_are_described() {
    tokenquota signal --list | cut -f 1 | sort >"$work/profiles"
    sed -n 's/^### //p' docs/providers.md | sed 's/, /\n/g' | sort | diff -u "$work/profiles" -
    (cd tests/vectors/signals && ls *.txt) | sed 's/\.txt$//' | sort | diff -u "$work/profiles" -
}

sample_is_made_by_its_script() {
    awk -f sample/make-sample.awk | cmp - sample/usage.csv
}

changelog_knows_the_version() {
    grep -q "^## $(tools/version.sh)" CHANGELOG.md
}

check "README's program is examples/observe.c" readme_program_is_the_example
check "README's program builds and runs as README says" readme_program_builds_and_runs
check "README's picture is what make run prints" readme_picture_is_what_make_run_prints
check "README says where the command is" readme_says_where_the_command_is
check 'make run shows the logs of the tools that there are' make_run_shows_the_user_s_logs
check "README's commands run, and print what README shows" readme_commands_run
check 'options named in documents exist' options_exist
check 'man page and help have the same options' man_page_has_the_same_options
check 'the man page is sound' man_page_is_sound
check 'relative links lead somewhere' links_lead_somewhere
check 'files named in documents exist' named_files_exist
check 'make targets named in documents exist' named_targets_exist
check 'functions named in documents exist' named_functions_exist
check 'make map prints a sentence for every file, and for no other' map_names_every_file
check 'ARCHITECTURE.md has a paragraph for each room' architecture_names_every_room
check "the functions of ARCHITECTURE.md's walks are in the rooms that it names" architecture_walks_exist
check 'docs/providers.md lists the profiles, and no other' providers_are_the_profiles
check 'docs/providers.md describes each, and each has responses' providers_are_described
check 'sample/usage.csv is made by its script' sample_is_made_by_its_script
check 'CHANGELOG.md knows the version' changelog_knows_the_version
finish
