. ./say.sh
. ./claude.sh
printf 'timestamp,provider,tokens\n2026-03-05T10:00:00Z,openai,100\n2026-03-05T10:00:01Z,other,50\n' >u.csv
say import csv u.csv --at 2026-03-05T12:00:00Z
printf '2026-03-05T10:00:02Z,openai,7\nbad line\n' >>u.csv
say import csv u.csv --at 2026-03-05T12:00:00Z
cp u.csv v.csv
say import csv u.csv v.csv --at 2026-03-05T12:00:00Z
say import csv
say import csv none.csv
