# A user outside of the group of the machine's ledger is told once that they count on their own.
exec 3>&2; . ./say.sh
if [ "$(id -u)" != 0 ] || ! unshare -m mount -t tmpfs none /var/lib 2> /dev/null ||
    ! setpriv --reuid 65534 --regid 65534 --clear-groups "$TQ" version > /dev/null 2>&1; then
    exec 2>&3
    echo 'not root, or not allowed to mount, or no other user can run the command' >&2
    exit 77
fi
home=$(mktemp -d) && chmod 777 "$home"
cat > inside.sh <<'END'
mount -t tmpfs none /var/lib
unset TOKENQUOTA_LEDGER
as_user() { HOME=$home setpriv --reuid 65534 --regid 65534 --clear-groups "$TQ" "$@" 2>&1 | sed "s,$home,HOME,"; }
as_user observe openai 5
echo 'now the machine gets one'
"$TQ" ledger create --system --group daemon
as_user status | head -n 1 | cut -c 1-6
as_user observe openai 5
as_user observe openai 5
as_user budget openai 5k
"$TQ" observe openai 5
END
export home
unshare -m sh inside.sh
rm -rf "$home"
