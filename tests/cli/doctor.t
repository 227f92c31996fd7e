doctor
  $ . ./doctor.sh
  $ umask 077
  $ chmod 755 .
  $ doctor
  $ say observe openai 5 --at $A
  $ doctor
  $ say observe openai 5 --at 2019-01-01T00:00:00Z
  $ say observe openai 9223372036854775807 --at $A
  $ doctor
  $ "$TQ" doctor | sed -nE 's/^ok +(version|clock) .*/\1/p'
  $ say doctor ledger
  $ say doctor --color red
    $ tokenquota doctor 
    ok    place    ledger ($TOKENQUOTA_LEDGER)
    ok    folder   ., mode 0755
    note  file     there is no ledger yet
          -> begin: tokenquota observe PROVIDER TOKENS
    $ tokenquota observe openai 5 --at 2025-03-03T16:45:30Z
    $ tokenquota doctor 
    ok    place    ledger ($TOKENQUOTA_LEDGER)
    ok    folder   ., mode 0755
    ok    file     mode 0600, of user N (you), BYTES on the disk
    ok    open     for reading and writing
    ok    check    1 provider, no errors found
    $ tokenquota observe openai 5 --at 2019-01-01T00:00:00Z
    tokenquota: observe: "openai": not counted: 2019-01-01 00:00:00Z is before 2020; is --at right?
    (exit 2)
    $ tokenquota observe openai 9223372036854775807 --at 2025-03-03T16:45:30Z
    $ tokenquota doctor 
    ok    place    ledger ($TOKENQUOTA_LEDGER)
    ok    folder   ., mode 0755
    ok    file     mode 0600, of user N (you), BYTES on the disk
    ok    open     for reading and writing
    ok    check    1 provider, no errors found
    note  clock    1 record refused: before 2020 or ahead of the clock
          -> look for a program or a machine with a wrong clock
    note  days     1 record of a day whose count is at its limit (2^46 tokens)
          -> find the program that records too much; then: tokenquota reset PROVIDER
    version
    clock
    $ tokenquota doctor ledger
    tokenquota: doctor: unexpected "ledger"; name a ledger with --ledger
    (exit 2)
    $ tokenquota doctor --color red
    tokenquota: doctor: --color "red": write auto, always or never
    (exit 2)

doctor_bad
  $ . ./doctor.sh
  $ umask 077
  $ chmod 755 .
  $ doctor --ledger no/such/folder/ledger
  $ echo 'no ledger' > text && chmod 666 text
  $ doctor --ledger text
  $ say observe openai 5 --at $A
  $ ln -s ledger link
  $ doctor --ledger link
  $ mkdir folder
  $ doctor --ledger folder
  $ mkdir -m 777 everybody
  $ doctor --ledger everybody/ledger
  $ doctor --ledger text/ledger
  $ chmod 600 ledger
  $ printf '\377\377\377\377' | dd of=ledger bs=1 seek=8 conv=notrunc status=none
  $ doctor
    $ tokenquota doctor --ledger no/such/folder/ledger
    ok    place    no/such/folder/ledger (--ledger)
    bad   folder   no/such/folder: No such file or directory
          -> mkdir -p -m 0700 'no/such/folder'
    (exit 1)
    $ tokenquota doctor --ledger text
    ok    place    text (--ledger)
    ok    folder   ., mode 0755
    bad   file     mode 0666, of user N (you), BYTES on the disk: anybody may change every number in it
          -> chmod o-w 'text'
    bad   open     HERE/text is not a ledger: move it away (mv) and a new one is made
    (exit 1)
    $ tokenquota observe openai 5 --at 2025-03-03T16:45:30Z
    $ tokenquota doctor --ledger link
    ok    place    link (--ledger)
    ok    folder   ., mode 0755
    bad   open     HERE/link is a symbolic link: name the file it leads to
    (exit 1)
    $ tokenquota doctor --ledger folder
    ok    place    folder (--ledger)
    ok    folder   ., mode 0755
    bad   open     HERE/folder is not a regular file but a folder: name a file in it
    (exit 1)
    $ tokenquota doctor --ledger everybody/ledger
    ok    place    everybody/ledger (--ledger)
    bad   folder   everybody, mode 0777: anybody may replace the ledger
          -> chmod o-w 'everybody'
    note  file     there is no ledger yet
          -> begin: tokenquota observe PROVIDER TOKENS
    (exit 1)
    $ tokenquota doctor --ledger text/ledger
    ok    place    text/ledger (--ledger)
    bad   folder   text is not a folder
          -> name another place: --ledger
    (exit 1)
    $ tokenquota doctor 
    ok    place    ledger ($TOKENQUOTA_LEDGER)
    ok    folder   ., mode 0755
    ok    file     mode 0600, of user N (you), BYTES on the disk
    bad   open     HERE/ledger is a ledger of another version: use the newer tokenquota, and its `ledger compact` to convert
    (exit 1)

