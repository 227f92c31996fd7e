import_bad
  $ . ./say.sh
  $ . ./claude.sh
  $ say import
  $ say import cluade
  $ say import something-else
  $ say import all some.jsonl
  $ say import claude none
  $ say import claude --dry-run --follow
  $ say import claude --since yesterday
    $ tokenquota import
    tokenquota: import: it takes a SOURCE: all, or one that `tokenquota import --help` lists
    (exit 2)
    $ tokenquota import cluade
    tokenquota: import: unknown source "cluade"; did you mean "claude"?
    (exit 2)
    $ tokenquota import something-else
    tokenquota: import: unknown source "something-else"; `tokenquota import --help` lists them
    (exit 2)
    $ tokenquota import all some.jsonl
    tokenquota: import: all finds the logs by itself; to read some.jsonl, name its source
    (exit 2)
    $ tokenquota import claude none
    tokenquota: import: none: cannot read: No such file or directory
    (exit 2)
    $ tokenquota import claude --dry-run --follow
    tokenquota: import: give --dry-run or --follow, not both
    (exit 2)
    $ tokenquota import claude --since yesterday
    tokenquota: import: no logs found; name a PATH with logs
    (exit 1)

import_named
  $ . ./say.sh
  $ printf 'start_time,num_model_requests\n1,2\n' >usage.csv
  $ mkdir -p session && printf '{"parentUuid":null,"isSidechain":false,"type":"user","message":{"content":"hello"}}\n' >session/s.jsonl
  $ say import openai-usage usage.csv --at 2026-03-05T12:00:00Z
  $ say import openai-usage usage.csv --at 2026-03-05T12:00:00Z
  $ say import codex session/s.jsonl --at 2026-03-05T12:00:00Z
  $ say import claude session/s.jsonl --at 2026-03-05T12:00:00Z
  $ say usage --source claude usage.csv
  $ say usage --source claude session/s.jsonl
  $ # Both write parentUuid.
  $ printf '{"uuid":"u","parentUuid":null,"type":"assistant","message":{"role":"model","parts":[]},"usageMetadata":{}}\n' >qwen.jsonl
  $ say import claude qwen.jsonl --at 2026-03-05T12:00:00Z
  $ # Nobody's.
  $ printf '{"level":"info","provider":"x"}\n' >any.jsonl
  $ say import jsonl any.jsonl --at 2026-03-05T12:00:00Z
  $ # What its reader says of a database or of an array is less than whose it is.
  $ mkdir tasks && printf '[{"ts":1,"type":"say","say":"api_req_started","text":"{}"}]' >tasks/ui_messages.json
  $ say import csv tasks/ui_messages.json --at 2026-03-05T12:00:00Z
  $ say import antigravity tasks/ui_messages.json --at 2026-03-05T12:00:00Z
    $ tokenquota import openai-usage usage.csv --at 2026-03-05T12:00:00Z
    tokenquota: import: usage.csv: nothing of OpenAI usage API is in it; it seems to be CSV
    nothing new
    1 file: 0 read, 0 as before, 1 broken; 2 lines, 34B
    (exit 2)
    $ tokenquota import openai-usage usage.csv --at 2026-03-05T12:00:00Z
    tokenquota: import: usage.csv: nothing of OpenAI usage API is in it; it seems to be CSV
    nothing new
    1 file: 0 read, 0 as before, 1 broken; 2 lines, 34B
    (exit 2)
    $ tokenquota import codex session/s.jsonl --at 2026-03-05T12:00:00Z
    tokenquota: import: session/s.jsonl: nothing of Codex is in it; it seems to be of Claude Code (source claude)
    nothing new
    1 file: 0 read, 0 as before, 1 broken; 1 line, 84B
    (exit 2)
    $ tokenquota import claude session/s.jsonl --at 2026-03-05T12:00:00Z
    nothing new
    1 file: 1 read, 0 as before; 1 line, 84B
    $ tokenquota usage --source claude usage.csv
    tokenquota: usage: usage.csv: nothing of Claude Code is in it; it seems to be CSV
    no usage
    (exit 2)
    $ tokenquota usage --source claude session/s.jsonl
    no usage
    $ tokenquota import claude qwen.jsonl --at 2026-03-05T12:00:00Z
    tokenquota: import: qwen.jsonl: nothing of Claude Code is in it; it seems to be of Qwen Code (source qwen)
    nothing new
    1 file: 0 read, 0 as before, 1 broken; 1 line, 107B
    (exit 2)
    $ tokenquota import jsonl any.jsonl --at 2026-03-05T12:00:00Z
    tokenquota: import: any.jsonl:1: unix_ms or timestamp is missing
    tokenquota: import: any.jsonl: nothing of JSONL is in it; it seems to be JSON of another kind
    nothing new
    1 file: 0 read, 0 as before, 1 broken; 1 line, 32B
    1 bad line skipped
    (exit 2)
    $ tokenquota import csv tasks/ui_messages.json --at 2026-03-05T12:00:00Z
    tokenquota: import: tasks/ui_messages.json: nothing of CSV is in it; it seems to be of Cline and forks (source cline)
    nothing new
    1 file: 0 read, 0 as before, 1 broken; 0 lines, 0B
    (exit 2)
    $ tokenquota import antigravity tasks/ui_messages.json --at 2026-03-05T12:00:00Z
    tokenquota: import: tasks/ui_messages.json: nothing of Antigravity is in it; it seems to be of Cline and forks (source cline)
    nothing new
    1 file: 0 read, 0 as before, 1 broken; 0 lines, 0B
    (exit 2)

