. ./claude.sh
two_sessions
printf '{"type":"assistant","timestamp":"2026-03-04T10:00:00Z","sessionId":"old","version":"1.0.2","costUSD":1.2345,"requestId":"req_o","message":{"id":"msg_o","model":"claude-3-5-haiku","usage":{"input_tokens":1,"output_tokens":2}}}\n' >home/.claude/projects/-home-u-beta/old.jsonl
COLUMNS=100 "$TQ" usage --by model --at 2026-03-05T12:00:00Z
"$TQ" usage --by tool --json --at 2026-03-05T12:00:00Z | grep cost
