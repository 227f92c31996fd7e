. ./say.sh
. ./claude.sh
say usage
say usage --json
