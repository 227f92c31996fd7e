hold
  $ . ./say.sh
  $ say hold
  $ say hold take claude 20k --at $A
  $ say limit claude add "50k tokens once" --at $A
  $ say hold take claude 20k '$0.40' --for 2m --at $A
  $ say hold take claude 20k --at $A
  $ say hold list --at $A
  $ say hold list claude --at $A --json
  $ say explain claude -v --at $A
  $ say status --at $A
  $ say hold settle 'claude#00000001' 12.3k -v --at $A
  $ say hold settle 'claude#00000001' --input 5 --output 2 --at $A
  $ say hold cancel 'claude#00000001'
  $ say hold extend 'claude#00100001' --for 5m --at $A --json
  $ say hold cancel 'claude#00100001'
  $ say hold extend 'claude#00100001' --at $A
  $ say hold list claude --at $A
  $ say hold list --at 2025-03-03T18:45:30Z
  $ say hold take claude 40k --at $A
  $ say hold take claude 20k -- sh -c 'echo "$TOKENQUOTA_HOLD"; exit 3'
    $ tokenquota hold
    usage: tokenquota hold VERB [OPTION]...
    
    Set room aside for calls that run: take, settle, cancel, extend, list.
    
      take     set room aside for a call, or refuse it
      settle   count what the call used, and free its hold
      cancel   free the hold of a call that used nothing
      extend   give a hold a new lease
      list     list the holds of a provider, or of all
    
      -h, --help                      print this help
    
    Twenty calls that ask at one time are all told that there is room for one. When each first takes
    a hold of the most that it may use, no limit and no budget is exceeded.
    `tokenquota hold VERB --help` prints the options of a verb.
    (exit 2)
    $ tokenquota hold take claude 20k --at 2025-03-03T16:45:30Z
    claude#00000001
    $ tokenquota limit claude add 50k tokens once --at 2025-03-03T16:45:30Z
    limit 1: 50k tokens once; 0 used, 0%; never resets; 20k held
    $ tokenquota hold take claude 20k $0.40 --for 2m --at 2025-03-03T16:45:30Z
    claude#00100001
    $ tokenquota hold take claude 20k --at 2025-03-03T16:45:30Z
    tokenquota: hold take: "claude": no room for 20k tokens: available: 0 tokens used in this UTC day; limit 1 is the nearest: 0 of 50,000 tokens used, 40,000 held by 2 calls
    (exit 1)
    $ tokenquota hold list --at 2025-03-03T16:45:30Z
    claude#00000001: 20,000 tokens, until 2025-03-03 16:56:32Z (2025-03-03 17:56:32 CET), in 11 min 2 s; only its lease frees it
    claude#00100001: 20,000 tokens, until 2025-03-03 16:48:00Z (2025-03-03 17:48:00 CET), in 2 min 30 s; only its lease frees it
    $ tokenquota hold list claude --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "at": "2025-03-03T16:45:30Z",
      "holds": [
        {
          "id": "claude#00000001",
          "provider": "claude",
          "until": "2025-03-03T16:56:32Z",
          "amounts": {
            "tokens": 20000
          },
          "owned": false,
          "alive": true
        },
        {
          "id": "claude#00100001",
          "provider": "claude",
          "until": "2025-03-03T16:48:00Z",
          "amounts": {
            "tokens": 20000
          },
          "owned": false,
          "alive": true
        }
      ]
    }
    $ tokenquota explain claude -v --at 2025-03-03T16:45:30Z
    claude: available: 0 tokens used in this UTC day; limit 1 is the nearest: 0 of 50,000 tokens used, 40,000 held by 2 calls
      rule       care
      care       5/4
      used       0
      budget     none
      nearest    1, tokens once: 0 of 50,000
      held       40,000 by 2 calls
      limit 1    50k tokens once; 0 used, 0%; never resets; 40k held
    $ tokenquota status --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider  used     of     %                 burn/h projection  state
    claude       0      -     -                      0          0  available
      once       0    50k    0%  --------------  never resets; 2 calls hold 40k
    
    The provider is available
    $ tokenquota hold settle claude#00000001 12.3k -v --at 2025-03-03T16:45:30Z
    claude: available; 12,300 tokens used in UTC day 2025-03-03
    $ tokenquota hold settle claude#00000001 --input 5 --output 2 --at 2025-03-03T16:45:30Z
    tokenquota: hold settle: note: "claude#00000001": counted, but the hold was no longer there: it was settled or cancelled, or its lease had ended
    $ tokenquota hold cancel claude#00000001
    tokenquota: hold cancel: "claude#00000001": the hold was no longer there: it was settled or cancelled, or its lease had ended
    (exit 1)
    $ tokenquota hold extend claude#00100001 --for 5m --at 2025-03-03T16:45:30Z --json
    {
      "schema": 1,
      "id": "claude#00100001",
      "provider": "claude",
      "until": "2025-03-03T16:51:12Z"
    }
    $ tokenquota hold cancel claude#00100001
    $ tokenquota hold extend claude#00100001 --at 2025-03-03T16:45:30Z
    tokenquota: hold extend: "claude#00100001": the hold was no longer there: it was settled or cancelled, or its lease had ended
    (exit 1)
    $ tokenquota hold list claude --at 2025-03-03T16:45:30Z
    No call holds anything of claude.
    $ tokenquota hold list --at 2025-03-03T18:45:30Z
    No call holds anything.
    $ tokenquota hold take claude 40k --at 2025-03-03T16:45:30Z
    tokenquota: hold take: "claude": no room for 40k tokens: available: 12,307 tokens used in this UTC day; limit 1 is the nearest: 12,307 of 50,000 tokens used
    (exit 1)
    $ tokenquota hold take claude 20k -- sh -c echo "$TOKENQUOTA_HOLD"; exit 3
    claude#00000003
    (exit 3)

