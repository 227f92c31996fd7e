# The machine's ledger, on a /var/lib that only this case sees.
exec 3>&2; . ./say.sh
if [ "$(id -u)" != 0 ] || ! unshare -m mount -t tmpfs none /var/lib 2> /dev/null; then
    exec 2>&3
    echo 'not root, or not allowed to mount' >&2
    exit 77
fi
cat > inside.sh <<'END'
. ./say.sh
mount -t tmpfs none /var/lib
unset TOKENQUOTA_LEDGER
umask 077
say ledger create --system
say ledger create --group daemon
say ledger create --system --group no-such-group
say ledger create --system --group daemon --ledger here
say ledger create --system --group daemon
say ledger create --system --group daemon
stat -c '%a %U %G %n' /var/lib/tokenquota /var/lib/tokenquota/ledger
say observe openai 5
say ledger names
END
unshare -m sh inside.sh
