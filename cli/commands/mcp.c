/* mcp.c: `tokenquota mcp` lets agents ask how providers stand: the Model Context Protocol on stdin and
 * stdout.
 *
 * SPDX-License-Identifier: MIT
 *
 * The ledger is open only while a tool is called: an agent's session lasts for days, and `ledger compact`
 * wants to be alone. While calls wait the ledger is looked at a few times a second.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands/mcp.h"

#define TICK_MS 250

static const struct option options[] = {LEDGER_ROW, HELP_ROWS_END};

/* 1: there are more lines to come; 0: the client has closed its end; -1, reported. */
static int read_lines(struct mcp *mcp, struct mcp_lines *lines)
{
    struct tq__span line;
    size_t room;
    char *to = must_have(mcp_lines_room(lines, &room));
    ssize_t got = read(STDIN_FILENO, to, room);
    int answer;

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return 1;
    if (got < 0) {
        report("standard input: %s", strerror(errno));
        return -1;
    }
    lines->len += (size_t)got;
    while ((answer = mcp_lines_next(lines, &line)) != 0) {
        if (answer > 0)
            mcp_answer(mcp, line);
        else
            mcp_answer_too_long();
    }
    if (got > 0)
        return 1;
    mcp_answer(mcp, mcp_lines_rest(lines));
    return 0;
}

static int run(void *request)
{
    struct mcp *mcp = request;
    struct mcp_lines lines = {.most = MCP_LINE_MOST};
    int answer = 1;

    while (answer > 0) {
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        int ready = poll(&input, 1, mcp->wait_count > 0 ? TICK_MS : -1);

        if (ready > 0 || (ready < 0 && errno != EINTR))
            answer = read_lines(mcp, &lines);
        if (answer > 0)
            mcp_look(mcp);
    }
    while (mcp->wait_count > 0)
        mcp_wait_drop(mcp, mcp->waits);
    mcp_lines_free(&lines);
    return answer < 0 ? CLI_ERROR : CLI_YES;
}

const struct command cmd_mcp = {
    .name = "mcp",
    .operands = "",
    .summary = "let agents ask how providers stand: a server of the Model Context Protocol on stdin",
    .options = options,
    .notes = "\n"
             "Speaks MCP 2026-07-28, 2025-11-25 and 2025-06-18, one JSON-RPC message a line, until its input "
             "ends.\n"
             "The tools only read: quota_status, quota_route, quota_explain, and quota_wait, which waits up "
             "to ten\n"
             "minutes. None of them marks, counts or takes a probe. Without a ledger they say so.\n"
             "docs/agents.md has the lines for Claude Code, Codex and Gemini CLI.\n\n"
             "Exit status: 0 when the input ended, 2 on an error.\n\n"
             "  claude mcp add tokenquota -- tokenquota mcp\n",
    .request_bytes = sizeof(struct mcp),
    .needs = "it takes no operand",
    .run = run,
};
