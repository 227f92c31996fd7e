closed_pipe
  $ # Whoever reads has seen enough: not a word, and the status of a program that SIGPIPE ended.
  $ awk 'BEGIN { print "timestamp,provider,tokens"
  $              for (i = 0; i < 20000; i++) printf "%d,p%d,2\n", 1772438400 + i, i }' > long.csv
  $ { "$TQ" replay long.csv -b '*=1'; echo "status $?" >&2; } | head -n 1
    2026-03-02 08:00:00Z  p0            available -> quota_exhausted  used 2 of 1, all of it
  ! status 141

status_120
  $ . ./fill.sh
  $ COLUMNS=120
  $ export COLUMNS
  $ say status --at $A
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider                     used budget     %                           burn/h projection  state            reason
    openrouter                      0      -     -                                0          0  quota_exhausted  marked
    gemini                       2.3M     2M  115%  ########################   137k      3.30M  quota_exhausted  spent
    anthropic/claude-sonnet-4.6  312k   350k   89%  #####################---  18.6k       448k  available
    openai                         3M     5M   60%  ##############----------   179k      4.30M  available
    mistral                         0    10M    0%  ------------------------      0          0  available
    1 of 6 providers without budget, usage and mark today
    
    2 of 6 providers quota_exhausted:
      openrouter  until 2025-03-03 19:15:30 CET, in 1 h 30 min
      gemini      until 2025-03-04 01:00:00 CET, in 7 h 15 min
    (exit 1)

status_160
  $ . ./fill.sh
  $ COLUMNS=160
  $ export COLUMNS
  $ say status --at $A
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider                     used budget     %                           burn/h projection  state            reason     retry at
    openrouter                      0      -     -                                0          0  quota_exhausted  marked     19:15 CET, in 1 h 30 min
    gemini                       2.3M     2M  115%  ########################   137k      3.30M  quota_exhausted  spent      01:00 CET, in 7 h 15 min
    anthropic/claude-sonnet-4.6  312k   350k   89%  #####################---  18.6k       448k  available
    openai                         3M     5M   60%  ##############----------   179k      4.30M  available
    mistral                         0    10M    0%  ------------------------      0          0  available
    1 of 6 providers without budget, usage and mark today
    
    2 of 6 providers quota_exhausted
    (exit 1)

status_40
  $ . ./fill.sh
  $ COLUMNS=40
  $ export COLUMNS
  $ say status --at $A
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET.
    As of 16:45:30Z.
    provider     used     %  state
    openrouter      0     -  quota_exhausted
    gemini       2.3M  115%  quota_exhausted
    ant..et-4.6  312k   89%  available
    openai         3M   60%  available
    mistral         0    0%  available
    1 of 6 providers without budget, usage and mark today
    
    2 of 6 providers quota_exhausted:
      openrouter  until 19:15 CET
      gemini      until 01:00 CET
    (exit 1)

status_60
  $ . ./fill.sh
  $ COLUMNS=60
  $ export COLUMNS
  $ say status --at $A
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET.
    As of 16:45:30Z.
    provider       used     %         state            reason
    openrouter        0     -         quota_exhausted  marked
    gemini         2.3M  115%  #####  quota_exhausted  spent
    ant..nnet-4.6  312k   89%  ####-  available
    openai           3M   60%  ###--  available
    mistral           0    0%  -----  available
    1 of 6 providers without budget, usage and mark today
    
    2 of 6 providers quota_exhausted:
      openrouter  until 19:15 CET, in 1 h 30 min
      gemini      until 01:00 CET, in 7 h 15 min
    (exit 1)

status_80
  $ . ./fill.sh
  $ COLUMNS=80
  $ export COLUMNS
  $ say status --at $A
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider         used budget     %        projection  state            reason
    openrouter          0      -     -                 0  quota_exhausted  marked
    gemini           2.3M     2M  115%  #####      3.30M  quota_exhausted  spent
    anth..onnet-4.6  312k   350k   89%  ####-       448k  available
    openai             3M     5M   60%  ###--      4.30M  available
    mistral             0    10M    0%  -----          0  available
    1 of 6 providers without budget, usage and mark today
    
    2 of 6 providers quota_exhausted:
      openrouter  until 2025-03-03 19:15:30 CET, in 1 h 30 min
      gemini      until 2025-03-04 01:00:00 CET, in 7 h 15 min
    (exit 1)

