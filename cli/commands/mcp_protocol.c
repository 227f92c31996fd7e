/* mcp_protocol.c: JSON-RPC and three versions of the Model Context Protocol.
 *
 * SPDX-License-Identifier: MIT
 *
 * 2026-07-28 has no state: each request carries its version in _meta, and is served by that alone. Before it
 * `initialize` agrees on a version for all that follows. Both may be there on one pipe. No version that is
 * served has batches: 2025-06-18 removed them.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands/mcp.h"
#include "cli/show/show.h"
#include "view/json.h"

#define MODERN "2026-07-28"
#define META "io.modelcontextprotocol/"
#define LIST_TTL_MS 3600000 /* the tools are those of the program, which does not change while it runs */
#define TELL_NS (5 * SECOND_NS)
#define WAIT_SECONDS 50

/* The codes of JSON-RPC, and one of MCP. */
#define PARSE_ERROR (-32700)
#define INVALID_REQUEST (-32600)
#define NO_METHOD (-32601)
#define INVALID_PARAMS (-32602)
#define NO_VERSION (-32022)

/* The newest comes first: it is offered to a client that asks for one that is not here. */
static const char *const legacy_versions[] = {"2025-11-25", "2025-06-18", NULL};

static const char instructions[] = "tokenquota counts what was used of each LLM provider's quota and knows "
                                   "when it resets. Call quota_route before "
                                   "you start expensive work; when none may be called, quota_wait waits.";

/* ---- sending --------------------------------------------------------------------------------- */

static void send_message(json_t *message)
{
    char *text = json_dumps(must_have(message), JSON_COMPACT | JSON_REAL_PRECISION(15));

    json_decref(message);
    fputs(must_have(text), stdout);
    putchar('\n');
    free(text);
    if (report_flush_stdout() < 0)
        exit(CLI_ERROR); /* nobody is there to answer */
}

/* id NULL: it could not be read. data is given away, and may be NULL. */
__attribute__((format(printf, 4, 5))) static void send_error(const json_t *id, int code, json_t *data,
                                                             const char *format, ...)
{
    json_t *error;
    va_list list;

    va_start(list, format);
    error = json_pack("{s:i, s:o, s:o*}", "code", code, "message", json_vsprintf(format, list), "data", data);
    va_end(list);
    send_message(json_pack("{s:s, s:O?, s:o}", "jsonrpc", "2.0", "id", id, "error", error));
}

static json_t *program_json(void)
{
    return json_pack("{s:s, s:s, s:s}", "name", "tokenquota", "title", "tokenquota", "version",
                     tq_version_string());
}

static void send_result(const json_t *id, bool modern, json_t *result)
{
    if (modern)
        result = json_join(result, json_pack("{s:s, s:{s:o}}", "resultType", "complete", "_meta",
                                             META "serverInfo", program_json()));
    send_message(json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id, "result", result));
}

/* ---- calls of tools -------------------------------------------------------------------------- */

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
    send_result(id, modern, answer);
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

    send_message(json_pack("{s:s, s:s, s:{s:O, s:f, s:I, s:s}}", "jsonrpc", "2.0", "method",
                           "notifications/progress", "params", "progressToken", wait->progress_token,
                           "progress", waited, "total", (json_int_t)wait->arguments.seconds, "message",
                           text));
}

