# tap.sh: the three words a test script needs to speak TAP; sourced, not run.
# SPDX-License-Identifier: MIT

tap_count=0
tap_failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check NAME COMMAND...: one test, in a shell of its own where any failing command ends it.
check() {
    tap_name=$1
    shift
    tap_count=$((tap_count + 1))
    # Not the condition of an "if": there the shell would forget set -e.
    set +e
    tap_output=$(set -eu; "$@" 2>&1)
    tap_status=$?
    set -e
    if [ $tap_status -eq 0 ]; then
        echo "ok $tap_count - $tap_name"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_count - $tap_name"
        printf '%s\n' "$tap_output" | sed 's/^/# /'
    fi
}

# Says so and fails unless the two are the same text.
same() {
    [ "$1" = "$2" ] || { printf 'expected: %s\ncame:     %s\n' "$1" "$2"; return 1; }
}

finish() {
    echo "1..$tap_count"
    exit $((tap_failed > 0))
}
