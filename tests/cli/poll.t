poll
  $ # It runs when it is due, and applies what the command prints.
  $ . ./say.sh
  $ cat > usage.sh <<'END'
  $ echo run >> ran
  $ printf 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n'
  $ cat claude_line.json
  $ END
  $ : > ran
  $ say poll claude --once --at $A --verbose -- sh usage.sh
  $ say poll claude --once --at 2025-03-03T16:50:29Z --verbose -- sh usage.sh
  $ say poll claude --once --at 2025-03-03T16:50:29Z --every 1h -- sh usage.sh
  $ say poll claude --once --at 2025-03-03T16:50:30Z --verbose -- cat claude_line.json
  $ say poll claude --once --at 2025-03-03T16:55:30Z -- sh usage.sh
  $ sed 's/:43,/:100,/' claude_line.json > spent.json
  $ say poll claude --once --at 2025-03-03T17:00:30Z --verbose -- cat spent.json
  $ say explain claude --at 2025-03-03T17:00:30Z
  $ # A reading lifts nothing.
  $ say poll claude --once --at 2025-03-03T17:05:30Z --verbose -- sh usage.sh
  $ "$TQ" route claude --at 2025-03-03T17:05:30Z > /dev/null || echo "out: $?"
  $ cat ran
    $ tokenquota poll claude --once --at 2025-03-03T16:45:30Z --verbose -- sh usage.sh
    claude: 5h 43%, 7d 81%
    $ tokenquota poll claude --once --at 2025-03-03T16:50:29Z --verbose -- sh usage.sh
    claude is not due: the next run is due at 2025-03-03 16:50:30Z, in 1 s
    $ tokenquota poll claude --once --at 2025-03-03T16:50:29Z --every 1h -- sh usage.sh
    claude is not due: the next run is due at 2025-03-03 17:45:30Z, in 55 min 1 s
    $ tokenquota poll claude --once --at 2025-03-03T16:50:30Z --verbose -- cat claude_line.json
    claude: 5h 43%, 7d 81%
    $ tokenquota poll claude --once --at 2025-03-03T16:55:30Z -- sh usage.sh
    $ tokenquota poll claude --once --at 2025-03-03T17:00:30Z --verbose -- cat spent.json
    claude: 5h 100%, 7d 81%, exhausted
    $ tokenquota explain claude --at 2025-03-03T17:00:30Z
    claude: out of quota in 5 h, Anthropic (subscription) said at 2025-03-03 17:00:30 UTC; a probe is due at 2025-03-03 18:00:30 UTC; out until 2025-03-03 18:30:00 UTC, in 1 h 30 min; it ends sooner if a request sent later succeeds (until 19:30 local time)
      to put it back: tokenquota mark claude available
      at its pace limit 2 (7 d) runs out 16:50, in 22 h 50 min
    (exit 1)
    $ tokenquota poll claude --once --at 2025-03-03T17:05:30Z --verbose -- sh usage.sh
    claude: 5h 43%, 7d 81%
    out: 1
    run
    run
    run

