reasons
  $ # Marked, reported, throttled and predicted look different wherever they are shown.
  $ . ./say.sh
  $ "$TQ" signal openai_429.http --provider throttled --at $A > /dev/null
  $ "$TQ" signal overloaded.http --provider overloaded --at $A > /dev/null
  $ "$TQ" signal claude_429.http --provider reported --at $A > /dev/null
  $ "$TQ" signal openai_no_money.http --provider unpaid --at $A > /dev/null
  $ "$TQ" mark marked exhausted --for 1h --at $A > /dev/null
  $ "$TQ" budget predicted 1k
  $ "$TQ" observe predicted 950 --at $A
  $ COLUMNS=120 say_about status --at $A
  $ COLUMNS=60 say_about status --at $A
  $ COLUMNS=40 say_about status --at $A
  $ say status throttled --at $A
  $ say status throttled --at $A --color always
  $ say_about status --at $A --json | grep -E '"(provider|reason|refusal|vendor|retry_at|probe_at)"'
  $ for name in throttled overloaded reported unpaid marked predicted; do
  $     say observe $name 0 --at $A --verbose
  $     say route $name --at $A
  $     say_about explain $name --at $A
  $ done
  $ say exhausted --at $A
  $ say exhausted --at $A --json | grep -E '"(provider|reason)"'
  $ say status --at 2025-03-03T16:50:30Z
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider    used     of     %                   burn/h projection  state            reason     retry at
    throttled      0      -     -                        0          0  throttled                   wait 12 s
    overloaded     0      -     -                        0          0  overloaded                  wait 30 s
    marked         0      -     -                        0          0  quota_exhausted  marked     18:45 CET, in 1 h
    reported       0      -     -                        0          0  quota_exhausted  reported   19:30 CET, in 1 h 45 min
    ! 5 h         +0      -  100%  ################  spent, resets 19:30, in 1 h 45 min; vendor, now
      7 d         +0      -   43%  ######----------  lasts, resets Thu 13:00, in 2 d 20 h; vendor, now
    predicted    950  1,000   95%  ###############-     56      1,361  quota_exhausted  predicted  01:00 CET, in 7 h 15 min
    unpaid         0      -     -                        0          0  quota_exhausted  reported   probe in about 5 min
    
    4 of 6 providers quota_exhausted, 2 throttled
    (exit 1)
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET.
    As of 16:45:30Z.
    provider    used     of     %  state            reason
    throttled      0      -     -  throttled
    overloaded     0      -     -  overloaded
    marked         0      -     -  quota_exhausted  marked
    reported       0      -     -  quota_exhausted  reported
    ! 5 h         +0      -  100%  spent, 19:30; vendor, now
      7 d         +0      -   43%  lasts, Thu 13:00; vendor, now
    predicted    950  1,000   95%  quota_exhausted  predicted
    unpaid         0      -     -  quota_exhausted  reported
    
    4 of 6 providers quota_exhausted, 2 throttled:
      throttled   throttled: wait 12 s
      overloaded  overloaded: wait 30 s
      marked      until 18:45 CET, in 1 h
      reported    until 19:30 CET, in 1 h 45 min
      predicted   until 01:00 CET, in 7 h 15 min
      unpaid      with no known end
    (exit 1)
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET.
    As of 16:45:30Z.
    provider    used     %  state
    throttled      0     -  throttled
    overloaded     0     -  overloaded
    marked         0     -  quota_exhausted
    reported       0     -  quota_exhausted
    ! 5 h         +0  100%  spent, 19:30
      7 d         +0   43%  lasts, Thu 13:00
    predicted    950   95%  quota_exhausted
    unpaid         0     -  quota_exhausted
    
    4 of 6 providers quota_exhausted, 2 throttled:
      throttled   throttled: wait 12 s
      overloaded  overloaded: wait 30 s
      marked      until 18:45 CET
      reported    until 19:30 CET
      predicted   until 01:00 CET
      unpaid      with no known end
    (exit 1)
    $ tokenquota status throttled --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider   used budget     %              projection  state            reason
    throttled     0      -     -                       0  throttled
    
    1 of 1 providers throttled: wait 12 s
    (exit 1)
    $ tokenquota status throttled --at 2025-03-03T16:45:30Z --color always
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    [1mprovider   used budget     %              projection  state            reason[0m
    throttled     0      -     -                       0  [33mthrottled[0m
    
    1 of 1 providers throttled: wait 12 s
    (exit 1)
          "provider": "throttled",
          "reason": "throttled",
          "retry_at": "2025-03-03T16:45:42Z",
          "refusal": "throttled",
          "vendor": "OpenAI",
          "probe_at": null,
          "provider": "overloaded",
          "reason": "throttled",
          "retry_at": "2025-03-03T16:46:00Z",
          "refusal": "overloaded",
          "vendor": "Anthropic",
          "probe_at": null,
          "provider": "marked",
          "reason": "marked",
          "retry_at": "2025-03-03T17:45:30Z",
          "refusal": null,
          "vendor": null,
          "probe_at": null,
          "provider": "reported",
          "reason": "reported",
          "retry_at": "2025-03-03T18:30:00Z",
          "refusal": "exhausted",
          "vendor": "Anthropic (subscription)",
          "probe_at": "2025-03-03T17:45:30Z",
          "provider": "predicted",
          "reason": "predicted",
          "retry_at": "2025-03-04T00:00:00Z",
          "refusal": null,
          "vendor": null,
          "probe_at": null,
          "provider": "unpaid",
          "reason": "reported",
          "retry_at": null,
          "refusal": "no-money",
          "vendor": "OpenAI",
          "probe_at": "2025-03-03T16:5x:xxZ",
    $ tokenquota observe throttled 0 --at 2025-03-03T16:45:30Z --verbose
    throttled: throttled: wait 12 s; 0 tokens used in UTC day 2025-03-03
    $ tokenquota route throttled --at 2025-03-03T16:45:30Z
    throttled	2025-03-03T16:45:42Z	throttled: wait 12 s
    (exit 1)
    $ tokenquota explain throttled --at 2025-03-03T16:45:30Z
    throttled: wait 12 s: OpenAI throttles tokens, and said so at 2025-03-03 16:45:30 UTC; it ends sooner if a request sent later succeeds
    (exit 1)
    $ tokenquota observe overloaded 0 --at 2025-03-03T16:45:30Z --verbose
    overloaded: overloaded: wait 30 s; 0 tokens used in UTC day 2025-03-03
    $ tokenquota route overloaded --at 2025-03-03T16:45:30Z
    overloaded	2025-03-03T16:46:00Z	overloaded: wait 30 s
    (exit 1)
    $ tokenquota explain overloaded --at 2025-03-03T16:45:30Z
    overloaded: wait 30 s: Anthropic is overloaded and said so at 2025-03-03 16:45:30 UTC; it ends sooner if a request sent later succeeds
    (exit 1)
    $ tokenquota observe reported 0 --at 2025-03-03T16:45:30Z --verbose
    reported: quota_exhausted (reported: out of quota) until 2025-03-03 18:30:00Z (2025-03-03 19:30:00 CET), in 1 h 45 min; 0 tokens used in UTC day 2025-03-03
    $ tokenquota route reported --at 2025-03-03T16:45:30Z
    reported	2025-03-03T18:30:00Z	reported: out of quota
    (exit 1)
    $ tokenquota explain reported --at 2025-03-03T16:45:30Z
    reported: out of quota in 5 h, Anthropic (subscription) said at 2025-03-03 16:45:30 UTC; a probe is due at 2025-03-03 17:45:30 UTC; out until 2025-03-03 18:30:00 UTC, in 1 h 45 min; it ends sooner if a request sent later succeeds (until 19:30 local time)
      to put it back: tokenquota mark reported available
    (exit 1)
    $ tokenquota observe unpaid 0 --at 2025-03-03T16:45:30Z --verbose
    unpaid: quota_exhausted (reported: out of money) with no known end; 0 tokens used in UTC day 2025-03-03
    $ tokenquota route unpaid --at 2025-03-03T16:45:30Z
    unpaid	unknown	reported: out of money
    (exit 1)
    $ tokenquota explain unpaid --at 2025-03-03T16:45:30Z
    unpaid: out of money, OpenAI said at 2025-03-03 16:45:30 UTC and named no end; a probe is due at 2025-03-03 16:5x:xx UTC; it ends when the probe succeeds
      to put it back: tokenquota mark unpaid available
    (exit 1)
    $ tokenquota observe marked 0 --at 2025-03-03T16:45:30Z --verbose
    marked: quota_exhausted (marked) until 2025-03-03 17:45:30Z (2025-03-03 18:45:30 CET), in 1 h; 0 tokens used in UTC day 2025-03-03
    $ tokenquota route marked --at 2025-03-03T16:45:30Z
    marked	2025-03-03T17:45:30Z	marked
    (exit 1)
    $ tokenquota explain marked --at 2025-03-03T16:45:30Z
    marked: marked exhausted until 2025-03-03 17:45:30 UTC, in 1 h; marking it available clears it; 0 tokens used in this UTC day (until 18:45 local time)
      to put it back: tokenquota mark marked available
    (exit 1)
    $ tokenquota observe predicted 0 --at 2025-03-03T16:45:30Z --verbose
    predicted: quota_exhausted (predicted) until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 7 h 15 min; 950 of 1,000 tokens used in UTC day 2025-03-03
    $ tokenquota route predicted --at 2025-03-03T16:45:30Z
    predicted	2025-03-04T00:00:00Z	predicted
    (exit 1)
    $ tokenquota explain predicted --at 2025-03-03T16:45:30Z
    predicted: budget nearly spent: 950 of 1,000 tokens used in this UTC day, 50 left; 5/4 of a mean call are 1,188; out until 2025-03-04 00:00:00 UTC, in 7 h 15 min, or until the budget is raised (until 01:00 local time)
      at this pace 1,361 by 01:00 CET; the budget runs out 18:38
    (exit 1)
    $ tokenquota exhausted --at 2025-03-03T16:45:30Z
    throttled   throttled: wait 12 s
    overloaded  overloaded: wait 30 s
    marked      until 2025-03-03 17:45:30Z (2025-03-03 18:45:30 CET), in 1 h; marked
    reported    until 2025-03-03 18:30:00Z (2025-03-03 19:30:00 CET), in 1 h 45 min; reported: out of quota
    predicted   until 2025-03-04 00:00:00Z (2025-03-04 01:00:00 CET), in 7 h 15 min; predicted
    unpaid      with no known end; reported: out of money
    (exit 1)
          "provider": "throttled",
          "reason": "throttled",
          "provider": "overloaded",
          "reason": "throttled",
          "provider": "marked",
          "reason": "marked",
          "provider": "reported",
          "reason": "reported",
          "provider": "predicted",
          "reason": "predicted",
          "provider": "unpaid",
          "reason": "reported",
    $ tokenquota status --at 2025-03-03T16:50:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:50:30Z.
    provider   used     of     %        projection  state            reason
    marked        0      -     -                 0  quota_exhausted  marked
    reported      0      -     -                 0  quota_exhausted  reported
    ! 5 h        +0      -  100%  #####  spent, resets 19:30; vendor, 5 min ago
      7 d        +0      -   43%  ##---  lasts, resets Thu 13:00; vendor, 5 min ago
    predicted   950  1,000   95%  ####-      1,354  quota_exhausted  predicted
    unpaid        0      -     -                 0  quota_exhausted  reported
    2 of 6 providers without budget, usage and mark today
    
    4 of 6 providers quota_exhausted:
      marked     until 2025-03-03 18:45:30 CET, in 55 min
      reported   until 2025-03-03 19:30:00 CET, in 1 h 40 min
      predicted  until 2025-03-04 01:00:00 CET, in 7 h 10 min
      unpaid     with no known end
    (exit 1)

signal
  $ . ./say.sh
  $ say signal openai_200.http --at $A
  $ "$TQ" signal - --at $A < openai_200.http > lines && "$TQ" signal openai_200.http --at $A | diff - lines && echo standard input gives the same
  $ say signal openai_429.http --at $A
  $ say signal openai_no_money.http --at $A
  $ say signal claude_429.http --at $A
  $ say signal claude_opus.http --at $A
  $ say signal overloaded.http --at $A
  $ say signal openai_429.http --at $A --profile generic
  $ say signal openai_429.http --at $A --json
  $ say signal openai_200.http --at $A --sent-at 2025-03-03T16:45:29Z --json
  $ "$TQ" signal --list | head -n 2 | cut -f 1,3
  $ [ ! -e ledger ] && echo no ledger was made
    $ tokenquota signal openai_200.http --at 2025-03-03T16:45:30Z
    response   200
    profile    openai: OpenAI
    class      none: the request was served
    usage      input 176, read from a cache 1,024, output 45, of it reasoning 20, the vendor's total 1,245
    counts     221 against the limit
    
    what      window    limit  remaining  used  resets at
    requests       -   10,000      9,999     -  2025-03-03 16:45:38Z, in 9 s, all of it
    tokens         -  200,000    199,983     -  2025-03-03 16:45:30Z, in 1 s, all of it
    standard input gives the same
    $ tokenquota signal openai_429.http --at 2025-03-03T16:45:30Z
    response   429
    profile    openai: OpenAI
    class      throttled: too much at once: wait
    ask again  at 2025-03-03 16:45:42Z (2025-03-03 17:45:42 CET), in 12 s; from Retry-After
    
    what      window    limit  remaining  used  resets at
    requests       -   10,000      9,999     -  2025-03-03 16:45:38Z, in 9 s, all of it
    tokens         -  200,000          0     -  2025-03-03 16:45:42Z, in 12 s, all of it; spent; binds
    (exit 1)
    $ tokenquota signal openai_no_money.http --at 2025-03-03T16:45:30Z
    response   429
    profile    openai: OpenAI
    class      no-money: no credit, or a spending limit: waiting does not help
    ask again  the response does not say when
    (exit 1)
    $ tokenquota signal claude_429.http --at 2025-03-03T16:45:30Z
    response   429
    profile    anthropic-subscription: Anthropic (subscription)
    class      exhausted: out of quota
    ask again  at 2025-03-03 18:30:00Z (2025-03-03 19:30:00 CET), in 1 h 45 min; from a header
    
    what   window  limit  remaining   used  resets at
    quota     5 h      -          -   100%  2025-03-03 18:30:00Z, in 1 h 45 min; spent; binds
    quota     7 d      -          -  42.5%  2025-03-06 12:00:00Z, in 2 d 20 h
    (exit 1)
    $ tokenquota signal claude_opus.http --at 2025-03-03T16:45:30Z
    response   429
    profile    anthropic-subscription: Anthropic (subscription)
    class      exhausted: out of quota; of the request's model only
    ask again  at 2025-03-06 12:00:00Z (2025-03-06 13:00:00 CET), in 2 d 20 h; from a header
    
    what     window  limit  remaining  used  resets at
    quota       5 h      -          -   10%  2025-03-03 18:30:00Z, in 1 h 45 min
    quota  7 d opus      -          -  100%  2025-03-06 12:00:00Z, in 2 d 20 h; spent; of this model only; binds
    (exit 1)
    $ tokenquota signal overloaded.http --at 2025-03-03T16:45:30Z
    response   529
    profile    anthropic: Anthropic
    class      overloaded: the vendor is short of capacity; this account is not the cause
    ask again  the response does not say when
    (exit 1)
    $ tokenquota signal openai_429.http --at 2025-03-03T16:45:30Z --profile generic
    response   429
    profile    generic, as told
    class      throttled: too much at once: wait
    ask again  at 2025-03-03 16:45:42Z (2025-03-03 17:45:42 CET), in 12 s; from Retry-After
    
    what      window    limit  remaining  used  resets at
    requests       -   10,000      9,999     -  2025-03-03 16:45:38Z, in 9 s
    tokens         -  200,000          0     -  2025-03-03 16:45:42Z, in 12 s; spent; binds
    (exit 1)
    $ tokenquota signal openai_429.http --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "at": "2025-03-03T16:45:30Z",
      "sent_at": null,
      "status": 429,
      "profile": "openai",
      "vendor": "OpenAI",
      "account": null,
      "refusal": "throttled",
      "success": false,
      "model_only": false,
      "clamped": false,
      "axes_dropped": false,
      "retry_at": "2025-03-03T16:45:42Z",
      "source": "retry-after",
      "binds": 1,
      "anomalies": 0,
      "axes": [
        {
          "what": "requests",
          "window_ns": null,
          "name": null,
          "limit": 10000,
          "remaining": 9999,
          "used_ppm": null,
          "reset_at": "2025-03-03T16:45:38.64Z",
          "empty": false,
          "full_refill": true,
          "model_only": false,
          "credit": false
        },
        {
          "what": "tokens",
          "window_ns": null,
          "name": null,
          "limit": 200000,
          "remaining": 0,
          "used_ppm": null,
          "reset_at": "2025-03-03T16:45:42Z",
          "empty": true,
          "full_refill": true,
          "model_only": false,
          "credit": false
        }
      ],
      "usage": null
    }
    (exit 1)
    $ tokenquota signal openai_200.http --at 2025-03-03T16:45:30Z --sent-at 2025-03-03T16:45:29Z --json
    {
      "schema": 1,
      "at": "2025-03-03T16:45:30Z",
      "sent_at": "2025-03-03T16:45:29Z",
      "status": 200,
      "profile": "openai",
      "vendor": "OpenAI",
      "account": null,
      "refusal": "none",
      "success": true,
      "model_only": false,
      "clamped": false,
      "axes_dropped": false,
      "retry_at": null,
      "source": null,
      "binds": null,
      "anomalies": 0,
      "axes": [
        {
          "what": "requests",
          "window_ns": null,
          "name": null,
          "limit": 10000,
          "remaining": 9999,
          "used_ppm": null,
          "reset_at": "2025-03-03T16:45:38.64Z",
          "empty": false,
          "full_refill": true,
          "model_only": false,
          "credit": false
        },
        {
          "what": "tokens",
          "window_ns": null,
          "name": null,
          "limit": 200000,
          "remaining": 199983,
          "used_ppm": null,
          "reset_at": "2025-03-03T16:45:30.005Z",
          "empty": false,
          "full_refill": true,
          "model_only": false,
          "credit": false
        }
      ],
      "usage": {
        "input": 176,
        "cache_read": 1024,
        "cache_write": null,
        "output": 45,
        "reasoning": 20,
        "total": 1245,
        "counted": 221,
        "partial": false
      }
    }
    generic	documented
    openai	seen live
    no ledger was made

signal_apply
  $ # What vendors say is taken into account, and each answer is shown apart from the others.
  $ . ./say.sh
  $ say signal openai_429.http --provider openai --at $A
  $ say signal openai_200.http --provider openai --at 2025-03-03T16:45:33Z | tail -n 3
  $ say signal openai_200.http --provider openai --at 2025-03-03T16:45:33Z --sent-at 2025-03-03T16:45:29Z --count
  $ say signal openai_200.http --provider openai --at 2025-03-03T16:45:34Z --sent-at 2025-03-03T16:45:33Z --count | tail -n 1
  $ say signal claude_opus.http --provider claude --at $A | tail -n 3
  $ say signal claude_opus.http --provider opus --for-model --at $A | tail -n 2
  $ "$TQ" set pooled pool=account
  $ say signal claude_opus.http --provider pooled --at $A | tail -n 2
  $ say signal claude_429.http --provider claude --at $A --json
  $ say signal overloaded.http --provider claude-api --at $A | tail -n 2
  $ say_about signal openai_no_money.http --provider broke --at $A | tail -n 2
  $ say signal openai_429.http --provider '' --at $A
  $ say status --at $A
    $ tokenquota signal openai_429.http --provider openai --at 2025-03-03T16:45:30Z
    response   429
    profile    openai: OpenAI
    class      throttled: too much at once: wait
    ask again  at 2025-03-03 16:45:42Z (2025-03-03 17:45:42 CET), in 12 s; from Retry-After
    
    what      window    limit  remaining  used  resets at
    requests       -   10,000      9,999     -  2025-03-03 16:45:38Z, in 9 s, all of it
    tokens         -  200,000          0     -  2025-03-03 16:45:42Z, in 12 s, all of it; spent; binds
    
    openai: wait 12 s: OpenAI throttles tokens, and said so at 2025-03-03 16:45:30 UTC; it ends sooner if a request sent later succeeds
    (exit 1)
    Not applied: a success clears refusals older than its request; give the time of the request: --sent-at
    openai: wait 9 s: OpenAI throttles tokens, and said so at 2025-03-03 16:45:30 UTC; it ends sooner if a request sent later succeeds
    (exit 1)
    $ tokenquota signal openai_200.http --provider openai --at 2025-03-03T16:45:33Z --sent-at 2025-03-03T16:45:29Z --count
    response   200
    profile    openai: OpenAI
    class      none: the request was served
    usage      input 176, read from a cache 1,024, output 45, of it reasoning 20, the vendor's total 1,245
    counts     221 against the limit; counted
    
    what      window    limit  remaining  used  resets at
    requests       -   10,000      9,999     -  2025-03-03 16:45:41Z, in 9 s, all of it
    tokens         -  200,000    199,983     -  2025-03-03 16:45:33Z, in 1 s, all of it
    
    openai: wait 9 s: OpenAI throttles tokens, and said so at 2025-03-03 16:45:30 UTC; it ends sooner if a request sent later succeeds
    (exit 1)
    openai: available: 442 tokens used in this UTC day, without a budget
    
    Not applied: it concerns the request's model only; if the provider is that model, use --for-model
    claude: available: 0 tokens used in this UTC day, without a budget
    opus: out of quota in 7 d opus, Anthropic (subscription) said at 2025-03-03 16:45:30 UTC; a probe is due at 2025-03-03 17:45:30 UTC; out until 2025-03-06 12:00:00 UTC, in 2 d 20 h; it ends sooner if a request sent later succeeds
    (exit 1)
    pooled: out of quota in 7 d opus, Anthropic (subscription) said at 2025-03-03 16:45:30 UTC; a probe is due at 2025-03-03 17:45:30 UTC; out until 2025-03-06 12:00:00 UTC, in 2 d 20 h; it ends sooner if a request sent later succeeds
    (exit 1)
    $ tokenquota signal claude_429.http --provider claude --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "at": "2025-03-03T16:45:30Z",
      "sent_at": null,
      "status": 429,
      "profile": "anthropic-subscription",
      "vendor": "Anthropic (subscription)",
      "account": null,
      "refusal": "exhausted",
      "success": false,
      "model_only": false,
      "clamped": false,
      "axes_dropped": false,
      "retry_at": "2025-03-03T18:30:00Z",
      "source": "header",
      "binds": 0,
      "anomalies": 0,
      "axes": [
        {
          "what": "unknown",
          "window_ns": 18000000000000,
          "name": null,
          "limit": null,
          "remaining": null,
          "used_ppm": 1000000,
          "reset_at": "2025-03-03T18:30:00Z",
          "empty": true,
          "full_refill": false,
          "model_only": false,
          "credit": false
        },
        {
          "what": "unknown",
          "window_ns": 604800000000000,
          "name": null,
          "limit": null,
          "remaining": null,
          "used_ppm": 425000,
          "reset_at": "2025-03-06T12:00:00Z",
          "empty": false,
          "full_refill": false,
          "model_only": false,
          "credit": false
        }
      ],
      "usage": null,
      "verdict": {
        "provider": "claude",
        "pool": null,
        "applied": true,
        "counted": false,
        "sentence": "out of quota in 5 h, Anthropic (subscription) said at 2025-03-03 16:45:30 UTC; a probe is due at 2025-03-03 17:45:30 UTC; out until 2025-03-03 18:30:00 UTC, in 1 h 45 min; it ends sooner if a request sent later succeeds",
        "state": "quota_exhausted",
        "reason": "reported",
        "reasons": [
          "reported"
        ],
        "retry_at": "2025-03-03T18:30:00Z",
        "limit": {
          "number": 1,
          "level": 0,
          "unit": "share",
          "window": "stated",
          "used": null,
          "amount": null,
          "reserve": null
        },
        "care": 1.25,
        "expects": null,
        "expected": null,
        "held": null,
        "others": null,
        "withheld": null,
        "heard_at": null,
        "refusal": "exhausted",
        "vendor": "Anthropic (subscription)",
        "axis": null,
        "said_at": "2025-03-03T16:45:30Z",
        "probe_at": "2025-03-03T17:45:30Z",
        "probing": false
      }
    }
    (exit 1)
    claude-api: wait 30 s: Anthropic is overloaded and said so at 2025-03-03 16:45:30 UTC; it ends sooner if a request sent later succeeds
    (exit 1)
    broke: out of money, OpenAI said at 2025-03-03 16:45:30 UTC and named no end; a probe is due at 2025-03-03 16:5x:xx UTC; it ends when the probe succeeds
    (exit 1)
    $ tokenquota signal openai_429.http --provider  --at 2025-03-03T16:45:30Z
    tokenquota: signal: "": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider    used     %        burn/h projection  state            reason
    claude-api     0     -             0          0  overloaded
    claude         0     -             0          0  quota_exhausted  reported
    ! 5 h         +0  100%  #####  spent, resets 19:30, in 1 h 45 min; vendor, now
      7 d opus    +0  100%  #####  resets Thu 13:00, in 2 d 20 h; vendor, now
      7 d         +0   43%  ##---  lasts, resets Thu 13:00, in 2 d 20 h; vendor, now
    opus           0     -             0          0  quota_exhausted  reported
    ! 7 d opus    +0  100%  #####  spent, resets Thu 13:00, in 2 d 20 h; vendor, now
      5 h         +0   10%  -----  lasts, resets 19:30, in 1 h 45 min; vendor, now
    pooled         0     -             0          0  quota_exhausted  reported
    ! 7 d opus    +0  100%  #####  spent, resets Thu 13:00, in 2 d 20 h; vendor, now
    broke          0     -             0          0  quota_exhausted  reported
    account        0     -             0          0  available
      5 h         +0   10%  -----  lasts, resets 19:30, in 1 h 45 min; vendor, now
    openai       442     -            26        633  available
    
    4 of 7 providers quota_exhausted, 1 throttled:
      claude-api  overloaded: wait 30 s
      claude      until 2025-03-03 19:30:00 CET, in 1 h 45 min
      opus        until 2025-03-06 13:00:00 CET, in 2 d 20 h
      pooled      until 2025-03-06 13:00:00 CET, in 2 d 20 h
      broke       with no known end
    (exit 1)

signal_forms
  $ # What may come instead of one whole response.
  $ . ./say.sh
  $ tail -n 1 openai_429.http > body.json
  $ say signal body.json --at $A --status 429
  $ say signal body.json --at $A --status 429 --profile openai
  $ sed '/^$/q' openai_429.http > head.http
  $ say signal head.http --at $A | head -n 4
  $ sed 1d head.http > fields.http
  $ say signal fields.http --at $A --status 429 | head -n 4
  $ say signal fields.http --at $A
  $ { printf 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nlocation: /\r\n\r\n'; cat openai_429.http; } > several.http
  $ say signal several.http --at $A | head -n 4
  $ { echo ': comment'; echo; echo 'event: error'; echo "data: $(tail -n 1 overloaded.http)"; echo; } > stream
  $ say signal stream --at $A --profile anthropic
  $ printf 'HTTP/1.1 429 Too Many Requests\nretry-after:\n 12\nno header\n\n' > folded.http
  $ say signal folded.http --at $A
  $ printf 'HTTP/2 200\ncontent-encoding: gzip\n\n\037\213\010' > compressed.http
  $ say signal compressed.http --at $A
  $ printf 'HTTP/2 429\nretry-after: soon\n\n' > odd.http
  $ say signal odd.http --at $A
  $ : > empty
  $ say signal empty
  $ echo 'hello' > letter
  $ say signal letter
  $ say signal nowhere.http
  $ say signal letter letter
  $ say signal letter --profile opemai
  $ say signal letter --profile zzzzzzzzzz
  $ say signal letter --status 42
  $ say signal letter --count
  $ say signal letter --sent-at soon
    $ tokenquota signal body.json --at 2025-03-03T16:45:30Z --status 429
    response   429
    profile    generic
    class      throttled: too much at once: wait
    ask again  the response does not say when
    (exit 1)
    $ tokenquota signal body.json --at 2025-03-03T16:45:30Z --status 429 --profile openai
    response   429
    profile    openai: OpenAI, as told
    class      throttled: too much at once: wait
    ask again  the response does not say when
    (exit 1)
    $ tokenquota signal head.http --at 2025-03-03T16:45:30Z
    response   429
    profile    openai: OpenAI
    class      throttled: too much at once: wait
    $ tokenquota signal fields.http --at 2025-03-03T16:45:30Z --status 429
    response   429
    profile    openai: OpenAI
    class      throttled: too much at once: wait
    $ tokenquota signal fields.http --at 2025-03-03T16:45:30Z
    profile    openai: OpenAI
    class      none: nothing was refused for quota
    
    what      window    limit  remaining  used  resets at
    requests       -   10,000      9,999     -  2025-03-03 16:45:38Z, in 9 s, all of it
    tokens         -  200,000          0     -  2025-03-03 16:45:42Z, in 12 s, all of it; spent
    $ tokenquota signal several.http --at 2025-03-03T16:45:30Z
    response   429
    profile    openai: OpenAI
    class      throttled: too much at once: wait
    $ tokenquota signal stream --at 2025-03-03T16:45:30Z --profile anthropic
    profile    anthropic: Anthropic, as told
    class      overloaded: the vendor is short of capacity; this account is not the cause
    ask again  the response does not say when
    (exit 1)
    $ tokenquota signal folded.http --at 2025-03-03T16:45:30Z
    response   429
    profile    generic
    class      throttled: too much at once: wait
    ask again  at 2025-03-03 16:45:42Z (2025-03-03 17:45:42 CET), in 12 s; from Retry-After
    odd        1 line among the headers that is none
    (exit 1)
    $ tokenquota signal compressed.http --at 2025-03-03T16:45:30Z
    response   200
    profile    generic
    class      none: the request was served
    limits     none in the response
    odd        the body is compressed: curl --compressed makes it readable
    $ tokenquota signal odd.http --at 2025-03-03T16:45:30Z
    response   429
    profile    generic
    class      throttled: too much at once: wait
    ask again  the response does not say when
    odd        1 value in no known form, ignored
    (exit 1)
    $ tokenquota signal empty
    tokenquota: signal: there is nothing to read; it takes what `curl -si` prints
    (exit 2)
    $ tokenquota signal letter
    tokenquota: signal: this is not a response: it begins with neither HTTP/, a header, {, [ nor an event
    (exit 2)
    $ tokenquota signal nowhere.http
    tokenquota: signal: nowhere.http: No such file or directory
    (exit 2)
    $ tokenquota signal letter letter
    tokenquota: signal: it takes one FILE, or standard input: one response at a time
    (exit 2)
    $ tokenquota signal letter --profile opemai
    tokenquota: signal: there is no profile "opemai"; did you mean "openai"?
    (exit 2)
    $ tokenquota signal letter --profile zzzzzzzzzz
    tokenquota: signal: there is no profile "zzzzzzzzzz"; `tokenquota signal --list` names them
    (exit 2)
    $ tokenquota signal letter --status 42
    tokenquota: signal: --status "42" is not a status; write one such as 429
    (exit 2)
    $ tokenquota signal letter --count
    tokenquota: signal: --count and --for-model go with --provider
    (exit 2)
    $ tokenquota signal letter --sent-at soon
    tokenquota: signal: --sent-at "soon" is not a time; write 2026-03-05T12:00:00Z, 20260305, epoch seconds, now+15m, 7d (7 days ago), yesterday, today or tomorrow
    (exit 2)

signal_pass
  $ # The body goes on as it came, whatever else happens; a success that is counted does not look like a failure.
  $ . ./say.sh
  $ printf 'HTTP/1.1 200 OK\r\nx: y\r\n\r\n{"usage":{"input_tokens":5,"output_tokens":7,"total_tokens":12}}\n\r\n\n' > ok
  $ printf '{"usage":{"input_tokens":5,"output_tokens":7,"total_tokens":12}}' > body
  $ printf 'HTTP/1.1 429 X\r\nretry-after: 60\r\n\r\n{"error":{"type":"rate_limit_error"}}' > refused
  $ say signal ok --provider p --count --at $A
  $ say signal body --provider p --count --at $A
  $ say signal body --provider p --at $A
  $ pass() { "$TQ" signal --pass "$@" > passed; echo "exit $?, $(wc -c < passed) bytes"; }
  $ pass --provider p --count --at $A < ok
  $ tail -c "$(wc -c < passed)" ok | cmp - passed && head -c 5 passed && echo same
  $ pass --provider p --count --at $A < body
  $ cmp body passed && echo same
  $ pass --provider p --count --at $A < refused
  $ cat passed; echo
  $ pass --provider p --count --quiet --at $A < refused
  $ pass < refused
  $ pass --provider p --count --at $A < ok
  $ pass --provider '' < ok
  $ pass --provider p --ledger no/such/ledger < ok
  $ echo 'Bad Gateway' | pass
  $ printf '' | pass
  $ { printf 'HTTP/1.1 200 OK\r\n\r\n{"a":"'; head -c 40000000 /dev/zero; printf '"}'; } | pass --provider p --count
  $ say signal ok --quiet
  $ say signal refused --quiet
  $ say signal ok --pass
  $ say signal --json --pass
  $ say signal --json --quiet
  $ say status --at $A
  $ "$TQ" signal --provider piped --count --pass --at $A < ok | true
  $ "$TQ" ledger names
    $ tokenquota signal ok --provider p --count --at 2025-03-03T16:45:30Z
    response   200
    profile    generic
    class      none: the request was served
    usage      input 5, output 7, the vendor's total 12
    counts     12 against the limit; counted
    
    p: available: 12 tokens used in this UTC day, without a budget
    $ tokenquota signal body --provider p --count --at 2025-03-03T16:45:30Z
    profile    generic
    class      none: nothing was refused for quota
    usage      input 5, output 7, the vendor's total 12
    counts     12 against the limit; counted
    
    p: available: 24 tokens used in this UTC day, without a budget
    $ tokenquota signal body --provider p --at 2025-03-03T16:45:30Z
    profile    generic
    class      none: nothing was refused for quota
    usage      input 5, output 7, the vendor's total 12
    counts     12 against the limit; not counted: --count does that
    
    p: available: 24 tokens used in this UTC day, without a budget
    exit 0, 68 bytes
    {"usasame
    exit 0, 64 bytes
    same
    tokenquota: signal: "p": wait 1 min: the vendor throttles, and said so at 2025-03-03 16:45:30 UTC; it ends sooner if a request sent later succeeds
    exit 1, 37 bytes
    {"error":{"type":"rate_limit_error"}}
    exit 1, 37 bytes
    tokenquota: signal: throttled: too much at once: wait
    exit 1, 37 bytes
    tokenquota: signal: "p": wait 1 min: the vendor throttles, and said so at 2025-03-03 16:45:30 UTC; it ends sooner if a request sent later succeeds
    exit 1, 68 bytes
    tokenquota: signal: "": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    exit 2, 68 bytes
    tokenquota: signal: no/such is not there: make the folder (mkdir -p)
    exit 2, 68 bytes
    tokenquota: signal: this is not a response: it begins with neither HTTP/, a header, {, [ nor an event
    exit 2, 12 bytes
    tokenquota: signal: there is nothing to read; it takes what `curl -si` prints
    exit 2, 0 bytes
    tokenquota: signal: standard input: more than 33554432 bytes
    exit 2, 40000008 bytes
    $ tokenquota signal ok --quiet
    $ tokenquota signal refused --quiet
    (exit 1)
    $ tokenquota signal ok --pass
    tokenquota: signal: --pass is for standard input; other programs can read ok themselves
    (exit 2)
    $ tokenquota signal --json --pass
    tokenquota: signal: --json and --pass exclude each other
    (exit 2)
    $ tokenquota signal --json --quiet
    tokenquota: signal: --json and --quiet exclude each other
    (exit 2)
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider  used budget     %               projection  state            reason
    p           60      -     -                       86  throttled
    
    1 of 1 providers throttled: wait 1 min
    (exit 1)
    p
    piped

signal_kept
  $ # Names of windows, credit, and where a reading was kept: of the account on the pool, of a model on the provider.
  $ . ./say.sh
  $ cat > codex.http <<'END'
  $ HTTP/1.1 200 OK
  $ x-codex-primary-used-percent: 100
  $ x-codex-primary-window-minutes: 300
  $ x-codex-primary-reset-after-seconds: 6300
  $ x-codex-secondary-used-percent: 40
  $ x-codex-secondary-window-minutes: 10080
  $ x-codex-secondary-reset-after-seconds: 200000
  $ x-codex-credits-has-credits: true
  $ 
  $ END
  $ say signal codex.http --provider codex --at $A
  $ "$TQ" set codex/mini pool=codex
  $ say signal codex.http --provider codex/mini --at $A
  $ say signal codex.http --provider codex/mini --at $A --json | grep -E '"(pool|name|credit)"'
  $ say limit codex --at $A
    $ tokenquota signal codex.http --provider codex --at 2025-03-03T16:45:30Z
    response   200
    profile    codex: OpenAI (ChatGPT plan)
    class      none: the request was served
    
    what   window  limit  remaining  used  resets at
    quota     5 h      -          -  100%  2025-03-03 18:30:30Z, in 1 h 45 min; spent; on credit
    quota     7 d      -          -   40%  2025-03-06 00:18:50Z, in 2 d 8 h
    kept       5 h, 7 d on codex
    
    codex: available: 0 tokens used in this UTC day, without a budget
    $ tokenquota signal codex.http --provider codex/mini --at 2025-03-03T16:45:30Z
    response   200
    profile    codex: OpenAI (ChatGPT plan)
    class      none: the request was served
    
    what   window  limit  remaining  used  resets at
    quota     5 h      -          -  100%  2025-03-03 18:30:30Z, in 1 h 45 min; spent; on credit
    quota     7 d      -          -   40%  2025-03-06 00:18:50Z, in 2 d 8 h
    kept       5 h, 7 d on the pool codex
    
    codex/mini: available: 0 tokens used in this UTC day, without a budget
          "name": null,
          "credit": true
          "name": null,
          "credit": true
        "pool": "codex",
    $ tokenquota limit codex --at 2025-03-03T16:45:30Z
    codex
      1  5h;
         100% used; on paid overage, resets 19:30, in 1 h 45 min; vendor, now;
         0 here since
      2  7d;
         40% used; lasts, resets Thu 01:18, in 2 d 8 h; vendor, now; 0 here since
