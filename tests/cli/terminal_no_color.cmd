# NO_COLOR takes the colour, not the bars.
script -qec true /dev/null < /dev/null > no-pty 2>&1 || exit 77 # no pseudo-terminals here
script -qec 'COLUMNS=60 NO_COLOR=1 "$TQ" replay --rule original a.csv -b openai=1M -b anthropic=1.1M' /dev/null | tr -d '\r'
