# doctor.sh: what doctor says, without what differs from place to place.
. ./say.sh
doctor() {
    printf '$ tokenquota doctor %s\n' "$*"
    { "$TQ" doctor "$@" || echo "(exit $?)"; } | sed -E "/^ok +(version|clock)/d; s,$PWD,HERE,g;
        s/user [0-9]+/user N/; s/[0-9,]+ bytes/BYTES/"
}