status_all_available
  $ . ./fill.sh
  $ say status --at 2025-03-05T12:00:00Z
  $ say forget openrouter openai gemini anthropic/claude-sonnet-4.6 mistral --yes
  $ say status --at $A
  $ say forget local -y
  $ say status --at $A
    $ tokenquota status --at 2025-03-05T12:00:00Z
    Today: UTC day 2025-03-05, which ends at 01:00 CET. As of 12:00:00Z.
    provider             used budget     %        burn/h projection  state
    anthr..e-sonnet-4.6     0   350k    0%  -----      0          0  available
    gemini                  0     2M    0%  -----      0          0  available
    mistral                 0    10M    0%  -----      0          0  available
    openai                  0     5M    0%  -----      0          0  available
    2 of 6 providers without budget, usage and mark today
    
    6 providers, all available
    $ tokenquota forget openrouter openai gemini anthropic/claude-sonnet-4.6 mistral --yes
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    1 of 1 providers without budget, usage and mark today
    
    The provider is available
    $ tokenquota forget local -y
    $ tokenquota status --at 2025-03-03T16:45:30Z
    No providers yet in ledger; they begin with: tokenquota observe PROVIDER TOKENS

status_days
  $ . ./fill.sh
  $ say status --at $A --days
  $ say status openai mistral --at $A --days
    $ tokenquota status --at 2025-03-03T16:45:30Z --days
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider         used budget     %        projection  state            reason
    openrouter          0      -     -                 0  quota_exhausted  marked
    gemini           2.3M     2M  115%  #####      3.30M  quota_exhausted  spent
    anth..onnet-4.6  312k   350k   89%  ####-       448k  available
    openai             3M     5M   60%  ###--      4.30M  available
    mistral             0    10M    0%  -----          0  available
    1 of 6 providers without budget, usage and mark today
    
    2 of 6 providers quota_exhausted:
      openrouter  until 2025-03-03 19:15:30 CET, in 1 h 30 min
      gemini      until 2025-03-04 01:00:00 CET, in 7 h 15 min
    
    Day by day: tokens, % of the budget
    
    day (UTC)   gemini              anthr..-sonnet-4.6
    2025-03-01                       112k   32%
    2025-03-02                       212k   60%
    2025-03-03   2.3M  115%          312k   89%
    total        2.3M                637k
    
    day (UTC)   openai              local
    2025-03-01     1M   20%
    2025-03-02     2M   40%           123
    2025-03-03     3M   60%
    total          6M                 123
    (exit 1)
    $ tokenquota status openai mistral --at 2025-03-03T16:45:30Z --days
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider  used budget     %                   burn/h projection  state
    openai      3M     5M   60%  #########-------   179k      4.30M  available
    mistral      0    10M    0%  ----------------      0          0  available
    
    2 providers, all available
    
    Day by day: tokens, % of the budget
    
    day (UTC)   openai
    2025-03-01     1M   20%
    2025-03-02     2M   40%
    2025-03-03     3M   60%
    total          6M

