. ./say.sh
. ./claude.sh
say import
say import cluade
say import something-else
say import all some.jsonl
say import claude none
say import claude --dry-run --follow
say import claude --since yesterday
