# Without a file: what import all would read, each response once, and nothing is counted.
. ./say.sh
. ./claude.sh
two_sessions
say replay --budget claude=500
say replay --json --quiet --budget claude=500
ls
