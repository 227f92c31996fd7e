. ./say.sh
. ./claude.sh
two_sessions
claude alpha/s1 2026-03-05T08:00:00Z e 7 a-model-with-a-name-that-is-longer-than-what-a-narrow-screen-has
for columns in 40 60 80 100 120 160; do
    COLUMNS=$columns "$TQ" usage --by model --at 2026-03-05T12:00:00Z >table
    awk -v columns=$columns 'length($0) > columns { print "wider than " columns ": " $0 }' table
    cat table
    echo
done
