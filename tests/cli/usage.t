days_as_instants
  $ # Days, and lengths of time ago, wherever an instant is; numbers that are no second since 1970 are refused.
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ N=2026-03-05T12:00:00Z
  $ for since in 20260305 2026-03-05 today yesterday 1d 36h tomorrow; do
  $     say usage --since $since --at $N
  $ done
  $ for until in 20260304 yesterday today 1d; do
  $     say usage --until $until --at $N
  $ done
  $ for at in 20261399 12345678 0 -1 20260305.5 978307199; do
  $     say usage --since $at --at $N
  $ done
  $ say usage --since 978307200 --at 978307201
  $ say observe p 1 --at 20250303 -v
  $ say observe p 1 --at 20250303 -v
  $ say status p --at 20250304
  $ "$TQ" observe q 1 --at 5m && "$TQ" observe q 1 --at 1d && "$TQ" observe q 1 --at yesterday && "$TQ" observe q 1 --at today && echo counted
  $ say mark p exhausted --until 7d
  $ say mark p exhausted --until 1h30m
  $ say mark p exhausted --until yesterday --at $N
  $ say mark p exhausted --until 20260306 --at $N
  $ say mark p exhausted --until tomorrow --at $N
  $ say mark p exhausted --until now+7d --at $N
  $ say import claude --since 20260305 --at $N --dry-run
    $ tokenquota usage --since 20260305 --at 2026-03-05T12:00:00Z
    2026-03-05 (CET day): 2 responses in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-05          2      20      60     400   1,100   1,580   100%  ##########
    total includes cache reads; what counts
    against limits (replay, status): 1,180
    $ tokenquota usage --since 2026-03-05 --at 2026-03-05T12:00:00Z
    2026-03-05 (CET day): 2 responses in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-05          2      20      60     400   1,100   1,580   100%  ##########
    total includes cache reads; what counts
    against limits (replay, status): 1,180
    $ tokenquota usage --since today --at 2026-03-05T12:00:00Z
    2026-03-05 (CET day): 2 responses in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-05          2      20      60     400   1,100   1,580   100%  ##########
    total includes cache reads; what counts
    against limits (replay, status): 1,180
    $ tokenquota usage --since yesterday --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-04          1      10      30     200      50     290  15.5%  #---------
    2026-03-05          2      20      60     400   1,100   1,580  84.4%  ##########
    total               3      30      90     600   1,150   1,870
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    $ tokenquota usage --since 1d --at 2026-03-05T12:00:00Z
    2026-03-05 (CET day): 2 responses in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-05          2      20      60     400   1,100   1,580   100%  ##########
    total includes cache reads; what counts
    against limits (replay, status): 1,180
    $ tokenquota usage --since 36h --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-04          1      10      30     200      50     290  15.5%  #---------
    2026-03-05          2      20      60     400   1,100   1,580  84.4%  ##########
    total               3      30      90     600   1,150   1,870
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    $ tokenquota usage --since tomorrow --at 2026-03-05T12:00:00Z
    no usage
    $ tokenquota usage --until 20260304 --at 2026-03-05T12:00:00Z
    2026-03-04 (CET day): 1 response in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-04          1      10      30     200      50     290   100%  ##########
    total includes cache reads; what counts
    against limits (replay, status): 90
    $ tokenquota usage --until yesterday --at 2026-03-05T12:00:00Z
    2026-03-04 (CET day): 1 response in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-04          1      10      30     200      50     290   100%  ##########
    total includes cache reads; what counts
    against limits (replay, status): 90
    $ tokenquota usage --until today --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-04          1      10      30     200      50     290  15.5%  #---------
    2026-03-05          2      20      60     400   1,100   1,580  84.4%  ##########
    total               3      30      90     600   1,150   1,870
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    $ tokenquota usage --until 1d --at 2026-03-05T12:00:00Z
    2026-03-04 (CET day): 1 response in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-04          1      10      30     200      50     290   100%  ##########
    total includes cache reads; what counts
    against limits (replay, status): 90
    $ tokenquota usage --since 20261399 --at 2026-03-05T12:00:00Z
    tokenquota: usage: --since "20261399" is before 2001, and no date; write 20260305 or 2026-03-05
    (exit 2)
    $ tokenquota usage --since 12345678 --at 2026-03-05T12:00:00Z
    tokenquota: usage: --since "12345678" is before 2001, and no date; write 20260305 or 2026-03-05
    (exit 2)
    $ tokenquota usage --since 0 --at 2026-03-05T12:00:00Z
    tokenquota: usage: --since "0" is before 2001, and no date; write 20260305 or 2026-03-05
    (exit 2)
    $ tokenquota usage --since -1 --at 2026-03-05T12:00:00Z
    tokenquota: usage: --since "-1" is before 2001, and no date; write 20260305 or 2026-03-05
    (exit 2)
    $ tokenquota usage --since 20260305.5 --at 2026-03-05T12:00:00Z
    tokenquota: usage: --since "20260305.5" is before 2001, and no date; write 20260305 or 2026-03-05
    (exit 2)
    $ tokenquota usage --since 978307199 --at 2026-03-05T12:00:00Z
    tokenquota: usage: --since "978307199" is before 2001, and no date; write 20260305 or 2026-03-05
    (exit 2)
    $ tokenquota usage --since 978307200 --at 978307201
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-04          1      10      30     200      50     290  15.5%  #---------
    2026-03-05          2      20      60     400   1,100   1,580  84.4%  ##########
    total               3      30      90     600   1,150   1,870
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    $ tokenquota observe p 1 --at 20250303 -v
    p: available; 1 token used in UTC day 2025-03-03
    $ tokenquota observe p 1 --at 20250303 -v
    p: available; 2 tokens used in UTC day 2025-03-03
    $ tokenquota status p --at 20250304
    Today: UTC day 2025-03-04, which ends at 01:00 CET. As of 00:00:00Z.
    provider  used budget     %                   burn/h projection  state
    p            0      -     -                        -          -  available
    
    The provider is available
    counted
    $ tokenquota mark p exhausted --until 7d
    tokenquota: mark: --until "7d" means that long ago, which is no end; write now+7d
    (exit 2)
    $ tokenquota mark p exhausted --until 1h30m
    tokenquota: mark: --until "1h30m" means that long ago, which is no end; write now+1h30m
    (exit 2)
    $ tokenquota mark p exhausted --until yesterday --at 2026-03-05T12:00:00Z
    tokenquota: mark: 2026-03-04 00:00:00Z has passed; to put the provider back: tokenquota mark PROVIDER available
    (exit 2)
    $ tokenquota mark p exhausted --until 20260306 --at 2026-03-05T12:00:00Z
    p: quota_exhausted (marked) until 2026-03-06 00:00:00Z (2026-03-06 01:00:00 CET), in 12 h; 0 tokens used in UTC day 2026-03-05
    $ tokenquota mark p exhausted --until tomorrow --at 2026-03-05T12:00:00Z
    p: quota_exhausted (marked) until 2026-03-06 00:00:00Z (2026-03-06 01:00:00 CET), in 12 h; 0 tokens used in UTC day 2026-03-05
    $ tokenquota mark p exhausted --until now+7d --at 2026-03-05T12:00:00Z
    p: quota_exhausted (marked) until 2026-03-12 12:00:00Z (2026-03-12 13:00:00 CET), in 7 d; 0 tokens used in UTC day 2026-03-05
    $ tokenquota import claude --since 20260305 --at 2026-03-05T12:00:00Z --dry-run
                responses   input  cache write  cache read  output   total
    read                1      10           30         200     100     340
    once each           1      10           30         200     100     340
    new                 1      10           30         200     100     340
    would count 140 tokens (input, cache write, output)
      140  claude
    2 files: 2 read, 0 as before; 4 lines, 1,191B
    3 records from before 2026-03-05 00:00:00Z skipped