void mcp_wait_drop(struct mcp *mcp, size_t i)
{
    json_decref(mcp->waits[i].message);
    mcp->waits[i] = mcp->waits[--mcp->wait_count];
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
            mcp_wait_drop(mcp, i);
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

static void call_tool(struct mcp *mcp, json_t *message, const json_t *params, bool modern)
{
    const json_t *id = json_object_get(message, "id"), *object = json_object_get(params, "arguments");
    const char *name = json_string_value(json_object_get(params, "name"));
    const struct mcp_tool *tool = name ? find_tool(name) : NULL;
    struct mcp_arguments arguments = {0};
    struct mcp_result result;
    char why[MCP_WHY];

    if (!tool)
        send_error(id, INVALID_PARAMS, NULL, name ? "Unknown tool: %.64s" : "params.name is missing", name);
    else if (object && !json_is_object(object))
        send_error(id, INVALID_PARAMS, NULL, "params.arguments is no object");
    else if (!mcp_arguments_read(tool->arguments, object, &arguments, why))
        fail_tool(id, modern, why);
    else if (tool->waits)
        begin_wait(mcp, message, tool, &arguments, modern);
    else {
        mcp_tool_call(tool, mcp->asked.ledger, &arguments, &result);
        send_tool(id, modern, &result);
    }
}

/* ---- the other methods ----------------------------------------------------------------------- */

static json_t *tool_json(const struct mcp_tool *tool)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:{s:b, s:b, s:b, s:b}}", "name", tool->name, "title",
                     tool->title, "description", tool->description, "inputSchema",
                     mcp_schema(tool->arguments, true), "outputSchema", mcp_schema(tool->members, false),
                     "annotations", "readOnlyHint", 1, "destructiveHint", 0, "idempotentHint", 1,
                     "openWorldHint", 0);
}

static json_t *cacheable(json_t *result, bool modern)
{
    return modern ? json_join(result, json_pack("{s:i, s:s}", "ttlMs", LIST_TTL_MS, "cacheScope", "public"))
                  : result;
}

static void list_tools(struct mcp *mcp, json_t *message, const json_t *params, bool modern)
{
    const json_t *id = json_object_get(message, "id");
    json_t *tools;

    (void)mcp;
    if (json_object_get(params, "cursor")) {
        send_error(id, INVALID_PARAMS, NULL, "the list has one page: leave the cursor out");
        return;
    }
    tools = json_array();
    for (const struct mcp_tool *tool = mcp_tools; tool->name; tool++)
        json_array_append_new(tools, tool_json(tool));
    send_result(id, modern, cacheable(json_pack("{s:o}", "tools", tools), modern));
}

static void discover(struct mcp *mcp, json_t *message, const json_t *params, bool modern)
{
    json_t *result = json_pack("{s:[s], s:{s:{}}, s:s}", "supportedVersions", MODERN, "capabilities", "tools",
                               "instructions", instructions);

    (void)mcp;
    (void)params;
    send_result(json_object_get(message, "id"), modern, cacheable(result, modern));
}

static void initialize(struct mcp *mcp, json_t *message, const json_t *params, bool modern)
{
    const json_t *id = json_object_get(message, "id");
    const char *asked = json_string_value(json_object_get(params, "protocolVersion"));
    const char *version = legacy_versions[0];

    (void)modern;
    if (!asked) {
        send_error(id, INVALID_PARAMS, NULL, "params.protocolVersion is missing");
        return;
    }
    for (const char *const *known = legacy_versions; *known; known++)
        if (strcmp(*known, asked) == 0)
            version = *known;
    mcp->greeted = true;
    send_result(id, false,
                json_pack("{s:s, s:{s:{}}, s:o, s:s}", "protocolVersion", version, "capabilities", "tools",
                          "serverInfo", program_json(), "instructions", instructions));
}

static void ping(struct mcp *mcp, json_t *message, const json_t *params, bool modern)
{
    (void)mcp;
    (void)params;
    send_result(json_object_get(message, "id"), modern, json_object());
}

#define LEGACY 1u
#define MODERN_ONLY 2u
#define UNGREETED 4u /* also before `initialize` */

static const struct method {
    const char *name;
    unsigned eras;
    void (*answer)(struct mcp *mcp, json_t *message, const json_t *params, bool modern);
} methods[] = {
    {"initialize", LEGACY | UNGREETED, initialize},  {"ping", LEGACY | UNGREETED, ping},
    {"server/discover", MODERN_ONLY, discover},      {"tools/list", LEGACY | MODERN_ONLY, list_tools},
    {"tools/call", LEGACY | MODERN_ONLY, call_tool},
};

static const struct method *find_method(const char *name, bool modern)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(methods[i].name, name) == 0)
            return !modern || methods[i].eras & MODERN_ONLY ? &methods[i] : NULL;
    return NULL;
}

/* ---- messages -------------------------------------------------------------------------------- */

