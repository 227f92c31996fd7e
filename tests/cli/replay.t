accounts
  $ # tests/test_choice.py --log makes calls.csv, and its twin finds the same numbers.
  $ for policy in order sticky pressure sticky-pressure; do
  $     "$TQ" replay calls.csv --quiet --rule off --policy $policy --account 'a: 700k tokens per week; 150k tokens per 5h first-use' \
  $         --account 'b: 700k tokens per week from Thursday; 150k tokens per 5h first-use' --account 'c:90k tokens per day' |
  $         sed -n '/^account/,$p'
  $ done
    account       calls             tokens  resets  lapsed
    a                17            763,712       0
    b                27          1,688,123       1   43.1%
    c                13            459,520       5   41.5%
    
    Placed by order: 14 changes of account.
    Refused while all were out: 23 calls, 1,388,444 tokens, 32.2% of all.
    Lapsed unused at resets: 41.7% of the quota.
    account       calls             tokens  resets  lapsed
    a                16            846,748       0
    b                25          1,447,097       1   46.4%
    c                16            617,510       5   20.0%
    
    Placed by sticky: 11 changes of account.
    Refused while all were out: 23 calls, 1,388,444 tokens, 32.2% of all.
    Lapsed unused at resets: 24.4% of the quota.
    account       calls             tokens  resets  lapsed
    a                21          1,067,430       0
    b                31          1,552,633       1    0.0%
    c                16            857,960       5    0.0%
    
    Placed by pressure: 20 changes of account.
    Refused while all were out: 12 calls, 821,776 tokens, 19.1% of all.
    Lapsed unused at resets: 0.0% of the quota.
    account       calls             tokens  resets  lapsed
    a                13          1,034,207       0
    b                38          1,565,085       1    7.0%
    c                16            857,960       5    0.0%
    
    Placed by sticky-pressure: 16 changes of account.
    Refused while all were out: 13 calls, 842,547 tokens, 19.5% of all.
    Lapsed unused at resets: 1.1% of the quota.

accounts_json
  $ "$TQ" replay calls.csv --quiet --rule off --json --policy sticky --account 'a: 700k tokens per week' --account 'b:' | sed -n '/"placed"/,$p'
      "placed": {
        "policy": "sticky",
        "refused_calls": 0,
        "refused_tokens": 0,
        "switches": 1,
        "windows": 0,
        "lapsed_ppm": null,
        "accounts": [
          {
            "account": "a",
            "calls": 20,
            "tokens": 742978,
            "windows": 0,
            "lapsed_ppm": null
          },
          {
            "account": "b",
            "calls": 60,
            "tokens": 3556821,
            "windows": 0,
            "lapsed_ppm": null
          }
        ]
      }
    }

accounts_wrong
  $ tokenquota replay calls.csv --policy pressure
  $ tokenquota replay calls.csv --account a
  $ tokenquota replay calls.csv --account ': 5M tokens per day'
  $ tokenquota replay calls.csv --account 'a: 5M tokens per day; 5M apples per day'
  $ tokenquota replay calls.csv --account 'a: 5M tokens per day' --policy fast
  ! tokenquota: replay: --policy goes with --account
  ! tokenquota: replay: --account: "a" has no ":"; write 'NAME: SENTENCE; SENTENCE', as in 'claude-1: 40M tokens per week; 7M tokens per 5h first-use'
  ! tokenquota: replay: --account: ": 5M tokens per day" names no account; write 'NAME: SENTENCE; SENTENCE', as in 'claude-1: 40M tokens per week; 7M tokens per 5h first-use'
  ! tokenquota: replay: --account: in "5M apples per day": "apples" stands where a unit is missing; say tokens, input, output, total, requests, cost or weighted
  ! tokenquota: replay: --policy "fast": write order, sticky, pressure or sticky-pressure
  [2]

as_is_back
  $ tokenquota replay --rule original --as-is back.csv -b '*=1000'
    2026-03-03 01:00:00Z  openai                    available -> quota_exhausted  used 100 of 1,000, projection 2,400
    2026-03-02 23:00:00Z  anthropic                 available -> quota_exhausted  used 2,000 of 1,000, all of it
    2026-03-03 00:00:00Z  anthropic                 quota_exhausted -> available
    
    6 records, 3,250 tokens, 2 providers
    from 2026-03-02 12:00:00Z to 2026-03-03 02:00:00Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   openai              anthropic
    2026-03-02  1,000  100%         2,000  200% !23:00
    2026-03-03    200   20% !01:00     50    5%
    total       1,200               2,050
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 02:00:00Z.
    provider   used budget     %                  burn/h projection  state
    openai      200  1,000   20%  ###------------    100      2,400  quota_exhausted
    anthropic    50  1,000    5%  ---------------     25        600  available
    
    1 of 2 providers quota_exhausted until 2026-03-04 01:00:00 CET, in 22 h
    3 steps back in time, the longest 2 h at back.csv:5
  [1]

as_is_too_old
  $ tokenquota replay --rule original --as-is old.csv -b openai=1k
    3 records, 900 tokens, 1 provider
    from 2026-03-02 12:00:00Z to 2026-06-01 12:00:00Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   openai
    2026-03-02    100   10%
    2026-03-03    700   70%
    2026-06-01    100   10%
    total         900
    
    Today: UTC day 2026-06-01, which ends at 02:00 CEST. The log ends at 12:00:00Z.
    provider  used budget     %                   burn/h projection  state
    openai     100  1,000   10%  #---------------      8        200  available
    
    The provider is available
    1 record not counted (TQ_EAGE): record is of a day older than the ledger keeps; the first: old.csv:5: openai at 2026-03-29 12:00:00Z
    1 step back in time, the longest 90 d at old.csv:4

as_is_too_old_json
  $ "$TQ" replay --as-is old.csv --json -b openai=1k > document
  $ status=$?
  $ sed 's/"version": ".*"/"version": "NUMBER"/' document
  $ exit $status
    {
      "schema": 1,
      "version": "NUMBER",
      "rule": "care",
      "care": 1.25,
      "files": [
        "old.csv"
      ],
      "records": 3,
      "tokens": 900,
      "start_at": "2026-03-02T12:00:00Z",
      "end_at": "2026-06-01T12:00:00Z",
      "day_ends_at": "2026-06-02T00:00:00Z",
      "transitions": [],
      "providers": [
        {
          "provider": "openai",
          "records": 3,
          "tokens": 900,
          "used": 100,
          "budget": 1000,
          "burn_rate_per_hour": 8,
          "projection": 200,
          "state": "available",
          "retry_at": null
        }
      ],
      "days": [
        {
          "day": "2026-03-02",
          "provider": "openai",
          "used": 100,
          "budget": 1000,
          "exhausted_at": null
        },
        {
          "day": "2026-03-03",
          "provider": "openai",
          "used": 700,
          "budget": 1000,
          "exhausted_at": null
        },
        {
          "day": "2026-06-01",
          "provider": "openai",
          "used": 100,
          "budget": 1000,
          "exhausted_at": null
        }
      ],
      "limits": [],
      "refused": [
        {
          "code": "TQ_EAGE",
          "text": "record is of a day older than the ledger keeps",
          "count": 1,
          "first": "old.csv:5: openai at 2026-03-29 12:00:00Z"
        }
      ],
      "bad_lines": {
        "count": 0,
        "first": []
      },
      "steps_back": {
        "count": 1,
        "longest_ns": 7776000000000000
      },
      "unused_budgets": [],
      "placed": null
    }

bad_budget_commas
  $ tokenquota replay a.csv -b openai=5,00,000
  ! tokenquota: replay: --budget: "5,00,000" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
  [2]

bad_budget_control
  $ tokenquota replay a.csv -b "$(printf 'op\033[31mai')=5"
  ! tokenquota: replay: --budget: "op\x1b[31mai": provider name refused: 1 to 255 bytes of UTF-8 without control characters
  [2]

bad_budget_fraction
  $ tokenquota replay a.csv -b openai=1.2345k
  ! tokenquota: replay: --budget: "1.2345k" is not a whole number of tokens
  [2]

bad_budget_half
  $ tokenquota replay a.csv -b openai=.5M
  ! tokenquota: replay: --budget: ".5M" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
  [2]

bad_budget_hex
  $ tokenquota replay a.csv -b openai=0x10
  ! tokenquota: replay: --budget: "0x10" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
  [2]

bad_budget_negative
  $ tokenquota replay a.csv -b openai=-5
  ! tokenquota: replay: --budget: "-5" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
  [2]

bad_budget_no_equals
  $ tokenquota replay a.csv -b openai
  ! tokenquota: replay: --budget: "openai" has no "="; write PROVIDER=TOKENS
  [2]

bad_budget_no_name
  $ tokenquota replay a.csv -b =5
  ! tokenquota: replay: --budget: "=5" names no provider; write PROVIDER=TOKENS
  [2]

bad_budget_no_number
  $ tokenquota replay a.csv -b openai=
  ! tokenquota: replay: --budget: "" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
  [2]

bad_budget_overflow
  $ tokenquota replay a.csv -b openai=9223372036854775808
  ! tokenquota: replay: --budget: "9223372036854775808" is too many tokens; the most is 9223372036854775807
  [2]

bad_budget_overflow_unit
  $ tokenquota replay a.csv -b openai=9223373T
  ! tokenquota: replay: --budget: "9223373T" is too many tokens; the most is 9223372036854775807
  [2]

bad_budget_point
  $ tokenquota replay a.csv -b openai=5.M
  ! tokenquota: replay: --budget: "5.M" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
  [2]

bad_budget_points
  $ tokenquota replay a.csv -b openai=5.5.5M
  ! tokenquota: replay: --budget: "5.5.5M" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
  [2]

bad_budget_unit
  $ tokenquota replay a.csv -b openai=5X
  ! tokenquota: replay: --budget: "5X" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
  [2]

bad_budget_words
  $ tokenquota replay a.csv -b 'openai=five million'
  ! tokenquota: replay: --budget: "five million" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
  [2]

bad_budgets_control
  $ tokenquota replay a.csv -B control.txt
  ! tokenquota: replay: control.txt:2: "op\x1bai": provider name refused: 1 to 255 bytes of UTF-8 without control characters
  [2]

bad_budgets_directory
  $ tokenquota replay a.csv -B .
  ! tokenquota: replay: --budgets: .: is a directory; give a file with one PROVIDER=TOKENS a line
  [2]

bad_budgets_missing
  $ tokenquota replay a.csv -B nosuch.txt
  ! tokenquota: replay: --budgets: nosuch.txt: No such file or directory
  [2]

bad_budgets_no_equals
  $ tokenquota replay a.csv -B noequals.txt
  ! tokenquota: replay: noequals.txt:3: "anthropic" has no "="; write PROVIDER=TOKENS
  [2]

bad_budgets_nul
  $ tokenquota replay a.csv -B nul.txt
  ! tokenquota: replay: nul.txt:1: a NUL byte: this is no text file
  [2]

bad_budgets_unit
  $ tokenquota replay a.csv -B unit.txt
  ! tokenquota: replay: unit.txt:2: "5X" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
  [2]

bad_color
  $ tokenquota replay --color=sometimes a.csv
  ! tokenquota: replay: --color "sometimes": write auto, always or never
  [2]

bad_directory
  $ tokenquota replay .
  ! tokenquota: replay: .: cannot read: Is a directory
  [2]

bad_lines
  $ tokenquota replay bad.csv
    2 records, 200 tokens, 1 provider
    from 2026-03-02 12:00:00Z to 2026-03-02 12:04:00Z
    
    Today: UTC day 2026-03-02, which ends at 01:00 CET. The log ends at 12:04:00Z.
    provider  used budget     %                   burn/h projection  state
    openai     200      -     -                       16        398  available
    
    The provider is available
    5 bad lines skipped
  ! tokenquota: replay: bad.csv:3: timestamp is neither an RFC 3339 time nor a number: "yesterday"
  ! tokenquota: replay: bad.csv:4: tokens is not a whole number: "many"
  ! tokenquota: replay: bad.csv:5: tokens is negative: "-5"
  ! tokenquota: replay: bad.csv:6: the line has 1 field, the header 3
  ! tokenquota: replay: bad.csv:8: the line has 2 fields, the header 3

bad_lines_json
  $ "$TQ" replay --json bad.csv > document
  $ status=$?
  $ sed 's/"version": ".*"/"version": "NUMBER"/' document
  $ exit $status
    {
      "schema": 1,
      "version": "NUMBER",
      "rule": "care",
      "care": 1.25,
      "files": [
        "bad.csv"
      ],
      "records": 2,
      "tokens": 200,
      "start_at": "2026-03-02T12:00:00Z",
      "end_at": "2026-03-02T12:04:00Z",
      "day_ends_at": "2026-03-03T00:00:00Z",
      "transitions": [],
      "providers": [
        {
          "provider": "openai",
          "records": 2,
          "tokens": 200,
          "used": 200,
          "budget": null,
          "burn_rate_per_hour": 16,
          "projection": 398,
          "state": "available",
          "retry_at": null
        }
      ],
      "days": [
        {
          "day": "2026-03-02",
          "provider": "openai",
          "used": 200,
          "budget": null,
          "exhausted_at": null
        }
      ],
      "limits": [],
      "refused": [],
      "bad_lines": {
        "count": 5,
        "first": [
          {
            "file": "bad.csv",
            "line": 3,
            "msg": "timestamp is neither an RFC 3339 time nor a number: \"yesterday\""
          },
          {
            "file": "bad.csv",
            "line": 4,
            "msg": "tokens is not a whole number: \"many\""
          },
          {
            "file": "bad.csv",
            "line": 5,
            "msg": "tokens is negative: \"-5\""
          },
          {
            "file": "bad.csv",
            "line": 6,
            "msg": "the line has 1 field, the header 3"
          },
          {
            "file": "bad.csv",
            "line": 8,
            "msg": "the line has 2 fields, the header 3"
          }
        ]
      },
      "steps_back": {
        "count": 0,
        "longest_ns": 0
      },
      "unused_budgets": [],
      "placed": null
    }
  ! tokenquota: replay: bad.csv:3: timestamp is neither an RFC 3339 time nor a number: "yesterday"
  ! tokenquota: replay: bad.csv:4: tokens is not a whole number: "many"
  ! tokenquota: replay: bad.csv:5: tokens is negative: "-5"
  ! tokenquota: replay: bad.csv:6: the line has 1 field, the header 3
  ! tokenquota: replay: bad.csv:8: the line has 2 fields, the header 3

bad_lines_many
  $ tokenquota replay -q twentyfive.csv
    1 record, 1 token, 1 provider
    from 2026-03-02 12:00:00Z to 2026-03-02 12:00:00Z
    
    Today: UTC day 2026-03-02, which ends at 01:00 CET. The log ends at 12:00:00Z.
    provider  used budget     %                   burn/h projection  state
    x            1      -     -                        0          2  available
    
    The provider is available
    25 bad lines skipped
  ! tokenquota: replay: twentyfive.csv:2: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:3: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:4: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:5: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:6: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:7: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:8: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:9: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:10: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:11: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:12: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:13: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:14: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:15: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:16: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:17: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:18: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:19: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:20: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: twentyfive.csv:21: timestamp is neither an RFC 3339 time nor a number: "never"
  ! tokenquota: replay: 20 bad lines shown; more follow and are counted

