# What has no usable record decides nothing.
. ./say.sh
printf 'unix_ms,provider,tokens\nx,y,z\n1,2\n' > bad.csv
printf 'unix_ms,provider,tokens\n' > empty.csv
printf 'unix_ms,provider,tokens\nx,y,z\n1741000000000,p,5\n' > half.csv
say replay bad.csv
say_same replay bad.csv --json
say replay empty.csv
say replay bad.csv empty.csv -q
say replay half.csv
