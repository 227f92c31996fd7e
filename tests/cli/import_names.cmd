. ./say.sh
. ./claude.sh
two_sessions
say import claude --at 2026-03-05T12:00:00Z --provider '{vendor}/{model}/{project}/{account}'
say import claude --at 2026-03-05T12:00:00Z --provider 'all {tool}'
say import claude --at 2026-03-05T12:00:00Z --provider 'all claude'
say ledger names