bad_missing
  $ tokenquota replay nosuch.csv
  ! tokenquota: replay: nosuch.csv: cannot open: No such file or directory
  [2]

bad_no_columns
  $ tokenquota replay budgets.txt
  ! tokenquota: replay: budgets.txt:1: there is no column unix_ms or timestamp; the first line is: # budgets of the tests
  [2]

bad_no_log
  $ . ./claude.sh
  $ tokenquota replay
  ! tokenquota: replay: no log: no tool's logs were found; name a FILE, or - for standard input
  [2]

bad_option
  $ tokenquota replay --budgt openai=1M a.csv
  ! tokenquota: replay: unknown option "--budgt"; did you mean "--budget"?
  [2]

bad_option_far
  $ tokenquota replay --frobnicate a.csv
  ! tokenquota: replay: unknown option "--frobnicate"; --help lists the options
  [2]

bad_option_no_value
  $ tokenquota replay a.csv --budget
  ! tokenquota: replay: --budget needs a value: --budget PROVIDER=TOKENS
  [2]

bad_option_short
  $ tokenquota replay -qx a.csv
  ! tokenquota: replay: unknown option "-x"; --help lists the options
  [2]

bad_option_value
  $ tokenquota replay --quiet=yes a.csv
  ! tokenquota: replay: --quiet takes no value
  [2]

bad_two_stdin
  $ tokenquota replay - -
  ! tokenquota: replay: standard input can be read once; give "-" once
  [2]

budgets_crlf
  $ tokenquota replay --rule original a.csv -q -B crlf.txt
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai
    2026-03-02   100k   11%         1.06M  106% !09:00
    2026-03-03     1M  111% !07:15    15k    2%
    total        1.1M               1.07M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    anthropic    1M   900k  111%  ###############  59.6k      1.44M  quota_exhausted
    openai      15k     1M    2%  ---------------    895      21.5k  available
    
    1 of 2 providers quota_exhausted until 2026-03-04 01:00:00 CET, in 7 h 15 min
  [1]

budgets_file
  $ tokenquota replay --rule original a.csv b.csv --budgets budgets.txt
    2026-03-02 09:00:00Z  openai        available -> quota_exhausted  used 400,000 of 1,000,000, projection 1,066,667
    2026-03-03 00:00:00Z  openai        quota_exhausted -> available
    
    11 records, 2,375,033 tokens, 3 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai              gemini
    2026-03-02   100k    7%         1.06M  106% !09:00   200k    0%
    2026-03-03     1M   67%           15k    2%
    total        1.1M               1.07M                200k
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    anthropic    1M   1.5M   67%  ##########-----  59.6k      1.44M  available
    openai      15k     1M    2%  ---------------    895      21.5k  available
    1 of 3 providers used nothing today
    
    3 providers, all available

budgets_overridden
  $ tokenquota replay --rule original a.csv -q -B budgets.txt -b openai=9M
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai
    2026-03-02   100k    7%         1.06M   12%
    2026-03-03     1M   67%           15k    0%
    total        1.1M               1.07M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    anthropic    1M   1.5M   67%  ##########-----  59.6k      1.44M  available
    openai      15k     9M    0%  ---------------    895      21.5k  available
    
    2 providers, all available