sample_made
  $ # The sample log is what its generator makes, whatever awk this is.
  $ awk -f "$cases/../../sample/make-sample.awk" | cmp - "$cases/../../sample/usage.csv"

usage_bad
  $ . ./say.sh
  $ . ./claude.sh
  $ say usage --by year
  $ say usage home
  $ say usage --source cluade
  $ say usage --source claude none
  $ say usage --color maybe
    $ tokenquota usage --by year
    tokenquota: usage: --by "year": write day, week, month, session, model, provider, tool or window
    (exit 2)
    $ tokenquota usage home
    tokenquota: usage: name the tool that wrote home with --source
    (exit 2)
    $ tokenquota usage --source cluade
    tokenquota: usage: unknown source "cluade"; did you mean "claude"?
    (exit 2)
    $ tokenquota usage --source claude none
    tokenquota: usage: none: cannot read: No such file or directory
    (exit 2)
    $ tokenquota usage --color maybe
    tokenquota: usage: --color "maybe": write auto, always or never
    (exit 2)

usage_bounds
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ say usage --since 2026-03-05 --at 2026-03-05T12:00:00Z
  $ say usage --until 2026-03-04 --at 2026-03-05T12:00:00Z
  $ say usage --since now-1h --at 2026-03-05T12:00:00Z
  $ say usage --since 2026-03-05 --local --at 2026-03-05T12:00:00Z
  $ say usage --since 2026-03-05 --utc --at 2026-03-05T12:00:00Z
  $ TZ=Asia/Tokyo say usage --until 2026-03-05 --at 2026-03-05T12:00:00Z
  $ say usage --since 2026-13-05
  $ say usage --since soon
    $ tokenquota usage --since 2026-03-05 --at 2026-03-05T12:00:00Z
    2026-03-05 (CET day): 2 responses in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-05          2      20      60     400   1,100   1,580   100%  ##########
    total includes cache reads; what counts
    against limits (replay, status): 1,180
    $ tokenquota usage --until 2026-03-04 --at 2026-03-05T12:00:00Z
    2026-03-04 (CET day): 1 response in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-04          1      10      30     200      50     290   100%  ##########
    total includes cache reads; what counts
    against limits (replay, status): 90
    $ tokenquota usage --since now-1h --at 2026-03-05T12:00:00Z
    no usage
    $ tokenquota usage --since 2026-03-05 --local --at 2026-03-05T12:00:00Z
    2026-03-05 (CET day): 2 responses in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-05          2      20      60     400   1,100   1,580   100%  ##########
    total includes cache reads; what counts
    against limits (replay, status): 1,180
    $ tokenquota usage --since 2026-03-05 --utc --at 2026-03-05T12:00:00Z
    2026-03-05 (UTC day): 1 response in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-05          1      10      30     200     100     340   100%  ##########
    total includes cache reads; what counts
    against limits (replay, status): 140
    $ tokenquota usage --until 2026-03-05 --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (Asia/Tokyo days): 3 responses in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-04          1      10      30     200      50     290  15.5%  #---------
    2026-03-05          2      20      60     400   1,100   1,580  84.4%  ##########
    total               3      30      90     600   1,150   1,870
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    $ tokenquota usage --since 2026-13-05
    tokenquota: usage: --since "2026-13-05" does not exist
    (exit 2)
    $ tokenquota usage --since soon
    tokenquota: usage: --since "soon" is not a time; write 2026-03-05T12:00:00Z, 20260305, epoch seconds, now+15m, 7d (7 days ago), yesterday, today or tomorrow
    (exit 2)

