. ./say.sh
say signal openai_no_money.http --provider openai --at $A > /dev/null
say_about probe take openai --at $A
say_about probe list --at $A
say_about probe list --at 2025-03-03T17:00:00Z
say_about probe list --at 2025-03-03T17:00:00Z --json
say_about probe take openai --at 2025-03-03T17:00:00Z
say_about probe take openai --at 2025-03-03T17:00:01Z
say_about probe take openai --at 2025-03-03T17:00:01Z --json
say_about explain openai --at 2025-03-03T17:00:01Z
say_about probe list --at 2025-03-03T17:00:01Z
say_about probe failure openai --at 2025-03-03T17:00:02Z
say_about explain openai --at 2025-03-03T17:00:02Z --verbose
say_about probe take openai --at 2025-03-03T17:30:00Z --json
say probe success openai --at 2025-03-03T17:30:20Z
say probe success openai --at 2025-03-03T17:30:20Z
say_about probe take openai --at 2025-03-03T17:30:20Z
say signal openai_no_money.http --provider openai --at $A > /dev/null
say probe success openai --at 2025-03-03T17:00:00Z --sent-at 2025-03-03T16:45:29Z
say probe success openai --at 2025-03-03T17:00:00Z --sent-at 2025-03-03T16:59:00Z --json | grep -E '"(state|provider)"'
say probe
say_about probe list openai
say probe give openai
say_about probe take opemai
say_about probe take openai --sent-at now
