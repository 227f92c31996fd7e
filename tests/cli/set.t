set
  $ . ./say.sh
  $ say set openai budget=6M weights=input:1,cache_read:0.1,cache_write:1.25,output:5 price=input:3,output:15
  $ say set openai
  $ say set openai --json
  $ say budget openai
  $ say set openai rule=off "budget = " price= weights=
  $ say set openai
  $ say rule openai
  $ say set openai rule=default pool=account 'price = output:$0.25, input:0.000001'
  $ say set openai
  $ say set account
  $ say set openai pool=none price=
  $ say set openai
  $ say set openai budget=5 price=input:3 weights=input:2 pool=account
  $ say forget openai --yes
  $ say observe openai 5 --at $A
  $ say set openai
    $ tokenquota set openai budget=6M weights=input:1,cache_read:0.1,cache_write:1.25,output:5 price=input:3,output:15
    $ tokenquota set openai
    budget = 6000000
    rule =
    care =
    pool =
    weights = cache_read:0.1,cache_write:1.25,output:5
    price = input:3,output:15
    overage =
    cut =
    $ tokenquota set openai --json
    {
      "schema": 1,
      "provider": "openai",
      "budget": 6000000,
      "rule": null,
      "care": null,
      "pool": null,
      "weights_thousandths": {
        "input": 1000,
        "cache_read": 100,
        "cache_write": 1250,
        "output": 5000
      },
      "price_micro_usd": {
        "input": 3000000,
        "cache_read": null,
        "cache_write": null,
        "output": 15000000
      },
      "overage": "allow",
      "cut": "share"
    }
    $ tokenquota budget openai
    6000000
    $ tokenquota set openai rule=off budget =  price= weights=
    $ tokenquota set openai
    budget =
    rule = off
    care =
    pool =
    weights =
    price =
    overage =
    cut =
    $ tokenquota rule openai
    off
    $ tokenquota set openai rule=default pool=account price = output:$0.25, input:0.000001
    $ tokenquota set openai
    budget =
    rule =
    care =
    pool = account
    weights =
    price = input:0.000001,output:0.25
    overage =
    cut =
    $ tokenquota set account
    budget =
    rule =
    care =
    pool =
    weights =
    price =
    overage =
    cut =
    $ tokenquota set openai pool=none price=
    $ tokenquota set openai
    budget =
    rule =
    care =
    pool =
    weights =
    price =
    overage =
    cut =
    $ tokenquota set openai budget=5 price=input:3 weights=input:2 pool=account
    $ tokenquota forget openai --yes
    $ tokenquota observe openai 5 --at 2025-03-03T16:45:30Z
    $ tokenquota set openai
    budget =
    rule =
    care =
    pool =
    weights =
    price =
    overage =
    cut =