usage_by
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ for by in day week month session model provider tool; do
  $     say usage --by $by --at 2026-03-05T12:00:00Z
  $ done
    $ tokenquota usage --by day --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-04          1      10      30     200      50     290  15.5%  #---------
    2026-03-05          2      20      60     400   1,100   1,580  84.4%  ##########
    total               3      30      90     600   1,150   1,870
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    $ tokenquota usage --by week --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                                    cache   cache
    week        responses   input   write    read  output   total  share
    2026-03-02          3      30      90     600   1,150   1,870   100%  ##########
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    $ tokenquota usage --by month --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                                  cache   cache
    month     responses   input   write    read  output   total  share
    2026-03           3      30      90     600   1,150   1,870   100%  ############
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    $ tokenquota usage --by session --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                                  cache   cache
    session   responses   input   write    read  output   total  share
    beta/s2           1      10      30     200   1,000   1,240  66.3%  ############
    alpha/s1          2      20      60     400     150     630  33.6%  ######------
    total             3      30      90     600   1,150   1,870
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    $ tokenquota usage --by model --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                                cache   cache
    model               input   write    read  output   total  share
    claude-opus-4-5        10      30     200   1,000   1,240  66.3%  ##############
    claude-sonnet-4-5      20      60     400     150     630  33.6%  #######-------
    total                  30      90     600   1,150   1,870
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    $ tokenquota usage --by provider --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                                  cache   cache
    provider  responses   input   write    read  output   total  share
    claude            3      30      90     600   1,150   1,870   100%  ############
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    $ tokenquota usage --by tool --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                                     cache   cache
    tool         responses   input   write    read  output   total  share
    Claude Code          3      30      90     600   1,150   1,870   100%  #########
    total includes cache reads; what counts
    against limits (replay, status): 1,270

