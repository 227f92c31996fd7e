. ./say.sh
say observe openai --usage openai_200.http --at $A -v
tail -n 3 openai_200.http > body.json
say observe openai --usage body.json --at $A -v
"$TQ" observe openai --usage - --at $A -v < body.json
say observe openai --usage body.json --profile openai --check --at $A
cat > events <<'END'
event: message_start
data: {"type":"message_start","message":{"usage":{"input_tokens":10,"cache_creation_input_tokens":100,"cache_read_input_tokens":5000,"output_tokens":1}}}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":50}}

event: message_stop
data: {"type":"message_stop"}

END
say observe claude --usage events --at $A -v
say signal openai_429.http --provider openai --at $A | tail -n 2
say observe openai --usage body.json --at 2025-03-03T16:45:33Z -v
say observe openai --usage body.json --sent-at 2025-03-03T16:45:32Z --at 2025-03-03T16:45:33Z -v
say observe openai --usage openai_429.http --at $A
say observe openai 5 --usage body.json
say observe --usage body.json
say observe openai 5 --profile openai
say observe openai 5 --sent-at now
say observe openai --usage nowhere.json
say observe openai --usage body.json --profile opemai
say observe openai --usage body.json --sent-at soon
