# The body goes on as it came, whatever else happens; a success that is counted does not look like a failure.
. ./say.sh
printf 'HTTP/1.1 200 OK\r\nx: y\r\n\r\n{"usage":{"input_tokens":5,"output_tokens":7,"total_tokens":12}}\n\r\n\n' > ok
printf '{"usage":{"input_tokens":5,"output_tokens":7,"total_tokens":12}}' > body
printf 'HTTP/1.1 429 X\r\nretry-after: 60\r\n\r\n{"error":{"type":"rate_limit_error"}}' > refused
say signal ok --provider p --count --at $A
say signal body --provider p --count --at $A
say signal body --provider p --at $A
pass() { "$TQ" signal --pass "$@" > passed; echo "exit $?, $(wc -c < passed) bytes"; }
pass --provider p --count --at $A < ok
tail -c "$(wc -c < passed)" ok | cmp - passed && head -c 5 passed && echo same
pass --provider p --count --at $A < body
cmp body passed && echo same
pass --provider p --count --at $A < refused
cat passed; echo
pass --provider p --count --quiet --at $A < refused
pass < refused
pass --provider p --count --at $A < ok
pass --provider '' < ok
pass --provider p --ledger no/such/ledger < ok
echo 'Bad Gateway' | pass
printf '' | pass
{ printf 'HTTP/1.1 200 OK\r\n\r\n{"a":"'; head -c 40000000 /dev/zero; printf '"}'; } | pass --provider p --count
say signal ok --quiet
say signal refused --quiet
say signal ok --pass
say signal --json --pass
say signal --json --quiet
say status --at $A
"$TQ" signal --provider piped --count --pass --at $A < ok | true
"$TQ" ledger names