set_errors
  $ . ./say.sh
  $ say set
  $ say set openai
  $ say set openai bugdet=5
  $ say set openai pool
  $ say set openai budget=lots
  $ say set openai rule=hard
  $ say set openai weights=ouput:5
  $ say set openai weights=output:x
  $ say set openai weights=output
  $ say set openai price=3
  $ say set openai price=input=3
  $ say set openai weights=output:1000.001
  $ say set openai weights=output:1.0001
  $ say set openai price=output:1000000.000001
  $ say set openai budget=5 budget=6
  $ say set openai budget=5 rule=hard
  $ say set '' budget=5
  $ say set openai budget=5 --json
  $ say ledger path
  $ say set a pool=b
  $ say set b pool=a
  $ say set a pool=a
  $ say set b pool=c
  $ say set c pool=d
  $ say set a
    $ tokenquota set
    tokenquota: set: it takes a PROVIDER, and to change a setting KEY=VALUE, as in: tokenquota set openai budget=5M
    (exit 2)
    $ tokenquota set openai
    tokenquota: set: there is no ledger at ledger yet; it begins with: tokenquota observe PROVIDER TOKENS
    (exit 2)
    $ tokenquota set openai bugdet=5
    tokenquota: set: unknown key "bugdet"; did you mean "budget"?
    (exit 2)
    $ tokenquota set openai pool
    tokenquota: set: "pool" has no "="; write for example budget=5M, or pool= to remove the setting
    (exit 2)
    $ tokenquota set openai budget=lots
    tokenquota: set: budget: "lots" is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)
    (exit 2)
    $ tokenquota set openai rule=hard
    tokenquota: set: rule: "hard" is not a rule; write care, off, original, horizon or default
    (exit 2)
    $ tokenquota set openai weights=ouput:5
    tokenquota: set: unknown class "ouput"; did you mean "output"?
    (exit 2)
    $ tokenquota set openai weights=output:x
    tokenquota: set: weights: "output:x" needs a number, as in: output:1.5
    (exit 2)
    $ tokenquota set openai weights=output
    tokenquota: set: weights: "output" is no class with a number; write as in: weights=input:3,output:15
    (exit 2)
    $ tokenquota set openai price=3
    tokenquota: set: price: "3" is no class with a number; write as in: price=input:3,output:15
    (exit 2)
    $ tokenquota set openai price=input=3
    tokenquota: set: price: "input=3" is no class with a number; write as in: price=input:3,output:15
    (exit 2)
    $ tokenquota set openai weights=output:1000.001
    tokenquota: set: weights: "output:1000.001" is too much; the most is 1,000
    (exit 2)
    $ tokenquota set openai weights=output:1.0001
    tokenquota: set: weights: "output:1.0001" has more than 3 digits behind the point
    (exit 2)
    $ tokenquota set openai price=output:1000000.000001
    tokenquota: set: price: "output:1000000.000001" is too much; the most is 1,000,000
    (exit 2)
    $ tokenquota set openai budget=5 budget=6
    tokenquota: set: "budget" is given twice; give one value
    (exit 2)
    $ tokenquota set openai budget=5 rule=hard
    tokenquota: set: rule: "hard" is not a rule; write care, off, original, horizon or default
    (exit 2)
    $ tokenquota set  budget=5
    tokenquota: set: "": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
    $ tokenquota set openai budget=5 --json
    tokenquota: set: --json goes with printing settings, not with changing one
    (exit 2)
    $ tokenquota ledger path
    ledger
    $ tokenquota set a pool=b
    $ tokenquota set b pool=a
    tokenquota: set: pool: "a" cannot be its pool: that would be a circle, or a fourth level
    (exit 2)
    $ tokenquota set a pool=a
    tokenquota: set: pool: "a" cannot be its pool: that would be a circle, or a fourth level
    (exit 2)
    $ tokenquota set b pool=c
    $ tokenquota set c pool=d
    tokenquota: set: pool: "d" cannot be its pool: that would be a circle, or a fourth level
    (exit 2)
    $ tokenquota set a
    budget =
    rule =
    care =
    pool = b
    weights =
    price =
    overage =
    cut =