usage_cost
  $ . ./claude.sh
  $ two_sessions
  $ printf '{"type":"assistant","timestamp":"2026-03-04T10:00:00Z","sessionId":"old","version":"1.0.2","costUSD":1.2345,"requestId":"req_o","message":{"id":"msg_o","model":"claude-3-5-haiku","usage":{"input_tokens":1,"output_tokens":2}}}\n' >home/.claude/projects/-home-u-beta/old.jsonl
  $ COLUMNS=100 "$TQ" usage --by model --at 2026-03-05T12:00:00Z
  $ "$TQ" usage --by tool --json --at 2026-03-05T12:00:00Z | grep cost
    2026-03-04 to 2026-03-05 (CET days): 4 responses in 3 files
    
                                           cache   cache
    model              responses   input   write    read  output   total   cost  share
    claude-opus-4-5            1      10      30     200   1,000   1,240      -  66.2%  ################
    claude-sonnet-4-5          2      20      60     400     150     630      -  33.6%  ########--------
    claude-3-5-haiku           1       1       0       0       2       3  $1.23   0.1%  ----------------
    total                      4      31      90     600   1,152   1,873  $1.23
    The logs say the cost of 1 of 4 responses
    total includes cache reads; what counts
    against limits (replay, status): 1,273
          "cost_usd": 1.2345,
              "cost_usd": null
              "cost_usd": 1.2345
              "cost_usd": null
        "cost_usd": 1.2345

usage_json
  $ . ./claude.sh
  $ two_sessions
  $ "$TQ" usage --json --by day --at 2026-03-05T12:00:00Z
    {
      "schema": 1,
      "by": "day",
      "zone": "local",
      "zone_name": "CET",
      "first_day": "2026-03-04",
      "last_day": "2026-03-05",
      "files": 2,
      "entries": 4,
      "bad_lines": 0,
      "live_elsewhere": 0,
      "rows": [
        {
          "responses": 1,
          "input": 10,
          "cache_write": 30,
          "cache_read": 200,
          "output": 50,
          "other": 0,
          "total": 290,
          "cost_usd": null,
          "key": "2026-03-04",
          "models": [
            {
              "model": "claude-sonnet-4-5",
              "responses": 1,
              "input": 10,
              "cache_write": 30,
              "cache_read": 200,
              "output": 50,
              "other": 0,
              "total": 290,
              "cost_usd": null
            }
          ]
        },
        {
          "responses": 2,
          "input": 20,
          "cache_write": 60,
          "cache_read": 400,
          "output": 1100,
          "other": 0,
          "total": 1580,
          "cost_usd": null,
          "key": "2026-03-05",
          "models": [
            {
              "model": "claude-sonnet-4-5",
              "responses": 1,
              "input": 10,
              "cache_write": 30,
              "cache_read": 200,
              "output": 100,
              "other": 0,
              "total": 340,
              "cost_usd": null
            },
            {
              "model": "claude-opus-4-5",
              "responses": 1,
              "input": 10,
              "cache_write": 30,
              "cache_read": 200,
              "output": 1000,
              "other": 0,
              "total": 1240,
              "cost_usd": null
            }
          ]
        }
      ],
      "totals": {
        "responses": 3,
        "input": 30,
        "cache_write": 90,
        "cache_read": 600,
        "output": 1150,
        "other": 0,
        "total": 1870,
        "cost_usd": null
      }
    }

