mcp: its help, a client of each kind, and no ledger
  $ tokenquota mcp --help
  $ echo "(exit $?)"
  $ tokenquota mcp extra
  $ echo "(exit $?)"
  $ sed 's/^  *//' <<'LINES' | tokenquota mcp --ledger none | sed 's/"version":"[^"]*"/"version":"V"/'
  $   {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}
  $   {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"quota_explain","arguments":{"providers":["openai"]}}}
  $ LINES
    usage: tokenquota mcp [OPTION]...
    
    Let agents ask how providers stand: a server of the Model Context Protocol on stdin.
    
          --ledger PATH               use this ledger, not that of `tokenquota ledger path`
      -h, --help                      print this help
    
    Speaks MCP 2026-07-28, 2025-11-25 and 2025-06-18, one JSON-RPC message a line, until its input ends.
    The tools only read: quota_status, quota_route, quota_explain, and quota_wait, which waits up to ten
    minutes. None of them marks, counts or takes a probe. Without a ledger they say so.
    docs/agents.md has the lines for Claude Code, Codex and Gemini CLI.
    
    Exit status: 0 when the input ended, 2 on an error.
    
      claude mcp add tokenquota -- tokenquota mcp
    (exit 0)
    (exit 2)
    {"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"tokenquota","title":"tokenquota","version":"V"},"instructions":"tokenquota counts what was used of each LLM provider's quota and knows when it resets. Call quota_route before you start expensive work; when none may be called, quota_wait waits."}}
    {"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":"there is no ledger at none yet; it begins with: tokenquota observe PROVIDER TOKENS"}],"isError":true}}
  ! tokenquota: mcp: unexpected "extra"; it takes no operand
