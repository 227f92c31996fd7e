statusline
  $ # A line and exit status 0, whatever happens.
  $ . ./say.sh
  $ say statusline claude --at $A < claude_line.json
  $ say statusline claude --at 2025-03-03T10:00:00Z --color always < claude_line.json
  $ say status claude --at $A --json | grep -E '"(state|reason)"'
  $ sed 's/:43,/:100,/' claude_line.json > spent.json
  $ say statusline claude --at $A < spent.json
  $ say explain claude --at $A
  $ "$TQ" signal openai_429.http --provider wait --at $A > /dev/null
  $ say statusline wait --at $A < claude_line.json
  $ echo '{"session_id":"1"}' > early.json
  $ say statusline claude --at $A < early.json
  $ LC_ALL=C say statusline other --at $A < claude_line.json
  $ echo '{' | say statusline claude --at $A
  $ say statusline claude --at $A < /dev/null
  $ say statusline claude --at $A --ledger no/such/folder/ledger < claude_line.json
  $ say statusline "$(printf 'a\001b')" --at $A < claude_line.json
  $ say statusline < claude_line.json
  $ say statusline claude --colour always < claude_line.json
  $ say statusline claude --color blue < claude_line.json
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z
    5 h 43% · resets 19:30 | 7 d 81% · Thu 13:00 | available
    $ tokenquota statusline claude --at 2025-03-03T10:00:00Z --color always
    5 h [32m43%[0m · resets 19:30 | 7 d [33m81%[0m · Thu 13:00 | [32mavailable[0m
          "state": "available",
          "reason": null,
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z
    5 h 100% · resets 19:30 | 7 d 81% · Thu 13:00 | reported: out of quota until 19:30
    $ tokenquota explain claude --at 2025-03-03T16:45:30Z
    claude: out of quota in 5 h, Anthropic (subscription) said at 2025-03-03 16:45:30 UTC; out until 2025-03-03 18:30:00 UTC, in 1 h 45 min; it ends sooner if a request sent later succeeds (until 19:30 local time)
    (exit 1)
    $ tokenquota statusline wait --at 2025-03-03T16:45:30Z
    5 h 43% · resets 19:30 | 7 d 81% · Thu 13:00 | throttled: wait 12 s
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z
    no limits yet | reported: out of quota until 19:30
    $ tokenquota statusline other --at 2025-03-03T16:45:30Z
    5 h 43% - resets 19:30 | 7 d 81% - Thu 13:00 | available
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z
    tokenquota: statusline: standard input is not the JSON that Claude Code gives to a status line: invalid argument
    tokenquota: no JSON on standard input
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z
    tokenquota: statusline: standard input is not the JSON that Claude Code gives to a status line: invalid argument
    tokenquota: no JSON on standard input
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z --ledger no/such/folder/ledger
    tokenquota: statusline: no/such/folder is not there: make the folder (mkdir -p)
    5 h 43% · resets 19:30 | 7 d 81% · Thu 13:00 | tokenquota: the ledger cannot be used
    $ tokenquota statusline ab --at 2025-03-03T16:45:30Z
    tokenquota: statusline: "a\x01b": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    5 h 43% · resets 19:30 | 7 d 81% · Thu 13:00 | tokenquota: the ledger cannot be used
    $ tokenquota statusline
    tokenquota: statusline: it takes a NAME, as in: tokenquota statusline claude
    tokenquota: wrong arguments
    $ tokenquota statusline claude --colour always
    tokenquota: statusline: unknown option "--colour"; did you mean "--color"?
    tokenquota: wrong arguments
    $ tokenquota statusline claude --color blue
    tokenquota: statusline: --color "blue": write auto, always or never
    tokenquota: wrong arguments
