bad_version_operand
  $ tokenquota version 5
  ! tokenquota: version: unexpected "5"
  [2]

completion_zsh
  $ # What zsh is offered has the same commands and options, all together; zsh itself is not needed for that.
  $ . ./options.sh
  $ completions=$(dirname "$TQ")/../completions
  $ file=$completions/_tokenquota
  $ commands | while read -r command; do options "$command"; done | sort -u > help
  $ { cat help; echo --version; } | sort -u > expected
  $ grep -oE -- '--[a-z][a-z-]*' "$file" | sort -u | diff expected - && echo the options are those of the help
  $ commands | sed 's/.* //' | sort > expected
  $ grep -oE "^        '[a-z]+:" "$file" | tr -dc 'a-z\n' | sort | diff expected - && echo the commands are those of the help
    the options are those of the help
    the commands are those of the help

full_disk_version
  $ tokenquota version > /dev/full
  ! tokenquota: version: cannot write to standard output: No space left on device
  [2]

help_version
  $ tokenquota version -h
    usage: tokenquota version [OPTION]...
    
    Print the version of the library in use.
    
      -h, --help                      print this help

version
  $ # Three ways to ask, one answer. The number is the library's: any will do.
  $ for way in version --version -V; do
  $     "$TQ" $way | sed 's/[0-9][0-9.]*$/NUMBER/'
  $ done
    tokenquota NUMBER
    tokenquota NUMBER
    tokenquota NUMBER
