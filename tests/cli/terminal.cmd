# On a terminal: colour and block bars; lines fit.
script -qec true /dev/null < /dev/null > no-pty 2>&1 || exit 77 # no pseudo-terminals here
script -qec 'COLUMNS=80 "$TQ" replay --rule original a.csv b.csv -b openai=1M -b anthropic=1.1M' /dev/null | tr -d '\r'
