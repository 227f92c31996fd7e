. ./say.sh
. ./claude.sh
say import all
say import all --quiet --dry-run
say import codex --json