poll_fails
  $ # What a run that fails says; it applies nothing.
  $ . ./say.sh
  $ at=1741020000
  $ try() {
  $     at=$((at + 300))
  $     say poll claude --once --at $at --verbose "$@"
  $ }
  $ try -- sh -c 'exit 3'
  $ try -- true
  $ try -- sh -c 'kill -9 $$'
  $ try -- ./no-such-program
  $ try -- echo hello
  $ try -- echo '{}'
  $ try -- head -c 2000000 /dev/zero
  $ try --timeout 1ns -- sh -c 'sleep 100 & wait'
  $ try -- cat openai_429.http
  $ try -- printf 'HTTP/1.1 401 Unauthorized\r\n\r\n'
  $ try -- echo '{"error":{"type":"rate_limit_error","message":"no"}}'
  $ say status claude --json --at $at | grep '"state"'
    $ tokenquota poll claude --once --at 1741020300 --verbose -- sh -c exit 3
    tokenquota: poll: "sh" exited with status 3
    (exit 2)
    $ tokenquota poll claude --once --at 1741020600 --verbose -- true
    tokenquota: poll: the command printed nothing: true
    (exit 2)
    $ tokenquota poll claude --once --at 1741020900 --verbose -- sh -c kill -9 $$
    tokenquota: poll: "sh" was ended by signal 9
    (exit 2)
    $ tokenquota poll claude --once --at 1741021200 --verbose -- ./no-such-program
    tokenquota: poll: ./no-such-program cannot be started: No such file or directory
    (exit 2)
    $ tokenquota poll claude --once --at 1741021500 --verbose -- echo hello
    tokenquota: poll: this is not a response: it begins with neither HTTP/, a header, {, [ nor an event
    (exit 2)
    $ tokenquota poll claude --once --at 1741021800 --verbose -- echo {}
    tokenquota: poll: the answer was not applied: it says nothing about limits
    (exit 2)
    $ tokenquota poll claude --once --at 1741022100 --verbose -- head -c 2000000 /dev/zero
    tokenquota: poll: the command printed more than 1048576 bytes and was ended: head
    (exit 2)
    $ tokenquota poll claude --once --at 1741022400 --verbose --timeout 1ns -- sh -c sleep 100 & wait
    tokenquota: poll: the command took longer than 1 s and was ended: sh
    (exit 2)
    $ tokenquota poll claude --once --at 1741022700 --verbose -- cat openai_429.http
    tokenquota: poll: the answer with status 429 was not applied: its request was refused, which is no reading (see --on-probe)
    (exit 2)
    $ tokenquota poll claude --once --at 1741023000 --verbose -- printf HTTP/1.1 401 Unauthorized\r\n\r\n
    tokenquota: poll: the answer with status 401 was not applied: its request was refused, which is no reading (see --on-probe)
    (exit 2)
    $ tokenquota poll claude --once --at 1741023300 --verbose -- echo {"error":{"type":"rate_limit_error","message":"no"}}
    tokenquota: poll: the answer was not applied: its request was refused, which is no reading (see --on-probe)
    (exit 2)
          "state": "available",

poll_on_probe
  $ # With --on-probe the command is a request: a success lifts, a refusal restarts the schedule.
  $ . ./say.sh
  $ "$TQ" signal openai_no_money.http --provider openai --at $A > /dev/null
  $ say poll openai --once --at 2025-03-03T16:46:00Z --verbose -- cat openai_200.http
  $ "$TQ" explain openai --at 2025-03-03T16:46:00Z | cut -c 1-40
  $ say_about poll openai --once --on-probe --at 2025-03-03T16:46:30Z --verbose -- cat openai_200.http
  $ # Its probe is due, though the next run is not.
  $ say poll openai --once --on-probe --every 6h --at 2025-03-03T17:00:30Z --verbose -- cat openai_no_money.http
  $ say_about explain openai --at 2025-03-03T17:00:30Z
  $ say poll openai --once --on-probe --every 6h --at 2025-03-03T17:30:30Z --verbose -- false
  $ "$TQ" explain openai --at 2025-03-03T17:30:30Z --json | grep -E 'probing|"state"'
  $ say poll openai --once --on-probe --every 6h --at 2025-03-03T18:40:30Z --verbose -- cat openai_200.http
  $ "$TQ" explain openai --at 2025-03-03T18:40:30Z
    $ tokenquota poll openai --once --at 2025-03-03T16:46:00Z --verbose -- cat openai_200.http
    openai: requests 0%, tokens 0%
    openai: out of money, OpenAI said at 202
      to put it back: tokenquota mark openai
    $ tokenquota poll openai --once --on-probe --at 2025-03-03T16:46:30Z --verbose -- cat openai_200.http
    openai is not due: the next run is due at 2025-03-03 16:5x:xxZ, in about 5 min
    $ tokenquota poll openai --once --on-probe --every 6h --at 2025-03-03T17:00:30Z --verbose -- cat openai_no_money.http
    openai: no-money
    (exit 1)
    $ tokenquota explain openai --at 2025-03-03T17:00:30Z
    openai: out of money, OpenAI said at 2025-03-03 17:00:30 UTC and named no end; a probe is due at 2025-03-03 17:1x:xx UTC, after 1 that failed; it ends when the probe succeeds
      to put it back: tokenquota mark openai available
    (exit 1)
    $ tokenquota poll openai --once --on-probe --every 6h --at 2025-03-03T17:30:30Z --verbose -- false
    tokenquota: poll: "false" exited with status 1
    (exit 2)
          "state": "quota_exhausted",
          "probing": false
    $ tokenquota poll openai --once --on-probe --every 6h --at 2025-03-03T18:40:30Z --verbose -- cat openai_200.http
    openai: requests 0%, tokens 0%
    openai: available: 0 tokens used in this UTC day, without a budget

poll_one_of_many
  $ # 19 processes at one instant: one runs the command.
  $ . ./say.sh
  $ : > ran
  $ for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do
  $     "$TQ" poll claude --once --at $A -- sh -c 'echo run >> ran; cat claude_line.json' > said.$i 2>&1 &
  $ done
  $ wait
  $ cat ran
  $ cat said.* | grep -cE '^(another process polls claude|claude is not due: .*)$'
    run
    18

poll_takes_over
  $ # Another process waits, and runs when the first is killed. A signal ends the command and the process.
  $ . ./say.sh
  $ mkfifo begun
  $ "$TQ" poll claude -- sh -c 'echo $$ > begun; exec sleep 1000' 2> first.said &
  $ first=$!
  $ read -r pid < begun
  $ "$TQ" poll claude --every 10s --once --at now+1h -- sh -c 'echo second >> ran'
  $ "$TQ" poll claude --every 10s -- sh -c 'echo second >> ran' 2> second.said &
  $ second=$!
  $ timeout 30 tail -n +1 -F second.said 2> /dev/null | grep -qm1 waiting || echo 'it does not wait'
  $ kill -TERM $second
  $ wait $second
  $ echo "exit $?"
  $ cat second.said
  $ kill -9 $first
  $ wait $first 2> /dev/null
  $ kill -9 $pid
  $ "$TQ" poll claude --once --at now+1h -- sh -c 'echo second >> ran; cat claude_line.json'
  $ cat ran
  $ "$TQ" poll other -- sh -c 'echo $$ > begun; exec sleep 1000' 2> third.said &
  $ third=$!
  $ read -r pid < begun
  $ kill -INT $third
  $ wait $third
  $ echo "exit $?"
  $ kill -0 $pid 2> /dev/null && echo 'the command still runs'
  $ cat third.said
    another process polls claude
    exit 0
    tokenquota: poll: another process polls claude; waiting
    second
    exit 0

poll_wrong
  $ . ./say.sh
  $ say poll
  $ say poll claude
  $ say poll claude --every 9s -- true
  $ say poll claude --at $A -- true
  $ say poll claude --profile antropic -- true
  $ say poll '' --once -- true
    $ tokenquota poll
    tokenquota: poll: it takes a PROVIDER and a COMMAND, as in: tokenquota poll claude -- sh usage.sh
    (exit 2)
    $ tokenquota poll claude
    tokenquota: poll: it takes a PROVIDER and a COMMAND, as in: tokenquota poll claude -- sh usage.sh
    (exit 2)
    $ tokenquota poll claude --every 9s -- true
    tokenquota: poll: --every is at least 10s
    (exit 2)
    $ tokenquota poll claude --at 2025-03-03T16:45:30Z -- true
    tokenquota: poll: --at goes with --once
    (exit 2)
    $ tokenquota poll claude --profile antropic -- true
    tokenquota: poll: there is no profile "antropic"; did you mean "anthropic"?
    (exit 2)
    $ tokenquota poll  --once -- true
    tokenquota: poll: "": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
