budget
  $ . ./say.sh
  $ say budget openai 5M
  $ say budget openai
  $ say budget openai --json
  $ say budget openai none
  $ say budget openai
  $ say budget openai --json
  $ say budget anthropic 1.5k
  $ say budget anthropic
  $ say budget anthropic 0
  $ say budget anthropic
  $ say budget anthropix
  $ say budget nobody
  $ say budget
  $ say budget a b c
  $ say budget openai lots
  $ say budget openai -5
  $ say budget '' 5
  $ say budget openai 5 --json
    $ tokenquota budget openai 5M
    $ tokenquota budget openai
    5000000
    $ tokenquota budget openai --json
    {
      "schema": 1,
      "provider": "openai",
      "budget": 5000000
    }
    $ tokenquota budget openai none
    $ tokenquota budget openai
    none
    $ tokenquota budget openai --json
    {
      "schema": 1,
      "provider": "openai",
      "budget": null
    }
    $ tokenquota budget anthropic 1.5k
    $ tokenquota budget anthropic
    1500
    $ tokenquota budget anthropic 0
    $ tokenquota budget anthropic
    none
    $ tokenquota budget anthropix
    tokenquota: budget: unknown provider "anthropix"; did you mean "anthropic"?
    (exit 2)
    $ tokenquota budget nobody
    tokenquota: budget: unknown provider "nobody"; `tokenquota ledger names` lists those of ledger
    (exit 2)
    $ tokenquota budget
    tokenquota: budget: it takes a PROVIDER, and to set its budget TOKENS or none, as in: tokenquota budget openai 5M
    (exit 2)
    $ tokenquota budget a b c
    tokenquota: budget: it takes a PROVIDER, and to set its budget TOKENS or none, as in: tokenquota budget openai 5M
    (exit 2)
    $ tokenquota budget openai lots
    tokenquota: budget: "lots" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
    (exit 2)
    $ tokenquota budget openai -5
    tokenquota: budget: "-5" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
    (exit 2)
    $ tokenquota budget  5
    tokenquota: budget: "": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
    $ tokenquota budget openai 5 --json
    tokenquota: budget: --json goes with printing a budget, not with setting one
    (exit 2)

budget_equals_in_name
  $ tokenquota replay --rule original a.csv -q -b 'a=b=5'
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
    Budgets of providers that the log does not have: a=b

budget_exact
  $ "$TQ" replay --rule original a.csv --json -q -b anthropic=9223372036854775807 -b openai=9007.199254740993T > document
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
          "provider": "anthropic",
          "records": 3,
          "tokens": 1100000,
          "used": 1000000,
          "budget": "9223372036854775807",
          "burn_rate_per_hour": 59671,
          "projection": 1432124,
          "state": "available",
          "retry_at": null
        },
        {
          "provider": "openai",
          "records": 5,
          "tokens": 1075000,
          "used": 15000,
          "budget": "9007199254740993",
          "burn_rate_per_hour": 895,
          "projection": 21482,
          "state": "available",
          "retry_at": null
        }
      ],
      "days": [
        {
          "day": "2026-03-02",
          "provider": "anthropic",
          "used": 100000,
          "budget": "9223372036854775807",
          "exhausted_at": null
        },
        {
          "day": "2026-03-03",
          "provider": "anthropic",
          "used": 1000000,
          "budget": "9223372036854775807",
          "exhausted_at": null
        },
        {
          "day": "2026-03-02",
          "provider": "openai",
          "used": 1060000,
          "budget": "9007199254740993",
          "exhausted_at": null
        },
        {
          "day": "2026-03-03",
          "provider": "openai",
          "used": 15000,
          "budget": "9007199254740993",
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

budget_last_wins
  $ tokenquota replay --rule original a.csv -q -b openai=5M -b openai=1M
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

budget_short
  $ tokenquota replay --rule original a.csv -bopenai=1M -q -b anthropic=1.5M
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai
    2026-03-02   100k    7%         1.06M  106% !09:00
    2026-03-03     1M   67%           15k    2%
    total        1.1M               1.07M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    anthropic    1M   1.5M   67%  ##########-----  59.6k      1.44M  available
    openai      15k     1M    2%  ---------------    895      21.5k  available
    
    2 providers, all available

budget_star
  $ tokenquota replay --rule original a.csv -b '*=0.75M' -b openai=0
    2026-03-03 07:15:00Z  anthropic     available -> quota_exhausted  used 420,000 of 750,000, projection 1,390,332
    
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   anthropic           openai
    2026-03-02   100k   13%         1.06M
    2026-03-03     1M  133% !07:15    15k
    total        1.1M               1.07M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    anthropic    1M   750k  133%  ###############  59.6k      1.44M  quota_exhausted
    openai      15k      -     -                     895      21.5k  available
    
    1 of 2 providers quota_exhausted until 2026-03-04 01:00:00 CET, in 7 h 15 min
  [1]

budget_units
  $ tokenquota replay --rule original a.csv -q -b openai=1.5k -b anthropic=2g -b x=1T
    8 records, 2,175,000 tokens, 2 providers
    from 2026-03-02 06:00:00Z to 2026-03-03 16:45:30Z
    
    Day by day: tokens, % of the budget, ! = quota_exhausted from that time (UTC) on
    
    day (UTC)   openai              anthropic
    2026-03-02  1.06M >999% !06:00   100k    0%
    2026-03-03    15k >999% !08:00     1M    0%
    total       1.07M                1.1M
    
    Today: UTC day 2026-03-03, which ends at 01:00 CET. The log ends at 16:45:30Z.
    provider   used budget     %                  burn/h projection  state
    openai      15k  1,500 >999%  ###############    895      21.5k  quota_exhausted
    anthropic    1M     2G    0%  ---------------  59.6k      1.44M  available
    
    1 of 2 providers quota_exhausted until 2026-03-04 01:00:00 CET, in 7 h 15 min
    Budgets of providers that the log does not have: x
  [1]