status_json
  $ . ./fill.sh
  $ say_same status --at $A --json
    $ tokenquota status --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "version": "NUMBER",
      "path": "ledger",
      "at": "2025-03-03T16:45:30Z",
      "day_ends_at": "2025-03-04T00:00:00Z",
      "ledger": {
        "history_days": 64,
        "rule": "horizon",
        "providers": 6,
        "slots": 6,
        "file_bytes": BYTES,
        "late": 0,
        "too_old": 0,
        "clock": 0,
        "saturated": 0,
        "ahead": 0,
        "rebuilt": 0,
        "recovered": 0
      },
      "providers": [
        {
          "provider": "openrouter",
          "used": 0,
          "budget": null,
          "burn_rate_per_hour": 0,
          "projection": 0,
          "rule": "horizon",
          "state": "quota_exhausted",
          "reason": "marked",
          "reasons": [
            "marked"
          ],
          "retry_at": "2025-03-03T18:15:30Z",
          "refusal": null,
          "vendor": null,
          "axis": null,
          "said_at": null,
          "probe_at": null,
          "probing": false
        },
        {
          "provider": "gemini",
          "used": 2300000,
          "budget": 2000000,
          "burn_rate_per_hour": 137245,
          "projection": 3293884,
          "rule": "horizon",
          "state": "quota_exhausted",
          "reason": "spent",
          "reasons": [
            "spent"
          ],
          "retry_at": "2025-03-04T00:00:00Z",
          "refusal": null,
          "vendor": null,
          "axis": null,
          "said_at": null,
          "probe_at": null,
          "probing": false
        },
        {
          "provider": "anthropic/claude-sonnet-4.6",
          "used": 312345,
          "budget": 350000,
          "burn_rate_per_hour": 18638,
          "projection": 447317,
          "rule": "horizon",
          "state": "available",
          "reason": null,
          "reasons": [],
          "retry_at": null,
          "refusal": null,
          "vendor": null,
          "axis": null,
          "said_at": null,
          "probe_at": null,
          "probing": false
        },
        {
          "provider": "openai",
          "used": 3000000,
          "budget": 5000000,
          "burn_rate_per_hour": 179015,
          "projection": 4296370,
          "rule": "horizon",
          "state": "available",
          "reason": null,
          "reasons": [],
          "retry_at": null,
          "refusal": null,
          "vendor": null,
          "axis": null,
          "said_at": null,
          "probe_at": null,
          "probing": false
        },
        {
          "provider": "mistral",
          "used": 0,
          "budget": 10000000,
          "burn_rate_per_hour": 0,
          "projection": 0,
          "rule": "horizon",
          "state": "available",
          "reason": null,
          "reasons": [],
          "retry_at": null,
          "refusal": null,
          "vendor": null,
          "axis": null,
          "said_at": null,
          "probe_at": null,
          "probing": false
        },
        {
          "provider": "local",
          "used": 0,
          "budget": null,
          "burn_rate_per_hour": 0,
          "projection": 0,
          "rule": "horizon",
          "state": "available",
          "reason": null,
          "reasons": [],
          "retry_at": null,
          "refusal": null,
          "vendor": null,
          "axis": null,
          "said_at": null,
          "probe_at": null,
          "probing": false
        }
      ]
    }
    (exit 1)

status_json_days
  $ . ./fill.sh
  $ say_same status openai local --at $A --json --days
    $ tokenquota status openai local --at 2025-03-03T16:45:30Z --json --days
    {
      "schema": 1,
      "version": "NUMBER",
      "path": "ledger",
      "at": "2025-03-03T16:45:30Z",
      "day_ends_at": "2025-03-04T00:00:00Z",
      "ledger": {
        "history_days": 64,
        "rule": "horizon",
        "providers": 6,
        "slots": 6,
        "file_bytes": BYTES,
        "late": 0,
        "too_old": 0,
        "clock": 0,
        "saturated": 0,
        "ahead": 0,
        "rebuilt": 0,
        "recovered": 0
      },
      "providers": [
        {
          "provider": "openai",
          "used": 3000000,
          "budget": 5000000,
          "burn_rate_per_hour": 179015,
          "projection": 4296370,
          "rule": "horizon",
          "state": "available",
          "reason": null,
          "reasons": [],
          "retry_at": null,
          "refusal": null,
          "vendor": null,
          "axis": null,
          "said_at": null,
          "probe_at": null,
          "probing": false
        },
        {
          "provider": "local",
          "used": 0,
          "budget": null,
          "burn_rate_per_hour": 0,
          "projection": 0,
          "rule": "horizon",
          "state": "available",
          "reason": null,
          "reasons": [],
          "retry_at": null,
          "refusal": null,
          "vendor": null,
          "axis": null,
          "said_at": null,
          "probe_at": null,
          "probing": false
        }
      ],
      "days": [
        {
          "day": "2025-03-01",
          "provider": "openai",
          "used": 1000000
        },
        {
          "day": "2025-03-02",
          "provider": "openai",
          "used": 2000000
        },
        {
          "day": "2025-03-03",
          "provider": "openai",
          "used": 3000000
        },
        {
          "day": "2025-03-02",
          "provider": "local",
          "used": 123
        }
      ]
    }

