# say.sh: for cases of many commands: each is shown with what it says, on both outputs, and how it exits.
exec 2>&1
A=2025-03-03T16:45:30Z

say() {
    printf '$ tokenquota %s\n' "$*"
    "$TQ" "$@" || echo "(exit $?)"
}

# The same, without what differs from build to build and from place to place.
say_same() {
    printf '$ tokenquota %s\n' "$*"
    { "$TQ" "$@" || echo "(exit $?)"; } | sed -E "s,\"version\": ?\"[^\"]*\",\"version\": \"NUMBER\",
        s,\"file_bytes\": ?[0-9]+,\"file_bytes\": BYTES,; s/^bytes +[0-9,]+ /bytes         N /; s,$PWD/,,g"
}

# The same, without what differs from ledger to ledger: when a probe is due.
say_about() {
    say "$@" | sed -E '/^\$/!{ s/(16|17):(49|50|51):[0-9]{2}/\1:5x:xx/g; s/(17|18):(08|09|10|11):[0-9]{2}/\1:1x:xx/g
        s/in [45] min( [0-9]+ s)?/in about 5 min/g }'
}
