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
    5 h 43% · resets 19:30 | 7 d 82% · Thu 13:00 | available
    $ tokenquota statusline claude --at 2025-03-03T10:00:00Z --color always
    5 h [32m43%[0m · resets 19:30 | 7 d [33m82%[0m · Thu 13:00 | [32mavailable[0m
              "state": "available",
              "state": "available",
          "state": "available",
          "reason": null,
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z
    5 h 100% · resets 19:30 | 7 d 82% · Thu 13:00 | reported: out of quota until 19:30
    $ tokenquota explain claude --at 2025-03-03T16:45:30Z
    claude: out of quota in 5 h, Anthropic (subscription) said at 2025-03-03 16:45:30 UTC; a probe is due at 2025-03-03 17:45:30 UTC; out until 2025-03-03 18:30:00 UTC, in 1 h 45 min; it ends sooner if a request sent later succeeds (until 19:30 local time)
      to put it back: tokenquota mark claude available
      at its pace limit 2 (7 d) runs out 16:37, in 22 h 53 min
    (exit 1)
    $ tokenquota statusline wait --at 2025-03-03T16:45:30Z
    5 h 43% · resets 19:30 | 7 d 82% · Thu 13:00 | throttled: wait 12 s
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z
    no limits yet | reported: out of quota until 19:30
    $ tokenquota statusline other --at 2025-03-03T16:45:30Z
    5 h 43% - resets 19:30 | 7 d 82% - Thu 13:00 | available
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z
    tokenquota: statusline: standard input is not the JSON that Claude Code gives to a status line: invalid argument
    tokenquota: no JSON on standard input
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z
    tokenquota: statusline: standard input is not the JSON that Claude Code gives to a status line: invalid argument
    tokenquota: no JSON on standard input
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z --ledger no/such/folder/ledger
    tokenquota: statusline: no/such/folder is not there: make the folder (mkdir -p)
    5 h 43% · resets 19:30 | 7 d 82% · Thu 13:00 | tokenquota: the ledger cannot be used
    $ tokenquota statusline ab --at 2025-03-03T16:45:30Z
    tokenquota: statusline: "a\x01b": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    5 h 43% · resets 19:30 | 7 d 82% · Thu 13:00 | tokenquota: the ledger cannot be used
    $ tokenquota statusline
    tokenquota: statusline: it takes a NAME, as in: tokenquota statusline claude
    tokenquota: wrong arguments
    $ tokenquota statusline claude --colour always
    tokenquota: statusline: unknown option "--colour"; did you mean "--color"?
    tokenquota: wrong arguments
    $ tokenquota statusline claude --color blue
    tokenquota: statusline: --color "blue": write auto, always or never
    tokenquota: wrong arguments

statusline_format
  $ # Placeholders of Claude Code's input, of windows by their length and name, and of the ledger.
  $ . ./say.sh
  $ cat > full.json <<'END'
  $ {"session_id":"abcdef12-3456","model":{"id":"claude-opus-4-1","display_name":"Opus\u001b[31m"},
  $ "workspace":{"current_dir":"/no/such/place"},"cost":{"total_cost_usd":1.2345},
  $ "context_window":{"used_percentage":37.6},
  $ "rate_limits":{"five_hour":{"used_percentage":99.6,"resets_at":1741026600},"seven_day":{"used_percentage":81.5}}}
  $ END
  $ say statusline claude --at $A --format '{model} in {folder}, {branch}, {cost}, {context}, {session}' < full.json
  $ say statusline claude --at $A --format '{5h} {5h_reset} {5h_left} {7d} {7d_reset} {7d_opus} {state} {runs_out}' < full.json
  $ say statusline claude --at $A --format '{{5h} { {}' --color always < full.json
  $ say statusline claude --at $A --format '{5h} {6x}' < full.json
  $ say statusline claude --at $A --format '{5h}' < full.json
  $ echo '{"session_id":"1","session_name":"fix","worktree":{"branch":"topic"}}' > early.json
  $ say statusline claude --at $A --format '{model} {folder} {branch} {cost} {context} {session} {5h} {state}' < early.json
  $ mkdir -p tree/sub/.git && echo 'ref: refs/heads/main' > tree/sub/.git/HEAD && mkdir tree/sub/deep
  $ mkdir -p tree/linked && echo "gitdir: ../sub/.git" > tree/linked/.git
  $ mkdir -p tree/loose/.git && echo 0123456789abcdef0123456789abcdef01234567 > tree/loose/.git/HEAD
  $ for folder in sub/deep linked loose; do
  $     echo '{"cwd":"'"$PWD/tree/$folder"'"}' | say statusline claude --at $A --format '{folder} {branch}'
  $ done
  $ say statusline claude --at $A --format '{5h}' --ledger no/such/folder/ledger < full.json
  $ echo '[' | say statusline claude --at $A --format '{5h}'
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z --format {model} in {folder}, {branch}, {cost}, {context}, {session}
    Opus\x1b[31m in place, -, $1.23, 38%, abcdef12
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z --format {5h} {5h_reset} {5h_left} {7d} {7d_reset} {7d_opus} {state} {runs_out}
    99.6% 19:30 1 h 45 min 82% - - available 17:46
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z --format {{5h} { {} --color always
    tokenquota: statusline: --format: there is no { {}; there are {5h}, {5h_reset}, {5h_left} and so on for each window, as {7d} and {7d_opus}, and {state}, {runs_out}, {model}, {folder}, {branch}, {cost}, {context}, {session}
    tokenquota: --format has an unknown placeholder | [32mavailable[0m
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z --format {5h} {6x}
    tokenquota: statusline: --format: there is no {6x}; there are {5h}, {5h_reset}, {5h_left} and so on for each window, as {7d} and {7d_opus}, and {state}, {runs_out}, {model}, {folder}, {branch}, {cost}, {context}, {session}
    tokenquota: --format has an unknown placeholder | available
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z --format {5h}
    99.6%
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z --format {model} {folder} {branch} {cost} {context} {session} {5h} {state}
    - - topic - - fix 99.6% available
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z --format {folder} {branch}
    deep main
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z --format {folder} {branch}
    linked main
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z --format {folder} {branch}
    loose 0123456
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z --format {5h} --ledger no/such/folder/ledger
    tokenquota: statusline: no/such/folder is not there: make the folder (mkdir -p)
    99.6% | tokenquota: the ledger cannot be used
    $ tokenquota statusline claude --at 2025-03-03T16:45:30Z --format {5h}
    tokenquota: statusline: standard input is not the JSON that Claude Code gives to a status line: invalid argument
    tokenquota: no JSON on standard input
