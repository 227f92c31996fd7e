/* mcp_calls.c: calls of tools, which are answered at once or, where a tool waits, later.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands/mcp.h"
#include "cli/show/show.h"
#include "view/json.h"

#define TELL_NS (5 * SECOND_NS)
#define WAIT_SECONDS 50

/* The document is text, too, for clients that know no structure. Takes what is in result. */
static void send_tool(const json_t *id, bool modern, struct mcp_result *result)
{
    json_t *content = json_pack("[{s:s, s:s}]", "type", "text", "text", result->text), *answer;

    if (result->document) {
        char *text = must_have(json_dumps(result->document, JSON_COMPACT | JSON_REAL_PRECISION(15)));

        json_array_append_new(content, json_pack("{s:s, s:s}", "type", "text", "text", text));
        free(text);
    }
    answer = json_pack("{s:o, s:b, s:O*}", "content", content, "isError", result->document == NULL,
                       "structuredContent", result->document);
    mcp_send_result(id, modern, answer);
    mcp_result_free(result);
}

static void fail_tool(const json_t *id, bool modern, const char *why)
{
    struct mcp_result result = {.text = must_have(strdup(why))};

    send_tool(id, modern, &result);
}

/* To the millisecond. */
static double seconds_of(int64_t length_ns)
{
    return (double)(length_ns / (SECOND_NS / 1000)) / 1000.0;
}

static void tell(const struct mcp_wait *wait, int64_t now_ns, const char *text)
{
    double waited = seconds_of(now_ns - wait->began_ns);

    mcp_send(json_pack("{s:s, s:s, s:{s:O, s:f, s:I, s:s}}", "jsonrpc", "2.0", "method",
                       "notifications/progress", "params", "progressToken", wait->progress_token, "progress",
                       waited, "total", (json_int_t)wait->arguments.seconds, "message", text));
}

struct mcp_wait *mcp_wait_find(struct mcp *mcp, const json_t *id)
{
    for (size_t i = 0; id && i < mcp->wait_count; i++)
        if (json_equal(mcp->waits[i].id, id))
            return &mcp->waits[i];
    return NULL;
}

void mcp_wait_drop(struct mcp *mcp, struct mcp_wait *wait)
{
    if (!wait)
        return;
    json_decref(wait->message);
    *wait = mcp->waits[--mcp->wait_count];
}

/* True when it is over. */
static bool look(const struct mcp *mcp, struct mcp_wait *wait)
{
    struct mcp_result result;
    bool again = mcp_tool_call(wait->tool, mcp->asked.ledger, &wait->arguments, &result) == CLI_NO;
    int64_t now_ns = tq_now_ns();
    bool over = !again || now_ns >= wait->give_up_ns;

    if (over && result.document)
        result.document =
            json_join(result.document, json_pack("{s:f, s:b}", "waited_seconds",
                                                 seconds_of(now_ns - wait->began_ns), "timed_out", again));
    if (over) {
        send_tool(wait->id, wait->modern, &result);
        return true;
    }
    if (wait->progress_token && now_ns - wait->told_ns >= TELL_NS) {
        tell(wait, now_ns, result.text);
        wait->told_ns = now_ns;
    }
    mcp_result_free(&result);
    return false;
}

void mcp_look(struct mcp *mcp)
{
    for (size_t i = 0; i < mcp->wait_count;) {
        if (look(mcp, &mcp->waits[i]))
            mcp_wait_drop(mcp, &mcp->waits[i]);
        else
            i++;
    }
}

/* A progress token is text or a whole number; any other is none. */
static const json_t *progress_token(const json_t *params)
{
    const json_t *token = json_object_get(json_object_get(params, "_meta"), "progressToken");

    return json_is_string(token) || json_is_integer(token) ? token : NULL;
}

static void begin_wait(struct mcp *mcp, json_t *message, const struct mcp_tool *tool,
                       const struct mcp_arguments *arguments, bool modern)
{
    struct mcp_wait wait = {
        .message = message,
        .id = json_object_get(message, "id"),
        .progress_token = progress_token(json_object_get(message, "params")),
        .tool = tool,
        .arguments = *arguments,
        .began_ns = tq_now_ns(),
        .modern = modern,
    };

    if (wait.arguments.seconds == 0)
        wait.arguments.seconds = WAIT_SECONDS;
    wait.give_up_ns = wait.began_ns + wait.arguments.seconds * SECOND_NS;
    if (look(mcp, &wait))
        return;
    if (mcp->wait_count == MCP_WAITS_MOST) {
        fail_tool(wait.id, modern, "too many calls wait already; wait for one of them");
        return;
    }
    json_incref(message);
    mcp->waits[mcp->wait_count++] = wait;
}

static const struct mcp_tool *find_tool(const char *name)
{
    for (const struct mcp_tool *tool = mcp_tools; tool->name; tool++)
        if (strcmp(tool->name, name) == 0)
            return tool;
    return NULL;
}

void mcp_call(struct mcp *mcp, json_t *message, const json_t *params, bool modern)
{
    const json_t *id = json_object_get(message, "id"), *object = json_object_get(params, "arguments");
    const char *name = json_string_value(json_object_get(params, "name"));
    const struct mcp_tool *tool = name ? find_tool(name) : NULL;
    struct mcp_arguments arguments = {0};
    struct mcp_result result;
    char why[MCP_WHY];

    if (!tool)
        mcp_send_error(id, MCP_INVALID_PARAMS, NULL, name ? "Unknown tool: %.64s" : "params.name is missing",
                       name);
    else if (object && !json_is_object(object))
        mcp_send_error(id, MCP_INVALID_PARAMS, NULL, "params.arguments is no object");
    else if (!mcp_arguments_read(tool->arguments, object, &arguments, why))
        fail_tool(id, modern, why);
    else if (tool->waits)
        begin_wait(mcp, message, tool, &arguments, modern);
    else {
        mcp_tool_call(tool, mcp->asked.ledger, &arguments, &result);
        send_tool(id, modern, &result);
    }
}