status_named
  $ . ./fill.sh
  $ say status openai local openai --at $A
  $ say status gemini --at $A
  $ say status gemini --at 2025-03-04T00:00:00Z
  $ say status openia --at $A
  $ say status '' --at $A
  $ say status --color sometimes
  $ say status --watch --at $A
  $ say status --watch
  $ say status openia --watch --json
    $ tokenquota status openai local openai --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider  used budget     %                   burn/h projection  state
    openai      3M     5M   60%  #########-------   179k      4.30M  available
    local        0      -     -                        0          0  available
    
    2 providers, all available
    $ tokenquota status gemini --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider  used budget     %               projection  state            reason
    gemini    2.3M     2M  115%  ############      3.30M  quota_exhausted  spent
    
    1 of 1 providers quota_exhausted until 2025-03-04 01:00:00 CET, in 7 h 15 min
    (exit 1)
    $ tokenquota status gemini --at 2025-03-04T00:00:00Z
    Today: UTC day 2025-03-04, which ends at 01:00 CET. As of 00:00:00Z.
    provider  used budget     %                   burn/h projection  state
    gemini       0     2M    0%  ----------------      -          -  available
    
    The provider is available
    $ tokenquota status openia --at 2025-03-03T16:45:30Z
    tokenquota: status: unknown provider "openia"; did you mean "openai"?
    (exit 2)
    $ tokenquota status  --at 2025-03-03T16:45:30Z
    tokenquota: status: "": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
    $ tokenquota status --color sometimes
    tokenquota: status: --color "sometimes": write auto, always or never
    (exit 2)
    $ tokenquota status --watch --at 2025-03-03T16:45:30Z
    tokenquota: status: --watch goes with the clock: leave --at out
    (exit 2)
    $ tokenquota status --watch
    tokenquota: status: --watch needs a terminal; for programs there is --watch --json
    (exit 2)
    $ tokenquota status openia --watch --json
    tokenquota: status: unknown provider "openia"; did you mean "openai"?
    (exit 2)

status_no_end
  $ # Another program may mark without an end.
  $ . ./fill.sh
  $ say mark openai exhausted --until 2261-12-31T23:59:59Z --at $A
  $ COLUMNS=160 say status openai --at $A
    $ tokenquota mark openai exhausted --until 2261-12-31T23:59:59Z --at 2025-03-03T16:45:30Z
    openai: quota_exhausted (marked) until 2261-12-31 23:59:59Z (2262-01-01 00:59:59 CET), in 86500 d 8 h; 3,000,000 of 5,000,000 tokens used in UTC day 2025-03-03
    $ tokenquota status openai --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider  used budget     %                           burn/h projection  state            reason     retry at
    openai      3M     5M   60%  ##############----------   179k      4.30M  quota_exhausted  marked     00:59 CET, in 86500 d 8 h
    
    1 of 1 providers quota_exhausted until 2262-01-01 00:59:59 CET, in 86500 d 8 h
    (exit 1)