doctor_import
  $ # What others counted beside an import in the last days.
  $ . ./doctor.sh
  $ . ./claude.sh
  $ umask 077
  $ chmod 755 .
  $ claude alpha/s1 "$(date -u +%Y-%m-%dT%H:%M:%SZ)" a 50
  $ say import claude --quiet
  $ doctor
  $ say observe claude 500
  $ doctor
  $ doctor --json | grep -c '"import"'
    $ tokenquota import claude --quiet
    $ tokenquota doctor 
    ok    place    ledger ($TOKENQUOTA_LEDGER)
    ok    folder   ., mode 0755
    ok    file     mode 0600, of user N (you), BYTES on the disk
    ok    open     for reading and writing
    ok    check    1 provider, no errors found
    $ tokenquota observe claude 500
    $ tokenquota doctor 
    ok    place    ledger ($TOKENQUOTA_LEDGER)
    ok    folder   ., mode 0755
    ok    file     mode 0600, of user N (you), BYTES on the disk
    ok    open     for reading and writing
    ok    check    1 provider, no errors found
    note  import   "claude" is fed by `tokenquota import`, but others counted 500 tokens in 7 days
          -> if the logs have the same calls, each counts twice: give one of the two another name, with --provider
    1

doctor_json
  $ # The same findings for programs.
  $ . ./say.sh
  $ umask 077
  $ "$TQ" observe openai 5 --at $A
  $ chmod o+w ledger
  $ same() { sed -E 's,"version": "[^"]*","version": "NUMBER",; s,tokenquota [0-9.]+"|"20[^"]*",TEXT,; s,user [0-9]+ \(you\),user N (you),
  $     s/[0-9,]+ bytes on/N bytes on/; s/mode 0?[0-9]+,? /mode M /; s/, mode [0-9]+"/, mode M"/'"; s,$PWD/,,g; s,$PWD,HERE,g"; }
  $ say doctor --json | same
  $ say doctor --json --ledger none | same
    $ tokenquota doctor --json
    {
      "schema": 1,
      "version": "NUMBER",
      "path": "ledger",
      "bad": true,
      "findings": [
        {
          "verdict": "ok",
          "what": "version",
          "text": "TEXT,
          "advice": []
        },
        {
          "verdict": "ok",
          "what": "clock",
          "text": TEXT,
          "advice": []
        },
        {
          "verdict": "ok",
          "what": "place",
          "text": "ledger ($TOKENQUOTA_LEDGER)",
          "advice": []
        },
        {
          "verdict": "ok",
          "what": "folder",
          "text": "., mode M",
          "advice": []
        },
        {
          "verdict": "bad",
          "what": "file",
          "text": "mode M of user N (you), N bytes on the disk: anybody may change every number in it",
          "advice": [
            "chmod o-w 'ledger'"
          ]
        },
        {
          "verdict": "ok",
          "what": "open",
          "text": "for reading and writing",
          "advice": []
        },
        {
          "verdict": "ok",
          "what": "check",
          "text": "1 provider, no errors found",
          "advice": []
        }
      ]
    }
    (exit 1)
    $ tokenquota doctor --json --ledger none
    {
      "schema": 1,
      "version": "NUMBER",
      "path": "none",
      "bad": false,
      "findings": [
        {
          "verdict": "ok",
          "what": "version",
          "text": "TEXT,
          "advice": []
        },
        {
          "verdict": "ok",
          "what": "clock",
          "text": TEXT,
          "advice": []
        },
        {
          "verdict": "ok",
          "what": "place",
          "text": "none (--ledger)",
          "advice": []
        },
        {
          "verdict": "ok",
          "what": "folder",
          "text": "., mode M",
          "advice": []
        },
        {
          "verdict": "note",
          "what": "file",
          "text": "there is no ledger yet",
          "advice": [
            "begin: tokenquota observe PROVIDER TOKENS"
          ]
        }
      ]
    }

doctor_left
  ? python3
  $ # What a killed create or compact left beside the ledger is named, what somebody works on or is none of ours is not.
  $ . ./doctor.sh
  $ umask 077
  $ chmod 755 .
  $ echo left > ledger.new-0123456789abcdef
  $ doctor
  $ say observe openai 5 --at $A
  $ cp ledger ledger.new-00000000000000aa
  $ cp ledger ledger.new-mine
  $ cp ledger ledger.new-00000000000000aab
  $ cp ledger other.new-00000000000000aa
  $ mkdir ledger.new-00000000000000bb
  $ # The lock of whoever makes one: a byte far behind the end.
  $ python3 -c 'import fcntl, subprocess, sys
  $ file = open(sys.argv[1], "r+b")
  $ fcntl.lockf(file, fcntl.LOCK_SH, 1, 1 << 62)
  $ subprocess.run(sys.argv[2:])' ledger.new-0123456789abcdef "$TQ" doctor --ledger "$PWD/ledger" | grep -A 1 left | sed "s,$PWD,HERE,"
  $ say ledger compact > compacted
  $ rm ledger.new-00000000000000aa ledger.new-0123456789abcdef
  $ echo left > ledger.sync.restored.new-00000000000000cc
  $ doctor
    $ tokenquota doctor 
    ok    place    ledger ($TOKENQUOTA_LEDGER)
    ok    folder   ., mode 0755
    note  left     ledger.new-0123456789abcdef, left by a create or compact that was killed
          -> rm 'ledger.new-0123456789abcdef'
    note  file     there is no ledger yet
          -> begin: tokenquota observe PROVIDER TOKENS
    $ tokenquota observe openai 5 --at 2025-03-03T16:45:30Z
    note  left     ledger.new-00000000000000aa, left by a create or compact that was killed
          -> rm 'HERE/ledger.new-00000000000000aa'
    $ tokenquota doctor 
    ok    place    ledger ($TOKENQUOTA_LEDGER)
    ok    folder   ., mode 0755
    note  left     ledger.sync.restored.new-00000000000000cc, left by a create or compact that was killed
          -> rm 'ledger.sync.restored.new-00000000000000cc'
    ok    file     mode 0600, of user N (you), BYTES on the disk
    ok    open     for reading and writing
    ok    check    1 provider, no errors found

doctor_read_only
  $ # Somebody else's ledger may be looked at.
  $ exec 3>&2; . ./doctor.sh
  $ if [ "$(id -u)" != 0 ] ||
  $     ! setpriv --reuid 65534 --regid 65534 --clear-groups "$TQ" version > /dev/null 2>&1; then
  $     exec 2>&3
  $     echo 'not root, or no other user can run the command' >&2
  $     exit 77
  $ fi
  $ here=$(mktemp -d) && chmod 755 "$here" && cd "$here" || exit
  $ "$TQ" observe openai 5 --at $A
  $ chmod 644 ledger
  $ RUN=$TQ
  $ TQ=as_user
  $ as_user() {
  $     setpriv --reuid 65534 --regid 65534 --clear-groups "$RUN" "$@"
  $ }
  $ doctor
  $ say status --at $A --json | grep '"used"'
  $ say observe openai 5 2>&1 | sed "s,$here/,,"
  $ say route openai
  $ say ledger check | tail -n 1
  $ cd / && rm -rf "$here"
    $ tokenquota doctor 
    ok    place    ledger ($TOKENQUOTA_LEDGER)
    ok    folder   ., mode 0755
    ok    file     mode 0644, of user N, BYTES on the disk
    note  open     for reading only: you have no permission to write it
          -> to count, get permission to write it, or name another ledger: --ledger
    ok    check    1 provider, no errors found
          "used": 5,
    $ tokenquota observe openai 5
    tokenquota: observe: ledger cannot be opened: Permission denied
    (exit 2)
    $ tokenquota route openai
    openai
    sound: no errors found

doctor_older_format: a reader cannot convert a ledger of an older format, and is told how it is done
  $ exec 3>&2; . ./doctor.sh
  $ if [ "$(id -u)" != 0 ] ||
  $     ! setpriv --reuid 65534 --regid 65534 --clear-groups "$TQ" version > /dev/null 2>&1; then
  $     exec 2>&3
  $     echo 'not root, or no other user can run the command' >&2
  $     exit 77
  $ fi
  $ here=$(mktemp -d) && chmod 755 "$here" && cd "$here" || exit
  $ gzip -dc "$cases/../ledgers/format2-8.gz" > ledger
  $ chmod 644 ledger
  $ RUN=$TQ
  $ TQ=as_user
  $ as_user() {
  $     setpriv --reuid 65534 --regid 65534 --clear-groups "$RUN" "$@"
  $ }
  $ doctor
  $ say ledger names 2>&1 | sed "s,$here/,,"
  $ "$RUN" doctor > /dev/null
  $ say ledger check | tail -n 1
  $ cd / && rm -rf "$here"
    $ tokenquota doctor 
    ok    place    ledger ($TOKENQUOTA_LEDGER)
    ok    folder   ., mode 0755
    ok    file     mode 0644, of user N, BYTES on the disk
    bad   open     HERE/ledger is of an older format: open it once for writing, which converts it
          -> as a user who may write it, run: tokenquota doctor --ledger 'ledger'
    (exit 1)
    $ tokenquota ledger names
    tokenquota: ledger names: ledger is of an older format: open it once for writing, which converts it
    tokenquota: ledger names: as a user who may write it, run: tokenquota doctor --ledger 'ledger'
    (exit 2)
    sound: no errors found

doctor_limits
  $ . ./doctor.sh
  $ umask 077
  $ chmod 755 .
  $ say observe openai 5 --at $A
  $ say limit openai add "5M tokens per day America/Los_Angeles" --at $A
  $ say limit openai add "9M tokens per month America/Los_Angeles" --at $A
  $ say limit openai add "5M tokens per day Asia/Tokyo" --at $A
  $ doctor
  $ export TZDIR=$PWD/zones
  $ mkdir -p zones/Asia && cp /usr/share/zoneinfo/Asia/Tokyo zones/Asia/ || exit 77
  $ doctor
  $ "$TQ" doctor --json | grep -c 'no file that can be read for America/Los_Angeles'
  $ say limit openai --at $A
    $ tokenquota observe openai 5 --at 2025-03-03T16:45:30Z
    $ tokenquota limit openai add 5M tokens per day America/Los_Angeles --at 2025-03-03T16:45:30Z
    limit 1: 5M tokens per day America/Los_Angeles;
             0 used, 0%; lasts, resets 09:00, in 15 h 15 min
    $ tokenquota limit openai add 9M tokens per month America/Los_Angeles --at 2025-03-03T16:45:30Z
    limit 2: 9M tokens per month America/Los_Angeles;
             0 used, 0%; lasts, resets Apr 01 09:00, in 28 d 15 h
    $ tokenquota limit openai add 5M tokens per day Asia/Tokyo --at 2025-03-03T16:45:30Z
    limit 3: 5M tokens per day Asia/Tokyo;
             0 used, 0%; lasts, resets 16:00, in 22 h 15 min
    $ tokenquota doctor 
    ok    place    ledger ($TOKENQUOTA_LEDGER)
    ok    folder   ., mode 0755
    ok    file     mode 0600, of user N (you), BYTES on the disk
    ok    open     for reading and writing
    ok    check    1 provider, no errors found
    ok    zones    2 zones of limits read anew
    $ tokenquota doctor 
    ok    place    ledger ($TOKENQUOTA_LEDGER)
    ok    folder   ., mode 0755
    ok    file     mode 0600, of user N (you), BYTES on the disk
    ok    open     for reading and writing
    ok    check    1 provider, no errors found
    note  zone     the zone database has no file that can be read for America/Los_Angeles; its limits go on with the rule that the ledger has
          -> install the package tzdata anew
    ok    zones    1 zone of limits read anew
    1
    $ tokenquota limit openai --at 2025-03-03T16:45:30Z
    openai
      1  5M tokens per day America/Los_Angeles;
         0 used, 0%; lasts, resets 09:00, in 15 h 15 min
      2  9M tokens per month America/Los_Angeles;
         0 used, 0%; lasts, resets Apr 01 09:00, in 28 d 15 h
      3  5M tokens per day Asia/Tokyo;
         0 used, 0%; lasts, resets 16:00, in 22 h 15 min

doctor_accounts
  $ # Two names of one account, a word that was overruled, a reading that is older than its window.
  $ . ./say.sh
  $ now=$(date +%s)
  $ line() { # NAME FIVE_HOURS SEVEN_DAYS AT
  $     echo '{"session_id":"1","rate_limits":{"five_hour":{"used_percentage":'"$2"',"resets_at":'$((now + 6300))'},
  $     "seven_day":{"used_percentage":'"$3"',"resets_at":'$((now + 200000))'}}}' | "$TQ" statusline "$1" $4 > /dev/null
  $ }
  $ line claude 55 30
  $ line work 55 30
  $ line fresh 0 0
  $ line new 0 0
  $ "$TQ" doctor | grep -A1 account
  $ "$TQ" set work pool=claude
  $ "$TQ" doctor | grep -A1 account
  $ line spent 100 1
  $ "$TQ" mark spent available > /dev/null
  $ echo '{"session_id":"1","rate_limits":{"five_hour":{"used_percentage":7,"resets_at":'$((now - 60000))'}}}' |
  $     "$TQ" statusline old --at $((now - 70000)) > /dev/null
  $ "$TQ" doctor | grep -A1 'overrule\|reading ' | sed -E 's/is [0-9 hmin]+ old/is TIME old/'
    note  account  claude and work look like one account (the same 5 h reset and share)
          -> count them under one name, or put both in a pool: tokenquota set work pool=claude
    ok    open     for reading and writing
    ok    check    6 providers, no errors found
    note  reading  old, limit 1 (5 h): what the vendor said last is TIME old, older than its window
          -> hand the vendor's responses over: tokenquota signal --provider, or tokenquota statusline
    note  overrule spent, limit 1 (5 h): the vendor's word that would keep it out was overruled, by mark available or by an answer

doctor: the vendor's name of a window is no zone
  $ . ./say.sh
  $ "$TQ" limit claude add "7d opus reserve 10%" > /dev/null
  $ "$TQ" doctor | grep -c zone
    0
  [1]