usage_ledger
  $ # Providers that are counted live are in it, those that import feeds are not twice in it.
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ say observe openai 700 --at 2026-03-05T11:00:00Z
  $ say import claude --at 2026-03-05T12:00:00Z --quiet
  $ say usage --at 2026-03-05T12:00:00Z
  $ say usage --by provider --at 2026-03-05T12:00:00Z
  $ say usage --by model --at 2026-03-05T12:00:00Z
  $ say usage --source claude --at 2026-03-05T12:00:00Z
    $ tokenquota observe openai 700 --at 2026-03-05T11:00:00Z
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --quiet
    $ tokenquota usage --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                         cache   cache
    day          input   write    read  output   other   total  share
    2026-03-04      10      30     200      50       -     290  11.2%  #------------
    2026-03-05      20      60     400   1,100     700   2,280  88.7%  #############
    total           30      90     600   1,150     700   2,570
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    other: with 1 provider that the ledger counts live, by UTC days
    $ tokenquota usage --by provider --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                       cache   cache
    provider   input   write    read  output   other   total  share
    claude        30      90     600   1,150       -   1,870  72.7%  ###############
    openai         -       -       -       -     700     700  27.2%  #####----------
    total         30      90     600   1,150     700   2,570
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    other: with 1 provider that the ledger counts live, by UTC days
    $ tokenquota usage --by model --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                                cache   cache
    model               input   write    read  output   total  share
    claude-opus-4-5        10      30     200   1,000   1,240  66.3%  ##############
    claude-sonnet-4-5      20      60     400     150     630  33.6%  #######-------
    total                  30      90     600   1,150   1,870
    total includes cache reads; what counts
    against limits (replay, status): 1,270
    Not included: 700 tokens that the ledger counted live; --by provider shows them
    $ tokenquota usage --source claude --at 2026-03-05T12:00:00Z
    2026-03-04 to 2026-03-05 (CET days): 3 responses in 2 files
    
                                    cache   cache
    day         responses   input   write    read  output   total  share
    2026-03-04          1      10      30     200      50     290  15.5%  #---------
    2026-03-05          2      20      60     400   1,100   1,580  84.4%  ##########
    total               3      30      90     600   1,150   1,870
    total includes cache reads; what counts
    against limits (replay, status): 1,270

usage_none
  $ . ./say.sh
  $ . ./claude.sh
  $ say usage
  $ say usage --json
    $ tokenquota usage
    no usage
    $ tokenquota usage --json
    {
      "schema": 1,
      "by": "day",
      "zone": "local",
      "zone_name": "CET",
      "first_day": null,
      "last_day": null,
      "files": 0,
      "entries": 0,
      "bad_lines": 0,
      "live_elsewhere": 0,
      "rows": [],
      "totals": {
        "responses": 0,
        "input": 0,
        "cache_write": 0,
        "cache_read": 0,
        "output": 0,
        "other": 0,
        "total": 0,
        "cost_usd": null
      }
    }

