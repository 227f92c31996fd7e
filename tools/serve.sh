#!/bin/sh
# serve.sh: starts the daemon, on the sample where there is no ledger yet, and shows how to ask it.
# SPDX-License-Identifier: MIT
#
#     tools/serve.sh TOKENQUOTA SCRATCH [OPTION-OF-SERVE]...
#
# The sample's records are moved, so that its last one is a minute old. SCRATCH is a ledger that is made anew each time.
set -eu
command=$1 scratch=$2
shift 2

fill() {
    LC_ALL=C TZ=UTC awk -F, -v OFS=, -v now="$(date +%s)" '
        NR == 1 { print; next }
        { when = $1; gsub(/[-T:Z]/, " ", when); at[NR] = mktime(when); $1 = ""; rest[NR] = $0 }
        END { for (i = 2; i <= NR; i++) print strftime("%Y-%m-%dT%H:%M:%SZ", at[i] + now - 60 - at[NR], 1) rest[i] }
    ' sample/usage.csv >"$scratch.csv"
    "$command" import csv "$scratch.csv" --quiet --ledger "$scratch"
    sed -n 's/^\([^#].*\) = \(.*\)$/\1|\2/p' sample/budgets.txt | while IFS='|' read -r provider budget; do
        "$command" budget "$provider" "$budget" --ledger "$scratch" >/dev/null
    done
}

ledger=$("$command" ledger path)
if [ ! -e "$ledger" ]; then
    rm -f "$scratch" "$scratch.imports" "$scratch.csv"
    fill
    echo "there is no ledger at $ledger yet: this is the sample, in $scratch"
    ledger=$scratch
fi

# Prints what the daemon says.
show() {
    rm -f "$scratch.says"
    while read -r line; do
        echo "$line"
        case $line in
        *'listening on http'*)
            address=${line##* }
            echo "try: a browser at $address/
     curl $address/v1/status
     curl '$address/v1/route?provider=openai&provider=gemini'
     curl -d '{\"provider\": \"openai\", \"tokens\": 1200}' $address/v1/observe"
            ;;
        *'another program listens there'*) echo "     make serve LISTEN=127.0.0.1:0    takes a port that is free" ;;
        esac
    done
}

# The daemon takes the place of this shell: whoever ends the one ends the other.
rm -f "$scratch.says"
mkfifo "$scratch.says"
show <"$scratch.says" &
exec "$command" serve --ledger "$ledger" "$@" 2>"$scratch.says"
