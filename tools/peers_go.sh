#!/bin/sh
# peers_go.sh: the Go module as its users get it: by a replace line, vendored from a release, under -race, and by staticcheck.
# SPDX-License-Identifier: MIT
#
#     peers_go.sh FOLDER
#
# What Go builds and fetches is kept below FOLDER. Only staticcheck comes from the Go module proxy.
set -eu
. tests/tap.sh

STATICCHECK_VERSION=v0.6.1

if ! command -v go >/dev/null 2>&1; then
    echo '1..0 # SKIP there is no go'
    exit 0
fi
mkdir -p "$1"
folder=$(realpath "$1") root=$(pwd)
name=github.com/tokenquota/tokenquota/bindings/go
export GOCACHE="$folder/cache" GOMODCACHE="$folder/modules" GOBIN="$folder/bin" GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=mod
export HOME="$work"

# Nothing but a C compiler and Go.
mkdir "$work/bin"
for tool in cc gcc as ld go; do
    path=$(command -v $tool) && ln -s "$(realpath "$path")" "$work/bin/$tool"
done
alone() { # WORD...: in the present folder, with that PATH and no network
    env PATH="$work/bin" GOROOT="$(go env GOROOT)" GOPROXY=off GOFLAGS="$GOFLAGS" "$@"
}

# Makes a program of the README's first example in a new module at $1, which takes ours from $2.
make_program() {
    mkdir "$1"
    awk '/^```go$/ { inside = !done; next } /^```$/ { if (inside) done = 1; inside = 0 } inside' \
        "$root/bindings/go/README.md" >"$1/main.go"
    cd "$1"
    alone go mod init example >"$work/log" 2>&1 || { cat "$work/log"; return 1; }
    alone go mod edit -require "$name@v0.0.0" -replace "$name=$2"
}

counts() { # PROGRAM
    same 'call 1: openai, exhausted: true' "$(TOKENQUOTA_LEDGER="$1.ledger" "$1" | head -n 1)"
}

fresh_clone() {
    git clone -q "$root" "$work/clone"
    make_program "$work/of_clone" "$work/clone/bindings/go"
    alone go get "$name/tokenquota"
    alone go build -o "$work/program" .
    counts "$work/program"
}

vendored() {
    "$root/bindings/go/tests/release.sh" "$work/release"
    make_program "$work/of_release" "$work/release"
    alone go mod vendor
    rm -r "$work/release" # what is vendored must do
    GOFLAGS=-mod=vendor alone go build -o "$work/vendored" .
    counts "$work/vendored"
}

without_sources() {
    mkdir "$work/bare"
    (cd "$root/bindings/go" && tar -cf - --exclude=amalgamation.h --exclude=tokenquota.h .) | tar -xf - -C "$work/bare"
    cd "$work/bare"
    ! go build ./quota 2>"$work/said"
    grep -q 'the C sources are missing: use a release' "$work/said"
}

raced() {
    cd "$root/bindings/go"
    go vet -tags tokenquota_O0 ./...
    go test -tags tokenquota_O0 -race ./...
}

statically_checked() {
    cd "$root/bindings/go"
    "$GOBIN/staticcheck" -tags tokenquota_O0 ./...
}

check 'go get by a replace line builds from a clone with a C compiler and Go alone' fresh_clone
check 'go mod vendor of a release builds without it' vendored
check 'without the C sources the error says what to do' without_sources
check 'go vet, and all tests under -race' raced
if [ -x "$GOBIN/staticcheck" ] ||
    GOFLAGS='' go install "honnef.co/go/tools/cmd/staticcheck@$STATICCHECK_VERSION" >"$work/log" 2>&1; then
    check 'staticcheck finds nothing' statically_checked
else
    echo "# skipped: staticcheck could not be installed: $(tail -n 1 "$work/log")"
fi
finish
