bad_listen
  $ tokenquota serve --check --listen 8377
  ! tokenquota: serve: --listen "8377" is no HOST:PORT; write as in 127.0.0.1:8377 or [::1]:8377
  [2]

bad_name
  $ tokenquota serve --check --name quota.example.com:8377
  ! tokenquota: serve: --name "quota.example.com:8377" is no name; write as in quota.example.com, without a port
  [2]

help_serve
  $ tokenquota serve -h
    usage: tokenquota serve [OPTION]...
    
    Answer over HTTP, for programs that do not link the library.
    
      -l, --listen HOST:PORT          listen on this address (127.0.0.1:8377), repeatable; port 0: any that is free
      -u, --unix PATH                 listen on this Unix socket, to which you alone may connect
      -c, --config FILE               read the configuration from this file (~/.config/tokenquota/serve.ini)
          --check                     say what is wrong with options and files, and do not serve
          --token-file FILE           tokens that allow reading and writing, one a line (mode 0600)
          --read-token-file FILE      tokens that allow reading alone
          --name NAME                 a name of this host, which requests may then use, repeatable
      -t, --threads N                 answer in this many threads (1)
          --ids N                     remember the ids of this many records, which then count once (1,000,000)
          --allow-plain-http          take tokens over the network without TLS: others on it may read them
          --cors-limits               let pages of any site read GET /v1/limits
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Runs until Ctrl-C or SIGTERM, and prints the addresses that it listens on. The daemon is a door to
    the ledger, not its owner: what other processes count shows up at once, and all of them go on when
    it ends. Without --listen and --unix it listens on 127.0.0.1:8377. An address that other machines
    can reach needs a token, and TLS in front or --allow-plain-http. docs/serve.md has the rest.
    
    Exit status: 0 after Ctrl-C or SIGTERM, 2 on an error.
    
      tokenquota serve &
      curl http://127.0.0.1:8377/healthz

loose_token_file
  $ # A file that others may read is refused before anything else is done.
  $ umask 077; echo 0123456789abcdef > tokens; chmod 640 tokens
  $ "$TQ" serve --check --token-file tokens
  ! tokenquota: serve: others may read the file of tokens tokens (mode 0640); run: chmod 600 tokens, and make new tokens
  [2]

too_many_threads
  $ tokenquota serve --check --threads 65
  ! tokenquota: serve: --threads "65" is more than 64
  [2]