/* Is what a request of MODERN must carry there? Else answers what is missing. */
static bool check_meta(const json_t *id, const json_t *meta, const json_t *version)
{
    if (!json_is_string(version))
        send_error(id, INVALID_PARAMS, NULL, "params._meta." META "protocolVersion is no text");
    else if (strcmp(json_string_value(version), MODERN) != 0)
        send_error(id, NO_VERSION, json_pack("{s:[s], s:O}", "supported", MODERN, "requested", version),
                   "Unsupported protocol version");
    else if (!json_is_object(json_object_get(meta, META "clientCapabilities")))
        send_error(id, INVALID_PARAMS, NULL, "params._meta." META "clientCapabilities is missing");
    else
        return true;
    return false;
}

static void answer_request(struct mcp *mcp, json_t *message, const char *name)
{
    const json_t *id = json_object_get(message, "id"), *params = json_object_get(message, "params");
    const json_t *meta = json_object_get(params, "_meta"),
                 *version = json_object_get(meta, META "protocolVersion");
    const struct method *method = find_method(name, version != NULL);

    if (params && !json_is_object(params))
        send_error(id, INVALID_PARAMS, NULL, "params is no object");
    else if (!method)
        send_error(id, NO_METHOD, NULL, "Method not found: %.64s", name);
    else if (version) {
        if (check_meta(id, meta, version))
            method->answer(mcp, message, params, true);
    } else if (!(method->eras & LEGACY) || !(mcp->greeted || method->eras & UNGREETED))
        send_error(id, INVALID_PARAMS, NULL,
                   "params._meta." META "protocolVersion is missing (" MODERN
                   "), and no `initialize` (%s) came before",
                   legacy_versions[0]);
    else
        method->answer(mcp, message, params, false);
}

static void cancel(struct mcp *mcp, const json_t *params)
{
    const json_t *id = json_object_get(params, "requestId");

    for (size_t i = 0; id && i < mcp->wait_count; i++)
        if (json_equal(mcp->waits[i].id, id)) {
            mcp_wait_drop(mcp, i);
            return;
        }
}

/* The id of a request that waits is in use. */
static bool is_in_use(const struct mcp *mcp, const json_t *id)
{
    for (size_t i = 0; i < mcp->wait_count; i++)
        if (json_equal(mcp->waits[i].id, id))
            return true;
    return false;
}

static void answer_object(struct mcp *mcp, json_t *message)
{
    const json_t *id = json_object_get(message, "id");
    const char *version = json_string_value(json_object_get(message, "jsonrpc"));
    const char *method = json_string_value(json_object_get(message, "method"));
    bool named = json_is_string(id) || json_is_integer(id);

    if (!version || strcmp(version, "2.0") != 0)
        send_error(named ? id : NULL, INVALID_REQUEST, NULL, "jsonrpc is not \"2.0\"");
    else if (id && !named)
        send_error(NULL, INVALID_REQUEST, NULL, "an id is text or a whole number");
    else if (!method && !json_object_get(message, "result") && !json_object_get(message, "error"))
        send_error(id, INVALID_REQUEST, NULL, "method is missing");
    else if (method && !id) {
        if (strcmp(method, "notifications/cancelled") == 0)
            cancel(mcp, json_object_get(message, "params"));
    } else if (method && is_in_use(mcp, id))
        send_error(NULL, INVALID_REQUEST, NULL, "a request with this id waits already");
    else if (method)
        answer_request(mcp, message, method);
}

void mcp_answer(struct mcp *mcp, struct tq__span line)
{
    json_error_t error;
    json_t *message;

    if (tq__span_trim(line).len == 0 || tq__span_equals(line, "\r"))
        return;
    message = json_loadb(line.at, line.len, JSON_DECODE_ANY, &error);
    if (!message)
        send_error(NULL, PARSE_ERROR, NULL, "Parse error: %s", error.text);
    else if (json_is_array(message))
        send_error(NULL, INVALID_REQUEST, NULL, "one message a line: MCP has no batches since 2025-06-18");
    else if (!json_is_object(message))
        send_error(NULL, INVALID_REQUEST, NULL, "a message is an object");
    else
        answer_object(mcp, message);
    json_decref(message);
}

void mcp_answer_too_long(void)
{
    send_error(NULL, INVALID_REQUEST, NULL, "a message has at most %u bytes", MCP_LINE_MOST);
}
