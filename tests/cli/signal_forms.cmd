# What may come instead of one whole response.
. ./say.sh
tail -n 1 openai_429.http > body.json
say signal body.json --at $A --status 429
say signal body.json --at $A --status 429 --profile openai
sed '/^$/q' openai_429.http > head.http
say signal head.http --at $A | head -n 4
sed 1d head.http > fields.http
say signal fields.http --at $A --status 429 | head -n 4
say signal fields.http --at $A
{ printf 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nlocation: /\r\n\r\n'; cat openai_429.http; } > several.http
say signal several.http --at $A | head -n 4
{ echo ': comment'; echo; echo 'event: error'; echo "data: $(tail -n 1 overloaded.http)"; echo; } > stream
say signal stream --at $A --profile anthropic
printf 'HTTP/1.1 429 Too Many Requests\nretry-after:\n 12\nno header\n\n' > folded.http
say signal folded.http --at $A
printf 'HTTP/2 200\ncontent-encoding: gzip\n\n\037\213\010' > compressed.http
say signal compressed.http --at $A
printf 'HTTP/2 429\nretry-after: soon\n\n' > odd.http
say signal odd.http --at $A
: > empty
say signal empty
echo 'hello' > letter
say signal letter
say signal nowhere.http
say signal letter letter
say signal letter --profile opemai
say signal letter --profile zzzzzzzzzz
say signal letter --status 42
say signal letter --count
say signal letter --sent-at soon
