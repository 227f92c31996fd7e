# Where it is for a user: in the folder for state, made for nobody else.
as_user=
if [ "$(id -u)" = 0 ]; then
    setpriv --reuid 65534 --regid 65534 --clear-groups "$TQ" version > /dev/null 2>&1 ||
        { echo 'run as root, and no other user can run the command' >&2; exit 77; }
    as_user='setpriv --reuid 65534 --regid 65534 --clear-groups'
fi
if [ -w /var/lib/tokenquota/ledger ]; then
    echo 'this machine has a ledger of its own' >&2
    exit 77
fi
unset TOKENQUOTA_LEDGER
umask 0
home=$(mktemp -d) && chmod 777 "$home" && cd "$home" || exit
HOME=$home $as_user "$TQ" ledger path | sed "s,$home/,HOME/,"
HOME=$home $as_user "$TQ" observe openai 5 && find .local -printf '%m %p\n' | sort -k2
XDG_STATE_HOME=$home/state $as_user "$TQ" ledger path | sed "s,$home/,HOME/,"
XDG_STATE_HOME=relative HOME=$home $as_user "$TQ" ledger path | sed "s,$home/,HOME/,"
HOME= $as_user "$TQ" ledger path || echo "(exit $?)"
cd / && rm -rf "$home"
