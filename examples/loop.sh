#!/bin/sh
# loop.sh: calls, one after the other, on one of several accounts: it stays with an account, until the quota of
# another is in more danger of lapsing.
#
#     examples/loop.sh TOKENQUOTA ACCOUNT... <calls
#
# TOKENQUOTA is the command. A line of input is how many tokens a call needs at most. Prints which account each
# went to; a loop of your own makes the call there, and counts what it used.
set -eu
tokenquota=$1
shift
last=
while read -r tokens; do
    if account=$("$tokenquota" route "$@" --policy sticky-pressure --last "$last" --need "$tokens"); then
        "$tokenquota" observe "$account" "$tokens"
        last=$account
        echo "$account"
    else # the account that has room first, when, and why not now; or nothing after an error
        echo "none: ${account:?}" | cut -f 1
    fi
done
