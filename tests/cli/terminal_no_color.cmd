# NO_COLOR takes the colour, not the bars.
script -qec 'COLUMNS=60 NO_COLOR=1 "$TQ" replay a.csv -b openai=1M -b anthropic=1.1M' /dev/null | tr -d '\r'
