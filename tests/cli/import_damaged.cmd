. ./say.sh
. ./claude.sh
two_sessions
echo 'this is no file of imports, it is somebody'"'"'s notes that happen to be here' >ledger.imports
say import claude --at 2026-03-05T12:00:00Z
cat ledger.imports
