. ./say.sh
say import claude --provider '{session}'
say import claude --provider ''
say import claude --provider '{model'
