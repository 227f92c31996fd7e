run
  $ . ./say.sh
  $ masked() { "$@" 2>&1 | sed -E 's/ in [0-9]+ (ms|s)( [0-9]+ ms)?/ in LENGTH/; s/[0-9]{8}-[0-9]{6}-[0-9]+/MADE/; s/[0-9-]{10}$/DAY/'; }
  $ masked say run claude --name job-7 --limit 2k --limit '$5' -- sh -c '"$TQ" observe claude 1k; "$TQ" route claude; "$TQ" observe claude 2k --check'
  $ masked say run claude --limit '1 request' -- sh -c '"$TQ" route claude'
  $ masked say run claude --quiet -- sh -c '"$TQ" observe claude 5 -v'
  $ say ledger names
    $ tokenquota run claude --name job-7 --limit 2k --limit $5 -- sh -c "$TQ" observe claude 1k; "$TQ" route claude; "$TQ" observe claude 2k --check
    claude
    tokenquota run: claude/job-7 used 3,000 of 2,000 tokens, 2 requests, $0.00 of $5.00 in LENGTH; its limit was reached, and its calls were refused from then on
    (exit 1)
    $ tokenquota run claude --limit 1 request -- sh -c "$TQ" route claude
    claude
    tokenquota run: claude/job-MADE used 0 tokens, 0 of 1 requests in LENGTH
    $ tokenquota run claude --quiet -- sh -c "$TQ" observe claude 5 -v
    claude/job-MADE: available; 5 tokens used in UTC day DAY
    $ tokenquota ledger names
    claude

run_wrong
  $ . ./say.sh
  $ say run
  $ say run claude
  $ say run claude true
  $ say run claude --
  $ say run claude --name a/b -- true
  $ say run claude --name '' -- true
  $ say run claude --limit 5q -- true
  $ say run claude --limit '5M tokens per day' -- true
  $ say run claude --limit 750k --limit '5k tokens' -- true
  $ say run claude --for soon -- true
  $ say run "$(printf 'a\001b')" -- true
  $ say observe claude/taken 5
  $ say run claude --name taken -- true
  $ say set claude pool=account
  $ say set account pool=company
  $ say run claude --name four -- true
  $ say ledger names
  $ TOKENQUOTA_RUN=claude/over say observe claude 5
    $ tokenquota run
    tokenquota: run: it takes a PROVIDER and, behind --, a COMMAND, as in: tokenquota run claude --limit 750k -- ./job.sh
    (exit 2)
    $ tokenquota run claude
    tokenquota: run: it takes a PROVIDER and, behind --, a COMMAND, as in: tokenquota run claude --limit 750k -- ./job.sh
    (exit 2)
    $ tokenquota run claude true
    tokenquota: run: it takes a PROVIDER and, behind --, a COMMAND, as in: tokenquota run claude --limit 750k -- ./job.sh
    (exit 2)
    $ tokenquota run claude --
    tokenquota: run: it takes a PROVIDER and, behind --, a COMMAND, as in: tokenquota run claude --limit 750k -- ./job.sh
    (exit 2)
    $ tokenquota run claude --name a/b -- true
    tokenquota: run: --name "a/b" must not have a "/" in it
    (exit 2)
    $ tokenquota run claude --name  -- true
    tokenquota: run: --name "" is empty
    (exit 2)
    $ tokenquota run claude --limit 5q -- true
    tokenquota: run: --limit "5q" is no amount; write an amount such as 20k, '$0.40' or '5 requests'
    (exit 2)
    $ tokenquota run claude --limit 5M tokens per day -- true
    tokenquota: run: --limit "5M tokens per day" is no amount; write an amount such as 20k, '$0.40' or '5 requests'
    (exit 2)
    $ tokenquota run claude --limit 750k --limit 5k tokens -- true
    tokenquota: run: --limit "5k tokens" is a second amount of the same unit
    (exit 2)
    $ tokenquota run claude --for soon -- true
    tokenquota: run: --for "soon" is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)
    (exit 2)
    $ tokenquota run ab -- true
    tokenquota: run: "a\x01b": provider name refused: 1 to 255 bytes of UTF-8 without control characters
    (exit 2)
    $ tokenquota observe claude/taken 5
    $ tokenquota run claude --name taken -- true
    tokenquota: run: "claude/taken" is a provider already, and no run: choose another --name
    (exit 2)
    $ tokenquota set claude pool=account
    $ tokenquota set account pool=company
    $ tokenquota run claude --name four -- true
    tokenquota: run: "claude/four" would be a fourth level of pools and runs; there are three
    (exit 2)
    $ tokenquota ledger names
    account
    claude
    claude/taken
    company
    $ tokenquota observe claude 5
    tokenquota: observe: the run of this process is over: TOKENQUOTA_RUN=claude/over; unset it to call without the run
    (exit 2)
