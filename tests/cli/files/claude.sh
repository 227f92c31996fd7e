# claude.sh: a home of its own with logs of Claude Code, made up.
HOME=$PWD/home
export HOME
unset CLAUDE_CONFIG_DIR CODEX_HOME XDG_CONFIG_HOME
mkdir -p home/.claude/projects/-home-u-alpha home/.claude/projects/-home-u-beta

# claude PROJECT/SESSION INSTANT ID OUTPUT [MODEL [SIDECHAIN]]: a line of a response; it read 10 + 200, wrote 30
claude() {
    printf '{"type":"assistant","timestamp":"%s","sessionId":"%s","cwd":"/home/u/%s","isSidechain":%s,"requestId":"req_%s","message":{"id":"msg_%s","model":"%s","usage":{"input_tokens":10,"cache_creation_input_tokens":30,"cache_read_input_tokens":200,"output_tokens":%s}}}\n' \
        "$2" "${1#*/}" "${1%/*}" "${6-false}" "$3" "$3" "${5-claude-sonnet-4-5}" "$4" >>"home/.claude/projects/-home-u-${1%/*}/${1#*/}.jsonl"
}

# Two sessions on two days: three responses, one of them on two lines.
two_sessions() {
    claude alpha/s1 2026-03-04T10:00:00Z a 1
    claude alpha/s1 2026-03-04T10:00:01Z a 50
    claude alpha/s1 2026-03-05T08:00:00Z b 100
    claude beta/s2 2026-03-04T23:30:00Z c 1000 claude-opus-4-5
}