pool
  $ . ./say.sh
  $ "$TQ" ledger create --rule off > /dev/null
  $ say set claude/opus pool=claude
  $ say limit claude add "1M tokens per week reserve 30%" --at $A
  $ say limit claude/opus add '900 requests per 5h first-use' --at $A
  $ say observe claude/opus 800k --at $A
  $ say status --at $A
  $ say status claude/opus --at $A
  $ say explain claude claude/opus --at $A
  $ say explain claude/opus --at $A --use-reserve -v
  $ say explain claude/opus --at $A --json
  $ say route claude/opus --at $A
  $ say route claude/opus --at $A --use-reserve
  $ say limit claude/opus --at $A
  $ say observe claude 200k --at $A
  $ say route claude/opus --at $A --use-reserve
  $ say mark claude exhausted --until 2025-04-01T00:00:00Z --at $A
  $ say explain claude/opus --at $A
  $ say status claude/opus --at $A
    $ tokenquota set claude/opus pool=claude
    $ tokenquota limit claude add 1M tokens per week reserve 30% --at 2025-03-03T16:45:30Z
    limit 1: 1M tokens per week reserve 30%;
             0 used, 0%; lasts, resets Mon 01:00, in 6 d 8 h
    $ tokenquota limit claude/opus add 900 requests per 5h first-use --at 2025-03-03T16:45:30Z
    limit 1: 900 requests per 5h first-use; 0 used, 0%; begins with a call
    $ tokenquota observe claude/opus 800k --at 2025-03-03T16:45:30Z
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider        used     of     %         projection  state            reason
    claude          800k      -     -              1.15M  quota_exhausted  spent
    ! week          800k     1M   80%  ####--  at its reserve, resets Mon 01:00
    claude/opus     800k      -     -              1.15M  quota_exhausted  spent
      5 h requests     1    900    0%  ------  resets 22:45, in 5 h
    ! claude: week  800k     1M   80%  ####--  at its reserve, resets Mon 01:00
    
    2 of 2 providers quota_exhausted until 2025-03-10 01:00:00 CET, in 6 d 8 h
    (exit 1)
    $ tokenquota status claude/opus --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider        used     of     %         projection  state            reason
    claude/opus     800k      -     -              1.15M  quota_exhausted  spent
      5 h requests     1    900    0%  ------  resets 22:45, in 5 h
    ! claude: week  800k     1M   80%  ####--  at its reserve, resets Mon 01:00
    
    1 of 1 providers quota_exhausted until 2025-03-10 01:00:00 CET, in 6 d 8 h
    (exit 1)
    $ tokenquota explain claude claude/opus --at 2025-03-03T16:45:30Z
    claude: limit 1 is down to its reserve: 800,000 of 1,000,000 tokens used in its week, 300,000 kept back; out until 2025-03-10 00:00:00 UTC, in 6 d 8 h, or until the limit is raised; callers that use the reserve are served (until Mon 01:00 local time)
    claude/opus (pool claude): limit 1 of its pool is down to its reserve: 800,000 of 1,000,000 tokens used in its week, 300,000 kept back; out until 2025-03-10 00:00:00 UTC, in 6 d 8 h, or until the limit is raised; callers that use the reserve are served (until Mon 01:00 local time)
    (exit 1)
    $ tokenquota explain claude/opus --at 2025-03-03T16:45:30Z --use-reserve -v
    claude/opus (pool claude): available: 800,000 tokens used in this UTC day; limit 1 of its pool is the nearest: 800,000 of 1,000,000 tokens used in its week
      rule       off
      used       800,000
      budget     none
      nearest    1 of its pool, tokens per week: 800,000 of 1,000,000, 300,000 kept back
      limit 1    900 requests per 5h first-use; 1 used, 0%; resets 22:45, in 5 h
    $ tokenquota explain claude/opus --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "at": "2025-03-03T16:45:30Z",
      "providers": [
        {
          "provider": "claude/opus",
          "sentence": "limit 1 of its pool is down to its reserve: 800,000 of 1,000,000 tokens used in its week, 300,000 kept back; out until 2025-03-10 00:00:00 UTC, in 6 d 8 h, or until the limit is raised; callers that use the reserve are served",
          "clear_with": null,
          "pool": "claude",
          "limits": [
            {
              "number": 1,
              "limit": "900 requests per 5h first-use",
              "unit": "requests",
              "window": "first-use",
              "first": null,
              "length_ns": 18000000000000,
              "anchor_at": null,
              "zone": null,
              "amount": 900,
              "reserve": null,
              "reserve_share": null,
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
              "used": 1,
              "share_ppm": 1111,
              "start_at": "2025-03-03T16:45:28Z",
              "end_at": "2025-03-03T21:45:28Z",
              "until": null,
              "uncosted": null,
              "taken": false,
              "said": null
            }
          ],
          "rule": "off",
          "cut_off": null,
          "used": 800000,
          "budget": null,
          "left": null,
          "window_ns": 604800000000000,
          "probes_failed": 0,
          "projection": 1145699,
          "state": "quota_exhausted",
          "reason": "spent",
          "reasons": [
            "spent"
          ],
          "retry_at": "2025-03-10T00:00:00Z",
          "limit": {
            "number": 1,
            "level": 1,
            "unit": "tokens",
            "window": "week",
            "used": 800000,
            "amount": 1000000,
            "reserve": 300000
          },
          "care": null,
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
    $ tokenquota route claude/opus --at 2025-03-03T16:45:30Z
    claude/opus	2025-03-10T00:00:00Z	spent to the reserve: limit 1 of its pool, tokens per week
    (exit 1)
    $ tokenquota route claude/opus --at 2025-03-03T16:45:30Z --use-reserve
    claude/opus
    $ tokenquota limit claude/opus --at 2025-03-03T16:45:30Z
    claude/opus
      1  900 requests per 5h first-use; 1 used, 0%; resets 22:45, in 5 h
    claude, its pool
      1  1M tokens per week reserve 30%;
         800k used, 80%; at its reserve, resets Mon 01:00, in 6 d 8 h
    $ tokenquota observe claude 200k --at 2025-03-03T16:45:30Z
    $ tokenquota route claude/opus --at 2025-03-03T16:45:30Z --use-reserve
    claude/opus	2025-03-10T00:00:00Z	spent: limit 1 of its pool, tokens per week
    (exit 1)
    $ tokenquota mark claude exhausted --until 2025-04-01T00:00:00Z --at 2025-03-03T16:45:30Z
    claude: quota_exhausted (marked) until 2025-04-01 00:00:00Z (2025-04-01 02:00:00 CEST), in 28 d 8 h; 1,000,000 tokens used in UTC day 2025-03-03
    $ tokenquota explain claude/opus --at 2025-03-03T16:45:30Z
    claude/opus (pool claude): its pool is out: marked exhausted until 2025-04-01 00:00:00 UTC, in 28 d 8 h; marking it available clears it; 1,000,000 tokens used in this UTC day (until Apr 01 02:00 local time)
      to put it back: tokenquota mark claude available
    (exit 1)
    $ tokenquota status claude/opus --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider        used     of     %         projection  state            reason
    claude/opus     800k      -     -              1.15M  quota_exhausted  marked
      5 h requests     1    900    0%  ------  resets 22:45, in 5 h
    ! claude                                   marked
    
    1 of 1 providers quota_exhausted until 2025-04-01 02:00:00 CEST, in 28 d 8 h
    (exit 1)

pool_price
  $ . ./say.sh
  $ "$TQ" ledger create --rule off > /dev/null
  $ say limit account add '$5 once'
  $ say set account/model pool=account price=input:10
  $ say observe account/model --input 100k --at $A
  $ say limit account list --at $A
  $ say set account price=input:20
  $ say observe account/model --input 100k --at $A
  $ say limit account list --at $A
    $ tokenquota limit account add $5 once
    limit 1: $5 once; $0.00 used, 0%; never resets
    $ tokenquota set account/model pool=account price=input:10
    $ tokenquota observe account/model --input 100k --at 2025-03-03T16:45:30Z
    $ tokenquota limit account list --at 2025-03-03T16:45:30Z
    account
      1  $5 once; $1.00 used, 20%; never resets
    $ tokenquota set account price=input:20
    $ tokenquota observe account/model --input 100k --at 2025-03-03T16:45:30Z
    $ tokenquota limit account list --at 2025-03-03T16:45:30Z
    account
      1  $5 once; $3.00 used, 60%; never resets

set_overage
  $ . ./say.sh
  $ say set claude overage=stop
  $ say set claude
  $ say set claude --json | grep overage
  $ say set claude overage=
  $ say set claude | grep overage
  $ say set claude overage=allow
  $ say set claude overage=stopp
  $ "$TQ" set opus pool=claude
  $ say set opus overage=stop
    $ tokenquota set claude overage=stop
    $ tokenquota set claude
    budget =
    rule =
    care =
    pool =
    weights =
    price =
    overage = stop
    cut =
      "overage": "stop",
    $ tokenquota set claude overage=
    overage =
    $ tokenquota set claude overage=allow
    $ tokenquota set claude overage=stopp
    tokenquota: set: unknown overage "stopp"; did you mean "stop"?
    (exit 2)
    $ tokenquota set opus overage=stop
    tokenquota: set: this is about windows of opus alone; for those of the account: tokenquota set claude overage=stop

set_care
  $ . ./say.sh
  $ show() { "$TQ" set openai | grep -E '^(rule|care)'; say rule openai; }
  $ "$TQ" ledger create --rule off > /dev/null
  $ say set openai care=3/2
  $ show
  $ say set openai --json | grep -E '"(rule|care)"'
  $ say rule openai --json | grep -E '"(rule|care)"'
  $ say set openai care=1.25
  $ show
  $ say set openai care=0 rule=care
  $ show
  $ say set openai 'care = 8'
  $ show
  $ say set openai care=
  $ show
  $ say set openai rule=care care=
  $ show
  $ say set openai 'rule = off' 'care ='
  $ show
  $ say set openai care=
  $ show
  $ say rule openai care
  $ show
  $ say set openai rule=off care=5/4
  $ say set openai care=2 rule=
  $ say set openai care=1/3
  $ say set openai care=33/4
  $ say set openai care=-1
  $ say set openai care=much
  $ show
    $ tokenquota set openai care=3/2
    rule = care
    care = 3/2
    $ tokenquota rule openai
    care 3/2
      "rule": "care",
      "care": 1.5,
      "rule": "care",
      "care": 1.5,
    $ tokenquota set openai care=1.25
    rule = care
    care = 5/4
    $ tokenquota rule openai
    care 5/4
    $ tokenquota set openai care=0 rule=care
    rule = care
    care = 0
    $ tokenquota rule openai
    care 0
    $ tokenquota set openai care = 8
    rule = care
    care = 8
    $ tokenquota rule openai
    care 8
    $ tokenquota set openai care=
    rule =
    care =
    $ tokenquota rule openai
    off (default)
    $ tokenquota set openai rule=care care=
    rule = care
    care = 5/4
    $ tokenquota rule openai
    care 5/4
    $ tokenquota set openai rule = off care =
    rule = off
    care =
    $ tokenquota rule openai
    off
    $ tokenquota set openai care=
    rule = off
    care =
    $ tokenquota rule openai
    off
    $ tokenquota rule openai care
    rule = care
    care = 5/4
    $ tokenquota rule openai
    care 5/4
    $ tokenquota set openai rule=off care=5/4
    tokenquota: set: a care makes care the provider's rule; leave rule= out, or write rule=care
    (exit 2)
    $ tokenquota set openai care=2 rule=
    tokenquota: set: a care makes care the provider's rule; leave rule= out, or write rule=care
    (exit 2)
    $ tokenquota set openai care=1/3
    tokenquota: set: care: "1/3" is no care; write 0 to 8 in steps of a quarter, for example 5/4 or 1.25
    (exit 2)
    $ tokenquota set openai care=33/4
    tokenquota: set: care: "33/4" is no care; write 0 to 8 in steps of a quarter, for example 5/4 or 1.25
    (exit 2)
    $ tokenquota set openai care=-1
    tokenquota: set: care: "-1" is no care; write 0 to 8 in steps of a quarter, for example 5/4 or 1.25
    (exit 2)
    $ tokenquota set openai care=much
    tokenquota: set: care: "much" is no care; write 0 to 8 in steps of a quarter, for example 5/4 or 1.25
    (exit 2)
    rule = care
    care = 5/4
    $ tokenquota rule openai
    care 5/4
