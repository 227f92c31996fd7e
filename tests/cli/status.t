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
    provider                     used budget     %                        burn/h projection  state            reason
    openrouter                      0      -     -                             0          0  quota_exhausted  marked
    gemini                       2.3M     2M  115%  #####################   137k      3.30M  quota_exhausted  spent
    anthropic/claude-sonnet-4.6  312k   350k   89%  ##################---  18.6k       448k  available        runs out 19:46
    openai                         3M     5M   60%  ############---------   179k      4.30M  available        lasts
    mistral                         0    10M    0%  ---------------------      0          0  available        lasts
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
    provider                     used budget     %                           burn/h projection  state            reason          retry at
    openrouter                      0      -     -                                0          0  quota_exhausted  marked          19:15 CET, in 1 h 30 min
    gemini                       2.3M     2M  115%  ########################   137k      3.30M  quota_exhausted  spent           01:00 CET, in 7 h 15 min
    anthropic/claude-sonnet-4.6  312k   350k   89%  #####################---  18.6k       448k  available        runs out 19:46
    openai                         3M     5M   60%  ##############----------   179k      4.30M  available        lasts
    mistral                         0    10M    0%  ------------------------      0          0  available        lasts
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
    provider         used     %  state            reason
    openrouter          0     -  quota_exhausted  marked
    gemini           2.3M  115%  quota_exhausted  spent
    anth..onnet-4.6  312k   89%  available        runs out 19:46
    openai             3M   60%  available        lasts
    mistral             0    0%  available        lasts
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
    provider             used budget     %           state            reason
    openrouter              0      -     -           quota_exhausted  marked
    gemini               2.3M     2M  115%  #######  quota_exhausted  spent
    anthr..e-sonnet-4.6  312k   350k   89%  ######-  available        runs out 19:46
    openai                 3M     5M   60%  ####---  available        lasts
    mistral                 0    10M    0%  -------  available        lasts
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
    provider             used budget     %        projection  state            lasts
    anthr..e-sonnet-4.6     0   350k    0%  -----          0  available        lasts
    gemini                  0     2M    0%  -----          0  available        lasts
    mistral                 0    10M    0%  -----          0  available        lasts
    openai                  0     5M    0%  -----          0  available        lasts
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
    provider             used budget     %           state            reason
    openrouter              0      -     -           quota_exhausted  marked
    gemini               2.3M     2M  115%  #######  quota_exhausted  spent
    anthr..e-sonnet-4.6  312k   350k   89%  ######-  available        runs out 19:46
    openai                 3M     5M   60%  ####---  available        lasts
    mistral                 0    10M    0%  -------  available        lasts
    1 of 6 providers without budget, usage and mark today
    
    2 of 6 providers quota_exhausted:
      openrouter  until 2025-03-03 19:15:30 CET, in 1 h 30 min
      gemini      until 2025-03-04 01:00:00 CET, in 7 h 15 min
    
    Day by day: tokens, % of the budget
    
    day (UTC)   gemini              anthr..-sonnet-4.6
    2025-03-01                       112k   32%
    2025-03-02                       212k   61%
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
    provider  used budget     %            burn/h projection  state            lasts
    openai      3M     5M   60%  #####----   179k      4.30M  available        lasts
    mistral      0    10M    0%  ---------      0          0  available        lasts
    
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
        "rule": "care",
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
          "sentence": "marked exhausted until 2025-03-03 18:15:30 UTC, in 1 h 30 min; marking it available clears it; 0 tokens used in this UTC day",
          "pool": null,
          "holds": null,
          "limits": [],
          "rule": "care",
          "cut_off": null,
          "state": "quota_exhausted",
          "reason": "marked",
          "reasons": [
            "marked"
          ],
          "retry_at": "2025-03-03T18:15:30Z",
          "limit": null,
          "care": 1.25,
          "expects": null,
          "expected": null,
          "held": null,
          "others": null,
          "withheld": null,
          "heard_at": null,
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
          "lasts": false,
          "sentence": "budget spent: 2,300,000 of 2,000,000 tokens used in this UTC day; out until 2025-03-04 00:00:00 UTC, in 7 h 15 min, or until the budget is raised",
          "pool": null,
          "holds": null,
          "limits": [],
          "rule": "care",
          "cut_off": null,
          "state": "quota_exhausted",
          "reason": "spent",
          "reasons": [
            "spent"
          ],
          "retry_at": "2025-03-04T00:00:00Z",
          "limit": null,
          "care": 1.25,
          "expects": null,
          "expected": null,
          "held": null,
          "others": null,
          "withheld": null,
          "heard_at": null,
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
          "lasts": false,
          "runs_out_at": "2025-03-03T18:46:43.131153051Z",
          "sentence": "available: 312,345 of 350,000 tokens used in this UTC day, 37,655 left",
          "pool": null,
          "holds": null,
          "limits": [],
          "rule": "care",
          "cut_off": null,
          "state": "available",
          "reason": null,
          "reasons": [],
          "retry_at": null,
          "limit": null,
          "care": 1.25,
          "expects": null,
          "expected": null,
          "held": null,
          "others": null,
          "withheld": null,
          "heard_at": null,
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
          "lasts": true,
          "sentence": "available: 3,000,000 of 5,000,000 tokens used in this UTC day, 2,000,000 left",
          "pool": null,
          "holds": null,
          "limits": [],
          "rule": "care",
          "cut_off": null,
          "state": "available",
          "reason": null,
          "reasons": [],
          "retry_at": null,
          "limit": null,
          "care": 1.25,
          "expects": null,
          "expected": null,
          "held": null,
          "others": null,
          "withheld": null,
          "heard_at": null,
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
          "lasts": true,
          "sentence": "available: 0 of 10,000,000 tokens used in this UTC day, 10,000,000 left",
          "pool": null,
          "holds": null,
          "limits": [],
          "rule": "care",
          "cut_off": null,
          "state": "available",
          "reason": null,
          "reasons": [],
          "retry_at": null,
          "limit": null,
          "care": 1.25,
          "expects": null,
          "expected": null,
          "held": null,
          "others": null,
          "withheld": null,
          "heard_at": null,
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
          "sentence": "available: 0 tokens used in this UTC day, without a budget",
          "pool": null,
          "holds": null,
          "limits": [],
          "rule": "care",
          "cut_off": null,
          "state": "available",
          "reason": null,
          "reasons": [],
          "retry_at": null,
          "limit": null,
          "care": 1.25,
          "expects": null,
          "expected": null,
          "held": null,
          "others": null,
          "withheld": null,
          "heard_at": null,
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
        "rule": "care",
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
          "lasts": true,
          "sentence": "available: 3,000,000 of 5,000,000 tokens used in this UTC day, 2,000,000 left",
          "pool": null,
          "holds": null,
          "limits": [],
          "rule": "care",
          "cut_off": null,
          "state": "available",
          "reason": null,
          "reasons": [],
          "retry_at": null,
          "limit": null,
          "care": 1.25,
          "expects": null,
          "expected": null,
          "held": null,
          "others": null,
          "withheld": null,
          "heard_at": null,
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
          "sentence": "available: 0 tokens used in this UTC day, without a budget",
          "pool": null,
          "holds": null,
          "limits": [],
          "rule": "care",
          "cut_off": null,
          "state": "available",
          "reason": null,
          "reasons": [],
          "retry_at": null,
          "limit": null,
          "care": 1.25,
          "expects": null,
          "expected": null,
          "held": null,
          "others": null,
          "withheld": null,
          "heard_at": null,
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
    provider  used budget     %            burn/h projection  state            lasts
    openai      3M     5M   60%  #####----   179k      4.30M  available        lasts
    local        0      -     -                 0          0  available
    
    2 providers, all available
    $ tokenquota status gemini --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider  used budget     %               projection  state            reason
    gemini    2.3M     2M  115%  ############      3.30M  quota_exhausted  spent
    
    1 of 1 providers quota_exhausted until 2025-03-04 01:00:00 CET, in 7 h 15 min
    (exit 1)
    $ tokenquota status gemini --at 2025-03-04T00:00:00Z
    Today: UTC day 2025-03-04, which ends at 01:00 CET. As of 00:00:00Z.
    provider  used budget     %            burn/h projection  state            lasts
    gemini       0     2M    0%  ---------      -          -  available        lasts
    
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
    [1mprovider             used budget     %           state            reason[0m
    openrouter              0      -     -           [31mquota_exhausted[0m  marked
    gemini               2.3M     2M  115%  [31m███████[0m  [31mquota_exhausted[0m  spent
    anthro…e-sonnet-4.6  312k   350k   89%  [33m██████▏[0m  available        [33mruns out 19:46[0m
    openai                 3M     5M   60%  [32m████▏░░[0m  available        lasts
    mistral                 0    10M    0%  [32m░░░░░░░[0m  available        lasts
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
    rule            care  for providers without their own
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
  $     timeout 30 tail -n +1 -F recording 2> /dev/null | grep -qm1 -F "$1" && echo "drawn: $1" || echo "never drawn: $1"
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

status_limits
  $ . ./say.sh
  $ say budget anthropic 2M
  $ say observe anthropic 300k --at $A
  $ say limit openai add "5M tokens per day America/Los_Angeles" --at $A
  $ say limit openai add "900 requests per 5h first-use" --at $A
  $ say limit openai add '$40 per month from the 5th' --at $A
  $ say limit openai add "1M tokens per minute refill" --at $A
  $ say limit openai add "200k output per 24h rolling" --at $A
  $ say limit openai add "tokens per week" --at $A
  $ say limit anthropic add "1M tokens per quarter" --at $A
  $ say status --at $A
  $ say observe openai --input 500k --output 200k --cost 12.345 --at $A
  $ say observe openai 400 --at 2025-03-03T16:50:00Z
  $ say observe openai --input 400 --at 2025-03-03T16:50:00Z
  $ say status --at 2025-03-03T16:50:00Z
  $ COLUMNS=60 say status --at 2025-03-03T16:50:00Z
  $ COLUMNS=40 say status --at 2025-03-03T16:50:00Z
  $ COLUMNS=120 say status --at 2025-03-03T16:50:00Z
  $ say status --at 2025-03-04T17:10:00Z
    $ tokenquota budget anthropic 2M
    $ tokenquota observe anthropic 300k --at 2025-03-03T16:45:30Z
    $ tokenquota limit openai add 5M tokens per day America/Los_Angeles --at 2025-03-03T16:45:30Z
    limit 1: 5M tokens per day America/Los_Angeles;
             0 used, 0%; lasts, resets 09:00, in 15 h 15 min
    $ tokenquota limit openai add 900 requests per 5h first-use --at 2025-03-03T16:45:30Z
    limit 2: 900 requests per 5h first-use; 0 used, 0%; begins with a call
    $ tokenquota limit openai add $40 per month from the 5th --at 2025-03-03T16:45:30Z
    limit 3: $40 per month from the 5th;
             $0.00 used, 0%; lasts, resets Wed 01:00, in 1 d 8 h
    $ tokenquota limit openai add 1M tokens per minute refill --at 2025-03-03T16:45:30Z
    limit 4: 1M tokens per minute refill; 0 used, 0%
    $ tokenquota limit openai add 200k output per 24h rolling --at 2025-03-03T16:45:30Z
    limit 5: 200k output per 24h rolling; 0 used, 0%; lasts
    $ tokenquota limit openai add tokens per week --at 2025-03-03T16:45:30Z
    limit 6: tokens per week; 0 used; resets Mon 01:00, in 6 d 8 h
    $ tokenquota limit anthropic add 1M tokens per quarter --at 2025-03-03T16:45:30Z
    limit 1: 1M tokens per quarter;
             0 used, 0%; lasts, resets Apr 01 02:00, in 28 d 8 h
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider              used     of     %         state            lasts
    anthropic             300k     2M   15%  -----  available        lasts
      quarter                0     1M    0%  -----  lasts, Apr 01 02:00, in 28 d 8 h
    openai                   0      -     -         available
      day Los_Angeles        0     5M    0%  -----  lasts, 09:00, in 15 h 15 min
      5 h requests           0    900    0%  -----  begins with a call
      month              $0.00 $40.00    0%  -----  lasts, Wed 01:00, in 1 d 8 h
      1 min refill           0     1M    0%  -----
      1 d rolling output     0   200k    0%  -----  lasts
      week                   0      -     -         resets Mon 01:00, in 6 d 8 h
    
    2 providers, all available
    $ tokenquota observe openai --input 500k --output 200k --cost 12.345 --at 2025-03-03T16:45:30Z
    $ tokenquota observe openai 400 --at 2025-03-03T16:50:00Z
    $ tokenquota observe openai --input 400 --at 2025-03-03T16:50:00Z
    $ tokenquota status --at 2025-03-03T16:50:00Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:50:00Z.
    provider               used     of     %         state            reason
    openai                 700k      -     -         quota_exhausted  spent
      day Los_Angeles      700k     5M   14%  -----  lasts, 09:00, in 15 h 10 min
      5 h requests            3    900    0%  -----  resets 22:45, in 4 h 56 min
      month              $12.35 $40.00   31%  #----  lasts, Wed 01:00, in 1 d 8 h
      1 min refill          800     1M    0%  -----
    ! 1 d rolling output   200k   200k  100%  #####  spent, back 17:48
      week                 700k      -     -         resets Mon 01:00, in 6 d 8 h
    anthropic              300k     2M   15%  -----  available        lasts
      quarter                 0     1M    0%  -----  lasts, resets Apr 01 02:00
    
    1 of 2 providers quota_exhausted until 2025-03-04 17:48:00 CET, in 23 h 58 min
    openai, limit 3 (month): 2 records without a cost, not counted; a price of each class gives one: tokenquota set --help
    (exit 1)
    $ tokenquota status --at 2025-03-03T16:50:00Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET.
    As of 16:50:00Z.
    provider               used     of     %  state
    openai                 700k      -     -  quota_exhausted
      day Los_Angeles      700k     5M   14%  lasts, 09:00
      5 h requests            3    900    0%  resets 22:45
      month              $12.35 $40.00   31%  lasts, Wed 01:00
      1 min refill          800     1M    0%
    ! 1 d rolling output   200k   200k  100%  spent, back 17:48
      week                 700k      -     -  resets Mon 01:00
    anthropic              300k     2M   15%  available
      quarter                 0     1M    0%  Apr 01 02:00
    
    1 of 2 providers quota_exhausted
    until 2025-03-04 17:48:00 CET, in 23 h 58 min
    openai, limit 3 (month): 2 records without a cost, not counted; a price of each class gives one: tokenquota set --help
    (exit 1)
    $ tokenquota status --at 2025-03-03T16:50:00Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET.
    As of 16:50:00Z.
    provider     used     %  state
    openai       700k     -  quota_exhausted
      ..ngeles   700k   14%  lasts, 09:00
      ..quests      3    0%  resets 22:45
      month    $12.35   31%  Wed 01:00
      ..refill    800    0%
    ! ..output   200k  100%  spent, 17:48
      week       700k     -  Mon 01:00
    anthropic    300k   15%  available
      quarter       0    0%  Apr 01 02:00
    
    1 of 2 providers quota_exhausted
    until 2025-03-04 17:48:00 CET, in 23 h 58 min
    openai, limit 3 (month): 2 records without a cost, not counted; a price of each class gives one: tokenquota set --help
    (exit 1)
    $ tokenquota status --at 2025-03-03T16:50:00Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:50:00Z.
    provider               used     of     %                           burn/h projection  state            reason
    openai                 700k      -     -                            41.6k      1.00M  quota_exhausted  spent
      day Los_Angeles      700k     5M   14%  ###---------------------  lasts, resets 09:00, in 15 h 10 min
      5 h requests            3    900    0%  ------------------------  resets 22:45, in 4 h 56 min
      month              $12.35 $40.00   31%  #######-----------------  lasts, resets Wed 01:00, in 1 d 8 h
      1 min refill          800     1M    0%  ------------------------
    ! 1 d rolling output   200k   200k  100%  ########################  spent, back 17:48, in 23 h 58 min
      week                 700k      -     -                            resets Mon 01:00, in 6 d 8 h
    anthropic              300k     2M   15%  ###---------------------  17.8k       428k  available        lasts
      quarter                 0     1M    0%  ------------------------  lasts, resets Apr 01 02:00, in 28 d 8 h
    
    1 of 2 providers quota_exhausted until 2025-03-04 17:48:00 CET, in 23 h 58 min
    openai, limit 3 (month): 2 records without a cost, not counted; a price of each class gives one: tokenquota set --help
    (exit 1)
    $ tokenquota status --at 2025-03-04T17:10:00Z
    Today: UTC day 2025-03-04, which ends at 01:00 CET. As of 17:10:00Z.
    provider               used     of     %         state            lasts
    openai                    0      -     -         available
      day Los_Angeles         0     5M    0%  -----  lasts, 09:00, in 14 h 50 min
      5 h requests            0    900    0%  -----  begins with a call
      month              $12.35 $40.00   31%  #----  lasts, 01:00, in 6 h 50 min
      1 min refill            0     1M    0%  -----
      1 d rolling output      0   200k    0%  -----  lasts
      week                 700k      -     -         resets Mon 01:00, in 5 d 7 h
    anthropic                 0     2M    0%  -----  available        lasts
      quarter                 0     1M    0%  -----  lasts, resets Apr 01 02:00
    
    2 providers, all available
    openai, limit 3 (month): 2 records without a cost, not counted; a price of each class gives one: tokenquota set --help

status_limits_json
  $ . ./say.sh
  $ say limit openai add "5M tokens per day America/Los_Angeles" --at $A
  $ say_same status --json --at $A
    $ tokenquota limit openai add 5M tokens per day America/Los_Angeles --at 2025-03-03T16:45:30Z
    limit 1: 5M tokens per day America/Los_Angeles;
             0 used, 0%; lasts, resets 09:00, in 15 h 15 min
    $ tokenquota status --json --at 2025-03-03T16:45:30Z
    {
      "schema": 1,
      "version": "NUMBER",
      "path": "ledger",
      "at": "2025-03-03T16:45:30Z",
      "day_ends_at": "2025-03-04T00:00:00Z",
      "ledger": {
        "history_days": 64,
        "rule": "care",
        "providers": 1,
        "slots": 1,
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
          "used": 0,
          "budget": null,
          "burn_rate_per_hour": 0,
          "projection": 0,
          "sentence": "available: 0 tokens used in this UTC day; limit 1 is the nearest: 0 of 5,000,000 tokens used in its day",
          "pool": null,
          "holds": null,
          "limits": [
            {
              "number": 1,
              "limit": "5M tokens per day America/Los_Angeles",
              "unit": "tokens",
              "window": "day",
              "first": null,
              "length_ns": null,
              "anchor_at": null,
              "zone": "America/Los_Angeles",
              "amount": 5000000,
              "reserve": null,
              "reserve_share": null,
              "lasts": true,
              "state": "available",
              "predicted": false,
              "spent": false,
              "is_held": false,
              "is_shared": false,
              "strict": false,
              "held": null,
              "flying": null,
              "others": null,
              "withheld": null,
              "heard_at": null,
              "used": 0,
              "share_ppm": 0,
              "start_at": "2025-03-03T08:00:00Z",
              "end_at": "2025-03-04T08:00:00Z",
              "until": null,
              "uncosted": null,
              "taken": false,
              "said": null
            }
          ],
          "rule": "care",
          "cut_off": null,
          "state": "available",
          "reason": null,
          "reasons": [],
          "retry_at": null,
          "limit": {
            "number": 1,
            "level": 0,
            "unit": "tokens",
            "window": "day",
            "used": 0,
            "amount": 5000000,
            "reserve": null
          },
          "care": 1.25,
          "expects": null,
          "expected": null,
          "held": null,
          "others": null,
          "withheld": null,
          "heard_at": null,
          "refusal": null,
          "vendor": null,
          "axis": null,
          "said_at": null,
          "probe_at": null,
          "probing": false
        }
      ]
    }

status_limits_terminal
  ? script
  $ . ./say.sh
  $ say limit openai add "1000 tokens per day America/Los_Angeles reserve 10%" --at $A
  $ say limit openai add "5k requests per 5h first-use" --at $A
  $ say observe openai 950 --at $A
  $ for locale in C.UTF-8 C; do COLUMNS=80 LC_ALL=$locale script -qec "$TQ status --at $A" /dev/null </dev/null | tr -d '\r' | sed 's/\x1b/ESC/g'; done
    $ tokenquota limit openai add 1000 tokens per day America/Los_Angeles reserve 10% --at 2025-03-03T16:45:30Z
    limit 1: 1k tokens per day America/Los_Angeles reserve 10%;
             0 used, 0%; lasts, resets 09:00, in 15 h 15 min
    $ tokenquota limit openai add 5k requests per 5h first-use --at 2025-03-03T16:45:30Z
    limit 2: 5k requests per 5h first-use; 0 used, 0%; begins with a call
    $ tokenquota observe openai 950 --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    ESC[1mprovider           used     of     %         state            reasonESC[0m
    openai              950      -     -         ESC[31mquota_exhaustedESC[0m  spent
    ! day Los_Angeles   950  1,000   95%  ESC[31m████▊ESC[0m  ESC[31mat its reserve, resets 09:00ESC[0m
      5 h requests        1  5,000    0%  ESC[32m░░░░░ESC[0m  resets 22:45, in 5 h
    
    1 of 1 providers quota_exhausted until 2025-03-04 09:00:00 CET, in 15 h 15 min
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    ESC[1mprovider           used     of     %         state            reasonESC[0m
    openai              950      -     -         ESC[31mquota_exhaustedESC[0m  spent
    ! day Los_Angeles   950  1,000   95%  ESC[31m####-ESC[0m  ESC[31mat its reserve, resets 09:00ESC[0m
      5 h requests        1  5,000    0%  ESC[32m-----ESC[0m  resets 22:45, in 5 h
    
    1 of 1 providers quota_exhausted until 2025-03-04 09:00:00 CET, in 15 h 15 min

status_ends_60
  $ # An end of another day names the day.
  $ for p in a b c; do
  $     "$TQ" limit $p add "5 tokens per $(case $p in a) echo day;; b) echo week;; c) echo month;; esac)" --at 2026-03-02T10:00:00Z
  $     "$TQ" observe $p 5 --at 2026-03-02T10:00:00Z
  $ done > /dev/null 2>&1
  $ for c in 50 60 80; do COLUMNS=$c "$TQ" status --at 2026-03-02T10:00:00Z | tail -n 3; done
      a  until 01:00 CET
      b  until Mon 01:00
      c  until Apr 01 02:00
      a  until 01:00 CET, in 14 h
      b  until Mon 01:00, in 6 d 14 h
      c  until Apr 01 02:00, in 29 d 14 h
      a  until 2026-03-03 01:00:00 CET, in 14 h
      b  until 2026-03-09 01:00:00 CET, in 6 d 14 h
      c  until 2026-04-01 02:00:00 CEST, in 29 d 14 h

status_stated
  $ # What vendors state of windows: shares, their age, what was counted since; at four widths.
  $ . ./say.sh
  $ line() { # NAME FIVE_HOURS SEVEN_DAYS AT
  $     echo '{"session_id":"1","rate_limits":{"five_hour":{"used_percentage":'"$2"',"resets_at":1741026600},
  $     "seven_day":{"used_percentage":'"$3"',"resets_at":1741262400}}}' | "$TQ" statusline "$1" --at "$4" > /dev/null
  $ }
  $ line claude 43.5 99.6 2025-03-03T16:44:50Z
  $ line work 100 12 2025-03-03T16:20:00Z
  $ line paid 100 50 2025-03-03T16:45:00Z
  $ "$TQ" mark paid available --at 2025-03-03T16:45:10Z > /dev/null
  $ "$TQ" limit claude add "7d opus reserve 10%" --at $A > /dev/null
  $ "$TQ" limit work add "7d reserve 90%" --at $A > /dev/null
  $ "$TQ" observe claude 12345 --at $A
  $ for width in 40 60 80 120; do COLUMNS=$width say status --at $A; done
  $ COLUMNS=100 say status claude --at 2025-03-03T19:30:00Z
  $ COLUMNS=60 say limit --at $A
  $ say status claude --at $A --json | sed -n '/"said"/,/}/p'
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET.
    As of 16:45:30Z.
    provider     used     %  state
    work            0     -  quota_exhausted
      5 h          +0  100%  spent, 19:30
    ! 7 d          +0   12%  at its reserve
    paid            0     -  available
      5 h          +0  100%  overruled
      7 d          +0   50%  Thu 13:00
    claude      12.3k     -  available
      5 h      +12.3k   44%  lasts, 19:30
      7 d      +12.3k 99.6%  runs out 18:09
      7 d opus      -     -  no word yet
    
    1 of 3 providers quota_exhausted
    until 2025-03-06 13:00:00 CET, in 2 d 20 h
    (exit 1)
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET.
    As of 16:45:30Z.
    provider     used     %         state            reason
    work            0     -         quota_exhausted  spent
      5 h          +0  100%  #####  spent, resets 19:30
    ! 7 d          +0   12%  -----  at its reserve, Thu 13:00
    paid            0     -         available
      5 h          +0  100%  #####  overruled, resets 19:30
      7 d          +0   50%  ##---  Thu 13:00; vendor, 30 s ago
    claude      12.3k     -         available
      5 h      +12.3k   44%  ##---  19:30; vendor, 40 s ago
      7 d      +12.3k 99.6%  ####-  runs out 18:09, Thu 13:00
      7 d opus      -     -         no word yet
    
    1 of 3 providers quota_exhausted
    until 2025-03-06 13:00:00 CET, in 2 d 20 h
    (exit 1)
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider     used     %        burn/h projection  state            reason
    work            0     -             0          0  quota_exhausted  spent
      5 h          +0  100%  #####  spent, 19:30, in 1 h 45 min; vendor, 25 min ago
    ! 7 d          +0   12%  -----  at its reserve, Thu 13:00; vendor, 25 min ago
    paid            0     -             0          0  available
      5 h          +0  100%  #####  overruled, resets 19:30; vendor, 30 s ago
      7 d          +0   50%  ##---  lasts, Thu 13:00, in 2 d 20 h; vendor, 30 s ago
    claude      12.3k     -           736      17.7k  available
      5 h      +12.3k   44%  ##---  lasts, 19:30, in 1 h 45 min; vendor, 40 s ago
      7 d      +12.3k 99.6%  ####-  runs out 18:09, Thu 13:00; vendor, 40 s ago
      7 d opus      -     -         no word yet
    
    1 of 3 providers quota_exhausted until 2025-03-06 13:00:00 CET, in 2 d 20 h
    (exit 1)
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider     used     %                         burn/h projection  state            reason     retry at
    work            0     -                              0          0  quota_exhausted  spent      13:00 CET, in 2 d 20 h
      5 h          +0  100%  ######################  spent, resets 19:30, in 1 h 45 min; vendor, 25 min ago
    ! 7 d          +0   12%  ##--------------------  at its reserve, resets Thu 13:00, in 2 d 20 h; vendor, 25 min ago
    paid            0     -                              0          0  available
      5 h          +0  100%  ######################  overruled, resets 19:30, in 1 h 45 min; vendor, 30 s ago
      7 d          +0   50%  ###########-----------  lasts, resets Thu 13:00, in 2 d 20 h; vendor, 30 s ago
    claude      12.3k     -                            736      17.7k  available
      5 h      +12.3k   44%  #########-------------  lasts, resets 19:30, in 1 h 45 min; vendor, 40 s ago
      7 d      +12.3k 99.6%  #####################-  runs out 18:09, resets Thu 13:00, in 2 d 20 h; vendor, 40 s ago
      7 d opus      -     -                          no word yet
    
    1 of 3 providers quota_exhausted until 2025-03-06 13:00:00 CET, in 2 d 20 h
    (exit 1)
    $ tokenquota status claude --at 2025-03-03T19:30:00Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 19:30:00Z.
    provider     used     %                       burn/h projection  state
    claude      12.3k     -                          633      15.2k  available
      5 h           -     -                        ended 1 h ago
      7 d      +12.3k 99.6%  ###################-  resets Thu 13:00, in 2 d 17 h; vendor, 2 h 45 min ago
      7 d opus      -     -                        no word yet
    
    The provider is available
    $ tokenquota limit --at 2025-03-03T16:45:30Z
    claude
      1  5h;
         44% used; lasts, resets 19:30, in 1 h 45 min;
         vendor, 40 s ago; 12.3k here since
      2  7d;
         99.6% used;
         runs out 18:09, resets Thu 13:00, in 2 d 20 h;
         vendor, 40 s ago; 12.3k here since
      3  7d opus reserve 10%; no word yet
    paid
      1  5h;
         100% used; overruled, resets 19:30, in 1 h 45 min;
         vendor, 30 s ago; 0 here since
      2  7d;
         50% used; lasts, resets Thu 13:00, in 2 d 20 h;
         vendor, 30 s ago; 0 here since
    work
      1  5h;
         100% used; spent, resets 19:30, in 1 h 45 min;
         vendor, 25 min ago; 0 here since
      2  7d reserve 90%;
         12% used;
         at its reserve, resets Thu 13:00, in 2 d 20 h;
         vendor, 25 min ago; 0 here since
              "said": {
                "share_ppm": 435000,
                "reset_at": "2025-03-03T18:30:00Z",
                "said_at": "2025-03-03T16:44:50Z",
                "age_s": 40,
                "source": null,
                "profile": "anthropic-subscription",
                "since": 12345,
                "credit": false,
                "blocks": false,
                "stops": false,
                "overruled": false,
                "doubted": false,
                "runs_out_at": null
              }
              "said": {
                "share_ppm": 996000,
                "reset_at": "2025-03-06T12:00:00Z",
                "said_at": "2025-03-03T16:44:50Z",
                "age_s": 40,
                "source": null,
                "profile": "anthropic-subscription",
                "since": 12345,
                "credit": false,
                "blocks": false,
                "stops": false,
                "overruled": false,
                "doubted": false,
                "runs_out_at": "2025-03-03T17:09:06.586345381Z"
              }
              "said": null
            }

status_care: a limit that will not last is told from one that is spent, and when it is back
  $ . ./say.sh
  $ "$TQ" limit hour add '1000 tokens per day' --at $A > /dev/null
  $ "$TQ" observe hour 600 --at $A
  $ "$TQ" limit hour add '5k requests per 5h first-use' --at $A > /dev/null
  $ "$TQ" limit call add '1000 tokens per week reserve 30%' --at $A > /dev/null
  $ for hour in 10 11 12 13 14; do "$TQ" observe call 120 --at 2025-03-03T$hour:00:00Z; done
  $ "$TQ" limit reserve add '1000 tokens per week reserve 30%' --at $A > /dev/null
  $ for hour in 10 11 12 13 14 15; do "$TQ" observe reserve 120 --at 2025-03-03T$hour:00:00Z; done
  $ for columns in 60 100; do COLUMNS=$columns say status --at $A; done
  $ say limit --at $A
  $ say limit call --at $A --json | grep -E '"(state|predicted|spent|used|until)"'
  $ say limit reserve --at $A --json | grep -E '"(state|predicted|spent|used|until)"'
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET.
    As of 16:45:30Z.
    provider        used     of     %         state
    hour             600      -     -         quota_exhausted
    ! day            600  1,000   60%  ###--  will not last
      5 h requests     0  5,000    0%  -----  begins with a call
    reserve          720      -     -         quota_exhausted
    ! week           720  1,000   72%  ###--  at its reserve
    call             600      -     -         quota_exhausted
    ! week           600  1,000   60%  ###--  will not last
    
    3 of 3 providers quota_exhausted:
      hour     until 18:14 CET, in 28 min 30 s
      reserve  until Mon 01:00, in 6 d 8 h
      call     until Mon 01:00, in 6 d 8 h
    (exit 1)
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider        used     of     %                      burn/h projection  state            reason
    hour             600      -     -                          35        860  quota_exhausted  predicted
    ! day            600  1,000   60%  ###########--------  will not last, back 18:14, in 28 min 30 s
      5 h requests     0  5,000    0%  -------------------  begins with a call
    reserve          720      -     -                          42      1,032  quota_exhausted  spent
    ! week           720  1,000   72%  #############------  at its reserve, resets Mon 01:00, in 6 d 8 h
    call             600      -     -                          35        860  quota_exhausted  predicted
    ! week           600  1,000   60%  ###########--------  will not last, resets Mon 01:00, in 6 d 8 h
    
    3 of 3 providers quota_exhausted:
      hour     until 2025-03-03 18:14:00 CET, in 28 min 30 s
      reserve  until 2025-03-10 01:00:00 CET, in 6 d 8 h
      call     until 2025-03-10 01:00:00 CET, in 6 d 8 h
    (exit 1)
    $ tokenquota limit --at 2025-03-03T16:45:30Z
    call
      1  1k tokens per week reserve 30%;
         600 used, 60%; will not last, resets Mon 01:00, in 6 d 8 h
    hour
      1  1k tokens per day; 600 used, 60%; will not last, back 18:14, in 28 min 30 s
      2  5k requests per 5h first-use; 0 used, 0%; begins with a call
    reserve
      1  1k tokens per week reserve 30%;
         720 used, 72%; at its reserve, resets Mon 01:00, in 6 d 8 h
              "state": "quota_exhausted",
              "predicted": true,
              "spent": false,
              "used": 600,
              "until": "2025-03-10T00:00:00Z",
              "state": "quota_exhausted",
              "predicted": false,
              "spent": false,
              "used": 720,
              "until": "2025-03-10T00:00:00Z",

status_lasts
  $ # Does it last? A budget, limits of each kind and a vendor's windows; where the day ends.
  $ . ./lasts.sh
  $ for width in 40 60 80 120; do COLUMNS=$width say status --at $A; done
  $ "$TQ" mark kimi exhausted --for 30m --at $A > /dev/null
  $ "$TQ" observe openai 480k --at $A
  $ "$TQ" observe claude 1 --at $A
  $ COLUMNS=80 say status --at $A
  $ COLUMNS=150 say status --at $A
  $ say status --at $A --json | grep -E '"(provider|projection|interval|percent|days|low|high|lasts|runs_out_at|limit|state)"'
    $ tokenquota status --at 2026-03-05T15:00:00Z
    Today: UTC day 2026-03-05, which ends at 01:00 CET.
    As of 15:00:00Z.
    provider     used     %  state
    openai      2.94M   74%  available
      d..ngeles  2.1M   42%  runs out 01:40
      5..quests     4    0%  lasts, 16:30
      1..olling 2.94M   49%  runs out 02:42
      once      2.94M   74%  never resets
      1..refill     0    0%
      15 min        0    0%  resets 16:15
    claude          0     -  available
      5 h          +0   61%  runs out 17:22
      7 d          +0   48%  Sun 16:00
    kimi         560k   56%  available
    
    3 providers, all available
    $ tokenquota status --at 2026-03-05T15:00:00Z
    Today: UTC day 2026-03-05, which ends at 01:00 CET.
    As of 15:00:00Z.
    provider           used     of     %         state
    openai            2.94M     4M   74%  ###--  available
      day Los_Angeles  2.1M     5M   42%  ##---  runs out 01:40
      5 h requests        4    900    0%  -----  lasts, 16:30
      1 d rolling     2.94M     6M   49%  ##---  runs out 02:42
      once            2.94M     4M   74%  ###--  never resets
      1 min refill        0     1M    0%  -----
      15 min              0     3M    0%  -----  resets 16:15
    claude                0      -     -         available
      5 h                +0      -   61%  ###--  runs out 17:22
      7 d                +0      -   48%  ##---  Sun 16:00
    kimi               560k     1M   56%  ##---  available
    
    3 providers, all available
    $ tokenquota status --at 2026-03-05T15:00:00Z
    Today: UTC day 2026-03-05, which ends at 01:00 CET. As of 15:00:00Z.
    provider           used     of     %         state            lasts
    openai            2.94M     4M   74%  ###--  available        runs out 21:24
      day Los_Angeles  2.1M     5M   42%  ##---  runs out 01:40, resets 09:00
      5 h requests        4    900    0%  -----  lasts, resets 16:30, in 30 min
      1 d rolling     2.94M     6M   49%  ##---  runs out 02:42
      once            2.94M     4M   74%  ###--  never resets
      1 min refill        0     1M    0%  -----
      15 min              0     3M    0%  -----  resets 16:15, in 15 min
    claude                0      -     -         available
      5 h                +0      -   61%  ###--  runs out 17:22, resets 18:00
      7 d                +0      -   48%  ##---  Sun 16:00; vendor, 20 min ago
    kimi               560k     1M   56%  ##---  available        lasts
    
    3 providers, all available
    $ tokenquota status --at 2026-03-05T15:00:00Z
    Today: UTC day 2026-03-05, which ends at 01:00 CET. As of 15:00:00Z.
    provider           used     of     %                  burn/h projection  8 of 10 days    state            lasts
    openai            2.94M     4M   74%  ###########----   196k      4.71M  2.94M to 3.32M  available        runs out 21:24
      day Los_Angeles  2.1M     5M   42%  ######---------  runs out 01:40, resets 09:00, in 17 h
      5 h requests        4    900    0%  ---------------  lasts, resets 16:30, in 30 min
      1 d rolling     2.94M     6M   49%  #######--------  runs out 02:42
      once            2.94M     4M   74%  ###########----  never resets
      1 min refill        0     1M    0%  ---------------
      15 min              0     3M    0%  ---------------  resets 16:15, in 15 min
    claude                0      -     -                       0          0                  available
      5 h                +0      -   61%  #########------  runs out 17:22, resets 18:00, in 2 h; vendor, 20 min ago
      7 d                +0      -   48%  #######--------  lasts, resets Sun 16:00, in 3 d; vendor, 20 min ago
    kimi               560k     1M   56%  ########-------  37.3k       896k  above all 14    available        lasts
    
    3 providers, all available
    $ tokenquota status --at 2026-03-05T15:00:00Z
    Today: UTC day 2026-03-05, which ends at 01:00 CET. As of 15:00:00Z.
    provider           used     of     %         state            reason
    kimi               560k     1M   56%  ##---  quota_exhausted  marked
    openai            3.42M     4M   86%  ####-  available        runs out 18:32
      day Los_Angeles 2.58M     5M   52%  ##---  runs out 22:33, resets 09:00
      5 h requests        5    900    1%  -----  lasts, resets 16:30, in 30 min
      1 d rolling     3.42M     6M   57%  ##---  runs out 23:01
      once            3.42M     4M   86%  ####-  never resets
      1 min refill     480k     1M   48%  ##---
      15 min           480k     3M   16%  -----  resets 16:15, in 15 min
    claude                1      -     -         available
      5 h                +1      -   61%  ###--  runs out 17:22, resets 18:00
      7 d                +1      -   48%  ##---  Sun 16:00; vendor, 20 min ago
    
    1 of 3 providers quota_exhausted until 2026-03-05 16:30:00 CET, in 30 min
    (exit 1)
    $ tokenquota status --at 2026-03-05T15:00:00Z
    Today: UTC day 2026-03-05, which ends at 01:00 CET. As of 15:00:00Z.
    provider           used     of     %                       burn/h projection  8 of 10 days  state            reason          retry at
    kimi               560k     1M   56%  ###########---------  37.3k       896k  above all 14  quota_exhausted  marked          16:30 CET, in 30 min
    openai            3.42M     4M   86%  #################---   228k      5.48M  above all 14  available        runs out 18:32
      day Los_Angeles 2.58M     5M   52%  ##########----------  runs out 22:33, resets 09:00, in 17 h
      5 h requests        5    900    1%  --------------------  lasts, resets 16:30, in 30 min
      1 d rolling     3.42M     6M   57%  ###########---------  runs out 23:01
      once            3.42M     4M   86%  #################---  never resets
      1 min refill     480k     1M   48%  #########-----------
      15 min           480k     3M   16%  ###-----------------  resets 16:15, in 15 min
    claude                1      -     -                            0          2                available
      5 h                +1      -   61%  ############--------  runs out 17:22, resets 18:00, in 2 h; vendor, 20 min ago
      7 d                +1      -   48%  #########-----------  lasts, resets Sun 16:00, in 3 d; vendor, 20 min ago
    
    1 of 3 providers quota_exhausted until 2026-03-05 16:30:00 CET, in 30 min
    (exit 1)
          "provider": "kimi",
          "projection": 896000,
          "interval": {
            "percent": 80,
            "days": 14
          "lasts": true,
          "state": "quota_exhausted",
          "limit": null,
          "provider": "openai",
          "projection": 5472000,
          "interval": {
            "percent": 80,
            "days": 14
          "lasts": false,
          "runs_out_at": "2026-03-05T17:32:37.894736842Z",
              "limit": "5M tokens per day America/Los_Angeles",
              "lasts": false,
              "runs_out_at": "2026-03-05T21:33:57.209302325Z",
              "state": "available",
              "limit": "900 requests per 5h first-use",
              "lasts": true,
              "state": "available",
              "limit": "6M tokens per 24h rolling",
              "lasts": false,
              "runs_out_at": "2026-03-05T22:01:24Z",
              "state": "available",
              "limit": "4M tokens once",
              "state": "available",
              "limit": "1M tokens per minute refill",
              "state": "available",
              "limit": "3M tokens per 15m from 2026-03-05T15:00Z",
              "state": "available",
          "state": "available",
          "limit": {
          "provider": "claude",
          "projection": 2,
              "limit": "5h",
              "lasts": false,
              "runs_out_at": "2026-03-05T16:22:17.704918032Z",
              "state": "available",
                "runs_out_at": "2026-03-05T16:22:17.704918032Z"
              "limit": "7d",
              "lasts": true,
              "state": "available",
                "runs_out_at": null
          "state": "available",
          "limit": null,

status_prometheus
  $ # Every kind of series: a budget, limits of each unit, a mark, a refusal, the vendor's windows, a pool.
  $ . ./say.sh
  $ "$TQ" budget openai 5M
  $ "$TQ" limit openai add "4M tokens per day America/Los_Angeles" --at $A > out
  $ "$TQ" limit openai add "\$40 per month" --at $A > out
  $ "$TQ" limit openai add "900 requests per 5h first-use" --at $A > out
  $ "$TQ" observe openai 3M --at $A
  $ "$TQ" mark 'a "b" \c' exhausted --for 90m --at $A > out
  $ printf 'HTTP/1.1 429 x\r\nretry-after: 77\r\n\r\n' | "$TQ" signal - --provider groq --at $A > out
  $ echo '{"session_id":"1","rate_limits":{"seven_day":{"used_percentage":91.2,"resets_at":1741262400}}}' > week.json
  $ "$TQ" statusline claude --at $A < week.json > out
  $ "$TQ" set opus pool=claude
  $ "$TQ" observe opus 70 --at $A
  $ "$TQ" status --prometheus --at 2025-03-03T16:46:30.5Z | sed '/^tokenquota_ledger_size/d; s/"[0-9.]*"/VERSION/'
    # HELP tokenquota_build_info The version of tokenquota.
    # TYPE tokenquota_build_info gauge
    tokenquota_build_info{version=VERSION} 1
    # HELP tokenquota_standing_timestamp_seconds The instant that these numbers are of.
    # TYPE tokenquota_standing_timestamp_seconds gauge
    tokenquota_standing_timestamp_seconds 1741020390.5
    # HELP tokenquota_ledger_providers Names that the ledger holds.
    # TYPE tokenquota_ledger_providers gauge
    tokenquota_ledger_providers 5
    # HELP tokenquota_ledger_size_bytes How large the file of the ledger is.
    # TYPE tokenquota_ledger_size_bytes gauge
    # HELP tokenquota_ledger_ahead Providers with a day that has not come yet: a clock was wrong.
    # TYPE tokenquota_ledger_ahead gauge
    tokenquota_ledger_ahead 0
    # HELP tokenquota_ledger_anomalies_total Records and repairs that are not as usual, as status --verbose has them.
    # TYPE tokenquota_ledger_anomalies_total counter
    tokenquota_ledger_anomalies_total{kind="late"} 0
    tokenquota_ledger_anomalies_total{kind="too_old"} 0
    tokenquota_ledger_anomalies_total{kind="clock"} 0
    tokenquota_ledger_anomalies_total{kind="saturated"} 0
    tokenquota_ledger_anomalies_total{kind="rebuilt"} 0
    tokenquota_ledger_anomalies_total{kind="recovered"} 0
    # HELP tokenquota_provider_info The pool and the rule of a provider, to join with.
    # TYPE tokenquota_provider_info gauge
    tokenquota_provider_info{provider="groq",rule="care"} 1
    tokenquota_provider_info{provider="openai",rule="care"} 1
    tokenquota_provider_info{provider="a \"b\" \\c",rule="care"} 1
    tokenquota_provider_info{provider="claude",rule="care"} 1
    tokenquota_provider_info{provider="opus",pool="claude",rule="care"} 1
    # HELP tokenquota_state 1 for the state that the provider is in, else 0.
    # TYPE tokenquota_state gauge
    tokenquota_state{provider="groq",state="available"} 0
    tokenquota_state{provider="groq",state="quota_exhausted"} 1
    tokenquota_state{provider="openai",state="available"} 0
    tokenquota_state{provider="openai",state="quota_exhausted"} 1
    tokenquota_state{provider="a \"b\" \\c",state="available"} 0
    tokenquota_state{provider="a \"b\" \\c",state="quota_exhausted"} 1
    tokenquota_state{provider="claude",state="available"} 1
    tokenquota_state{provider="claude",state="quota_exhausted"} 0
    tokenquota_state{provider="opus",state="available"} 1
    tokenquota_state{provider="opus",state="quota_exhausted"} 0
    # HELP tokenquota_reason 1 for each reason that the provider is out.
    # TYPE tokenquota_reason gauge
    tokenquota_reason{provider="groq",reason="throttled"} 1
    tokenquota_reason{provider="openai",reason="predicted"} 1
    tokenquota_reason{provider="a \"b\" \\c",reason="marked"} 1
    # HELP tokenquota_refused 1 while a refusal of this class by its vendor keeps it out.
    # TYPE tokenquota_refused gauge
    tokenquota_refused{provider="groq",class="throttled"} 1
    # HELP tokenquota_used_tokens Tokens used in this UTC day; of a pool also by those in it.
    # TYPE tokenquota_used_tokens gauge
    tokenquota_used_tokens{provider="groq"} 0
    tokenquota_used_tokens{provider="openai"} 3000000
    tokenquota_used_tokens{provider="a \"b\" \\c"} 0
    tokenquota_used_tokens{provider="claude"} 70
    tokenquota_used_tokens{provider="opus"} 70
    # HELP tokenquota_holds Calls that run and hold something; of a pool also those in it.
    # TYPE tokenquota_holds gauge
    tokenquota_holds{provider="groq"} 0
    tokenquota_holds{provider="openai"} 0
    tokenquota_holds{provider="a \"b\" \\c"} 0
    tokenquota_holds{provider="claude"} 0
    tokenquota_holds{provider="opus"} 0
    # HELP tokenquota_held_tokens Tokens that they hold; of a pool also those held in it.
    # TYPE tokenquota_held_tokens gauge
    tokenquota_held_tokens{provider="groq"} 0
    tokenquota_held_tokens{provider="openai"} 0
    tokenquota_held_tokens{provider="a \"b\" \\c"} 0
    tokenquota_held_tokens{provider="claude"} 0
    tokenquota_held_tokens{provider="opus"} 0
    # HELP tokenquota_budget_tokens Tokens that may be used in a UTC day.
    # TYPE tokenquota_budget_tokens gauge
    tokenquota_budget_tokens{provider="openai"} 5000000
    # HELP tokenquota_retry_timestamp_seconds When a provider that is out may be asked again; absent when nobody knows.
    # TYPE tokenquota_retry_timestamp_seconds gauge
    tokenquota_retry_timestamp_seconds{provider="groq"} 1741020407
    tokenquota_retry_timestamp_seconds{provider="openai"} 1741022520
    tokenquota_retry_timestamp_seconds{provider="a \"b\" \\c"} 1741025730
    # HELP tokenquota_window_used_ratio Part of a limit that is used, as the vendor says, else as counted; 1 is all.
    # TYPE tokenquota_window_used_ratio gauge
    tokenquota_window_used_ratio{provider="openai",window="budget",unit="tokens"} 0.6
    tokenquota_window_used_ratio{provider="openai",window="tokens per day America/Los_Angeles",unit="tokens"} 0.75
    tokenquota_window_used_ratio{provider="openai",window="cost per month",unit="cost"} 0
    tokenquota_window_used_ratio{provider="openai",window="requests per 5h first-use",unit="requests"} 0.001111
    tokenquota_window_used_ratio{provider="claude",window="7d",unit="share"} 0.912
    # HELP tokenquota_window_reset_timestamp_seconds When the window of a limit ends; in the past when the vendor said nothing since then.
    # TYPE tokenquota_window_reset_timestamp_seconds gauge
    tokenquota_window_reset_timestamp_seconds{provider="openai",window="budget",unit="tokens"} 1741046400
    tokenquota_window_reset_timestamp_seconds{provider="openai",window="tokens per day America/Los_Angeles",unit="tokens"} 1741075200
    tokenquota_window_reset_timestamp_seconds{provider="openai",window="cost per month",unit="cost"} 1743465600
    tokenquota_window_reset_timestamp_seconds{provider="openai",window="requests per 5h first-use",unit="requests"} 1741038328
    tokenquota_window_reset_timestamp_seconds{provider="claude",window="7d",unit="share"} 1741262400
    # HELP tokenquota_window_lasts 1 if the limit lasts until its window ends, at the pace so far; else 0.
    # TYPE tokenquota_window_lasts gauge
    tokenquota_window_lasts{provider="openai",window="budget",unit="tokens"} 1
    tokenquota_window_lasts{provider="openai",window="tokens per day America/Los_Angeles",unit="tokens"} 0
    tokenquota_window_lasts{provider="openai",window="cost per month",unit="cost"} 1
    tokenquota_window_lasts{provider="claude",window="7d",unit="share"} 0
    # HELP tokenquota_window_runs_out_timestamp_seconds When the limit is used up at the pace so far, before its window ends.
    # TYPE tokenquota_window_runs_out_timestamp_seconds gauge
    tokenquota_window_runs_out_timestamp_seconds{provider="claude",window="7d",unit="share"} 1741055330.263157894
    # HELP tokenquota_signal_timestamp_seconds When the vendor last said something, of a window or, without one, of the provider.
    # TYPE tokenquota_signal_timestamp_seconds gauge
    tokenquota_signal_timestamp_seconds{provider="groq"} 1741020330
    tokenquota_signal_timestamp_seconds{provider="claude",window="7d",unit="share"} 1741020330
    # HELP tokenquota_signal_age_seconds How old that word was when this was written.
    # TYPE tokenquota_signal_age_seconds gauge
    tokenquota_signal_age_seconds{provider="groq"} 60.5
    tokenquota_signal_age_seconds{provider="claude",window="7d",unit="share"} 60.5
    # HELP tokenquota_window_used_tokens Tokens used in the window of a limit.
    # TYPE tokenquota_window_used_tokens gauge
    tokenquota_window_used_tokens{provider="openai",window="tokens per day America/Los_Angeles",unit="tokens"} 3000000
    # HELP tokenquota_window_limit_tokens Tokens that a limit allows.
    # TYPE tokenquota_window_limit_tokens gauge
    tokenquota_window_limit_tokens{provider="openai",window="tokens per day America/Los_Angeles",unit="tokens"} 4000000
    # HELP tokenquota_window_used_requests Requests in the window of a limit.
    # TYPE tokenquota_window_used_requests gauge
    tokenquota_window_used_requests{provider="openai",window="requests per 5h first-use",unit="requests"} 1
    # HELP tokenquota_window_limit_requests Requests that a limit allows.
    # TYPE tokenquota_window_limit_requests gauge
    tokenquota_window_limit_requests{provider="openai",window="requests per 5h first-use",unit="requests"} 900
    # HELP tokenquota_window_used_dollars Dollars spent in the window of a limit.
    # TYPE tokenquota_window_used_dollars gauge
    tokenquota_window_used_dollars{provider="openai",window="cost per month",unit="cost"} 0
    # HELP tokenquota_window_limit_dollars Dollars that a limit allows.
    # TYPE tokenquota_window_limit_dollars gauge
    tokenquota_window_limit_dollars{provider="openai",window="cost per month",unit="cost"} 40

status_prometheus_without_a_ledger
  $ # Nothing is known, so no series says 0.
  $ "$TQ" status --prometheus | sed 's/"[0-9.]*"/VERSION/'
    # HELP tokenquota_build_info The version of tokenquota.
    # TYPE tokenquota_build_info gauge
    tokenquota_build_info{version=VERSION} 1

status_prometheus_others
  $ # 200 providers have series of their own; what the others used, and how many there are, is added up. What is
  $ # in a pool is counted once.
  $ awk 'BEGIN { print "timestamp,provider,tokens"
  $              for (i = 0; i < 300; i++) printf "1741000000,p%03d,2\n", i }' > many.csv
  $ "$TQ" import csv many.csv --quiet --at 2025-03-03T16:45:30Z
  $ "$TQ" set p290 pool=p001
  $ "$TQ" mark p299 exhausted --for 90m --at 2025-03-03T16:45:30Z > /dev/null
  $ "$TQ" mark p298 exhausted --for 90m --at 2025-03-03T16:45:30Z > /dev/null
  $ "$TQ" status --prometheus --at 2025-03-03T16:46:30Z > out.prom
  $ grep -c '^tokenquota_used_tokens{provider=' out.prom
  $ grep -E 'others=|^tokenquota_used_tokens.*p29[789]' out.prom
    200
    tokenquota_provider_info{others="true"} 1
    tokenquota_state{others="true",state="available"} 100
    tokenquota_state{others="true",state="quota_exhausted"} 0
    tokenquota_used_tokens{provider="p298"} 2
    tokenquota_used_tokens{provider="p299"} 2
    tokenquota_used_tokens{others="true"} 198
    tokenquota_holds{others="true"} 0
    tokenquota_held_tokens{others="true"} 0

status_prometheus_alone
  $ "$TQ" status --prometheus --json
  ! tokenquota: status: --prometheus goes with no --watch, --days or --json: leave them out
  [2]

status_prometheus_windows
  $ # A limit is the same series in each of its windows; one that is rolling, refills or never turns has no reset.
  $ A=2026-03-03T16:45:30Z
  $ for limit in "5M tokens per 7d from 2026-04-11T00:45Z" "5M tokens per 24h from 2026-01-01" "2M tokens per minute refill" \
  $     "750k tokens once" "5M tokens per 7d rolling reserve 10%" "9M total per month from the 5th Europe/Berlin"; do
  $     "$TQ" limit a add "$limit" --at $A > out
  $ done
  $ "$TQ" observe a 5 --at $A
  $ for at in $A 2026-05-14T03:00:00Z; do
  $     "$TQ" status --prometheus --at $at | grep -E '^tokenquota_window_(used_tokens|reset)'
  $ done
    tokenquota_window_reset_timestamp_seconds{provider="a",window="tokens per 7d from 1970-01-03T00:45Z",unit="tokens"} 1772844300
    tokenquota_window_reset_timestamp_seconds{provider="a",window="tokens per 24h from 1970-01-01",unit="tokens"} 1772582400
    tokenquota_window_reset_timestamp_seconds{provider="a",window="total per month from the 5th Europe/Berlin",unit="total"} 1772665200
    tokenquota_window_used_tokens{provider="a",window="tokens per 7d from 1970-01-03T00:45Z",unit="tokens"} 5
    tokenquota_window_used_tokens{provider="a",window="tokens per 24h from 1970-01-01",unit="tokens"} 5
    tokenquota_window_used_tokens{provider="a",window="tokens per minute refill",unit="tokens"} 5
    tokenquota_window_used_tokens{provider="a",window="tokens once",unit="tokens"} 5
    tokenquota_window_used_tokens{provider="a",window="tokens per 7d rolling",unit="tokens"} 5
    tokenquota_window_used_tokens{provider="a",window="total per month from the 5th Europe/Berlin",unit="total"} 5
    tokenquota_window_reset_timestamp_seconds{provider="a",window="tokens per 7d from 1970-01-03T00:45Z",unit="tokens"} 1778892300
    tokenquota_window_reset_timestamp_seconds{provider="a",window="tokens per 24h from 1970-01-01",unit="tokens"} 1778803200
    tokenquota_window_reset_timestamp_seconds{provider="a",window="total per month from the 5th Europe/Berlin",unit="total"} 1780610400
    tokenquota_window_used_tokens{provider="a",window="tokens per 7d from 1970-01-03T00:45Z",unit="tokens"} 0
    tokenquota_window_used_tokens{provider="a",window="tokens per 24h from 1970-01-01",unit="tokens"} 0
    tokenquota_window_used_tokens{provider="a",window="tokens per minute refill",unit="tokens"} 0
    tokenquota_window_used_tokens{provider="a",window="tokens once",unit="tokens"} 5
    tokenquota_window_used_tokens{provider="a",window="tokens per 7d rolling",unit="tokens"} 0
    tokenquota_window_used_tokens{provider="a",window="total per month from the 5th Europe/Berlin",unit="total"} 0
