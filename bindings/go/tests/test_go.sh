#!/bin/sh
# test_go.sh: the Go module as a clone has it: gofmt, vet, its tests, and the README's first example, without a network.
# SPDX-License-Identifier: MIT
#
#     test_go.sh BUILD
#
# With $TQ_COMMAND, the command, its `run` is tested, too.
# What Go builds is kept below the folder BUILD. tqhttp is left to tools/peers_go.sh, because net/http takes longer to build
# than all else.
set -eu
. tests/tap.sh

if ! command -v go >/dev/null 2>&1; then
    echo '1..0 # SKIP there is no go'
    exit 0
fi
build=$(realpath "$1") module=$(realpath bindings/go)
. bindings/go/tests/env.sh

packages='./internal/core ./quota ./tokenquota'

formatted() {
    same '' "$(gofmt -l "$module")"
}

vetted() {
    cd "$module"
    go vet $packages
}

tested() {
    cd "$module"
    go test $packages
}

# The first block of Go in README.md is a program, and the block after it is what it prints, on another day.
example_runs() {
    awk '/^```go$/ { inside = !done; next } /^```$/ { if (inside) done = 1; inside = 0 } inside' \
        "$module/README.md" >"$work/main.go"
    [ -s "$work/main.go" ]
    awk '/^It prints:$/ { found = 1 } found && /^```$/ { if (inside) exit; inside = 1; next } inside' \
        "$module/README.md" >"$work/expected"
    cd "$work"
    go mod init example >init.log 2>&1
    name=github.com/tokenquota/tokenquota/bindings/go
    go mod edit -require "$name@v0.0.0" -replace "$name=$module"
    export TOKENQUOTA_LEDGER="$work/ledger"
    go run . >said
    same "$(sed 's/until .*/until .../' expected)" "$(sed 's/until .*/until .../' said)"
}

check 'the sources are as gofmt writes them' formatted
check 'go vet finds nothing' vetted
check 'its tests pass' tested
check "the README's first example runs as written" example_runs
finish
