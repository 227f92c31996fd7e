. ./say.sh
say ledger
for verb in create names check dump flush backup restore compact; do
    say ledger $verb --help
done