import_older_keys
  $ . ./say.sh
  $ at() { printf '{"timestamp":"2026-03-05T10:0%s:00Z","type":' $1; }
  $ counts() { printf '{"input_tokens":%s,"output_tokens":%s}' $1 $2; }
  $ meta() { at 0; printf '"session_meta","payload":{"id":"s1"}}\n'; }
  $ event() { at $1; printf '"event_msg","payload":{"type":"token_count","info":{"total_token_usage":%s,"last_token_usage":%s}}}\n' "$2" "$3"; }
  $ record() { at $1; printf '"token_usage_record","payload":{"thread_id":"s1","response_id":"r%s","usage":%s}}\n' $1 "$2"; }
  $ { meta; event 1 "$(counts 10 1)" "$(counts 10 1)"; event 2 "$(counts 30 3)" "$(counts 20 2)"; } >rollout-old.jsonl
  $ { meta; record 1 "$(counts 10 1)"; event 1 "$(counts 10 1)" "$(counts 10 1)"; record 2 "$(counts 20 2)"; event 2 "$(counts 30 3)" "$(counts 20 2)"; record 3 "$(counts 500 50)"; } >rollout-new.jsonl
  $ say import codex rollout-old.jsonl --at 2026-03-05T12:00:00Z
  $ say import codex rollout-new.jsonl --at 2026-03-05T12:00:00Z
    $ tokenquota import codex rollout-old.jsonl --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                2      30            0           0       3      33
    once each           2      30            0           0       3      33
    new                 2      30            0           0       3      33
    counted 33 tokens (input, cache write, output)
      33  codex
    1 file: 1 read, 0 as before; 3 lines, 507B
    $ tokenquota import codex rollout-new.jsonl --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                3     530            0           0      53     583
    once each           3     530            0           0      53     583
    new                 1     500            0           0      50     550
    counted 550 tokens (input, cache write, output)
      550  codex
    1 file: 1 read, 0 as before; 6 lines, 986B

import_older_keys_of_events
  $ # What only the event behind the records shows to have been counted: a compaction or a second record is before it.
  $ . ./say.sh
  $ at() { printf '{"timestamp":"2026-03-05T10:0%s:00Z","type":' $1; }
  $ counts() { printf '{"input_tokens":%s,"output_tokens":%s}' $1 $2; }
  $ meta() { at 0; printf '"session_meta","payload":{"id":"%s"}}\n' $1; }
  $ event() { at $1; printf '"event_msg","payload":{"type":"token_count","info":{"total_token_usage":%s,"last_token_usage":%s}}}\n' "$2" "$3"; }
  $ record() { at $1; printf '"token_usage_record","payload":{"response_id":"%s","usage":%s,"thread_token_usage":%s}}\n' $2 "$3" "$4"; }
  $ first() { meta first; record 1 c1 "$(counts 500 50)" "$(counts 500 50)"; record 2 r1 "$(counts 20 2)" "$(counts 520 52)"; event 2 "$(counts 20 2)" "$(counts 20 2)"; }
  $ two() { meta two; record 1 r2 "$(counts 100 1)" "$(counts 100 1)"; record 2 r3 "$(counts 200 3)" "$(counts 300 4)"; event 2 "$(counts 300 4)" "$(counts 200 3)"; }
  $ rest() { meta rest; event 1 "$(counts 10 1)" "$(counts 10 1)"; record 2 r4 "$(counts 30 3)" "$(counts 60 6)"; event 2 "$(counts 60 6)" "$(counts 30 3)"; }
  $ for case in first two rest; do mkdir -p new; $case >new/rollout-$case.jsonl; grep -v _record new/rollout-$case.jsonl >rollout-$case.jsonl; done
  $ for case in first two rest; do for file in rollout-$case.jsonl new/rollout-$case.jsonl new/rollout-$case.jsonl; do echo "$file"; tokenquota import codex $file --at 2026-03-05T12:00:00Z | grep -e '^new' -e '^counted' -e '^took'; done; done
  $ tokenquota status --at 2026-03-05T12:00:00Z | grep codex
  $ rm "$TOKENQUOTA_LEDGER"*; tokenquota import codex new --at 2026-03-05T12:00:00Z | grep -e '^new' -e '^counted'
    rollout-first.jsonl
    new                 1      20            0           0       2      22
    counted 22 tokens (input, cache write, output)
    new/rollout-first.jsonl
    new                 1     498            0           0      52     550
    counted 550 tokens (input, cache write, output)
    new/rollout-first.jsonl
    rollout-two.jsonl
    new                 1     200            0           0       3     203
    counted 203 tokens (input, cache write, output)
    new/rollout-two.jsonl
    new                 1     100            0           0       1     101
    counted 101 tokens (input, cache write, output)
    new/rollout-two.jsonl
    rollout-rest.jsonl
    new                 2      40            0           0       4      44
    counted 44 tokens (input, cache write, output)
    new/rollout-rest.jsonl
    new                 1      30            0           0      -8      22
    counted 22 tokens (input, cache write, output)
    new/rollout-rest.jsonl
    codex      942      -     -                       78      1,884  available
    new                 7     880            0           0      62     942
    counted 942 tokens (input, cache write, output)

