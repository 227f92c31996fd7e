# On a terminal: colour and block bars; lines fit.
script -qec 'COLUMNS=80 "$TQ" replay a.csv b.csv -b openai=1M -b anthropic=1.1M' /dev/null | tr -d '\r'
