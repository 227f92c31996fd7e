. ./say.sh
. ./claude.sh
say usage --by year
say usage home
say usage --source cluade
say usage --source claude none
say usage --color maybe