hold_unknown
  $ . ./say.sh
  $ say budget claude 10k
  $ say hold take claude --at $A
  $ say hold take claude '5k output' --at $A
  $ say hold list claude --at $A
  $ say status claude --at $A
    $ tokenquota budget claude 10k
    $ tokenquota hold take claude --at 2025-03-03T16:45:30Z
    claude#00000001
    $ tokenquota hold take claude 5k output --at 2025-03-03T16:45:30Z
    claude#00100001
    $ tokenquota hold list claude --at 2025-03-03T16:45:30Z
    claude#00000001: a call of unknown size, until 2025-03-03 16:56:32Z (2025-03-03 17:56:32 CET), in 11 min 2 s; only its lease frees it
    claude#00100001: a call of unknown size, until 2025-03-03 16:56:32Z (2025-03-03 17:56:32 CET), in 11 min 2 s; only its lease frees it
    $ tokenquota status claude --at 2025-03-03T16:45:30Z
    Today: UTC day 2025-03-03, which ends at 01:00 CET. As of 16:45:30Z.
    provider  used budget     %            burn/h projection  state            lasts
    claude       0    10k    0%  ---------      0          0  available        lasts
      2 calls run, of unknown size
    
    The provider is available

hold_wrong
  $ . ./say.sh
  $ say hold teka claude
  $ say hold take
  $ say hold take ''
  $ say hold take claude 20q
  $ say hold take claude 20k 30k
  $ say hold take claude "5M tokens per day"
  $ say hold take claude 0
  $ say hold take claude --for 32d
  $ say hold take claude 1k --
  $ say hold take claude 1k --json -- true
  $ say hold take claude -- no-such-command
  $ say hold settle 'claude#00000001'
  $ say hold settle claude 5
  $ say hold settle 'no#00000001' 5
  $ say hold settle 'claude#00000001' 5 --usage -
  $ say hold cancel
  $ say hold extend x
  $ say hold list nobody
    $ tokenquota hold teka claude
    tokenquota: hold: unknown "teka"; `tokenquota hold --help` lists the verbs
    (exit 2)
    $ tokenquota hold take
    tokenquota: hold take: it takes a PROVIDER and AMOUNTs, as in: tokenquota hold take claude 20k
    (exit 2)
    $ tokenquota hold take 
    tokenquota: hold take: "": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
    $ tokenquota hold take claude 20q
    tokenquota: hold take: "20q" is no amount; write an amount such as 20k, '$0.40' or '5 requests'
    (exit 2)
    $ tokenquota hold take claude 20k 30k
    tokenquota: hold take: "30k" is a second amount of the same unit
    (exit 2)
    $ tokenquota hold take claude 5M tokens per day
    tokenquota: hold take: "5M tokens per day" is no amount; write an amount such as 20k, '$0.40' or '5 requests'
    (exit 2)
    $ tokenquota hold take claude 0
    tokenquota: hold take: "0" is no amount; write an amount such as 20k, '$0.40' or '5 requests'
    (exit 2)
    $ tokenquota hold take claude --for 32d
    tokenquota: hold take: --for "32d" is longer than 31 days
    (exit 2)
    $ tokenquota hold take claude 1k --
    tokenquota: hold take: a COMMAND must follow the "--"
    (exit 2)
    $ tokenquota hold take claude 1k --json -- true
    tokenquota: hold take: --at and --json go without a COMMAND
    (exit 2)
    $ tokenquota hold take claude -- no-such-command
    tokenquota: hold take: no-such-command cannot be run: No such file or directory
    (exit 127)
    $ tokenquota hold settle claude#00000001
    tokenquota: hold settle: it takes an ID and a number of TOKENS, as in: tokenquota hold settle "$id" 1200
    (exit 2)
    $ tokenquota hold settle claude 5
    tokenquota: hold settle: "claude" is no hold of this ledger; `tokenquota hold list` lists the holds
    (exit 2)
    $ tokenquota hold settle no#00000001 5
    tokenquota: hold settle: "no#00000001" is no hold of this ledger; `tokenquota hold list` lists the holds
    (exit 2)
    $ tokenquota hold settle claude#00000001 5 --usage -
    tokenquota: hold settle: with --usage it takes an ID and no TOKENS
    (exit 2)
    $ tokenquota hold cancel
    tokenquota: hold cancel: it takes the ID of a hold, as in: tokenquota hold cancel "$id"
    (exit 2)
    $ tokenquota hold extend x
    tokenquota: hold extend: "x" is no hold of this ledger; `tokenquota hold list` lists the holds
    (exit 2)
    $ tokenquota hold list nobody
    tokenquota: hold list: unknown provider "nobody"; `tokenquota ledger names` lists those of ledger
    (exit 2)