color_always
  $ tokenquota replay --rule original -q --color always a.csv -b openai=1M -b anthropic=1.1M
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    [1mday (UTC)   anthropic           openai[0m
    2026-03-02   100k    [32m9%[0m         1.06M  [31m106%[0m [31m!09:00[0m
    2026-03-03     1M   [31m91%[0m [31m!07:15[0m    15k    [32m2%[0m
    total        1.1M               1.07M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    [1mprovider   used budget     %                  burn/h projection  state[0m
    anthropic    1M   1.1M   91%  [31m#############--[0m  59.6k      1.44M  [31mquota_exhausted[0m
    openai      15k     1M    2%  [32m---------------[0m    895      21.5k  available
    
    1 of 2 providers quota_exhausted until 2026-03-04 01:00:00 CET, in 7 h 15 min
  [1]

color_always_wins
  $ NO_COLOR=1; export NO_COLOR
  $ tokenquota replay --rule original -q --color always a.csv -b openai=1M
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    [1mday (UTC)   openai              anthropic[0m
    2026-03-02  1.06M  [31m106%[0m [31m!09:00[0m   100k
    2026-03-03    15k    [32m2%[0m            1M
    total       1.07M                1.1M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    [1mprovider   used budget     %                  burn/h projection  state[0m
    openai      15k     1M    2%  [32m---------------[0m    895      21.5k  available
    anthropic    1M      -     -                   59.6k      1.44M  available
    
    2 providers, all available

color_never
  $ tokenquota replay --rule original -q --color=never a.csv -b openai=1M
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   openai              anthropic
    2026-03-02  1.06M  106% !09:00   100k
    2026-03-03    15k    2%            1M
    total       1.07M                1.1M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    openai      15k     1M    2%  ---------------    895      21.5k  available
    anthropic    1M      -     -                   59.6k      1.44M  available
    
    2 providers, all available

days_all
  $ tokenquota replay --rule original many.csv -q --days -b m0=9k -b m1=40k
    200 records, 991,000 tokens, 3 providers
    from 2026-01-01 12:00:00Z to 2026-08-04 12:00:00Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   m1                  m0                  m2
    2026-01-01                          0    0%
    2026-01-02  1,000    3%
    2026-01-03                                          2,000
    2026-01-04                      3,000   33%
    2026-01-05  4,000   10%
    2026-01-06                                          5,000
    2026-01-07                      6,000   67% !12:00
    2026-01-08  7,000   18%
    2026-01-09                                          8,000
    2026-01-10                      9,000  100% !12:00
    2026-01-11    10k   25%
    2026-01-12                                              0
    2026-01-13                      1,000   11%
    2026-01-14  2,000    5%
    2026-01-15                                          3,000
    2026-01-16                      4,000   44%
    2026-01-17  5,000   13%
    2026-01-18                                          6,000
    2026-01-19                      7,000   78% !12:00
    2026-01-20  8,000   20%
    2026-01-21                                          9,000
    2026-01-22                        10k  111% !12:00
    2026-01-23      0    0%
    2026-01-24                                          1,000
    2026-01-25                      2,000   22%
    2026-01-26  3,000    8%
    2026-01-27                                          4,000
    2026-01-28                      5,000   56% !12:00
    2026-02-01  6,000   15%
    2026-02-02                                          7,000
    2026-02-03                      8,000   89% !12:00
    2026-02-04  9,000   23%
    2026-02-05                                            10k
    2026-02-06                          0    0%
    2026-02-07  1,000    3%
    2026-02-08                                          2,000
    2026-02-09                      3,000   33%
    2026-02-10  4,000   10%
    2026-02-11                                          5,000
    2026-02-12                      6,000   67% !12:00
    2026-02-13  7,000   18%
    2026-02-14                                          8,000
    2026-02-15                      9,000  100% !12:00
    2026-02-16    10k   25%
    2026-02-17                                              0
    2026-02-18                      1,000   11%
    2026-02-19  2,000    5%
    2026-02-20                                          3,000
    2026-02-21                      4,000   44%
    2026-02-22  5,000   13%
    2026-02-23                                          6,000
    2026-02-24                      7,000   78% !12:00
    2026-02-25  8,000   20%
    2026-02-26                                          9,000
    2026-02-27                        10k  111% !12:00
    2026-02-28      0    0%
    2026-03-01                                          1,000
    2026-03-02                      2,000   22%
    2026-03-03  3,000    8%
    2026-03-04                                          4,000
    2026-03-05                      5,000   56% !12:00
    2026-03-06  6,000   15%
    2026-03-07                                          7,000
    2026-03-08                      8,000   89% !12:00
    2026-03-09  9,000   23%
    2026-03-10                                            10k
    2026-03-11                          0    0%
    2026-03-12  1,000    3%
    2026-03-13                                          2,000
    2026-03-14                      3,000   33%
    2026-03-15  4,000   10%
    2026-03-16                                          5,000
    2026-03-17                      6,000   67% !12:00
    2026-03-18  7,000   18%
    2026-03-19                                          8,000
    2026-03-20                      9,000  100% !12:00
    2026-03-21    10k   25%
    2026-03-22                                              0
    2026-03-23                      1,000   11%
    2026-03-24  2,000    5%
    2026-03-25                                          3,000
    2026-03-26                      4,000   44%
    2026-03-27  5,000   13%
    2026-03-28                                          6,000
    2026-04-01                      7,000   78% !12:00
    2026-04-02  8,000   20%
    2026-04-03                                          9,000
    2026-04-04                        10k  111% !12:00
    2026-04-05      0    0%
    2026-04-06                                          1,000
    2026-04-07                      2,000   22%
    2026-04-08  3,000    8%
    2026-04-09                                          4,000
    2026-04-10                      5,000   56% !12:00
    2026-04-11  6,000   15%
    2026-04-12                                          7,000
    2026-04-13                      8,000   89% !12:00
    2026-04-14  9,000   23%
    2026-04-15                                            10k
    2026-04-16                          0    0%
    2026-04-17  1,000    3%
    2026-04-18                                          2,000
    2026-04-19                      3,000   33%
    2026-04-20  4,000   10%
    2026-04-21                                          5,000
    2026-04-22                      6,000   67% !12:00
    2026-04-23  7,000   18%
    2026-04-24                                          8,000
    2026-04-25                      9,000  100% !12:00
    2026-04-26    10k   25%
    2026-04-27                                              0
    2026-04-28                      1,000   11%
    2026-05-01  2,000    5%
    2026-05-02                                          3,000
    2026-05-03                      4,000   44%
    2026-05-04  5,000   13%
    2026-05-05                                          6,000
    2026-05-06                      7,000   78% !12:00
    2026-05-07  8,000   20%
    2026-05-08                                          9,000
    2026-05-09                        10k  111% !12:00
    2026-05-10      0    0%
    2026-05-11                                          1,000
    2026-05-12                      2,000   22%
    2026-05-13  3,000    8%
    2026-05-14                                          4,000
    2026-05-15                      5,000   56% !12:00
    2026-05-16  6,000   15%
    2026-05-17                                          7,000
    2026-05-18                      8,000   89% !12:00
    2026-05-19  9,000   23%
    2026-05-20                                            10k
    2026-05-21                          0    0%
    2026-05-22  1,000    3%
    2026-05-23                                          2,000
    2026-05-24                      3,000   33%
    2026-05-25  4,000   10%
    2026-05-26                                          5,000
    2026-05-27                      6,000   67% !12:00
    2026-05-28  7,000   18%
    2026-06-01                                          8,000
    2026-06-02                      9,000  100% !12:00
    2026-06-03    10k   25%
    2026-06-04                                              0
    2026-06-05                      1,000   11%
    2026-06-06  2,000    5%
    2026-06-07                                          3,000
    2026-06-08                      4,000   44%
    2026-06-09  5,000   13%
    2026-06-10                                          6,000
    2026-06-11                      7,000   78% !12:00
    2026-06-12  8,000   20%
    2026-06-13                                          9,000
    2026-06-14                        10k  111% !12:00
    2026-06-15      0    0%
    2026-06-16                                          1,000
    2026-06-17                      2,000   22%
    2026-06-18  3,000    8%
    2026-06-19                                          4,000
    2026-06-20                      5,000   56% !12:00
    2026-06-21  6,000   15%
    2026-06-22                                          7,000
    2026-06-23                      8,000   89% !12:00
    2026-06-24  9,000   23%
    2026-06-25                                            10k
    2026-06-26                          0    0%
    2026-06-27  1,000    3%
    2026-06-28                                          2,000
    2026-07-01                      3,000   33%
    2026-07-02  4,000   10%
    2026-07-03                                          5,000
    2026-07-04                      6,000   67% !12:00
    2026-07-05  7,000   18%
    2026-07-06                                          8,000
    2026-07-07                      9,000  100% !12:00
    2026-07-08    10k   25%
    2026-07-09                                              0
    2026-07-10                      1,000   11%
    2026-07-11  2,000    5%
    2026-07-12                                          3,000
    2026-07-13                      4,000   44%
    2026-07-14  5,000   13%
    2026-07-15                                          6,000
    2026-07-16                      7,000   78% !12:00
    2026-07-17  8,000   20%
    2026-07-18                                          9,000
    2026-07-19                        10k  111% !12:00
    2026-07-20      0    0%
    2026-07-21                                          1,000
    2026-07-22                      2,000   22%
    2026-07-23  3,000    8%
    2026-07-24                                          4,000
    2026-07-25                      5,000   56% !12:00
    2026-07-26  6,000   15%
    2026-07-27                                          7,000
    2026-07-28                      8,000   89% !12:00
    2026-08-01  9,000   23%
    2026-08-02                                            10k
    2026-08-03                          0    0%
    2026-08-04  1,000    3%
    total        331k                330k                330k
    
    Today: UTC day 2026-08-04, which ends at 02:00 CEST. The log ends at 12:00:00Z.
    provider  used budget     %                   burn/h projection  state
    m1       1,000    40k    3%  ----------------     83      2,000  available
    2 of 3 providers used nothing today
    
    3 providers, all available

days_strip
  $ tokenquota replay many.csv -q -b m0=9k -b m1=40k
    200 records, 991,000 tokens, 3 providers
    from 2026-01-01 12:00:00Z to 2026-08-04 12:00:00Z
    
    Day by day (UTC), a character for each day with usage (--days: the numbers):
    : to # eighths of the budget, ! quota_exhausted, * no budget, . nothing
    
    provider    total  2026-01-01 to 2026-03-05
    m1           331k  .:..:..-..=..:..-..-..:..:..-..-..:..:..-..=..:..-..-..:..:..
    m0           330k  :..=..!..!..:..+..!..!..-..!..!..:..=..!..!..:..+..!..!..-..!
    m2           330k  ..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*.
    
    provider    total  2026-03-06 to 2026-05-10
    m1           331k  -..-..:..:..-..=..:..-..-..:..:..-..-..:..:..-..=..:..-..-..:
    m0           330k  ..!..:..=..!..!..:..+..!..!..-..!..!..:..=..!..!..:..+..!..!.
    m2           330k  .*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..
    
    provider    total  2026-05-11 to 2026-07-15
    m1           331k  ..:..-..-..:..:..-..=..:..-..-..:..:..-..-..:..:..-..=..:..-.
    m0           330k  .-..!..!..:..=..!..!..:..+..!..!..-..!..!..:..=..!..!..:..+..
    m2           330k  *..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*..*
    
    provider    total  2026-07-16 to 2026-08-04
    m1           331k  .-..:..:..-..-..:
    m0           330k  !..!..-..!..!..:.
    m2           330k  ..*..*..*..*..*..
    
    Today: UTC day 2026-08-04, which ends at 02:00 CEST. The log ends at 12:00:00Z.
    provider  used budget     %                   burn/h projection  state
    m1       1,000    40k    3%  ----------------     83      2,000  available
    2 of 3 providers used nothing today
    
    3 providers, all available

double_dash
  $ mv a.csv -- -odd-.csv
  $ tokenquota replay --rule original -q -- -odd-.csv
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai
    2026-03-02   100k               1.06M
    2026-03-03     1M                 15k
    total        1.1M               1.07M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    anthropic    1M      -     -                   59.6k      1.44M  available
    openai      15k      -     -                     895      21.5k  available
    
    2 providers, all available

empty_log
  $ tokenquota replay empty.csv
    0 records
  ! tokenquota: replay: no usable record: no budget or limit could be tested
  [2]

empty_log_json
  $ "$TQ" replay --json empty.csv > document
  $ status=$?
  $ sed 's/"version": ".*"/"version": "NUMBER"/' document
  $ exit $status
    {
      "schema": 1,
      "version": "NUMBER",
      "rule": "care",
      "care": 1.25,
      "files": [
        "empty.csv"
      ],
      "records": 0,
      "tokens": 0,
      "start_at": null,
      "end_at": null,
      "day_ends_at": null,
      "transitions": [],
      "providers": [],
      "days": [],
      "limits": [],
      "refused": [],
      "bad_lines": {
        "count": 0,
        "first": []
      },
      "steps_back": {
        "count": 0,
        "longest_ns": 0
      },
      "unused_budgets": [],
      "placed": null
    }
  ! tokenquota: replay: no usable record: no budget or limit could be tested
  [2]

full_disk
  $ tokenquota replay a.csv > /dev/full
  ! tokenquota: replay: cannot write to standard output: No space left on device
  [2]

full_disk_json
  $ tokenquota replay --json a.csv > /dev/full
  ! tokenquota: replay: cannot write to standard output: No space left on device
  [2]

gzip
  ? gzip
  $ gzip a.csv
  $ tokenquota replay --rule original a.csv.gz -q
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai
    2026-03-02   100k               1.06M
    2026-03-03     1M                 15k
    total        1.1M               1.07M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    anthropic    1M      -     -                   59.6k      1.44M  available
    openai      15k      -     -                     895      21.5k  available
    
    2 providers, all available

gzip_broken
  ? gzip
  $ gzip -n < many.csv | head -c 300 > broken.gz
  $ tokenquota replay -q broken.gz
  ! tokenquota: replay: broken.gz: the compressed stream is cut off
  [2]

gzip_stdin
  ? gzip
  $ gzip a.csv
  $ tokenquota replay --rule original - -q < a.csv.gz
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai
    2026-03-02   100k               1.06M
    2026-03-03     1M                 15k
    total        1.1M               1.07M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    anthropic    1M      -     -                   59.6k      1.44M  available
    openai      15k      -     -                     895      21.5k  available
    
    2 providers, all available

half_line_bad
  $ tokenquota replay torn.csv
    1 record, 100 tokens, 1 provider
    from 2026-03-02 12:00:00Z to 2026-03-02 12:00:00Z
    
    Today: UTC day 2026-03-02, which ends at 01:00 CET. The log ends at 12:00:00Z.
    provider  used budget     %                   burn/h projection  state
    openai     100      -     -                        8        200  available
    
    The provider is available
    1 bad line skipped
  ! tokenquota: replay: torn.csv:3: the line has 1 field, the header 3

half_line_ok
  $ tokenquota replay half.csv
    2 records, 120 tokens, 1 provider
    from 2026-03-02 12:00:00Z to 2026-03-02 12:01:00Z
    
    Today: UTC day 2026-03-02, which ends at 01:00 CET. The log ends at 12:01:00Z.
    provider  used budget     %                   burn/h projection  state
    openai     120      -     -                        9        240  available
    
    The provider is available

help_replay
  $ tokenquota help replay
    usage: tokenquota replay [OPTION]... [FILE...|-]
    
    Run usage logs through rules and limits: which would have run out, and when.
    
      -b, --budget PROVIDER=TOKENS    tokens per day: 5000000, 5M, 1.5k; * means all others
      -B, --budgets FILE              read such budgets from a file, one per line; # begins a comment
      -l, --limit PROVIDER=SENTENCE   a limit: claude='900 requests per day'; * means all others
      -r, --rule RULE                 the rule that predicts: care, off, original or horizon (care)
      -a, --account NAME:SENTENCES    place each record on one of such accounts: 'a: 4M tokens per week'
          --policy POLICY             which account: order (default), sticky, pressure, sticky-pressure
          --as-is                     keep the order of the log instead of sorting by time
          --strict                    stop at the first bad line or refused record
      -q, --quiet                     print only the result, no transitions
          --score                     judge each rule by what it would have made of the log
          --window WINDOW             (--score) the window of a budget: day, 5h, hour, week (day)
          --group HOW                 (--score) one provider is a name, or a prefix before a / (name)
          --lag LENGTH                (--score) the length of calls without a start in the log (10m)
          --care LIST                 how careful the rule care is; with --score several: 1/2,1,5/4 (5/4)
          --days                      print every day with its numbers, however many there are
          --json                      print one JSON document instead
          --color WHEN                use colour: auto, always or never
      -h, --help                      print this help
    
    FILE is a CSV log with a header line or a JSONL log, plain, gzip or zstd. Several FILEs are
    merged by time; - reads standard input, in its own order. Without a FILE, reads the logs of
    all tools that `tokenquota import all` would read, each response once. Days are UTC days.
    
    A limit is written as in `tokenquota limit --help`. At the end there is a line for each: its
    windows with records, those of them in which it was spent, and the most used in one.
    
    With --account each record is a call that is placed on one account by POLICY, as `tokenquota route`
    chooses; while all are out it is refused, and counts nowhere. At the end there is what was
    refused, how often the account changed, and how much quota lapsed at the resets of the longest
    window of each.
    
    RULE decides when a budget or a limit is exhausted: see `tokenquota rule --help`. care is the
    default of a ledger, original that of tq_tracker_new. --care is that of all providers.
    
    --score lives through each window under each rule, with budgets of 1/2 to 2 times the mean
    window, or those of --budget, and prints how often a provider was out in vain (false), for how
    long (wrong h), warned in time, above its budget (overrun) and below it (stranded). At the end
    it says which care would have lost least. In the row flight every call says when it begins, in
    the row reserve also how much it will use at most. docs/forecast.md defines each figure.
    
    Exit status: 0 if every provider is available at the log's end, 1 if one is not, 2 on an error
    or without a usable record. With --score: 0, or 2.
    
      tokenquota replay usage.csv --budget openai=5M --budget '*=1M'
      tokenquota replay usage.csv --score --window 5h --quiet
      tokenquota replay --limit 'claude=900 requests per 5h first-use'
      tokenquota replay usage.csv --policy sticky --account 'a: 4M tokens per week' --account 'b: 9M tokens per day'

help_replay_option
  $ tokenquota replay --help
    usage: tokenquota replay [OPTION]... [FILE...|-]
    
    Run usage logs through rules and limits: which would have run out, and when.
    
      -b, --budget PROVIDER=TOKENS    tokens per day: 5000000, 5M, 1.5k; * means all others
      -B, --budgets FILE              read such budgets from a file, one per line; # begins a comment
      -l, --limit PROVIDER=SENTENCE   a limit: claude='900 requests per day'; * means all others
      -r, --rule RULE                 the rule that predicts: care, off, original or horizon (care)
      -a, --account NAME:SENTENCES    place each record on one of such accounts: 'a: 4M tokens per week'
          --policy POLICY             which account: order (default), sticky, pressure, sticky-pressure
          --as-is                     keep the order of the log instead of sorting by time
          --strict                    stop at the first bad line or refused record
      -q, --quiet                     print only the result, no transitions
          --score                     judge each rule by what it would have made of the log
          --window WINDOW             (--score) the window of a budget: day, 5h, hour, week (day)
          --group HOW                 (--score) one provider is a name, or a prefix before a / (name)
          --lag LENGTH                (--score) the length of calls without a start in the log (10m)
          --care LIST                 how careful the rule care is; with --score several: 1/2,1,5/4 (5/4)
          --days                      print every day with its numbers, however many there are
          --json                      print one JSON document instead
          --color WHEN                use colour: auto, always or never
      -h, --help                      print this help
    
    FILE is a CSV log with a header line or a JSONL log, plain, gzip or zstd. Several FILEs are
    merged by time; - reads standard input, in its own order. Without a FILE, reads the logs of
    all tools that `tokenquota import all` would read, each response once. Days are UTC days.
    
    A limit is written as in `tokenquota limit --help`. At the end there is a line for each: its
    windows with records, those of them in which it was spent, and the most used in one.
    
    With --account each record is a call that is placed on one account by POLICY, as `tokenquota route`
    chooses; while all are out it is refused, and counts nowhere. At the end there is what was
    refused, how often the account changed, and how much quota lapsed at the resets of the longest
    window of each.
    
    RULE decides when a budget or a limit is exhausted: see `tokenquota rule --help`. care is the
    default of a ledger, original that of tq_tracker_new. --care is that of all providers.
    
    --score lives through each window under each rule, with budgets of 1/2 to 2 times the mean
    window, or those of --budget, and prints how often a provider was out in vain (false), for how
    long (wrong h), warned in time, above its budget (overrun) and below it (stranded). At the end
    it says which care would have lost least. In the row flight every call says when it begins, in
    the row reserve also how much it will use at most. docs/forecast.md defines each figure.
    
    Exit status: 0 if every provider is available at the log's end, 1 if one is not, 2 on an error
    or without a usable record. With --score: 0, or 2.
    
      tokenquota replay usage.csv --budget openai=5M --budget '*=1M'
      tokenquota replay usage.csv --score --window 5h --quiet
      tokenquota replay --limit 'claude=900 requests per 5h first-use'
      tokenquota replay usage.csv --policy sticky --account 'a: 4M tokens per week' --account 'b: 9M tokens per day'

help_two
  $ tokenquota help replay version
  ! tokenquota: help: it takes one COMMAND
  [2]

json
  $ "$TQ" replay --rule original a.csv b.csv --json -b openai=1M -b nobody=5 > document
  $ status=$?
  $ sed 's/"version": ".*"/"version": "NUMBER"/' document
  $ exit $status
    {
      "schema": 1,
      "version": "NUMBER",
      "rule": "original",
      "care": null,
      "files": [
        "a.csv",
        "b.csv"
      ],
      "records": 11,
      "tokens": 2375033,
      "start_at": "2026-03-02T06:00:00Z",
      "end_at": "2026-03-03T16:45:30Z",
      "day_ends_at": "2026-03-04T00:00:00Z",
      "transitions": [
        {
          "at": "2026-03-02T09:00:00Z",
          "provider": "openai",
          "from": "available",
          "to": "quota_exhausted",
          "used": 400000,
          "budget": 1000000,
          "projection": 1066667,
          "retry_at": "2026-03-03T00:00:00Z",
          "limit": null
        },
        {
          "at": "2026-03-03T00:00:00Z",
          "provider": "openai",
          "from": "quota_exhausted",
          "to": "available",
          "used": null,
          "budget": 1000000,
          "projection": null,
          "retry_at": null,
          "limit": null
        }
      ],
      "providers": [
        {
          "provider": "openai",
          "records": 6,
          "tokens": 1075033,
          "used": 15000,
          "budget": 1000000,
          "burn_rate_per_hour": 895,
          "projection": 21482,
          "state": "available",
          "retry_at": null
        },
        {
          "provider": "anthropic",
          "records": 3,
          "tokens": 1100000,
          "used": 1000000,
          "budget": null,
          "burn_rate_per_hour": 59671,
          "projection": 1432124,
          "state": "available",
          "retry_at": null
        },
        {
          "provider": "gemini",
          "records": 2,
          "tokens": 200000,
          "used": 0,
          "budget": null,
          "burn_rate_per_hour": 0,
          "projection": 0,
          "state": "available",
          "retry_at": null
        }
      ],
      "days": [
        {
          "day": "2026-03-02",
          "provider": "openai",
          "used": 1060033,
          "budget": 1000000,
          "exhausted_at": "2026-03-02T09:00:00Z"
        },
        {
          "day": "2026-03-03",
          "provider": "openai",
          "used": 15000,
          "budget": 1000000,
          "exhausted_at": null
        },
        {
          "day": "2026-03-02",
          "provider": "anthropic",
          "used": 100000,
          "budget": null,
          "exhausted_at": null
        },
        {
          "day": "2026-03-03",
          "provider": "anthropic",
          "used": 1000000,
          "budget": null,
          "exhausted_at": null
        },
        {
          "day": "2026-03-02",
          "provider": "gemini",
          "used": 200000,
          "budget": null,
          "exhausted_at": null
        }
      ],
      "limits": [],
      "refused": [],
      "bad_lines": {
        "count": 0,
        "first": []
      },
      "steps_back": {
        "count": 0,
        "longest_ns": 0
      },
      "unused_budgets": [
        "nobody"
      ],
      "placed": null
    }

json_quiet
  $ "$TQ" replay --rule original a.csv --json --quiet -b openai=1M > document
  $ status=$?
  $ sed 's/"version": ".*"/"version": "NUMBER"/' document
  $ exit $status
    {
      "schema": 1,
      "version": "NUMBER",
      "rule": "original",
      "care": null,
      "files": [
        "a.csv"
      ],
      "records": 8,
      "tokens": 2175000,
      "start_at": "2026-03-02T06:00:00Z",
      "end_at": "2026-03-03T16:45:30Z",
      "day_ends_at": "2026-03-04T00:00:00Z",
      "transitions": [],
      "providers": [
        {
          "provider": "openai",
          "records": 5,
          "tokens": 1075000,
          "used": 15000,
          "budget": 1000000,
          "burn_rate_per_hour": 895,
          "projection": 21482,
          "state": "available",
          "retry_at": null
        },
        {
          "provider": "anthropic",
          "records": 3,
          "tokens": 1100000,
          "used": 1000000,
          "budget": null,
          "burn_rate_per_hour": 59671,
          "projection": 1432124,
          "state": "available",
          "retry_at": null
        }
      ],
      "days": [
        {
          "day": "2026-03-02",
          "provider": "openai",
          "used": 1060000,
          "budget": 1000000,
          "exhausted_at": "2026-03-02T09:00:00Z"
        },
        {
          "day": "2026-03-03",
          "provider": "openai",
          "used": 15000,
          "budget": 1000000,
          "exhausted_at": null
        },
        {
          "day": "2026-03-02",
          "provider": "anthropic",
          "used": 100000,
          "budget": null,
          "exhausted_at": null
        },
        {
          "day": "2026-03-03",
          "provider": "anthropic",
          "used": 1000000,
          "budget": null,
          "exhausted_at": null
        }
      ],
      "limits": [],
      "refused": [],
      "bad_lines": {
        "count": 0,
        "first": []
      },
      "steps_back": {
        "count": 0,
        "longest_ns": 0
      },
      "unused_budgets": [],
      "placed": null
    }

merge_as_is
  $ tokenquota replay --rule original --as-is a.csv b.csv -b openai=1M -b gemini=150k
    2026-03-02 09:00:00Z  openai                    available -> quota_exhausted  used 400,000 of 1,000,000, projection 1,066,667
    2026-03-03 00:00:00Z  openai                    quota_exhausted -> available
    2026-03-02 08:00:00Z  gemini                    available -> quota_exhausted  used 70,000 of 150,000, projection 210,000
    2026-03-03 00:00:00Z  gemini                    quota_exhausted -> available
    2026-03-02 12:00:00Z  openai                    available -> quota_exhausted  used 1,060,033 of 1,000,000, all of it
    2026-03-03 00:00:00Z  openai                    quota_exhausted -> available
    2026-03-02 21:00:00Z  gemini                    available -> quota_exhausted  used 200,000 of 150,000, all of it
    
    11 records, 2,375,033 tokens, 3 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   openai              anthropic           gemini
    2026-03-02  1.06M  106% !09:00   100k                200k  133% !08:00
    2026-03-03    15k    2%            1M
    total       1.07M                1.1M                200k
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    openai      15k     1M    2%  ---------------    895      21.5k  available
    anthropic    1M      -     -                   59.6k      1.44M  available
    1 of 3 providers used nothing today
    
    3 providers, all available
    1 step back in time, the longest 1 d 9 h at b.csv:2

merge_csv_jsonl
  $ "$TQ" replay --rule original c.jsonl a.csv -b openai=1M > document
  $ status=$?
  $ sed 's/"version": ".*"/"version": "NUMBER"/' document
  $ exit $status
    2026-03-02 09:00:00Z  openai        available -> quota_exhausted  used 400,000 of 1,000,000, projection 1,066,667
    2026-03-03 00:00:00Z  openai        quota_exhausted -> available
    
    10 records, 2,181,300 tokens, 3 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   openai              anthropic           gemini
    2026-03-02  1.06M  106% !09:00   100k               5,700
    2026-03-03    15k    2%            1M
    total       1.07M                1.1M               5,700
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    openai      15k     1M    2%  ---------------    895      21.5k  available
    anthropic    1M      -     -                   59.6k      1.44M  available
    1 of 3 providers used nothing today
    
    3 providers, all available

merge_two
  $ tokenquota replay --rule original a.csv b.csv -b openai=1M -b gemini=150k
    2026-03-02 08:00:00Z  gemini        available -> quota_exhausted  used 70,000 of 150,000, projection 210,000
    2026-03-02 09:00:00Z  openai        available -> quota_exhausted  used 400,000 of 1,000,000, projection 1,066,667
    2026-03-03 00:00:00Z  gemini        quota_exhausted -> available
    2026-03-03 00:00:00Z  openai        quota_exhausted -> available
    
    11 records, 2,375,033 tokens, 3 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   openai              anthropic           gemini
    2026-03-02  1.06M  106% !09:00   100k                200k  133% !08:00
    2026-03-03    15k    2%            1M
    total       1.07M                1.1M                200k
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    openai      15k     1M    2%  ---------------    895      21.5k  available
    anthropic    1M      -     -                   59.6k      1.44M  available
    1 of 3 providers used nothing today
    
    3 providers, all available

names
  $ tokenquota replay names.csv -b '*=1G'
    2026-03-02 13:00:00Z  a, "quoted" name                  available -> quota_exhausted  used 99,999,999,999 of 1,000,000,000, all of it
    
    4 records, 100,004,246,911 tokens, 4 providers
    from 2026-03-02 12:00:00Z to 2026-03-02 13:00:00Z
    
    Today: UTC day 2026-03-02, which ends at 01:00 CET. The log ends at 13:00:00Z.
    provider             used budget     %        burn/h projection  state
    a, "quoted" name    99.9G     1G >999%  #####  7.69G       185G  quota_exhausted
    openr..-a-long-name    3M     1G    0%  -----   230k      5.54M  available
    千問/..名稱模型名稱 1.23M     1G    0%  -----  94.9k      2.28M  available
    модел..-длинное-имя 12.3k     1G    0%  -----    949      22.8k  available
    
    1 of 4 providers quota_exhausted until 2026-03-03 01:00:00 CET, in 11 h
  [1]

nul
  $ tokenquota replay nul.csv
    2 records, 400 tokens, 1 provider
    from 2026-03-02 12:00:00Z to 2026-03-02 12:02:00Z
    
    Today: UTC day 2026-03-02, which ends at 01:00 CET. The log ends at 12:02:00Z.
    provider  used budget     %                   burn/h projection  state
    openai     400      -     -                       33        798  available
    
    The provider is available
    2 bad lines skipped
  ! tokenquota: replay: nul.csv:3: the line has a NUL byte
  ! tokenquota: replay: nul.csv:4: the line has a NUL byte

progress
  ? script
  ? mkfifo
  $ # A log that takes its time, on a terminal: a line says how far it is, and it is gone when the answer comes.
  $ script -qec true /dev/null < /dev/null > no-pty 2>&1 || exit 77 # no pseudo-terminals here
  $ mkfifo slow
  $ awk 'BEGIN { for (i = 0; i < 50000; i++) print "2026-03-02T12:00:00Z,openai,1" }' > lines
  $ script -qec '"$TQ" replay slow -q > answer' /dev/null > screen < /dev/null &
  $ {
  $     echo 'timestamp,provider,tokens'
  $     until=$(($(date +%s) + 2))
  $     while [ "$(date +%s)" -lt $until ]; do
  $         cat lines
  $     done
  $ } > slow
  $ wait
  $ tail -n 1 answer
  $ tr '\r' '\n' < screen > redraws
  $ [ "$(grep -c 'records  slow' redraws)" -gt 0 ] && echo drawn
  $ [ "$(tail -n 1 redraws)" = "$(printf '\033[K')" ] && echo erased
    The provider is available
    drawn
    erased

refused
  $ tokenquota replay refused.csv
    2 records, 400 tokens, 1 provider
    from 2026-03-02 12:00:00Z to 2026-03-02 12:02:00Z
    
    Today: UTC day 2026-03-02, which ends at 01:00 CET. The log ends at 12:02:00Z.
    provider  used budget     %                   burn/h projection  state
    openai     400      -     -                       33        798  available
    
    The provider is available
    2 records not counted (TQ_ENAME): provider name refused: 1 to 255 bytes of UTF-8 without control characters; the first: refused.csv:3: evil \x1b[31mred at 2026-03-02 12:01:00Z
    2 records not counted (TQ_ERANGE): instant out of range: from 1678-01-01 to before 2262-01-01 UTC; the first: refused.csv:5: openai at 2262-02-01 00:00:00Z

refused_json
  $ "$TQ" replay --json refused.csv > document
  $ status=$?
  $ sed 's/"version": ".*"/"version": "NUMBER"/' document
  $ exit $status
    {
      "schema": 1,
      "version": "NUMBER",
      "rule": "care",
      "care": 1.25,
      "files": [
        "refused.csv"
      ],
      "records": 2,
      "tokens": 400,
      "start_at": "2026-03-02T12:00:00Z",
      "end_at": "2026-03-02T12:02:00Z",
      "day_ends_at": "2026-03-03T00:00:00Z",
      "transitions": [],
      "providers": [
        {
          "provider": "openai",
          "records": 2,
          "tokens": 400,
          "used": 400,
          "budget": null,
          "burn_rate_per_hour": 33,
          "projection": 798,
          "state": "available",
          "retry_at": null
        }
      ],
      "days": [
        {
          "day": "2026-03-02",
          "provider": "openai",
          "used": 400,
          "budget": null,
          "exhausted_at": null
        }
      ],
      "limits": [],
      "refused": [
        {
          "code": "TQ_ENAME",
          "text": "provider name refused: 1 to 255 bytes of UTF-8 without control characters",
          "count": 2,
          "first": "refused.csv:3: evil \\x1b[31mred at 2026-03-02 12:01:00Z"
        },
        {
          "code": "TQ_ERANGE",
          "text": "instant out of range: from 1678-01-01 to before 2262-01-01 UTC",
          "count": 2,
          "first": "refused.csv:5: openai at 2262-02-01 00:00:00Z"
        }
      ],
      "bad_lines": {
        "count": 0,
        "first": []
      },
      "steps_back": {
        "count": 0,
        "longest_ns": 0
      },
      "unused_budgets": [],
      "placed": null
    }

replay_budget
  $ tokenquota replay --rule original a.csv --budget openai=1M --budget=anthropic=1M
    2026-03-02 09:00:00Z  openai        available -> quota_exhausted  used 400,000 of 1,000,000, projection 1,066,667
    2026-03-03 00:00:00Z  openai        quota_exhausted -> available
    2026-03-03 07:15:00Z  anthropic     available -> quota_exhausted  used 420,000 of 1,000,000, projection 1,390,332
    
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai
    2026-03-02   100k   10%         1.06M  106% !09:00
    2026-03-03     1M  100% !07:15    15k    2%
    total        1.1M               1.07M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    anthropic    1M     1M  100%  ###############  59.6k      1.44M  quota_exhausted
    openai      15k     1M    2%  ---------------    895      21.5k  available
    
    1 of 2 providers quota_exhausted until 2026-03-04 01:00:00 CET, in 7 h 15 min
  [1]

replay_logs
  $ # Without a file: what import all would read, each response once, and nothing is counted.
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ say replay --budget claude=500
  $ say replay --json --quiet --budget claude=500
  $ ls
    $ tokenquota replay --budget claude=500
    2026-03-04 23:30:00Z  claude        available -> quota_exhausted  used 1,130 of 500, all of it
    2026-03-05 00:00:00Z  claude        quota_exhausted -> available
    
    3 records, 1,270 tokens that count against limits, 1 provider
    from 2026-03-04 10:00:01Z to 2026-03-05 08:00:00Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on or for a while
    
    day (UTC)   claude
    2026-03-04  1,130  226% !23:30
    2026-03-05    140   28%
    total       1,270
    
    Today: UTC day 2026-03-05, which ends at 01:00 CET. The log ends at 08:00:00Z.
    provider  used budget     %                   burn/h projection  state
    claude     140    500   28%  ####------------     17        420  available
    
    The provider is available
    $ tokenquota replay --json --quiet --budget claude=500
    {
      "schema": 1,
      "version": "0.1.0",
      "rule": "care",
      "care": 1.25,
      "files": [],
      "records": 3,
      "tokens": 1270,
      "start_at": "2026-03-04T10:00:01Z",
      "end_at": "2026-03-05T08:00:00Z",
      "day_ends_at": "2026-03-06T00:00:00Z",
      "transitions": [],
      "providers": [
        {
          "provider": "claude",
          "records": 3,
          "tokens": 1270,
          "used": 140,
          "budget": 500,
          "burn_rate_per_hour": 17,
          "projection": 420,
          "state": "available",
          "retry_at": null
        }
      ],
      "days": [
        {
          "day": "2026-03-04",
          "provider": "claude",
          "used": 1130,
          "budget": 500,
          "exhausted_at": "2026-03-04T23:30:00Z"
        },
        {
          "day": "2026-03-05",
          "provider": "claude",
          "used": 140,
          "budget": 500,
          "exhausted_at": null
        }
      ],
      "limits": [],
      "refused": [],
      "bad_lines": {
        "count": 0,
        "first": []
      },
      "steps_back": {
        "count": 0,
        "longest_ns": 0
      },
      "unused_budgets": [],
      "placed": null
    }
    a.csv
    b.csv
    back.csv
    bad.csv
    budgets.txt
    c.jsonl
    calls.csv
    claude.sh
    claude_429.http
    claude_line.json
    claude_opus.http
    control.txt
    crlf.txt
    doctor.sh
    empty.csv
    fill.sh
    half.csv
    home
    lasts.sh
    many.csv
    names.csv
    noequals.txt
    nul.csv
    nul.txt
    old.csv
    openai_200.http
    openai_429.http
    openai_no_money.http
    options.sh
    overloaded.http
    refused.csv
    say.sh
    score.csv
    torn.csv
    twentyfive.csv
    unit.txt
    vectors.py

replay_none
  $ # What has no usable record decides nothing.
  $ . ./say.sh
  $ printf 'unix_ms,provider,tokens\nx,y,z\n1,2\n' > bad.csv
  $ printf 'unix_ms,provider,tokens\n' > empty.csv
  $ printf 'unix_ms,provider,tokens\nx,y,z\n1741000000000,p,5\n' > half.csv
  $ say replay bad.csv
  $ say_same replay bad.csv --json
  $ say replay empty.csv
  $ say replay bad.csv empty.csv -q
  $ say replay half.csv
    $ tokenquota replay bad.csv
    tokenquota: replay: bad.csv:2: unix_ms is not a whole number: "x"
    tokenquota: replay: bad.csv:3: the line has 2 fields, the header 3
    tokenquota: replay: no usable record: no budget or limit could be tested
    0 records
    2 bad lines skipped
    (exit 2)
    $ tokenquota replay bad.csv --json
    tokenquota: replay: bad.csv:2: unix_ms is not a whole number: "x"
    tokenquota: replay: bad.csv:3: the line has 2 fields, the header 3
    tokenquota: replay: no usable record: no budget or limit could be tested
    {
      "schema": 1,
      "version": "NUMBER",
      "rule": "care",
      "care": 1.25,
      "files": [
        "bad.csv"
      ],
      "records": 0,
      "tokens": 0,
      "start_at": null,
      "end_at": null,
      "day_ends_at": null,
      "transitions": [],
      "providers": [],
      "days": [],
      "limits": [],
      "refused": [],
      "bad_lines": {
        "count": 2,
        "first": [
          {
            "file": "bad.csv",
            "line": 2,
            "msg": "unix_ms is not a whole number: \"x\""
          },
          {
            "file": "bad.csv",
            "line": 3,
            "msg": "the line has 2 fields, the header 3"
          }
        ]
      },
      "steps_back": {
        "count": 0,
        "longest_ns": 0
      },
      "unused_budgets": [],
      "placed": null
    }
    (exit 2)
    $ tokenquota replay empty.csv
    tokenquota: replay: no usable record: no budget or limit could be tested
    0 records
    (exit 2)
    $ tokenquota replay bad.csv empty.csv -q
    tokenquota: replay: bad.csv:2: unix_ms is not a whole number: "x"
    tokenquota: replay: bad.csv:3: the line has 2 fields, the header 3
    tokenquota: replay: no usable record: no budget or limit could be tested
    0 records
    2 bad lines skipped
    (exit 2)
    $ tokenquota replay half.csv
    tokenquota: replay: half.csv:2: unix_ms is not a whole number: "x"
    1 record, 5 tokens, 1 provider
    from 2025-03-03 11:06:40Z to 2025-03-03 11:06:40Z
    
    Today: UTC day 2025-03-03, which ends at 01:00 CET. The log ends at 11:06:40Z.
    provider  used budget     %                   burn/h projection  state
    p            5      -     -                        0         11  available
    
    The provider is available
    1 bad line skipped

replay_plain
  $ tokenquota replay --rule original a.csv
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai
    2026-03-02   100k               1.06M
    2026-03-03     1M                 15k
    total        1.1M               1.07M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    anthropic    1M      -     -                   59.6k      1.44M  available
    openai      15k      -     -                     895      21.5k  available
    
    2 providers, all available

replay_care: with a care of its own, and a limit that will not last
  $ . ./say.sh
  $ printf 'timestamp,provider,tokens\n' > care.csv
  $ for minute in 00 10 20 30 40 50; do echo "2026-03-02T10:$minute:00Z,openai,100"; done >> care.csv
  $ for care in 0 1 5/4 1.5 8; do
  $     say replay care.csv -b openai=1000 --care $care | grep -E -- '^\$|->'
  $ done
  $ say replay care.csv -b openai=1000 --care 8 --json | grep -E '"(rule|care)"'
  $ say replay care.csv -l 'openai=1000 tokens per week' --care 2
  $ say replay care.csv -l 'openai=1000 tokens per week' --care 2 --json | grep -E '"(at|to|limit|spent|retry_at)"'
  $ say replay care.csv --care 1,2
  $ say replay care.csv --care 2 --rule horizon
  $ say replay care.csv --care 2 --rule care -q | head -3
    $ tokenquota replay care.csv -b openai=1000 --care 0
    $ tokenquota replay care.csv -b openai=1000 --care 1
    $ tokenquota replay care.csv -b openai=1000 --care 5/4
    2026-03-02 10:50:00Z  openai        available -> quota_exhausted  used 600 of 1,000, 400 left
    $ tokenquota replay care.csv -b openai=1000 --care 1.5
    2026-03-02 10:40:00Z  openai        available -> quota_exhausted  used 500 of 1,000, 500 left
    2026-03-02 10:46:40Z  openai        quota_exhausted -> available
    2026-03-02 10:50:00Z  openai        available -> quota_exhausted  used 600 of 1,000, 400 left
    $ tokenquota replay care.csv -b openai=1000 --care 8
    2026-03-02 10:10:00Z  openai        available -> quota_exhausted  used 200 of 1,000, 800 left
      "rule": "care",
      "care": 8.0,
    $ tokenquota replay care.csv -l openai=1000 tokens per week --care 2
    2026-03-02 10:30:00Z  openai        available -> quota_exhausted  used 400; limit: 1k tokens per week; until 2026-03-02 10:40:00Z
    2026-03-02 10:40:00Z  openai        quota_exhausted -> available
    2026-03-02 10:40:00Z  openai        available -> quota_exhausted  used 500; limit: 1k tokens per week; until 2026-03-02 10:55:00Z
    
    6 records, 600 tokens, 1 provider
    from 2026-03-02 10:00:00Z to 2026-03-02 10:50:00Z
    
    Today: UTC day 2026-03-02, which ends at 01:00 CET. The log ends at 10:50:00Z.
    provider  used     of     %        burn/h projection  state            reason
    openai     600      -     -            55      1,330  quota_exhausted  predicted
    ! week     600  1,000   60%  ###--  will not last, back 12:10, in 20 min
    
    1 of 1 providers quota_exhausted until 2026-03-02 12:10:00 CET, in 20 min
    
    provider  limit               windows  spent    most      of      %
    openai    1k tokens per week        1      0     600   1,000    60%
    (exit 1)
          "at": "2026-03-02T10:30:00Z",
          "to": "quota_exhausted",
          "retry_at": "2026-03-02T10:40:00Z",
          "limit": {
            "limit": "1k tokens per week",
          "at": "2026-03-02T10:40:00Z",
          "to": "available",
          "retry_at": null,
          "limit": null
          "at": "2026-03-02T10:40:00Z",
          "to": "quota_exhausted",
          "retry_at": "2026-03-02T10:55:00Z",
          "limit": {
            "limit": "1k tokens per week",
          "retry_at": "2026-03-02T11:10:00Z"
          "limit": "1k tokens per week",
          "spent": 0,
    $ tokenquota replay care.csv --care 1,2
    tokenquota: replay: several values of --care need --score
    (exit 2)
    $ tokenquota replay care.csv --care 2 --rule horizon
    tokenquota: replay: --care goes with --rule care
    (exit 2)
    $ tokenquota replay care.csv --care 2 --rule care -q
    6 records, 600 tokens, 1 provider
    from 2026-03-02 10:00:00Z to 2026-03-02 10:50:00Z

replay_rules
  $ . ./say.sh
  $ sample="$cases/../../sample"
  $ for rule in care horizon original off; do
  $     echo "[$rule]"
  $     "$TQ" replay "$sample/usage.csv" --budgets "$sample/budgets.txt" --rule $rule | grep -E -- '->|quota_exhausted'
  $ done
  $ "$TQ" replay "$sample/usage.csv" --budgets "$sample/budgets.txt" > default
  $ "$TQ" replay "$sample/usage.csv" --budgets "$sample/budgets.txt" -r care | diff - default && echo care is the default
  $ # A burst that passes: the budget is nearly spent, then nothing more comes.
  $ cat > burst.csv <<'END'
  $ timestamp,provider,tokens
  $ 2026-03-02T10:00:00Z,openai,100
  $ 2026-03-02T10:10:00Z,openai,500
  $ 2026-03-02T10:20:00Z,openai,100
  $ 2026-03-02T11:40:00Z,openai,1
  $ 2026-03-02T12:40:00Z,openai,150
  $ 2026-03-02T12:50:00Z,openai,100
  $ 2026-03-02T12:55:00Z,openai,48
  $ 2026-03-02T23:59:00Z,openai,1
  $ 2026-03-03T10:00:00Z,openai,1
  $ END
  $ for rule in care horizon original off; do
  $     say replay burst.csv -b openai=1000 --rule $rule | grep -E -- '^\$|->'
  $ done
  $ say replay burst.csv -b openai=1000 --json | grep -E '"(at|to|rule|retry_at|exhausted_at)"'
  $ say replay burst.csv --rule horizons
    [care]
    2026-03-02 18:17:28Z  openai                       available -> quota_exhausted  used 4,685,513 of 5,000,000, 314,487 left
    2026-03-02 18:20:07Z  openai                       quota_exhausted -> available
    2026-03-02 18:21:19Z  openai                       available -> quota_exhausted  used 4,716,073 of 5,000,000, 283,927 left
    2026-03-02 18:25:38Z  openai                       quota_exhausted -> available
    2026-03-02 18:25:53Z  openai                       available -> quota_exhausted  used 4,728,303 of 5,000,000, 271,697 left
    2026-03-02 18:27:50Z  openai                       quota_exhausted -> available
    2026-03-02 18:29:50Z  openai                       available -> quota_exhausted  used 4,741,064 of 5,000,000, 258,936 left
    2026-03-02 18:30:12Z  openai                       quota_exhausted -> available
    2026-03-02 18:47:35Z  openai                       available -> quota_exhausted  used 4,813,350 of 5,000,000, 186,650 left
    2026-03-03 00:00:00Z  openai                       quota_exhausted -> available
    2026-03-04 16:34:18Z  openai                       available -> quota_exhausted  used 4,498,070 of 5,000,000, 501,930 left
    2026-03-04 16:37:28Z  openai                       quota_exhausted -> available
    2026-03-04 17:27:51Z  openai                       available -> quota_exhausted  used 4,738,422 of 5,000,000, 261,578 left
    2026-03-04 17:29:00Z  openai                       quota_exhausted -> available
    2026-03-04 17:42:30Z  openai                       available -> quota_exhausted  used 4,793,131 of 5,000,000, 206,869 left
    2026-03-04 20:19:50Z  anthropic/claude-sonnet-4.6  available -> quota_exhausted  used 5,012,023 of 5,500,000, 487,977 left
    2026-03-05 00:00:00Z  anthropic/claude-sonnet-4.6  quota_exhausted -> available
    2026-03-05 00:00:00Z  openai                       quota_exhausted -> available
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on or for a while
    [horizon]
    2026-03-02 18:47:43Z  openai                       available -> quota_exhausted  used 4,839,716 of 5,000,000, 160,284 left
    2026-03-03 00:00:00Z  openai                       quota_exhausted -> available
    2026-03-04 17:44:33Z  openai                       available -> quota_exhausted  used 4,819,549 of 5,000,000, 180,451 left
    2026-03-04 20:19:53Z  anthropic/claude-sonnet-4.6  available -> quota_exhausted  used 5,049,760 of 5,500,000, 450,240 left
    2026-03-05 00:00:00Z  anthropic/claude-sonnet-4.6  quota_exhausted -> available
    2026-03-05 00:00:00Z  openai                       quota_exhausted -> available
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on or for a while
    [original]
    2026-03-02 14:32:46Z  openai                       available -> quota_exhausted  used 3,043,245 of 5,000,000, projection 5,021,128
    2026-03-03 00:00:00Z  openai                       quota_exhausted -> available
    2026-03-03 17:29:10Z  openai                       available -> quota_exhausted  used 3,680,627 of 5,000,000, projection 5,051,727
    2026-03-04 00:00:00Z  openai                       quota_exhausted -> available
    2026-03-04 13:17:52Z  openai                       available -> quota_exhausted  used 2,807,688 of 5,000,000, projection 5,067,352
    2026-03-04 19:42:09Z  anthropic/claude-sonnet-4.6  available -> quota_exhausted  used 4,515,825 of 5,500,000, projection 5,500,815
    2026-03-05 00:00:00Z  anthropic/claude-sonnet-4.6  quota_exhausted -> available
    2026-03-05 00:00:00Z  openai                       quota_exhausted -> available
    2026-03-05 13:53:46Z  openai                       available -> quota_exhausted  used 2,908,473 of 5,000,000, projection 5,023,230
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    openai              3.43M     5M   69%  ###--   229k      5.51M  quota_exhausted
    1 of 4 providers quota_exhausted until 2026-03-06 01:00:00 CET, in 9 h 2 min
    [off]
    2026-03-02 18:59:01Z  openai                       available -> quota_exhausted  used 5,029,594 of 5,000,000, all of it
    2026-03-03 00:00:00Z  openai                       quota_exhausted -> available
    2026-03-04 17:57:28Z  openai                       available -> quota_exhausted  used 5,009,792 of 5,000,000, all of it
    2026-03-04 20:50:10Z  anthropic/claude-sonnet-4.6  available -> quota_exhausted  used 5,536,271 of 5,500,000, all of it
    2026-03-05 00:00:00Z  anthropic/claude-sonnet-4.6  quota_exhausted -> available
    2026-03-05 00:00:00Z  openai                       quota_exhausted -> available
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    care is the default
    $ tokenquota replay burst.csv -b openai=1000 --rule care
    2026-03-02 10:10:00Z  openai        available -> quota_exhausted  used 600 of 1,000, 400 left
    2026-03-02 10:49:42Z  openai        quota_exhausted -> available
    2026-03-02 12:40:00Z  openai        available -> quota_exhausted  used 851 of 1,000, 149 left
    2026-03-03 00:00:00Z  openai        quota_exhausted -> available
    $ tokenquota replay burst.csv -b openai=1000 --rule horizon
    2026-03-02 10:10:00Z  openai        available -> quota_exhausted  used 600 of 1,000, 400 left
    2026-03-02 10:47:08Z  openai        quota_exhausted -> available
    2026-03-02 12:40:00Z  openai        available -> quota_exhausted  used 851 of 1,000, 149 left
    2026-03-03 00:00:00Z  openai        quota_exhausted -> available
    $ tokenquota replay burst.csv -b openai=1000 --rule original
    2026-03-02 10:10:00Z  openai        available -> quota_exhausted  used 600 of 1,000, projection 1,417
    2026-03-03 00:00:00Z  openai        quota_exhausted -> available
    $ tokenquota replay burst.csv -b openai=1000 --rule off
    2026-03-02 23:59:00Z  openai        available -> quota_exhausted  used 1,000 of 1,000, all of it
    2026-03-03 00:00:00Z  openai        quota_exhausted -> available
      "rule": "care",
          "at": "2026-03-02T10:10:00Z",
          "to": "quota_exhausted",
          "retry_at": "2026-03-02T10:44:00Z",
          "at": "2026-03-02T10:49:42.857142858Z",
          "to": "available",
          "retry_at": null,
          "at": "2026-03-02T12:40:00Z",
          "to": "quota_exhausted",
          "retry_at": "2026-03-03T00:00:00Z",
          "at": "2026-03-03T00:00:00Z",
          "to": "available",
          "retry_at": null,
          "retry_at": null
          "exhausted_at": "2026-03-02T10:10:00Z"
          "exhausted_at": null
    $ tokenquota replay burst.csv --rule horizons
    tokenquota: replay: --rule "horizons": write care, off, original or horizon
    (exit 2)

sample
  $ tokenquota replay "$cases/../../sample/usage.csv" --budgets "$cases/../../sample/budgets.txt"
    2026-03-02 18:17:28Z  openai                       available -> quota_exhausted  used 4,685,513 of 5,000,000, 314,487 left
    2026-03-02 18:20:07Z  openai                       quota_exhausted -> available
    2026-03-02 18:21:19Z  openai                       available -> quota_exhausted  used 4,716,073 of 5,000,000, 283,927 left
    2026-03-02 18:25:38Z  openai                       quota_exhausted -> available
    2026-03-02 18:25:53Z  openai                       available -> quota_exhausted  used 4,728,303 of 5,000,000, 271,697 left
    2026-03-02 18:27:50Z  openai                       quota_exhausted -> available
    2026-03-02 18:29:50Z  openai                       available -> quota_exhausted  used 4,741,064 of 5,000,000, 258,936 left
    2026-03-02 18:30:12Z  openai                       quota_exhausted -> available
    2026-03-02 18:47:35Z  openai                       available -> quota_exhausted  used 4,813,350 of 5,000,000, 186,650 left
    2026-03-03 00:00:00Z  openai                       quota_exhausted -> available
    2026-03-04 16:34:18Z  openai                       available -> quota_exhausted  used 4,498,070 of 5,000,000, 501,930 left
    2026-03-04 16:37:28Z  openai                       quota_exhausted -> available
    2026-03-04 17:27:51Z  openai                       available -> quota_exhausted  used 4,738,422 of 5,000,000, 261,578 left
    2026-03-04 17:29:00Z  openai                       quota_exhausted -> available
    2026-03-04 17:42:30Z  openai                       available -> quota_exhausted  used 4,793,131 of 5,000,000, 206,869 left
    2026-03-04 20:19:50Z  anthropic/claude-sonnet-4.6  available -> quota_exhausted  used 5,012,023 of 5,500,000, 487,977 left
    2026-03-05 00:00:00Z  anthropic/claude-sonnet-4.6  quota_exhausted -> available
    2026-03-05 00:00:00Z  openai                       quota_exhausted -> available
    
    3,303 records, 49,945,841 tokens, 4 providers
    from 2026-03-02 01:00:19Z to 2026-03-05 14:58:55Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on or for a while
    
    day (UTC)   openai              anthropic
    2026-03-02  5.03M  101% !18:17  3.54M   71%
    2026-03-03  4.15M   83%         3.45M   69%
    2026-03-04  5.45M  109% !16:34  3.26M   65%
    2026-03-05  3.43M   69%         2.12M   43%
    total       18.0M               12.4M
    
    day (UTC)   anthr..-sonnet-4.6  gemini
    2026-03-02  2.21M   40%         1.40M
    2026-03-03  2.21M   40%         1.27M
    2026-03-04  8.21M  149% !20:19  1.33M
    2026-03-05  1.56M   28%         1.24M
    total       14.2M               5.25M
    
    Today: UTC day 2026-03-05, which ends at 01:00 CET. The log ends at 14:58:55Z.
    provider             used budget     %        burn/h projection  state
    openai              3.43M     5M   69%  ###--   229k      5.51M  available
    anthropic           2.12M     5M   43%  ##---   142k      3.42M  available
    anthr..e-sonnet-4.6 1.56M   5.5M   28%  #----   104k      2.51M  available
    gemini              1.24M      -     -         82.8k      1.99M  available
    
    4 providers, all available

sample_original
  $ tokenquota replay --rule original "$cases/../../sample/usage.csv" --budgets "$cases/../../sample/budgets.txt"
    2026-03-02 14:32:46Z  openai                       available -> quota_exhausted  used 3,043,245 of 5,000,000, projection 5,021,128
    2026-03-03 00:00:00Z  openai                       quota_exhausted -> available
    2026-03-03 17:29:10Z  openai                       available -> quota_exhausted  used 3,680,627 of 5,000,000, projection 5,051,727
    2026-03-04 00:00:00Z  openai                       quota_exhausted -> available
    2026-03-04 13:17:52Z  openai                       available -> quota_exhausted  used 2,807,688 of 5,000,000, projection 5,067,352
    2026-03-04 19:42:09Z  anthropic/claude-sonnet-4.6  available -> quota_exhausted  used 4,515,825 of 5,500,000, projection 5,500,815
    2026-03-05 00:00:00Z  anthropic/claude-sonnet-4.6  quota_exhausted -> available
    2026-03-05 00:00:00Z  openai                       quota_exhausted -> available
    2026-03-05 13:53:46Z  openai                       available -> quota_exhausted  used 2,908,473 of 5,000,000, projection 5,023,230
    
    3,303 records, 49,945,841 tokens, 4 providers
    from 2026-03-02 01:00:19Z to 2026-03-05 14:58:55Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   openai              anthropic
    2026-03-02  5.03M  101% !14:32  3.54M   71%
    2026-03-03  4.15M   83% !17:29  3.45M   69%
    2026-03-04  5.45M  109% !13:17  3.26M   65%
    2026-03-05  3.43M   69% !13:53  2.12M   43%
    total       18.0M               12.4M
    
    day (UTC)   anthr..-sonnet-4.6  gemini
    2026-03-02  2.21M   40%         1.40M
    2026-03-03  2.21M   40%         1.27M
    2026-03-04  8.21M  149% !19:42  1.33M
    2026-03-05  1.56M   28%         1.24M
    total       14.2M               5.25M
    
    Today: UTC day 2026-03-05, which ends at 01:00 CET. The log ends at 14:58:55Z.
    provider             used budget     %        burn/h projection  state
    openai              3.43M     5M   69%  ###--   229k      5.51M  quota_exhausted
    anthropic           2.12M     5M   43%  ##---   142k      3.42M  available
    anthr..e-sonnet-4.6 1.56M   5.5M   28%  #----   104k      2.51M  available
    gemini              1.24M      -     -         82.8k      1.99M  available
    
    1 of 4 providers quota_exhausted until 2026-03-06 01:00:00 CET, in 9 h 2 min
  [1]

sorted_back
  $ tokenquota replay --rule original back.csv -b '*=1000'
    2026-03-02 23:00:00Z  anthropic     available -> quota_exhausted  used 2,000 of 1,000, all of it
    2026-03-02 23:50:00Z  openai        available -> quota_exhausted  used 1,000 of 1,000, all of it
    2026-03-03 00:00:00Z  anthropic     quota_exhausted -> available
    2026-03-03 00:00:00Z  openai        quota_exhausted -> available
    2026-03-03 01:00:00Z  openai        available -> quota_exhausted  used 100 of 1,000, projection 2,400
    
    6 records, 3,250 tokens, 2 providers
    from 2026-03-02 12:00:00Z to 2026-03-03 02:00:00Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   openai              anthropic
    2026-03-02  1,000  100% !23:50  2,000  200% !23:00
    2026-03-03    200   20% !01:00     50    5%
    total       1,200               2,050
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 02:00:00Z.
    provider   used budget     %                  burn/h projection  state
    openai      200  1,000   20%  ###------------    100      2,400  quota_exhausted
    anthropic    50  1,000    5%  ---------------     25        600  available
    
    1 of 2 providers quota_exhausted until 2026-03-04 01:00:00 CET, in 22 h
  [1]

stdin
  < timestamp,provider,input_tokens,output_tokens
  < 2026-03-02T06:00:00Z,openai,100000,50000
  < 2026-03-02T09:00:00Z,openai,200000,50000
  < 2026-03-02T12:00:00Z,anthropic,90000,10000
  < 2026-03-02T12:30:00Z,openai,300000,200000
  < 2026-03-02T18:00:00Z,openai,150000,10000
  < 2026-03-03T07:15:00.25Z,anthropic,400000,20000
  < 2026-03-03T08:00:00Z,openai,10000,5000
  < 2026-03-03T16:45:30Z,anthropic,500000,80000
  $ tokenquota replay --rule original - -b openai=1M
    2026-03-02 09:00:00Z  openai                    available -> quota_exhausted  used 400,000 of 1,000,000, projection 1,066,667
    2026-03-03 00:00:00Z  openai                    quota_exhausted -> available
    
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   openai              anthropic
    2026-03-02  1.06M  106% !09:00   100k
    2026-03-03    15k    2%            1M
    total       1.07M                1.1M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    openai      15k     1M    2%  ---------------    895      21.5k  available
    anthropic    1M      -     -                   59.6k      1.44M  available
    
    2 providers, all available

stdin_empty
  $ tokenquota replay -
    0 records
  ! tokenquota: replay: no usable record: no budget or limit could be tested
  [2]

strict
  $ tokenquota replay --strict bad.csv
  ! tokenquota: replay: bad.csv:3: timestamp is neither an RFC 3339 time nor a number: "yesterday"
  [2]

strict_refused
  $ tokenquota replay --strict refused.csv
  ! tokenquota: replay: refused.csv:3: "evil \x1b[31mred": provider name refused: 1 to 255 bytes of UTF-8 without control characters
  [2]

sum
  $ # The total is what awk makes of the same column.
  $ "$TQ" replay many.csv --json -q | sed -n 's/^  "tokens": \([0-9]*\),$/\1/p'
  $ awk -F, 'NR > 1 { sum += $3 } END { printf "%.0f\n", sum }' many.csv
    991000
    991000

terminal
  ? script
  $ # On a terminal: colour and block bars; lines fit.
  $ script -qec true /dev/null < /dev/null > no-pty 2>&1 || exit 77 # no pseudo-terminals here
  $ script -qec 'COLUMNS=80 "$TQ" replay --rule original a.csv b.csv -b openai=1M -b anthropic=1.1M' /dev/null | tr -d '\r'
    03-02 09:00  openai        [31mquota_exhausted[0m  used 400k of 1M, projection 1.07M
    03-03 00:00  openai        [32mavailable[0m
    03-03 07:15  anthropic     [31mquota_exhausted[0m  used 420k of 1.1M, projection 1.40M
    
    11 records, 2,375,033 tokens, 3 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    [1mday (UTC)   anthropic           openai              gemini[0m
    2026-03-02   100k    [32m9%[0m         1.06M  [31m106%[0m [31m!09:00[0m   200k
    2026-03-03     1M   [31m91%[0m [31m!07:15[0m    15k    [32m2%[0m
    total        1.1M               1.07M                200k
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    [1mprovider   used budget     %                  burn/h projection  state[0m
    anthropic    1M   1.1M   91%  [31m█████████████▋░[0m  59.6k      1.44M  [31mquota_exhausted[0m
    openai      15k     1M    2%  [32m▏░░░░░░░░░░░░░░[0m    895      21.5k  available
    [2m1 of 3 providers used nothing today[0m
    
    1 of 3 providers quota_exhausted until 2026-03-04 01:00:00 CET, in 7 h 15 min

terminal_ascii
  ? script
  $ # A terminal that knows no UTF-8 gets none, in names neither.
  $ script -qec true /dev/null < /dev/null > no-pty 2>&1 || exit 77 # no pseudo-terminals here
  $ script -qec 'LC_ALL=C COLUMNS=100 TERM=dumb "$TQ" replay names.csv -b "*=1M"' /dev/null | tr -d '\r'
    03-02 12:00  openrouter..4.6-with-a-long-name  quota_exhausted  used 3M of 1M, all of it
    03-02 12:00  ??/????????????????               quota_exhausted  used 1.23M of 1M, all of it
    03-02 13:00  a, "quoted" name                  quota_exhausted  used 99.9G of 1M, all of it
    
    4 records, 100,004,246,911 tokens, 4 providers
    from 2026-03-02 12:00:00Z to 2026-03-02 13:00:00Z
    
    Today: UTC day 2026-03-02, which ends at 01:00 CET. The log ends at 13:00:00Z.
    provider                            used budget     %             burn/h projection  state
    a, "quoted" name                   99.9G     1M >999%  ##########  7.69G       185G  quota_exhausted
    openrouter..t-4.6-with-a-long-name    3M     1M  300%  ##########   230k      5.54M  quota_exhausted
    ??/????????????????                1.23M     1M  123%  ##########  94.9k      2.28M  quota_exhausted
    ??????/?????????-???????-???       12.3k     1M    1%  ----------    949      22.8k  available
    
    3 of 4 providers quota_exhausted until 2026-03-03 01:00:00 CET, in 11 h

terminal_no_color
  ? script
  $ # NO_COLOR takes the colour, not the bars.
  $ script -qec true /dev/null < /dev/null > no-pty 2>&1 || exit 77 # no pseudo-terminals here
  $ script -qec 'COLUMNS=60 NO_COLOR=1 "$TQ" replay --rule original a.csv -b openai=1M -b anthropic=1.1M' /dev/null | tr -d '\r'
    03-02 09:00  openai        quota_exhausted
                 used 400k of 1M, projection 1.07M
    03-03 00:00  openai        available
    03-03 07:15  anthropic     quota_exhausted
                 used 420k of 1.1M, projection 1.40M
    
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget,
    ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai
    2026-03-02   100k    9%         1.06M  106% !09:00
    2026-03-03     1M   91% !07:15    15k    2%
    total        1.1M               1.07M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET.
    The log ends at 16:45:30Z.
    provider   used budget     % projection  state
    anthropic    1M   1.1M   91%      1.44M  quota_exhausted
    openai      15k     1M    2%      21.5k  available
    
    1 of 2 providers quota_exhausted
    until 2026-03-04 01:00:00 CET, in 7 h 15 min

traces
  ? gzip
  $ # Every record of the real logs is counted, and the totals are what awk makes of the same columns.
  $ traces=$cases/../../../shared/traces
  $ [ -d "$traces" ] || { echo "../shared/traces is missing" >&2; exit 77; }
  $ for log in "$traces"/*.csv "$traces"/*.csv.gz; do
  $     "$TQ" replay --json -q "$log" > document
  $     ours=$(sed -n 's/^  "\(records\|tokens\)": \([0-9]*\),$/\2/p' document | tr '\n' ' ')
  $     case $log in
  $         *.gz) gzip -dc "$log" ;;
  $         *) cat "$log" ;;
  $     esac | awk -F, 'NR > 1 { sum += $3 + $4 } END { printf "%d %.0f \n", NR - 1, sum }' > totals
  $     [ "$ours" = "$(cat totals)" ] && echo same || echo "$log: ours $ours, awk $(cat totals)"
  $ done
    same
    same
    same
    same
    same
    same

width_120
  $ COLUMNS=120; export COLUMNS
  $ tokenquota replay --rule original a.csv b.csv names.csv -q -b '*=1M'
    15 records, 100,006,621,944 tokens, 7 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai              a, "quoted" name    gemini
    2026-03-02   100k   10%         1.06M  106% !09:00  99.9G >999% !13:00   200k   20%
    2026-03-03     1M  100% !07:15    15k    2%
    total        1.1M               1.07M               99.9G                200k
    
    day (UTC)   openr..a-long-name  модел..длинное-имя  千問/..稱模型名稱
    2026-03-02     3M  300% !12:00  12.3k    1%         1.23M  123% !12:00
    total          3M               12.3k               1.23M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                           burn/h projection  state            retry at
    anthropic    1M     1M  100%  ########################  59.6k      1.44M  quota_exhausted  01:00 CET, in 7 h 15 min
    openai      15k     1M    2%  ------------------------    895      21.5k  available
    5 of 7 providers used nothing today
    
    1 of 7 providers quota_exhausted until 2026-03-04 01:00:00 CET, in 7 h 15 min
  [1]

width_250
  $ COLUMNS=250; export COLUMNS
  $ tokenquota replay --rule original a.csv b.csv names.csv -q -b '*=1M'
    15 records, 100,006,621,944 tokens, 7 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai              a, "quoted" name    gemini              openr..a-long-name  модел..длинное-имя  千問/..稱模型名稱
    2026-03-02   100k   10%         1.06M  106% !09:00  99.9G >999% !13:00   200k   20%            3M  300% !12:00  12.3k    1%         1.23M  123% !12:00
    2026-03-03     1M  100% !07:15    15k    2%
    total        1.1M               1.07M               99.9G                200k                  3M               12.3k               1.23M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                           burn/h projection  state            retry at
    anthropic    1M     1M  100%  ########################  59.6k      1.44M  quota_exhausted  01:00 CET, in 7 h 15 min
    openai      15k     1M    2%  ------------------------    895      21.5k  available
    5 of 7 providers used nothing today
    
    1 of 7 providers quota_exhausted until 2026-03-04 01:00:00 CET, in 7 h 15 min
  [1]

width_40
  $ COLUMNS=40; export COLUMNS
  $ tokenquota replay --rule original a.csv b.csv names.csv -q -b '*=1M'
    15 records, 100,006,621,944 tokens, 7 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget,
    ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic
    2026-03-02   100k   10%
    2026-03-03     1M  100% !07:15
    total        1.1M
    
    day (UTC)   openai
    2026-03-02  1.06M  106% !09:00
    2026-03-03    15k    2%
    total       1.07M
    
    day (UTC)   a, "quoted" name
    2026-03-02  99.9G >999% !13:00
    total       99.9G
    
    day (UTC)   gemini
    2026-03-02   200k   20%
    total        200k
    
    day (UTC)   openr..a-long-name
    2026-03-02     3M  300% !12:00
    total          3M
    
    day (UTC)   модел..длинное-имя
    2026-03-02  12.3k    1%
    total       12.3k
    
    day (UTC)   千問/..稱模型名稱
    2026-03-02  1.23M  123% !12:00
    total       1.23M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET.
    The log ends at 16:45:30Z.
    provider   used     %  state
    anthropic    1M  100%  quota_exhausted
    openai      15k    2%  available
    5 of 7 providers used nothing today
    
    1 of 7 providers quota_exhausted
    until 2026-03-04 01:00:00 CET, in 7 h 15 min
  [1]

width_60
  $ COLUMNS=60; export COLUMNS
  $ tokenquota replay --rule original a.csv b.csv names.csv -q -b '*=1M'
    15 records, 100,006,621,944 tokens, 7 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget,
    ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai
    2026-03-02   100k   10%         1.06M  106% !09:00
    2026-03-03     1M  100% !07:15    15k    2%
    total        1.1M               1.07M
    
    day (UTC)   a, "quoted" name    gemini
    2026-03-02  99.9G >999% !13:00   200k   20%
    total       99.9G                200k
    
    day (UTC)   openr..a-long-name  модел..длинное-имя
    2026-03-02     3M  300% !12:00  12.3k    1%
    total          3M               12.3k
    
    day (UTC)   千問/..稱模型名稱
    2026-03-02  1.23M  123% !12:00
    total       1.23M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET.
    The log ends at 16:45:30Z.
    provider   used budget     % projection  state
    anthropic    1M     1M  100%      1.44M  quota_exhausted
    openai      15k     1M    2%      21.5k  available
    5 of 7 providers used nothing today
    
    1 of 7 providers quota_exhausted
    until 2026-03-04 01:00:00 CET, in 7 h 15 min
  [1]

zstd
  ? zstd
  $ zstd -q a.csv
  $ tokenquota replay --rule original a.csv.zst -q
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai
    2026-03-02   100k               1.06M
    2026-03-03     1M                 15k
    total        1.1M               1.07M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    anthropic    1M      -     -                   59.6k      1.44M  available
    openai      15k      -     -                     895      21.5k  available
    
    2 providers, all available

zstd_broken
  ? zstd
  $ zstd -q < many.csv | head -c 300 > broken.zst
  $ tokenquota replay -q broken.zst
  ! tokenquota: replay: broken.zst: the compressed stream is cut off
  [2]

replay_limits
  $ # Each kind of window, in the units that the log has: where it begins and ends, and the most used in one.
  $ cat > limits.csv <<'END'
  $ timestamp,provider,input_tokens,output_tokens
  $ 2026-03-01T07:59:59Z,p,300,20
  $ 2026-03-01T08:00:00Z,p,300,20
  $ 2026-03-01T12:59:00Z,p,100,10
  $ 2026-03-01T13:01:00Z,p,200,60
  $ 2026-03-02T07:00:00Z,p,100,30
  $ 2026-03-08T09:59:59Z,p,10,1
  $ 2026-03-09T07:30:00Z,q,1000,10
  $ END
  $ "$TQ" replay limits.csv -r off --limit 'p=700 tokens per day America/Los_Angeles' -l 'p=3 requests per 5h first-use' -l 'p=output per month' -l 'q=1k input per week from Sunday'
  $ "$TQ" replay limits.csv -r off -l 'p=600 input per 2h rolling' -l 'p=400 tokens per hour refill' -l '*=1k total once' | grep -v '^$'
  $ # A tenth of it is kept back.
  $ "$TQ" replay limits.csv -r off -l '*=750 tokens per day reserve 10%' | grep -- '->'
  $ "$TQ" replay limits.csv -r off -l '*=$1 per day' -q | tail -3
    2026-03-01 12:59:00Z  p             available -> quota_exhausted  used 3; limit: 3 requests per 5h first-use; until 2026-03-01 12:59:56Z
    2026-03-01 12:59:56Z  p             quota_exhausted -> available
    2026-03-02 07:00:00Z  p             available -> quota_exhausted  used 820; limit: 700 tokens per day America/Los_Angeles; until 2026-03-02 08:00:00Z
    2026-03-02 08:00:00Z  p             quota_exhausted -> available
    2026-03-09 07:30:00Z  q             available -> quota_exhausted  used 1,000; limit: 1k input per week from Sunday; until 2026-03-15 00:00:00Z
    
    7 records, 2,161 tokens, 2 providers
    from 2026-03-01 07:59:59Z to 2026-03-09 07:30:00Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on or for a while
    
    day (UTC)   q                   p
    2026-03-01                      1,010       !12:59
    2026-03-02                        130       !07:00
    2026-03-08                         11
    2026-03-09  1,010       !07:30
    total       1,010               1,151
    
    Today: UTC day 2026-03-09, which ends at 01:00 CET. The log ends at 07:30:00Z.
    provider           used     of     %         state            reason
    q                 1,010      -     -         quota_exhausted  spent
    ! week input      1,000  1,000  100%  #####  spent, resets Sun 01:00
    p                     0      -     -         available
      day Los_Angeles     0    700    0%  -----  lasts, resets 08:00, in 23 h 30 min
      5 h requests        0      3    0%  -----  begins with a call
      month output      141      -     -         resets Apr 01 02:00, in 22 d 17 h
    
    1 of 2 providers quota_exhausted until 2026-03-15 01:00:00 CET, in 5 d 17 h
    
    provider  limit                                   windows  spent    most      %
    p         700 tokens per day America/Los_Angeles        3      1     820   117%
    p         3 requests per 5h first-use                   4      1       3   100%
    p         output per month                              1      0     141      -
    q         1k input per week from Sunday                 1      1   1,000   100%
    2026-03-01 08:00:00Z  p             available -> quota_exhausted  used 600; limit: 600 input per 2h rolling; until 2026-03-01 10:00:00Z
    2026-03-01 10:00:00Z  p             quota_exhausted -> available
    2026-03-09 07:30:00Z  q             available -> quota_exhausted  used 1,010; limit: 1k total once; no known end
    7 records, 2,161 tokens, 2 providers
    from 2026-03-01 07:59:59Z to 2026-03-09 07:30:00Z
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on or for a while
    day (UTC)   q                   p
    2026-03-01                      1,010       !08:00
    2026-03-02                        130
    2026-03-08                         11
    2026-03-09  1,010       !07:30
    total       1,010               1,151
    Today: UTC day 2026-03-09, which ends at 01:00 CET. The log ends at 07:30:00Z.
    provider             used     of     %         state            reason
    q                   1,010      -     -         quota_exhausted  spent
    ! once total        1,010  1,000  101%  #####  spent, never resets
    p                       0      -     -         available
      2 h rolling input     0    600    0%  -----  lasts
      1 h refill            0    400    0%  -----
    1 of 2 providers quota_exhausted with no known end
    provider  limit                       windows  spent    most      of      %
    p         600 input per 2h rolling          3      1     600     600   100%
    p         400 tokens per hour refill        3      1     400     400   100%
    q         1k total once                     1      1   1,010   1,000   101%
    rolling and refill limits have no windows; each of their days shows the most at one time
    2026-03-01 12:59:00Z  p             available -> quota_exhausted  used 750; limit: 750 tokens per day reserve 10%; until 2026-03-02 00:00:00Z
    2026-03-02 00:00:00Z  p             quota_exhausted -> available
    2026-03-09 07:30:00Z  q             available -> quota_exhausted  used 1,010; limit: 750 tokens per day reserve 10%; until 2026-03-10 00:00:00Z
    q         $1 per day        1      0   $0.00   $1.00     0%
    p, limit 1 (day): 6 records without a cost, not counted
    q, limit 1 (day): 1 record without a cost, not counted

replay_limits_json
  $ "$TQ" replay a.csv -r off -l 'openai=500k input per day Asia/Tokyo reserve 50k' --json > document
  $ sed -n '/"transitions"/,/^  \]/p; /"limits"/,/^  \]/p' document
      "transitions": [
        {
          "at": "2026-03-02T12:30:00Z",
          "provider": "openai",
          "from": "available",
          "to": "quota_exhausted",
          "used": 900000,
          "budget": 0,
          "projection": 1728000,
          "retry_at": "2026-03-02T15:00:00Z",
          "limit": {
            "provider": "openai",
            "limit": "500k input per day Asia/Tokyo reserve 50k",
            "unit": "input",
            "window": "day",
            "first": null,
            "length_ns": null,
            "anchor_at": null,
            "zone": "Asia/Tokyo",
            "amount": 500000,
            "reserve": 50000,
            "reserve_share": null,
            "used": 600000
          }
        },
        {
          "at": "2026-03-02T15:00:00Z",
          "provider": "openai",
          "from": "quota_exhausted",
          "to": "available",
          "used": null,
          "budget": 0,
          "projection": null,
          "retry_at": null,
          "limit": null
        }
      ],
      "limits": [
        {
          "provider": "openai",
          "limit": "500k input per day Asia/Tokyo reserve 50k",
          "unit": "input",
          "window": "day",
          "first": null,
          "length_ns": null,
          "anchor_at": null,
          "zone": "Asia/Tokyo",
          "amount": 500000,
          "reserve": 50000,
          "reserve_share": null,
          "windows": 2,
          "spent": 1,
          "most_used": 600000,
          "most_start_at": "2026-03-01T15:00:00Z",
          "most_share_ppm": 1200000
        }
      ],

replay_limits_late
  $ # Records that step back count in the window before, and no window is noted twice.
  $ printf 'timestamp,provider,tokens\n%s\n' '2026-03-02T23:00:00Z,p,10
  $ 2026-03-03T01:00:00Z,p,20
  $ 2026-03-02T23:30:00Z,p,5
  $ 2026-03-01T12:00:00Z,p,7
  $ 2026-03-03T02:00:00Z,p,1' > late.csv
  $ "$TQ" replay --as-is late.csv -q -l 'p=100 tokens per day' -l 'p=100 tokens per 12h first-use' | tail -4
    provider  limit                         windows  spent    most      of      %
    p         100 tokens per day                  2      0      21     100    21%
    p         100 tokens per 12h first-use        1      0      36     100    36%
    2 steps back in time, the longest 1 d 13 h at late.csv:5

replay_limits_logs
  $ # The logs of tools say what is input and what is output, and each response is one request.
  $ . ./claude.sh
  $ two_sessions
  $ "$TQ" replay -q -l 'claude=output per week' -l 'claude=input per week' -l 'claude=2 requests per day' -l 'claude=total per week' | tail -5
    provider  limit               windows  spent    most      of      %
    claude    output per week           1      0   1,150       -      -
    claude    input per week            1      0     720       -      -
    claude    2 requests per day        2      1       2       2   100%
    claude    total per week            1      0   1,870       -      -

replay_limits_bad
  $ . ./say.sh
  $ say replay a.csv --limit 'openai'
  $ say replay a.csv --limit '=5M tokens per day'
  $ say replay a.csv --limit 'openai=5M tokens per day rolling'
  $ say replay a.csv --limit 'openai=5M tokens per day Mars/Olympus'
  $ say replay a.csv --limit 'openai=1G tokens per second refill'
  $ say replay a.csv -l 'o=1 input once' -l 'o=1 output once' -l 'o=1 total once' -l 'o=1 requests once' -l 'o=$1 once' -l 'o=1 weighted once' -l 'o=1 tokens once' -l 'o=1 tokens per day' -l 'o=1 tokens per week'
  $ say replay a.csv -l "$(printf 'op\033[31mai')=1 tokens once"
    $ tokenquota replay a.csv --limit openai
    tokenquota: replay: --limit: "openai" has no "="; write PROVIDER=SENTENCE, as in claude='900 requests per 5h first-use'
    (exit 2)
    $ tokenquota replay a.csv --limit =5M tokens per day
    tokenquota: replay: --limit: "=5M tokens per day" names no provider; write PROVIDER=SENTENCE, as in claude='900 requests per 5h first-use'
    (exit 2)
    $ tokenquota replay a.csv --limit openai=5M tokens per day rolling
    tokenquota: replay: --limit: in "5M tokens per day rolling": "rolling" does not fit a calendar day; say "per 24h rolling"
    (exit 2)
    $ tokenquota replay a.csv --limit openai=5M tokens per day Mars/Olympus
    tokenquota: replay: --limit: "openai": there is no such zone in the zone database (package tzdata): name one such as America/Los_Angeles
    (exit 2)
    $ tokenquota replay a.csv --limit openai=1G tokens per second refill
    tokenquota: replay: --limit: in "1G tokens per second refill": "1G" refills faster than one unit in 64 ns
    (exit 2)
    $ tokenquota replay a.csv -l o=1 input once -l o=1 output once -l o=1 total once -l o=1 requests once -l o=$1 once -l o=1 weighted once -l o=1 tokens once -l o=1 tokens per day -l o=1 tokens per week
    tokenquota: replay: --limit: "o": the provider has 8 limits: remove one
    (exit 2)
    $ tokenquota replay a.csv -l op[31mai=1 tokens once
    tokenquota: replay: --limit: "op\x1b[31mai": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)

replay_limits_narrow
  $ # Whose limit was spent, and how often, is never left out; a day that began while it was out says so; a name
  $ # that the log does not have is told.
  $ printf 'timestamp,provider,tokens\n' > w.csv
  $ for d in 2 3 4; do printf '2026-03-0%dT10:00:00Z,anthropic/claude-sonnet-4.6,60\n' $d; done >> w.csv
  $ for c in 60 80; do
  $     COLUMNS=$c "$TQ" replay w.csv -q -r off -l 'anthropic/claude-sonnet-4.6=100 tokens per week America/Los_Angeles reserve 10%' -l opnai='5 requests per day'
  $ done
    3 records, 180 tokens, 1 provider
    from 2026-03-02 10:00:00Z to 2026-03-04 10:00:00Z
    
    Day by day: tokens, % of the budget,
    ! = quota_exhausted from that time (UTC) on or for a while
    
    day (UTC)   anthr..-sonnet-4.6
    2026-03-02     60
    2026-03-03     60       !10:00
    2026-03-04     60       !00:00
    total         180
    
    Today: UTC day 2026-03-04, which ends at 01:00 CET.
    The log ends at 10:00:00Z.
    provider                  used     of     %  state
    anthrop..aude-sonnet-4.6    60      -     -  quota_exhausted
    ! week Los_Angeles         180    100  180%  spent
    
    1 of 1 providers quota_exhausted
    until 2026-03-09 08:00:00 CET, in 4 d 21 h
    
    provider      limit                     spent    most      %
    ant..net-4.6  100 tok..les reserve 10%      1     180   180%
    opnai         5 requests per day            0       0     0%
    Limits of providers that the log does not have: opnai
    3 records, 180 tokens, 1 provider
    from 2026-03-02 10:00:00Z to 2026-03-04 10:00:00Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on or for a while
    
    day (UTC)   anthr..-sonnet-4.6
    2026-03-02     60
    2026-03-03     60       !10:00
    2026-03-04     60       !00:00
    total         180
    
    Today: UTC day 2026-03-04, which ends at 01:00 CET. The log ends at 10:00:00Z.
    provider                    used     of     %         state            reason
    anthropi..laude-sonnet-4.6    60      -     -         quota_exhausted  spent
    ! week Los_Angeles           180    100  180%  #####  spent, resets Mon 08:00
    
    1 of 1 providers quota_exhausted until 2026-03-09 08:00:00 CET, in 4 d 21 h
    
    provider      limit                                windows  spent    most      %
    ant..net-4.6  100 tokens ..os_Angeles reserve 10%        1      1     180   180%
    opnai         5 requests per day                         0      0       0     0%
    Limits of providers that the log does not have: opnai
  [1]

score
  $ tokenquota replay --score --group prefix score.csv
    51 records, 84,900 tokens, 4 providers
    from 2026-03-02 08:46:11Z to 2026-03-13 13:22:52Z
    
    codex: 11 days, 53 cases within the budget, 24 cases above it
    rule        false  wrong h  diverted  warned  lead h   overrun  stranded  outs
    off           0 %     0.00     0.0 %     0 %    0.00    36.8 %     0.0 %  0.00
    original     36 %     4.40     6.9 %    62 %    0.62    11.1 %    20.5 %  0.36
    horizon      15 %     0.56     0.2 %    58 %    0.51    26.8 %     2.0 %  0.23
    care 5/4     17 %     1.28     0.7 %    58 %    0.51    16.8 %     7.3 %  0.23
    flight 5/4   21 %     1.30     0.7 %    58 %    0.51    16.8 %     7.3 %  0.30
    reserve       2 %     0.00     1.3 %    42 %    0.11     0.0 %    34.0 %  0.00
    
    interval   inside    below    above  mean days
    80 %      100.0 %    0.0 %    0.0 %       2.85
    90 %      100.0 %    0.0 %    0.0 %       2.85
    178 looks, one each half hour from the 6th day on; no interval in 0.0 % of them
    
    once is skipped: it has records in one day
    
    rare is skipped: no day has 3 records and a token
    
    all: 11 days, 53 cases within the budget, 24 cases above it
    rule        false  wrong h  diverted  warned  lead h   overrun  stranded  outs
    off           0 %     0.00     0.0 %     0 %    0.00    36.8 %     0.0 %  0.00
    original     36 %     4.40     6.9 %    62 %    0.62    11.1 %    20.5 %  0.36
    horizon      15 %     0.56     0.2 %    58 %    0.51    26.8 %     2.0 %  0.23
    care 5/4     17 %     1.28     0.7 %    58 %    0.51    16.8 %     7.3 %  0.23
    flight 5/4   21 %     1.30     0.7 %    58 %    0.51    16.8 %     7.3 %  0.30
    reserve       2 %     0.00     1.3 %    42 %    0.11     0.0 %    34.0 %  0.00
    
    interval   inside    below    above  mean days
    80 %      100.0 %    0.0 %    0.0 %       2.85
    90 %      100.0 %    0.0 %    0.0 %       2.85
    178 looks, one each half hour from the 6th day on; no interval in 0.0 % of them
    
    Calls as long as the log says; 5 calls without a start: 10 min.
    
    Advice: care 5/4, the default. It loses 0.1841 of a budget, care 1 loses 0.1829. The difference,
    -0.0012, is within two standard errors of 0.0012.
    A token above the budget counts as a loss of 3 unused ones. 11 days judged; the losses:
    care 0 0.3445, 1/2 0.2603, 1 0.1829, 5/4 0.1841, 3/2 0.1841, 2 0.1871, 4 0.1971

score_all_alone
  $ tokenquota replay --score --group prefix score.csv --quiet --care 1/2,2 --window week --budget codex=9k -b nobody=1
    51 records, 84,900 tokens, 4 providers
    from 2026-03-02 08:46:11Z to 2026-03-13 13:22:52Z
    
    all: 2 weeks, 0 cases within the budget, 2 cases above it
    rule        false  wrong h  diverted  warned  lead h   overrun  stranded  outs
    off             -        -         -     0 %    0.00    23.3 %     0.0 %     -
    original        -        -         -   100 %   48.00     0.0 %    92.2 %     -
    horizon         -        -         -     0 %    0.00    23.3 %     0.0 %     -
    care 1/2        -        -         -     0 %    0.00    23.3 %     0.0 %     -
    care 2          -        -         -   100 %   22.36     0.0 %    12.8 %     -
    flight 1/2      -        -         -     0 %    0.00    23.3 %     0.0 %     -
    flight 2        -        -         -   100 %   22.57     0.0 %    12.8 %     -
    reserve         -        -         -     0 %    0.11     0.0 %     2.2 %     -
    
    Calls as long as the log says; 5 calls without a start: 10 min.
    
    Advice: none. There are 2 weeks, and it needs 10.
    A token above the budget counts as a loss of 3 unused ones. 2 weeks judged; the losses:
    care 0 0.7000, 1/2 0.7000, 1 0.7000, 5/4 0.7000, 3/2 0.1667, 2 0.1278, 4 0.2111
    Budgets of providers that the log does not have: nobody

score_hours
  $ tokenquota replay --score --window 5h --group prefix --lag 1h score.csv -q
    51 records, 84,900 tokens, 4 providers
    from 2026-03-02 08:46:11Z to 2026-03-13 13:22:52Z
    
    all: 11 windows of 5 h, 52 cases within the budget, 25 cases above it
    rule        false  wrong h  diverted  warned  lead h   overrun  stranded  outs
    off           0 %     0.00     0.0 %     0 %    0.00    33.9 %     0.0 %  0.00
    original     63 %     2.48    27.5 %    44 %    0.00    23.6 %    15.8 %  0.63
    horizon      13 %     0.08     0.0 %    60 %    0.74    29.7 %     1.1 %  0.15
    care 5/4     17 %     0.23     0.2 %    60 %    0.74    24.1 %     6.2 %  0.23
    flight 5/4   23 %     0.28     0.2 %    60 %    0.74    24.1 %     6.2 %  0.37
    reserve       2 %     0.00     0.6 %    36 %    0.01     0.0 %    43.7 %  0.00
    
    Calls as long as the log says; 5 calls without a start: 1 h.
    
    Advice: care 5/4, the default. It loses 0.2563 of a budget, care 1 loses 0.2545. The difference,
    -0.0017, is within two standard errors of 0.0017.
    A token above the budget counts as a loss of 3 unused ones. 11 windows of 5 h judged; the losses:
    care 0 0.3298, 1/2 0.2972, 1 0.2545, 5/4 0.2563, 3/2 0.2606, 2 0.2641, 4 0.2775

score_json
  $ "$TQ" replay --score --json score.csv --group prefix -b codex=7k -b codx=7k > document
  $ status=$?
  $ # What is said of all has the members that each provider has.
  $ sed 's/"version": ".*"/"version": "NUMBER"/; /^  "all": {/,/^  },/d' document
  $ exit $status
    {
      "schema": 1,
      "version": "NUMBER",
      "files": [
        "score.csv"
      ],
      "window": "day",
      "group": "prefix",
      "lag_ns": 600000000000,
      "records": 51,
      "tokens": 84900,
      "starts": 46,
      "start_at": "2026-03-02T08:46:11Z",
      "end_at": "2026-03-13T13:22:52Z",
      "providers": [
        {
          "provider": "codex",
          "records": 46,
          "budget": 7000,
          "skipped": null,
          "windows": 11,
          "cases_within": 7,
          "cases_exceeding": 4,
          "rules": [
            {
              "rule": "off",
              "care": null,
              "false_pct": 0.0,
              "wrong_h": 0.0,
              "diverted_pct": 0.0,
              "warned_pct": 0.0,
              "lead_h": 0.0,
              "overrun_pct": 11.7857,
              "stranded_pct": 0.0,
              "outs_a_window": 0.0
            },
            {
              "rule": "original",
              "care": null,
              "false_pct": 28.5714,
              "wrong_h": 3.2319,
              "diverted_pct": 3.7037,
              "warned_pct": 50.0,
              "lead_h": 0.6156,
              "overrun_pct": 8.5714,
              "stranded_pct": 7.1429,
              "outs_a_window": 0.2857
            },
            {
              "rule": "horizon",
              "care": null,
              "false_pct": 0.0,
              "wrong_h": 0.0,
              "diverted_pct": 0.0,
              "warned_pct": 50.0,
              "lead_h": 0.6156,
              "overrun_pct": 11.7857,
              "stranded_pct": 0.0,
              "outs_a_window": 0.0
            },
            {
              "rule": "care",
              "care": 1.25,
              "false_pct": 0.0,
              "wrong_h": 0.0,
              "diverted_pct": 0.0,
              "warned_pct": 50.0,
              "lead_h": 0.6156,
              "overrun_pct": 8.5714,
              "stranded_pct": 7.1429,
              "outs_a_window": 0.0
            },
            {
              "rule": "flight",
              "care": 1.25,
              "false_pct": 0.0,
              "wrong_h": 0.0,
              "diverted_pct": 0.0,
              "warned_pct": 50.0,
              "lead_h": 0.6156,
              "overrun_pct": 8.5714,
              "stranded_pct": 7.1429,
              "outs_a_window": 0.0
            },
            {
              "rule": "reserve",
              "care": null,
              "false_pct": 0.0,
              "wrong_h": 0.0,
              "diverted_pct": 0.0,
              "warned_pct": 50.0,
              "lead_h": 0.6211,
              "overrun_pct": 0.0,
              "stranded_pct": 58.2143,
              "outs_a_window": 0.0
            }
          ],
          "intervals": [
            {
              "interval_pct": 80,
              "looks": 178,
              "inside_pct": 100.0,
              "below_pct": 0.0,
              "above_pct": 0.0,
              "none_pct": 0.0,
              "width_mean_days": 2.8452
            },
            {
              "interval_pct": 90,
              "looks": 178,
              "inside_pct": 100.0,
              "below_pct": 0.0,
              "above_pct": 0.0,
              "none_pct": 0.0,
              "width_mean_days": 2.8469
            }
          ]
        },
        {
          "provider": "once",
          "records": 3,
          "budget": null,
          "skipped": "one window",
          "windows": 0,
          "cases_within": 0,
          "cases_exceeding": 0,
          "rules": [],
          "intervals": [
            {
              "interval_pct": 80,
              "looks": 0,
              "inside_pct": null,
              "below_pct": null,
              "above_pct": null,
              "none_pct": null,
              "width_mean_days": null
            },
            {
              "interval_pct": 90,
              "looks": 0,
              "inside_pct": null,
              "below_pct": null,
              "above_pct": null,
              "none_pct": null,
              "width_mean_days": null
            }
          ]
        },
        {
          "provider": "rare",
          "records": 2,
          "budget": null,
          "skipped": "no window with 3 records",
          "windows": 0,
          "cases_within": 0,
          "cases_exceeding": 0,
          "rules": [],
          "intervals": [
            {
              "interval_pct": 80,
              "looks": 0,
              "inside_pct": null,
              "below_pct": null,
              "above_pct": null,
              "none_pct": null,
              "width_mean_days": null
            },
            {
              "interval_pct": 90,
              "looks": 0,
              "inside_pct": null,
              "below_pct": null,
              "above_pct": null,
              "none_pct": null,
              "width_mean_days": null
            }
          ]
        }
      ],
      "advice": {
        "windows": 11,
        "losses": [
          {
            "care": 0.0,
            "loss": 0.128571428571429
          },
          {
            "care": 0.5,
            "loss": 0.119480519480519
          },
          {
            "care": 1.0,
            "loss": 0.119480519480519
          },
          {
            "care": 1.25,
            "loss": 0.119480519480519
          },
          {
            "care": 1.5,
            "loss": 0.119480519480519
          },
          {
            "care": 2.0,
            "loss": 0.119480519480519
          },
          {
            "care": 4.0,
            "loss": 0.138961038961039
          }
        ],
        "least": 0.5,
        "difference": 0.0,
        "standard_error": 0.0,
        "advised": 1.25
      },
      "refused": [],
      "bad_lines": {
        "count": 0,
        "first": []
      },
      "unused_budgets": [
        "codx"
      ]
    }

score_of_standard_input
  $ tokenquota replay --score - --quiet < score.csv
    51 records, 84,900 tokens, 4 providers
    from 2026-03-02 08:46:11Z to 2026-03-13 13:22:52Z
    
    all: 5 days, 9 cases within the budget, 26 cases above it
    rule        false  wrong h  diverted  warned  lead h   overrun  stranded  outs
    off           0 %     0.00     0.0 %     0 %    0.00    61.6 %     0.0 %  0.00
    original     78 %     8.26     8.5 %    50 %    0.25    24.4 %    19.1 %  0.78
    horizon      67 %     2.06     1.1 %    38 %    0.00    56.5 %     1.3 %  0.78
    care 5/4     67 %     5.42     1.1 %    46 %    0.00    46.3 %     5.2 %  0.89
    flight 5/4   67 %     5.43     1.1 %    50 %    0.26    46.3 %     5.2 %  1.00
    reserve      22 %     0.00    13.2 %    27 %    0.11     0.0 %    45.2 %  0.00
    
    interval   inside    below    above  mean days
    80 %       98.7 %    0.0 %    1.3 %       3.04
    90 %       98.7 %    0.0 %    1.3 %       3.04
    329 looks, one each half hour from the 6th day on; no interval in 8.2 % of them
    
    Calls as long as the log says; 5 calls without a start: 10 min.
    
    Advice: none. There are 5 days, and it needs 10.
    A token above the budget counts as a loss of 3 unused ones. 5 days judged; the losses:
    care 0 1.3737, 1/2 1.2574, 1 1.0666, 5/4 1.0738, 3/2 1.0738, 2 1.0778, 4 0.9975

score_of_nothing
  $ tokenquota replay --score empty.csv
    0 records
    
    No provider can be judged: each needs records in two windows, and 3 of them in one.
  ! tokenquota: replay: no usable record: no rule could be judged
  [2]

score_narrow
  $ COLUMNS=40 tokenquota replay --score --quiet score.csv
    51 records, 84,900 tokens, 4 providers
    from 2026-03-02 08:46:11Z to 2026-03-13 13:22:52Z
    
    all: 5 days, 9 cases within the budget, 26 cases above it
    rule        wrong h  warned   overrun  stranded
    off            0.00     0 %    61.6 %     0.0 %
    original       8.26    50 %    24.4 %    19.1 %
    horizon        2.06    38 %    56.5 %     1.3 %
    care 5/4       5.42    46 %    46.3 %     5.2 %
    flight 5/4     5.43    50 %    46.3 %     5.2 %
    reserve        0.00    27 %     0.0 %    45.2 %
    
    interval   inside    below    above  mean days
    80 %       98.7 %    0.0 %    1.3 %       3.04
    90 %       98.7 %    0.0 %    1.3 %       3.04
    329 looks, one each half hour from the 6th day on; no interval in 8.2 % of them
    
    Calls as long as the log says; 5 calls without a start: 10 min.
    
    Advice: none. There are 5 days, and it needs 10.
    A token above the budget counts as a loss of 3 unused ones. 5 days judged; the losses:
    care 0 1.3737, 1/2 1.2574, 1 1.0666, 5/4 1.0738, 3/2 1.0738, 2 1.0778, 4 0.9975

score_excludes
  $ tokenquota replay --score --rule off score.csv
  $ tokenquota replay --score --as-is score.csv
  $ tokenquota replay --score --days score.csv
  $ tokenquota replay --score --limit 'a=5 tokens per day' score.csv
  ! tokenquota: replay: --rule and --score exclude each other
  ! tokenquota: replay: --as-is and --score exclude each other
  ! tokenquota: replay: --days and --score exclude each other
  ! tokenquota: replay: --limit and --score exclude each other
  [2]

score_needed
  $ tokenquota replay --lag 5m score.csv
  $ tokenquota replay --window day score.csv
  $ tokenquota replay --group name score.csv
  ! tokenquota: replay: --lag is an option of --score
  ! tokenquota: replay: --window is an option of --score
  ! tokenquota: replay: --group is an option of --score
  [2]

score_wrong_words
  $ tokenquota replay --score --care 1/3 score.csv
  $ tokenquota replay --score --care 1,,2 score.csv
  $ tokenquota replay --score --care 33/4 score.csv
  $ tokenquota replay --score --care -1 score.csv
  $ tokenquota replay --score --care 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1 score.csv
  $ tokenquota replay --score --lag soon score.csv
  $ tokenquota replay --score --window month score.csv
  ! tokenquota: replay: --care: "1/3" is no care; write 0 to 8 in steps of a quarter, for example 5/4 or 1.25
  ! tokenquota: replay: --care: "" is no care; write 0 to 8 in steps of a quarter, for example 5/4 or 1.25
  ! tokenquota: replay: --care: "33/4" is no care; write 0 to 8 in steps of a quarter, for example 5/4 or 1.25
  ! tokenquota: replay: --care: "-1" is no care; write 0 to 8 in steps of a quarter, for example 5/4 or 1.25
  ! tokenquota: replay: --care: at most 16 of them
  ! tokenquota: replay: --lag "soon" is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)
  ! tokenquota: replay: --window "month": write day, 5h, hour or week
  [2]
