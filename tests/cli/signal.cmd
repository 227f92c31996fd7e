. ./say.sh
say signal openai_200.http --at $A
"$TQ" signal - --at $A < openai_200.http > lines && "$TQ" signal openai_200.http --at $A | diff - lines && echo standard input gives the same
say signal openai_429.http --at $A
say signal openai_no_money.http --at $A
say signal claude_429.http --at $A
say signal claude_opus.http --at $A
say signal overloaded.http --at $A
say signal openai_429.http --at $A --profile generic
say signal openai_429.http --at $A --json
say signal openai_200.http --at $A --sent-at 2025-03-03T16:45:29Z --json
"$TQ" signal --list | head -n 2 | cut -f 1,3
[ ! -e ledger ] && echo no ledger was made
