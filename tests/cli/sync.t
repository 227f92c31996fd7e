help_sync
  $ tokenquota sync --help
    usage: tokenquota sync [OPTION]...
    
    Share limits with other machines, through a Valkey or Redis.
    
          --to URL                    the server: redis://HOST[:PORT], rediss://..., unix:///PATH; several hosts: redis://A,B,C
          --node NAME                 this machine's name among the others (default: the host's name)
          --every LENGTH              tell and ask counts this often (default 250ms); states are told at once
          --auth-file FILE            user:password or password of the server, in a file that you alone may read
          --ca-file FILE              rediss://: trust the certificates in this file alone
          --tags N                    spread providers over this many hash tags (default 16), the same on all machines
          --dry-run                   say what would be exchanged and with whom, look at the server; write nothing
          --once                      exchange once, and end
          --status                    say how the exchange of this ledger goes
          --leave                     this ledger exchanges no more: nothing is withheld for others
          --json                      with --status: print one JSON document instead
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Runs beside the ledger until Ctrl-C or SIGTERM, which tells the last counts and gives back what was
    leased. Each machine tells its own totals and reads those of the others; every decision is still made
    from the ledger on this machine, and no record waits for the network. Limits, pools, budgets and marks
    are told, too: the last change wins. SIGHUP reads the login again. One process exchanges a ledger.
    
    While the server is away each provider spends its share (`set PROVIDER cut=share`, the default), goes on
    (cut=open) or is out (cut=closed). Of a limit with --strict a machine spends only what was leased to it.
    docs/many-machines.md has the rest.
    
    Exit status: 0 after Ctrl-C or SIGTERM, and when --once exchanged all; 2 on an error. --status: 1 when
    this machine is cut off. --dry-run: 1 when something is wrong with the server or the name.
    
      tokenquota sync --to redis://10.0.0.5 --auth-file /etc/tokenquota/redis.auth &
      tokenquota sync --to redis://10.0.0.5 --dry-run

sync_needs_a_server
  $ tokenquota sync
  ! tokenquota: sync: say which server, as in: tokenquota sync --to redis://HOST
  [2]

sync_bad_server
  $ tokenquota sync --to http://10.0.0.5
  ! tokenquota: sync: the server's address begins with no scheme that is known; write redis://HOST[:PORT][,HOST...][/DB], rediss://... or unix:///PATH
  [2]

sync_bad_node
  $ tokenquota sync --to redis://10.0.0.5 --node "two words"
  ! tokenquota: sync: "two words" is no name of a node: use visible ASCII characters, and no ':' in front
  [2]

sync_bad_every
  $ tokenquota sync --to redis://10.0.0.5 --node a --every 1ms
  ! tokenquota: sync: the interval is from 5 ms to 1 min
  [2]

sync_json_without_status
  $ tokenquota sync --to redis://10.0.0.5 --node a --json
  ! tokenquota: sync: --json goes with --status
  [2]

sync_too_many_tags
  $ tokenquota sync --to redis://10.0.0.5 --tags 1000
  ! tokenquota: sync: --tags is at most 256
  [2]

sync_status_of_none
  $ tokenquota budget openai 5M
  $ tokenquota sync --status
  ! tokenquota: sync: ledger is exchanged with no other machine; it begins with: tokenquota sync --to redis://HOST
  [2]