route_hold
  $ . ./say.sh
  $ for name in first second; do say limit $name add "30k tokens once" --at $A; done
  $ say route first second --hold 20k
  $ say route first second --hold 20k
  $ say route first second --hold 20k | sed -E 's/[0-9]{4}-[^\t]*Z/INSTANT/'
  $ say route first second --need 9k
  $ say route first second --hold x
  $ say route first --for 5m
  $ say route first --hold 5k --at $A
    $ tokenquota limit first add 30k tokens once --at 2025-03-03T16:45:30Z
    limit 1: 30k tokens once; 0 used, 0%; never resets
    $ tokenquota limit second add 30k tokens once --at 2025-03-03T16:45:30Z
    limit 1: 30k tokens once; 0 used, 0%; never resets
    $ tokenquota route first second --hold 20k
    first	first#00000001
    $ tokenquota route first second --hold 20k
    second	second#00000001
    $ tokenquota route first second --hold 20k
    first	INSTANT	room for 10,000 of 20,000 tokens
    (exit 1)
    $ tokenquota route first second --need 9k
    first
    $ tokenquota route first second --hold x
    tokenquota: route: --hold "x" is no amount; write an amount such as 20k, '$0.40' or '5 requests'
    (exit 2)
    $ tokenquota route first --for 5m
    tokenquota: route: --for goes with --hold
    (exit 2)
    $ tokenquota route first --hold 5k --at 2025-03-03T16:45:30Z
    tokenquota: route: --hold goes with the clock: leave --at out
    (exit 2)
