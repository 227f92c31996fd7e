# say.sh: for cases of many commands: each is shown with what it says, on both outputs, and how it exits.
exec 2>&1
A=2025-03-03T16:45:30Z

say() {
    echo "\$ tokenquota $*"
    "$TQ" "$@" || echo "(exit $?)"
}

# The same, without what differs from build to build and from place to place.
say_same() {
    echo "\$ tokenquota $*"
    { "$TQ" "$@" || echo "(exit $?)"; } | sed "s,\"version\": *\".*\",\"version\": \"NUMBER\",; s,$PWD/,,g"
}