usage_widths
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ claude alpha/s1 2026-03-05T08:00:00Z e 7 a-model-with-a-name-that-is-longer-than-what-a-narrow-screen-has
  $ for columns in 40 60 80 100 120 160; do
  $     COLUMNS=$columns "$TQ" usage --by model --at 2026-03-05T12:00:00Z >table
  $     awk -v columns=$columns 'length($0) > columns { print "wider than " columns ": " $0 }' table
  $     cat table
  $     echo
  $ done
    2026-03-04 to 2026-03-05 (CET days)
    4 responses in 2 files
    
    model              input  output   total
    claude-opus-4-5       10   1,000   1,240
    clau..sonnet-4-5      20     150     630
    a-mo..screen-has      10       7     247
    total                 40   1,157   2,117
    total includes cache reads; what counts
    against limits (replay, status): 1,317
    
    2026-03-04 to 2026-03-05 (CET days)
    4 responses in 2 files
    
                            cache   cache
    model           input   write    read  output   total  share
    cla..opus-4-5      10      30     200   1,000   1,240  58.5%
    cla..nnet-4-5      20      60     400     150     630  29.7%
    a-m..reen-has      10      30     200       7     247  11.6%
    total              40     120     800   1,157   2,117
    total includes cache reads; what counts
    against limits (replay, status): 1,317
    
    2026-03-04 to 2026-03-05 (CET days): 4 responses in 2 files
    
                                        cache   cache
    model                       input   write    read  output   total  share
    claude-opus-4-5                10      30     200   1,000   1,240  58.5%  ######
    claude-sonnet-4-5              20      60     400     150     630  29.7%  ###---
    a-model..arrow-screen-has      10      30     200       7     247  11.6%  #-----
    total                          40     120     800   1,157   2,117
    total includes cache reads; what counts
    against limits (replay, status): 1,317
    
    2026-03-04 to 2026-03-05 (CET days): 4 responses in 2 files
    
                                                            cache   cache
    model                               responses   input   write    read  output   total  share
    claude-opus-4-5                             1      10      30     200   1,000   1,240  58.5%  ######
    claude-sonnet-4-5                           2      20      60     400     150     630  29.7%  ###---
    a-model-wi..at-a-narrow-screen-has          1      10      30     200       7     247  11.6%  #-----
    total                                       4      40     120     800   1,157   2,117
    total includes cache reads; what counts
    against limits (replay, status): 1,317
    
    2026-03-04 to 2026-03-05 (CET days): 4 responses in 2 files
    
                                                                                cache   cache
    model                                                   responses   input   write    read  output   total  share
    claude-opus-4-5                                                 1      10      30     200   1,000   1,240  58.5%  ######
    claude-sonnet-4-5                                               2      20      60     400     150     630  29.7%  ###---
    a-model-with-a-na..onger-than-what-a-narrow-screen-has          1      10      30     200       7     247  11.6%  #-----
    total                                                           4      40     120     800   1,157   2,117
    total includes cache reads; what counts
    against limits (replay, status): 1,317
    
    2026-03-04 to 2026-03-05 (CET days): 4 responses in 2 files
    
                                                                                          cache   cache
    model                                                             responses   input   write    read  output   total  share
    claude-opus-4-5                                                           1      10      30     200   1,000   1,240  58.5%  ########################
    claude-sonnet-4-5                                                         2      20      60     400     150     630  29.7%  ############------------
    a-model-with-a-name-that-is-longer-than-what-a-narrow-screen-has          1      10      30     200       7     247  11.6%  ####--------------------
    total                                                                     4      40     120     800   1,157   2,117
    total includes cache reads; what counts
    against limits (replay, status): 1,317
    

