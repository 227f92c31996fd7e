# A line and exit status 0, whatever happens.
. ./say.sh
say statusline claude --at $A < claude_line.json
say statusline claude --at 2025-03-03T10:00:00Z --color always < claude_line.json
say status claude --at $A --json | grep -E '"(state|reason)"'
sed 's/:43,/:100,/' claude_line.json > spent.json
say statusline claude --at $A < spent.json
say explain claude --at $A
"$TQ" signal openai_429.http --provider wait --at $A > /dev/null
say statusline wait --at $A < claude_line.json
echo '{"session_id":"1"}' > early.json
say statusline claude --at $A < early.json
LC_ALL=C say statusline other --at $A < claude_line.json
echo '{' | say statusline claude --at $A
say statusline claude --at $A < /dev/null
say statusline claude --at $A --ledger no/such/folder/ledger < claude_line.json
say statusline "$(printf 'a\001b')" --at $A < claude_line.json
say statusline < claude_line.json
say statusline claude --colour always < claude_line.json
say statusline claude --color blue < claude_line.json
