. ./say.sh
say observe
say observe openai
say observe openai 1 2
say observe openai many
say observe openai -5
say observe openai 1.5
say observe openai 9223372036854775808
say observe '' 5
say observe "$(printf 'a\001b')" 5
say observe "$(printf '%256s' x)" 5
say observe openai 5 --att now
ls ledger 2>/dev/null
say ledger names
