# Somebody else's ledger may be looked at.
exec 3>&2; . ./doctor.sh
if [ "$(id -u)" != 0 ] ||
    ! setpriv --reuid 65534 --regid 65534 --clear-groups "$TQ" version > /dev/null 2>&1; then
    exec 2>&3
    echo 'not root, or no other user can run the command' >&2
    exit 77
fi
here=$(mktemp -d) && chmod 755 "$here" && cd "$here" || exit
"$TQ" observe openai 5 --at $A
chmod 644 ledger
RUN=$TQ
TQ=as_user
as_user() {
    setpriv --reuid 65534 --regid 65534 --clear-groups "$RUN" "$@"
}
doctor
say status --at $A --json | grep '"used"'
say observe openai 5 2>&1 | sed "s,$here/,,"
say route openai
say ledger check | tail -n 1
cd / && rm -rf "$here"