import_bad_name
  $ . ./say.sh
  $ say import claude --provider '{session}'
  $ say import claude --provider ''
  $ say import claude --provider '{model'
    $ tokenquota import claude --provider {session}
    tokenquota: import: --provider "{session}": what is in braces is tool, vendor, model, account or project
    (exit 2)
    $ tokenquota import claude --provider 
    tokenquota: import: --provider is empty; write for example {tool} or {vendor}/{model}
    (exit 2)
    $ tokenquota import claude --provider {model
    tokenquota: import: --provider "{model": what is in braces is tool, vendor, model, account or project
    (exit 2)

import_claude
  $ # Twice: each response once, and the second time nothing is new.
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ say import claude --at 2026-03-05T12:00:00Z
  $ say import claude --at 2026-03-05T12:00:00Z
  $ say budget claude 10k
  $ say status --at 2026-03-05T12:00:00Z
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                4      40          120         800   1,151   2,111
    once each           3      30           90         600   1,150   1,870
    new                 3      30           90         600   1,150   1,870
    counted 1,270 tokens (input, cache write, output)
      1,270  claude
    2 files: 2 read, 0 as before; 4 lines, 1,191B
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
    nothing new
    2 files: 0 read, 2 as before; 0 lines, 0B
    $ tokenquota budget claude 10k
    $ tokenquota status --at 2026-03-05T12:00:00Z
    Today: UTC day 2026-03-05, which ends at 01:00 CET. As of 12:00:00Z.
    provider  used budget     %            burn/h projection  state            lasts
    claude     140    10k    1%  ---------     11        280  available        lasts
    
    The provider is available

import_copies
  $ # A file that was copied, moved, or cut off and written again counts once.
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ projects=home/.claude/projects
  $ say import claude --at 2026-03-05T12:00:00Z
  $ cp $projects/-home-u-alpha/s1.jsonl $projects/-home-u-beta/copy.jsonl
  $ mv $projects/-home-u-beta/s2.jsonl $projects/-home-u-alpha/s2.jsonl
  $ say import claude --at 2026-03-05T12:00:00Z
  $ head -n 2 $projects/-home-u-beta/copy.jsonl >$projects/-home-u-alpha/s1.jsonl
  $ say import claude --at 2026-03-05T12:00:00Z
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                4      40          120         800   1,151   2,111
    once each           3      30           90         600   1,150   1,870
    new                 3      30           90         600   1,150   1,870
    counted 1,270 tokens (input, cache write, output)
      1,270  claude
    2 files: 2 read, 0 as before; 4 lines, 1,191B
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                3      30           90         600     151     871
    once each           2      20           60         400     150     630
    new                 0       0            0           0       0       0
    counted 0 tokens (input, cache write, output)
    3 files: 1 read, 2 as before; 3 lines, 894B
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                2      20           60         400      51     531
    once each           1      10           30         200      50     290
    new                 0       0            0           0       0       0
    counted 0 tokens (input, cache write, output)
    3 files: 1 read, 2 as before; 2 lines, 595B

import_count
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ say import claude --at 2026-03-05T12:00:00Z --count total
  $ say import claude --count half
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --count total
                responses   input  cache write  cache read  output   total
    read                4      40          120         800   1,151   2,111
    once each           3      30           90         600   1,150   1,870
    new                 3      30           90         600   1,150   1,870
    counted 1,870 tokens
      1,870  claude
    2 files: 2 read, 0 as before; 4 lines, 1,191B
    $ tokenquota import claude --count half
    tokenquota: import: --count "half": write counted or total
    (exit 2)

import_csv
  $ . ./say.sh
  $ . ./claude.sh
  $ printf 'timestamp,provider,tokens\n2026-03-05T10:00:00Z,openai,100\n2026-03-05T10:00:01Z,other,50\n' >u.csv
  $ say import csv u.csv --at 2026-03-05T12:00:00Z
  $ printf '2026-03-05T10:00:02Z,openai,7\nbad line\n' >>u.csv
  $ say import csv u.csv --at 2026-03-05T12:00:00Z
  $ cp u.csv v.csv
  $ say import csv u.csv v.csv --at 2026-03-05T12:00:00Z
  $ say import csv
  $ say import csv none.csv
    $ tokenquota import csv u.csv --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   other   total
    read                2       0            0           0       0     150     150
    once each           2       0            0           0       0     150     150
    new                 2       0            0           0       0     150     150
    counted 150 tokens (input, cache write, output)
      100  openai
       50  other
    1 file: 1 read, 0 as before; 3 lines, 88B
    $ tokenquota import csv u.csv --at 2026-03-05T12:00:00Z
    tokenquota: import: u.csv:5: the line has 1 field, the header 3
                responses   input  cache write  cache read  output   other   total
    read                1       0            0           0       0       7       7
    once each           1       0            0           0       0       7       7
    new                 1       0            0           0       0       7       7
    counted 7 tokens (input, cache write, output)
      7  openai
    1 file: 1 read, 0 as before; 2 lines, 39B
    1 bad line skipped
    $ tokenquota import csv u.csv v.csv --at 2026-03-05T12:00:00Z
    tokenquota: import: v.csv:5: the line has 1 field, the header 3
                responses   input  cache write  cache read  output   other   total
    read                3       0            0           0       0     157     157
    once each           3       0            0           0       0     157     157
    new                 0       0            0           0       0       0       0
    counted 0 tokens (input, cache write, output)
    2 files: 1 read, 1 as before; 5 lines, 127B
    1 bad line skipped
    $ tokenquota import csv
    tokenquota: import: csv has no folder of its own; name a PATH
    (exit 2)
    $ tokenquota import csv none.csv
    tokenquota: import: none.csv: cannot read: No such file or directory
    (exit 2)

import_damaged
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ echo 'this is no file of imports, it is somebody'"'"'s notes that happen to be here' >ledger.imports
  $ say import claude --at 2026-03-05T12:00:00Z
  $ cat ledger.imports
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
    tokenquota: import: ledger.imports: not a file of imports that this version reads; move it away and import again
    (exit 2)
    this is no file of imports, it is somebody's notes that happen to be here

import_dry_run
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ say import claude --dry-run --at 2026-03-05T12:00:00Z
  $ ls | grep import
    $ tokenquota import claude --dry-run --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                4      40          120         800   1,151   2,111
    once each           3      30           90         600   1,150   1,870
    new                 3      30           90         600   1,150   1,870
    would count 1,270 tokens (input, cache write, output)
      1,270  claude
    2 files: 2 read, 0 as before; 4 lines, 1,191B
  [1]

import_future
  $ # A record of a time to come is refused by the ledger, and looked at again.
  $ . ./say.sh
  $ . ./claude.sh
  $ claude alpha/s1 2050-03-05T10:00:00Z a 1
  $ claude alpha/s1 2026-03-05T10:00:00Z b 1
  $ say import claude --at 2026-03-05T12:00:00Z
  $ say import claude --at 2026-03-05T12:00:00Z
  $ claude alpha/s1 2199-03-05T10:00:00Z c 1
  $ say import claude --at 2026-03-05T12:00:00Z
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                2      20           60         400       2     482
    once each           1      10           30         200       1     241
    new                 1      10           30         200       1     241
    counted 41 tokens (input, cache write, output)
      41  claude
    1 file: 1 read, 0 as before; 2 lines, 594B
    1 record refused: ahead of the clock; the next import tries them again
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                2      20           60         400       2     482
    once each           1      10           30         200       1     241
    new                 0       0            0           0       0       0
    counted 0 tokens (input, cache write, output)
    1 file: 1 read, 0 as before; 2 lines, 594B
    1 record refused: ahead of the clock; the next import tries them again
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                2      20           60         400       2     482
    once each           1      10           30         200       1     241
    new                 0       0            0           0       0       0
    counted 0 tokens (input, cache write, output)
    1 file: 1 read, 0 as before; 3 lines, 891B
    2 records refused: ahead of the clock; the next import tries them again

import_grows
  $ # What comes later: more output of a known response, a new one, and a parent's truth after a sidechain's copy.
  $ . ./say.sh
  $ . ./claude.sh
  $ claude alpha/s1 2026-03-05T10:00:00Z a 100
  $ claude alpha/s1 2026-03-05T10:00:00Z side 500 claude-sonnet-4-5 true
  $ say import claude --at 2026-03-05T12:00:00Z
  $ claude alpha/s1 2026-03-05T10:00:01Z a 150
  $ claude alpha/s1 2026-03-05T10:00:02Z b 1
  $ say import claude --at 2026-03-05T12:00:00Z
  $ claude beta/s2 2026-03-05T10:00:02Z side 400
  $ say import claude --at 2026-03-05T12:00:00Z
  $ say status --at 2026-03-05T12:00:00Z
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                2      20           60         400     600   1,080
    once each           2      20           60         400     600   1,080
    new                 2      20           60         400     600   1,080
    counted 680 tokens (input, cache write, output)
      680  claude
    1 file: 1 read, 0 as before; 2 lines, 603B
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                2      20           60         400     151     631
    once each           2      20           60         400     151     631
    new                 1      10           30         200      51     291
    counted 91 tokens (input, cache write, output)
      91  claude
    1 file: 1 read, 0 as before; 2 lines, 596B
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                1      10           30         200     400     640
    once each           1      10           30         200     400     640
    new                 0       0            0           0    -100    -100
    took back 100 tokens (input, cache write, output)
      -100  claude
    2 files: 1 read, 1 as before; 1 line, 304B
    $ tokenquota status --at 2026-03-05T12:00:00Z
    Today: UTC day 2026-03-05, which ends at 01:00 CET. As of 12:00:00Z.
    provider  used budget     %                   burn/h projection  state
    claude     671      -     -                       55      1,342  available
    
    The provider is available

import_json
  $ . ./claude.sh
  $ two_sessions
  $ echo 'not JSON, with "usage"' >>home/.claude/projects/-home-u-beta/s2.jsonl
  $ "$TQ" import all --json --at 2026-03-05T12:00:00Z 2>&1 | sed "s,$PWD/,,"
    tokenquota: import: home/.claude/projects/-home-u-beta/s2.jsonl:2: not JSON, or cut off
    {
      "schema": 1,
      "dry_run": false,
      "files": {
        "found": 2,
        "read": 2,
        "unchanged": 0,
        "broken": 0
      },
      "lines": 5,
      "bytes": 1214,
      "bad_lines": 1,
      "skipped": 0,
      "older": 0,
      "older_tokens": 0,
      "refused_by_clock": 0,
      "signals": 0,
      "raw": {
        "responses": 4,
        "input": 40,
        "cache_write": 120,
        "cache_read": 800,
        "output": 1151,
        "other": 0,
        "total": 2111
      },
      "deduplicated": {
        "responses": 3,
        "input": 30,
        "cache_write": 90,
        "cache_read": 600,
        "output": 1150,
        "other": 0,
        "total": 1870
      },
      "new": {
        "responses": 3,
        "input": 30,
        "cache_write": 90,
        "cache_read": 600,
        "output": 1150,
        "other": 0,
        "total": 1870
      },
      "counted": 1270,
      "first_at": "2026-03-04T10:00:00Z",
      "last_at": "2026-03-05T08:00:00Z",
      "providers": [
        {
          "provider": "claude",
          "responses": 3,
          "counted": 1270
        }
      ]
    }

import_live
  $ # The same calls counted live and imported: the import that comes second warns, and not again. A plain count does not
  $ # look at the store of imports.
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ say observe claude 500 --at 2026-03-05T11:00:00Z
  $ say import claude --at 2026-03-05T12:00:00Z --quiet
  $ claude alpha/s1 2026-03-05T08:00:01Z d 1
  $ say import claude --at 2026-03-05T12:00:00Z --quiet
  $ say observe claude 1 --at 2026-03-05T11:00:00Z
  $ claude alpha/s1 2026-03-05T08:00:02Z e 1
  $ say import claude --at 2026-03-05T12:00:00Z --quiet
    $ tokenquota observe claude 500 --at 2026-03-05T11:00:00Z
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --quiet
    tokenquota: import: "claude" has 500 tokens from 2026-03-04 to 2026-03-05 that others counted: if they belong to the same calls, each counts twice; give one of the two another name, with --provider
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --quiet
    $ tokenquota observe claude 1 --at 2026-03-05T11:00:00Z
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --quiet
    tokenquota: import: "claude" has 501 tokens on 2026-03-05 that others counted: if they belong to the same calls, each counts twice; give one of the two another name, with --provider

import_names
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ say import claude --at 2026-03-05T12:00:00Z --provider '{vendor}/{model}/{project}/{account}'
  $ say import claude --at 2026-03-05T12:00:00Z --provider 'all {tool}'
  $ say import claude --at 2026-03-05T12:00:00Z --provider 'all claude'
  $ say ledger names
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --provider {vendor}/{model}/{project}/{account}
                responses   input  cache write  cache read  output   total
    read                4      40          120         800   1,151   2,111
    once each           3      30           90         600   1,150   1,870
    new                 3      30           90         600   1,150   1,870
    counted 1,270 tokens (input, cache write, output)
        230  anthropic/claude-sonnet-4-5/alpha/unknown
      1,040  anthropic/claude-opus-4-5/beta/unknown
    2 files: 2 read, 0 as before; 4 lines, 1,191B
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --provider all {tool}
                responses   input  cache write  cache read  output   total
    read                4      40          120         800   1,151   2,111
    once each           3      30           90         600   1,150   1,870
    new                 3      30           90         600   1,150   1,870
    counted 1,270 tokens (input, cache write, output)
      1,270  all claude
    2 files: 2 read, 0 as before; 4 lines, 1,191B
    Files were imported under another --provider before: they count under both names now
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --provider all claude
                responses   input  cache write  cache read  output   total
    read                4      40          120         800   1,151   2,111
    once each           3      30           90         600   1,150   1,870
    new                 0       0            0           0       0       0
    counted 0 tokens (input, cache write, output)
    2 files: 2 read, 0 as before; 4 lines, 1,191B
    $ tokenquota ledger names
    all claude
    anthropic/claude-opus-4-5/beta/unknown
    anthropic/claude-sonnet-4-5/alpha/unknown

import_narrow
  $ . ./claude.sh
  $ two_sessions
  $ COLUMNS=60 "$TQ" import claude --at 2026-03-05T12:00:00Z
  $ rm ledger*
  $ COLUMNS=120 "$TQ" import claude --at 2026-03-05T12:00:00Z
    read       2,111 tokens in 4 entries
    once each  1,870 in 3 responses
    new        1,870 in 3
    counted 1,270 tokens (input, cache write, output)
      1,270  claude
    2 files: 2 read, 0 as before; 4 lines, 1,191B
                 responses           input     cache write      cache read          output             total
    read                 4              40             120             800           1,151             2,111
    once each            3              30              90             600           1,150             1,870
    new                  3              30              90             600           1,150             1,870
    counted 1,270 tokens (input, cache write, output)
      1,270  claude
    2 files: 2 read, 0 as before; 4 lines, 1,191B

import_none
  $ . ./say.sh
  $ . ./claude.sh
  $ say import all
  $ say import all --quiet --dry-run
  $ say import codex --json
    $ tokenquota import all
    tokenquota: import: no logs found; name a SOURCE and a PATH with logs
    (exit 1)
    $ tokenquota import all --quiet --dry-run
    (exit 1)
    $ tokenquota import codex --json
    {
      "schema": 1,
      "dry_run": false,
      "files": {
        "found": 0,
        "read": 0,
        "unchanged": 0,
        "broken": 0
      },
      "lines": 0,
      "bytes": 0,
      "bad_lines": 0,
      "skipped": 0,
      "older": 0,
      "older_tokens": 0,
      "refused_by_clock": 0,
      "signals": 0,
      "raw": {
        "responses": 0,
        "input": 0,
        "cache_write": 0,
        "cache_read": 0,
        "output": 0,
        "other": 0,
        "total": 0
      },
      "deduplicated": {
        "responses": 0,
        "input": 0,
        "cache_write": 0,
        "cache_read": 0,
        "output": 0,
        "other": 0,
        "total": 0
      },
      "new": {
        "responses": 0,
        "input": 0,
        "cache_write": 0,
        "cache_read": 0,
        "output": 0,
        "other": 0,
        "total": 0
      },
      "counted": 0,
      "first_at": null,
      "last_at": null,
      "providers": []
    }
    (exit 1)

import_older
  $ # 45 days are counted: 2026-01-20 is the first.
  $ . ./say.sh
  $ . ./claude.sh
  $ claude alpha/s1 2026-01-19T23:59:59Z a 1
  $ claude alpha/s1 2026-01-20T00:00:00Z b 1
  $ say import claude --at 2026-03-05T12:00:00Z
  $ "$TQ" ledger create --ledger small --days 8
  $ say import claude --at 2026-03-05T12:00:00Z --ledger small
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                1      10           30         200       1     241
    once each           1      10           30         200       1     241
    new                 1      10           30         200       1     241
    counted 41 tokens (input, cache write, output)
      41  claude
    1 file: 1 read, 0 as before; 2 lines, 594B
    1 record from before 2026-01-20, 241 tokens: not counted; `tokenquota usage` shows them
    small
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --ledger small
    nothing new
    1 file: 1 read, 0 as before; 2 lines, 594B
    2 records from before 2026-02-26, 482 tokens: not counted; `tokenquota usage` shows them

import_other_ledger
  $ # The ledger was removed: what was imported into it is imported into the new one.
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ say import claude --at 2026-03-05T12:00:00Z --quiet
  $ rm ledger
  $ say import claude --at 2026-03-05T12:00:00Z
  $ rm ledger.imports
  $ say reset claude
  $ say import claude --at 2026-03-05T12:00:00Z --quiet
  $ say status --at 2026-03-05T12:00:00Z
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --quiet
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
    tokenquota: import: the ledger at ledger is not the one of the last import: importing everything again
                responses   input  cache write  cache read  output   total
    read                4      40          120         800   1,151   2,111
    once each           3      30           90         600   1,150   1,870
    new                 3      30           90         600   1,150   1,870
    counted 1,270 tokens (input, cache write, output)
      1,270  claude
    2 files: 2 read, 0 as before; 4 lines, 1,191B
    $ tokenquota reset claude
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --quiet
    $ tokenquota status --at 2026-03-05T12:00:00Z
    Today: UTC day 2026-03-05, which ends at 01:00 CET. As of 12:00:00Z.
    provider  used budget     %                   burn/h projection  state
    claude     140      -     -                       11        280  available
    
    The provider is available

import_over_midnight
  $ # A response that ends on another day counts there, and no longer where it began.
  $ . ./say.sh
  $ . ./claude.sh
  $ claude alpha/s1 2026-03-04T23:59:59Z a 100
  $ say import claude --at 2026-03-05T12:00:00Z --quiet
  $ claude alpha/s1 2026-03-05T00:00:01Z a 150
  $ say import claude --at 2026-03-05T12:00:00Z
  $ "$TQ" ledger dump | grep -o '"used":[0-9]*\|"day":"[0-9-]*"'
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --quiet
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                1      10           30         200     150     390
    once each           1      10           30         200     150     390
    new                 0       0            0           0      50      50
    counted 50 tokens (input, cache write, output)
      50  claude
    1 file: 1 read, 0 as before; 1 line, 299B
    "day":"2026-03-05"
    "used":190

import_since
  $ # What was passed over once is not lost: a run that would take it reads the file from its start.
  $ . ./say.sh
  $ . ./claude.sh
  $ two_sessions
  $ say import claude --at 2026-03-05T12:00:00Z --since 2026-03-05
  $ say import claude --at 2026-03-05T12:00:00Z --since 2026-03-05T06:00:00Z
  $ say import claude --at 2026-03-05T12:00:00Z
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --since 2026-03-05
                responses   input  cache write  cache read  output   total
    read                1      10           30         200     100     340
    once each           1      10           30         200     100     340
    new                 1      10           30         200     100     340
    counted 140 tokens (input, cache write, output)
      140  claude
    2 files: 2 read, 0 as before; 4 lines, 1,191B
    3 records from before 2026-03-05 00:00:00Z skipped
    $ tokenquota import claude --at 2026-03-05T12:00:00Z --since 2026-03-05T06:00:00Z
    nothing new
    2 files: 0 read, 2 as before; 0 lines, 0B
    $ tokenquota import claude --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                4      40          120         800   1,151   2,111
    once each           3      30           90         600   1,150   1,870
    new                 2      20           60         400   1,050   1,530
    counted 1,130 tokens (input, cache write, output)
      1,130  claude
    2 files: 2 read, 0 as before; 4 lines, 1,191B

import_rewritten
  $ # Cline writes a task anew: a request that was there and grew counts what is new, wherever it is in the file.
  $ . ./say.sh
  $ texts() {
  $     for i in 1 2 3 4 5 6 7 8 9; do printf '{"ts":%s,"say":"text","text":"the same text in each of them"},' $i; done
  $ }
  $ task() { # OUTPUT: of the request in the middle
  $     printf '[%s{"ts":1772700000000,"say":"api_req_started","text":"{\\"tokensIn\\":100,\\"tokensOut\\":%s}"},' "$(texts)" "$1"
  $     printf '%s{"ts":1772700060000,"say":"api_req_started","text":"{\\"tokensIn\\":7,\\"tokensOut\\":3}"}%s]' "$(texts)" "$2"
  $ }
  $ export HOME=$PWD
  $ mkdir -p .cline/data/tasks/t1
  $ task 10 >.cline/data/tasks/t1/ui_messages.json
  $ say import cline --at 2026-03-05T12:00:00Z --quiet
  $ task 90 >.cline/data/tasks/t1/ui_messages.json
  $ say import cline --at 2026-03-05T12:00:00Z
  $ say import cline --at 2026-03-05T12:00:00Z
    $ tokenquota import cline --at 2026-03-05T12:00:00Z --quiet
    $ tokenquota import cline --at 2026-03-05T12:00:00Z
                responses   input  cache write  cache read  output   total
    read                2     107            0           0      93     200
    once each           2     107            0           0      93     200
    new                 0       0            0           0      80      80
    counted 80 tokens (input, cache write, output)
      80  cline
    1 file: 1 read, 0 as before; 1 line, 1,276B
    $ tokenquota import cline --at 2026-03-05T12:00:00Z
    nothing new
    1 file: 0 read, 1 as before; 0 lines, 0B

import_database
  $ # A tool's SQLite database: each row once, and one that is damaged is an error that loses nothing.
  $ . ./say.sh
  $ cp "$cases/../logs/trees/copilot/.copilot/session-store.db" store.db
  $ mkdir copies && cp store.db copies/session-store.db && cp store.db copies/session-store-2.db
  $ head -c 700 store.db >copies/session-store-cut.db
  $ say import copilot copies --provider '{vendor}/{model}' --at 2026-09-11T00:00:00Z
  $ say import copilot copies --provider '{vendor}/{model}' --at 2026-09-11T00:00:00Z
  $ say import copilot store.db --provider '{vendor}/{model}' --at 2026-09-11T00:00:00Z
  $ say import antigravity a.csv
  $ say usage --source copilot --by session store.db
  $ ls copies
    $ tokenquota import copilot copies --provider {vendor}/{model} --at 2026-09-11T00:00:00Z
    tokenquota: import: copies/session-store-cut.db: the database is damaged: database disk image is malformed
    tokenquota: import: copies/session-store-2.db:5: output_tokens is not a whole number: "many"
    tokenquota: import: copies/session-store.db:5: output_tokens is not a whole number: "many"
                responses   input  cache write  cache read  output   total
    read                6    120k        2,208        172k   1,820    297k
    once each           3   60.3k        1,104       86.2k     910    148k
    new                 3   60.3k        1,104       86.2k     910    148k
    counted 62,404 tokens (input, cache write, output)
       1,704  copilot/claude-sonnet-5
      60,700  copilot/gpt-5.6-sol
    3 files: 2 read, 0 as before, 1 broken; 10 lines, 492B
    2 bad lines skipped
    (exit 2)
    $ tokenquota import copilot copies --provider {vendor}/{model} --at 2026-09-11T00:00:00Z
    nothing new
    3 files: 0 read, 3 as before; 0 lines, 0B
    $ tokenquota import copilot store.db --provider {vendor}/{model} --at 2026-09-11T00:00:00Z
    tokenquota: import: store.db:5: output_tokens is not a whole number: "many"
                responses   input  cache write  cache read  output   total
    read                3   60.3k        1,104       86.2k     910    148k
    once each           3   60.3k        1,104       86.2k     910    148k
    new                 0       0            0           0       0       0
    counted 0 tokens (input, cache write, output)
    1 file: 1 read, 0 as before; 5 lines, 246B
    1 bad line skipped
    $ tokenquota import antigravity a.csv
    tokenquota: import: a.csv: it is no SQLite database
    nothing new
    1 file: 0 read, 0 as before, 1 broken; 0 lines, 0B
    (exit 2)
    $ tokenquota usage --source copilot --by session store.db
    2026-09-10 (CEST day): 3 responses in 1 file
    
                                    cache    cache
    session   responses    input    write     read   output    total  share
    new-1             3   60,390    1,104   86,298      910  148,702   100%  #######
    total includes cache reads; what counts
    against limits (replay, status): 62,404
    1 bad line passed over
    session-store-2.db
    session-store-cut.db
    session-store.db

import_without_sqlite
  ? cc
  $ . ./say.sh
  $ cp "$cases/../logs/trees/copilot/.copilot/session-store.db" .
  $ mkdir lib && export LD_LIBRARY_PATH="$PWD/lib"
  $ for source in 'not a library' 'int sqlite3_libversion_number(void) { return 3034001; }' \
  $     'int sqlite3_libversion_number(void) { return 3040001; }'; do
  $     echo "$source" | cc -shared -fPIC -x c -o lib/libsqlite3.so.0 - 2>/dev/null || : >lib/libsqlite3.so.0
  $     say import copilot session-store.db
  $ done
  $ say observe p 1 --at 2026-09-11T00:00:00Z -v
    $ tokenquota import copilot session-store.db
    tokenquota: import: session-store.db: cannot load libsqlite3.so.0, which reads databases (Debian's package libsqlite3-0)
    nothing new
    1 file: 0 read, 0 as before, 1 broken; 0 lines, 0B
    (exit 2)
    $ tokenquota import copilot session-store.db
    tokenquota: import: session-store.db: libsqlite3.so.0 is too old; databases are read with SQLite 3.36 or later
    nothing new
    1 file: 0 read, 0 as before, 1 broken; 0 lines, 0B
    (exit 2)
    $ tokenquota import copilot session-store.db
    tokenquota: import: session-store.db: libsqlite3.so.0 was built without functions that reading a database needs
    nothing new
    1 file: 0 read, 0 as before, 1 broken; 0 lines, 0B
    (exit 2)
    $ tokenquota observe p 1 --at 2026-09-11T00:00:00Z -v
    p: available; 1 token used in UTC day 2026-09-11