status_terminal
  ? script
  $ script -qec true /dev/null < /dev/null > no-pty 2>&1 || { echo "no pseudo-terminals here" >&2; exit 77; }
  $ . ./fill.sh
  $ script -qec 'COLUMNS=80 "$TQ" status --at 2025-03-03T16:45:30Z' /dev/null | tr -d '\r'
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    [1mprovider         used budget     %        projection  state            reason[0m
    openrouter          0      -     -                 0  [31mquota_exhausted[0m  marked
    gemini           2.3M     2M  115%  [31m█████[0m      3.30M  [31mquota_exhausted[0m  spent
    anth…sonnet-4.6  312k   350k   89%  [33m████▍[0m       448k  available
    openai             3M     5M   60%  [32m███░░[0m      4.30M  available
    mistral             0    10M    0%  [32m░░░░░[0m          0  available
    [2m1 of 6 providers without budget, usage and mark today[0m
    
    2 of 6 providers quota_exhausted:
      openrouter  until 2025-03-03 19:15:30 CET, in 1 h 30 min
      gemini      until 2025-03-04 01:00:00 CET, in 7 h 15 min

status_verbose
  $ . ./fill.sh
  $ say_same status gemini --at $A --verbose
    $ tokenquota status gemini --at 2025-03-03T16:45:30Z --verbose
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider  used budget     %               projection  state            reason
    gemini    2.3M     2M  115%  ############      3.30M  quota_exhausted  spent
    
    1 of 1 providers quota_exhausted until 2025-03-04 01:00:00 CET, in 7 h 15 min
    
    ledger ledger
    rule         horizon  for providers without their own
    days              64  kept of each provider
    providers          6  names
    slots              6  in use, also by forgotten and killed providers
    bytes         N  of the file
    late               0  records of an earlier day, counted for it
    too old            0  records of a day that is no longer kept, refused
    clock              0  records before 2020 or ahead of the clock, refused
    saturated          0  records of a day whose count is at its limit
    rebuilt            0  times, after a restart of the machine or in a copy
    recovered          0  names that a rebuild put back
    (exit 1)

status_watch
  ? script
  ? timeout
  $ # The live screen: taken, drawn, drawn anew when another process marks and when another file is put in the place of
  $ # the ledger; given back by the signal that ends it.
  $ script -qec true /dev/null < /dev/null > no-pty 2>&1 || { echo "no pseudo-terminals here" >&2; exit 77; }
  $ . ./fill.sh
  $ printf '%s\n' 'echo $$ > pid' 'exec "$TQ" status mistral --watch' > watch.sh
  $ : > recording
  $ script -qfec 'sh watch.sh' recording > /dev/null &
  $ recorder=$!
  $ see() { # TEXT: waits until it was drawn
  $     timeout 30 tail -n +1 -f recording | grep -qm1 -F "$1" && echo "drawn: $1" || echo "never drawn: $1"
  $ }
  $ see 'The provider is available'
  $ "$TQ" mark mistral exhausted --for 1h > /dev/null
  $ see 'marked'
  $ cp ledger other && "$TQ" ledger flush --ledger other 2> /dev/null
  $ "$TQ" budget mistral 77M --ledger other
  $ mv other ledger
  $ see ' 77M '
  $ kill -INT "$(cat pid)"
  $ wait $recorder
  $ escape=$(printf '\033')
  $ grep -c "$escape\[?1049h$escape\[?25l" recording
  $ tail -n 3 recording | grep -c "$escape\[?25h$escape\[?1049l"
    drawn: The provider is available
    drawn: marked
    drawn:  77M 
    2
    1

status_watch_json
  $ # One document a line: at once, then whenever a state changes.
  $ . ./say.sh
  $ "$TQ" budget openai 5M
  $ mkfifo documents
  $ "$TQ" status --watch --json > documents &
  $ watcher=$!
  $ {
  $     read -r line; echo "$line" | grep -o '"state":"[a-z_]*"'
  $     "$TQ" mark openai exhausted --for 1h > /dev/null
  $     read -r line; echo "$line" | grep -o '"state":"[a-z_]*"'
  $     "$TQ" mark openai available > /dev/null
  $     read -r line; echo "$line" | grep -o '"state":"[a-z_]*"'
  $ } < documents
  $ kill $watcher
    "state":"available"
    "state":"quota_exhausted"
    "state":"available"
