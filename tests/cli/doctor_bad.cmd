. ./doctor.sh
umask 077
chmod 755 .
doctor --ledger no/such/folder/ledger
echo 'no ledger' > text && chmod 666 text
doctor --ledger text
say observe openai 5 --at $A
ln -s ledger link
doctor --ledger link
mkdir folder
doctor --ledger folder
mkdir -m 777 everybody
doctor --ledger everybody/ledger
doctor --ledger text/ledger
chmod 600 ledger
printf '\377\377\377\377' | dd of=ledger bs=1 seek=8 conv=notrunc status=none
doctor