usage_windows
  $ # What was used and left at each window's end, in the zone of the limit; else in that of the report.
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ N=2026-03-05T12:00:00Z
  $ say usage --by window -l 'claude=1500 output per week' -l 'claude=50 tokens per day America/Los_Angeles' -l 'claude=1100 tokens per 5h first-use' --at $N
  $ say usage --by window -l '*=1k total per 24h rolling' -l '*=3 requests once' -l '*=$2 per month' --at $N --utc
  $ say usage --by window -l '*=requests per quarter' -l '*=requests per year' -l '*=requests per month from the 5th' --at $N
  $ # A window that began before --since is whole.
  $ say usage --by window -l 'claude=1 requests per week' --at $N --since 2026-03-05
  $ # One that ends after --until is whole, too, and one that begins after it is not shown.
  $ say usage --by window -l 'claude=1 requests per week' --at $N --until 2026-03-02
  $ say usage --by window -l 'claude=1k output per day' --at $N --since 2026-03-05 -s claude
  $ COLUMNS=40 "$TQ" usage --by window -l 'claude=1500 output per day' --at $N
    $ tokenquota usage --by window -l claude=1500 output per week -l claude=50 tokens per day America/Los_Angeles -l claude=1100 tokens per 5h first-use --at 2026-03-05T12:00:00Z
    claude: 1.5k output per week (UTC time)
    window      ends                used    left      %
    2026-03-02  2026-03-09 00:00   1,150     350    77%  ##############-----  so far
    
    claude: 50 tokens per day America/Los_Angeles
    window      ends                used    left      %
    2026-03-04  2026-03-05 00:00   1,130       0  >999%  ###################  spent
    2026-03-05  2026-03-06 00:00     140       0   280%  ###################  spent
    
    claude: 1.1k tokens per 5h first-use (CET time)
    window            ends                used    left      %
    2026-03-04 11:00  2026-03-04 16:00      90   1,010     8%  #------------
    2026-03-05 00:30  2026-03-05 05:30   1,040      60    95%  ############-
    2026-03-05 09:00  2026-03-05 14:00     140     960    13%  #------------  so far
    $ tokenquota usage --by window -l *=1k total per 24h rolling -l *=3 requests once -l *=$2 per month --at 2026-03-05T12:00:00Z --utc
    claude: 1k total per 24h rolling (UTC time)
    day           most    left      %
    2026-03-04   1,530       0   153%  ########################  spent
    2026-03-05   1,870       0   187%  ########################  spent
    
    claude: 3 requests once (UTC time)
    window              used    left      %
    2026-03-04 10:00       3       0   100%  ########################  spent
    
    claude: $2 per month (UTC time)
    window   ends                used    left      %
    2026-03  2026-04-01 00:00   $0.00   $2.00     0%  ----------------------  so far
    claude, limit 3 (month): 3 records without a cost, not counted
    rolling and refill limits have no windows; each of their days shows the most at one time
    $ tokenquota usage --by window -l *=requests per quarter -l *=requests per year -l *=requests per month from the 5th --at 2026-03-05T12:00:00Z
    claude: requests per quarter (UTC time)
    window   ends                used
    2026-Q1  2026-04-01 00:00       3  so far
    
    claude: requests per year (UTC time)
    window  ends                used
    2026    2027-01-01 00:00       3  so far
    
    claude: requests per month from the 5th (UTC time)
    window      ends                used
    2026-02-05  2026-03-05 00:00       2
    2026-03-05  2026-04-05 00:00       1  so far
    $ tokenquota usage --by window -l claude=1 requests per week --at 2026-03-05T12:00:00Z --since 2026-03-05
    claude: 1 requests per week (UTC time)
    window      ends                used    left      %
    2026-03-02  2026-03-09 00:00       3       0   300%  ###################  spent
    $ tokenquota usage --by window -l claude=1 requests per week --at 2026-03-05T12:00:00Z --until 2026-03-02
    claude: 1 requests per week (UTC time)
    window      ends                used    left      %
    2026-03-02  2026-03-09 00:00       3       0   300%  ###################  spent
    $ tokenquota usage --by window -l claude=1k output per day --at 2026-03-05T12:00:00Z --since 2026-03-05 -s claude
    claude: 1k output per day (UTC time)
    window      ends                used    left      %
    2026-03-04  2026-03-05 00:00   1,050       0   105%  ###################  spent
    2026-03-05  2026-03-06 00:00     100     900    10%  #------------------  so far
    claude: 1.5k output per day (UTC time)
    window        used    left
    2026-03-04   1,050     450
    2026-03-05     100   1,400  so far

usage_windows_json
  $ . ./claude.sh
  $ two_sessions
  $ "$TQ" usage --by window -l 'claude=1500 output per week Pacific/Apia reserve 5%' --at 2026-03-09T12:00:00Z --json
    {
      "schema": 1,
      "by": "window",
      "zone": "local",
      "zone_name": "CET",
      "files": 2,
      "entries": 4,
      "bad_lines": 0,
      "live_elsewhere": 0,
      "limits": [
        {
          "provider": "claude",
          "limit": "1.5k output per week Pacific/Apia reserve 5%",
          "unit": "output",
          "window": "week",
          "first": 1,
          "length_ns": null,
          "anchor_at": null,
          "zone": "Pacific/Apia",
          "amount": 1500,
          "reserve": null,
          "reserve_share": 500,
          "zone_name": "Pacific/Apia",
          "days": false,
          "windows": [
            {
              "label": "2026-03-02",
              "start_at": "2026-03-01T11:00:00Z",
              "end_at": "2026-03-08T11:00:00Z",
              "used": 1150,
              "left": 350,
              "share_ppm": 766666,
              "spent": false,
              "ended": true
            }
          ],
          "said_share_ppm": null,
          "said_at": null
        }
      ]
    }

