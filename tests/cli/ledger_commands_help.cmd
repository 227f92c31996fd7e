. ./say.sh
for command in observe status route explain signal statusline probe watch budget \
    rule mark exhausted correct reset forget ledger doctor; do
    say $command --help
done