usage_windows_bad
  $ . ./say.sh
  $ . ./claude.sh
  $ say usage --by window
  $ two_sessions
  $ say usage --by window
  $ say usage --by model --limit 'claude=1 requests per day'
  $ say usage --by window --limit 'claude=1 requests daily per'
  $ say usage --by window --limit 'codex=1 requests per day'
    $ tokenquota usage --by window
    tokenquota: usage: no limits: no provider of the ledger has one; set one with `tokenquota limit`, or try one with --limit
    (exit 2)
    $ tokenquota usage --by window
    tokenquota: usage: no limits: no provider of the ledger has one; set one with `tokenquota limit`, or try one with --limit
    (exit 2)
    $ tokenquota usage --by model --limit claude=1 requests per day
    tokenquota: usage: --limit goes with --by window
    (exit 2)
    $ tokenquota usage --by window --limit claude=1 requests daily per
    tokenquota: usage: --limit: in "1 requests daily per": "per" is out of place; behind the window come "from", a zone (America/Los_Angeles), rolling, refill, first-use, fixed, "reserve 10%"
    (exit 2)
    $ tokenquota usage --by window --limit codex=1 requests per day
    codex: 1 requests per day (UTC time)
    no usage

usage_windows_ledger
  $ # The limits, pools, weights and prices of the ledger; nothing is counted in it.
  $ . ./claude.sh
  $ two_sessions
  $ "$TQ" limit plan add "2k weighted per day" > out
  $ "$TQ" set plan weights=input:1,cache_read:0.1,cache_write:1.25,output:5
  $ "$TQ" limit claude add "\$1 per 5d from 2026-03-01" > out && "$TQ" set claude price=input:3,cache_read:0.3,cache_write:3.75,output:15 pool=plan
  $ "$TQ" limit live add "1M tokens per month" > out
  $ "$TQ" usage --by window --at 2026-03-05T12:00:00Z
  $ "$TQ" limit plan list --at 2026-03-05T12:00:00Z
    claude: $1 per 5d from 2026-03-01 (CET time)
    window            ends                used    left      %
    2026-03-01 01:00  2026-03-06 01:00   $0.02   $0.98     2%  -------------  so far
    
    live: 1M tokens per month (UTC time)
    no usage
    
    plan: 2k weighted per day (UTC time)
    window      ends                used    left      %
    2026-03-04  2026-03-05 00:00   5,386       0   269%  ###################  spent
    2026-03-05  2026-03-06 00:00     568   1,432    28%  #####--------------  so far
    plan
      1  2k weighted per day; 0 used, 0%; lasts, resets 01:00, in 12 h

usage_stated
  $ # Of a window that the vendor states the present one is known: what the logs have of it, beside the vendor's share.
  $ . ./say.sh
  $ mkdir -p home/.claude/projects/p
  $ for at in 13:00 14:00 16:00; do
  $     echo '{"type":"assistant","timestamp":"2025-03-03T'$at':00Z","requestId":"r'$at'","message":{"id":"m'$at'","model":"claude-opus-4-1","usage":{"input_tokens":100,"output_tokens":20}}}'
  $ done > home/.claude/projects/p/s.jsonl
  $ say statusline claude-code --at $A < claude_line.json
  $ HOME=$PWD/home say usage --by window --source claude --provider claude-code --at $A --since 2025-03-01
  $ HOME=$PWD/home say usage --by window --source claude --provider claude-code --at $A --since 2025-03-01 --json | grep -E '"(limit|used|start_at|said)'
    $ tokenquota statusline claude-code --at 2025-03-03T16:45:30Z
    5 h 43% · resets 19:30 | 7 d 82% · Thu 13:00 | available
    $ tokenquota usage --by window --source claude --provider claude-code --at 2025-03-03T16:45:30Z --since 2025-03-01
    claude-code: 5h (CET time); 43% used, the vendor said at 2025-03-03 16:45:30Z
    window            ends                used
    2025-03-03 14:30  2025-03-03 19:30     240  so far
    
    claude-code: 7d (CET time); 82% used, the vendor said at 2025-03-03 16:45:30Z
    window            ends                used
    2025-02-27 13:00  2025-03-06 13:00     360  so far
      "limits": [
          "limit": "5h",
              "start_at": "2025-03-03T13:30:00Z",
              "used": 240,
          "said_share_ppm": 430000,
          "said_at": "2025-03-03T16:45:30Z"
          "limit": "7d",
              "start_at": "2025-02-27T12:00:00Z",
              "used": 360,
          "said_share_ppm": 815000,
          "said_at": "2025-03-03T16:45:30Z"
