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

/* The codes of JSON-RPC, and one of MCP. */
#define PARSE_ERROR (-32700)
#define INVALID_REQUEST (-32600)
#define NO_METHOD (-32601)
#define NO_VERSION (-32022)

/* The newest comes first: it is offered to a client that asks for one that is not here. */
static const char *const legacy_versions[] = {"2025-11-25", "2025-06-18", NULL};

static const char instructions[] = "tokenquota counts what was used of each LLM provider's quota and knows "
                                   "when it resets. Call quota_route before "
                                   "you start expensive work; when none may be called, quota_wait waits.";

/* ---- sending --------------------------------------------------------------------------------- */

void mcp_send(json_t *message)
{
    char *text = json_dumps(must_have(message), JSON_COMPACT | JSON_REAL_PRECISION(15));

    json_decref(message);
    fputs(must_have(text), stdout);
    putchar('\n');
    free(text);
    if (report_flush_stdout() < 0)
        exit(CLI_ERROR); /* nobody is there to answer */
}

void mcp_send_error(const json_t *id, int code, json_t *data, const char *format, ...)
{
    json_t *error;
    va_list list;

    va_start(list, format);
    error = json_pack("{s:i, s:o, s:o*}", "code", code, "message", json_vsprintf(format, list), "data", data);
    va_end(list);
    mcp_send(json_pack("{s:s, s:O?, s:o}", "jsonrpc", "2.0", "id", id, "error", error));
}

static json_t *program_json(void)
{
    return json_pack("{s:s, s:s, s:s}", "name", "tokenquota", "title", "tokenquota", "version",
                     tq_version_string());
}

void mcp_send_result(const json_t *id, bool modern, json_t *result)
{
    if (modern)
        result = json_join(result, json_pack("{s:s, s:{s:o}}", "resultType", "complete", "_meta",
                                             META "serverInfo", program_json()));
    mcp_send(json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id, "result", result));
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
        mcp_send_error(id, MCP_INVALID_PARAMS, NULL, "the list has one page: leave the cursor out");
        return;
    }
    tools = json_array();
    for (const struct mcp_tool *tool = mcp_tools; tool->name; tool++)
        json_array_append_new(tools, tool_json(tool));
    mcp_send_result(id, modern, cacheable(json_pack("{s:o}", "tools", tools), modern));
}

static void discover(struct mcp *mcp, json_t *message, const json_t *params, bool modern)
{
    json_t *result = json_pack("{s:[s], s:{s:{}}, s:s}", "supportedVersions", MODERN, "capabilities", "tools",
                               "instructions", instructions);

    (void)mcp;
    (void)params;
    mcp_send_result(json_object_get(message, "id"), modern, cacheable(result, modern));
}

static void initialize(struct mcp *mcp, json_t *message, const json_t *params, bool modern)
{
    const json_t *id = json_object_get(message, "id");
    const char *asked = json_string_value(json_object_get(params, "protocolVersion"));
    const char *version = legacy_versions[0];

    (void)modern;
    if (!asked) {
        mcp_send_error(id, MCP_INVALID_PARAMS, NULL, "params.protocolVersion is missing");
        return;
    }
    for (const char *const *known = legacy_versions; *known; known++)
        if (strcmp(*known, asked) == 0)
            version = *known;
    mcp->greeted = true;
    mcp_send_result(id, false,
                    json_pack("{s:s, s:{s:{}}, s:o, s:s}", "protocolVersion", version, "capabilities",
                              "tools", "serverInfo", program_json(), "instructions", instructions));
}

static void ping(struct mcp *mcp, json_t *message, const json_t *params, bool modern)
{
    (void)mcp;
    (void)params;
    mcp_send_result(json_object_get(message, "id"), modern, json_object());
}

#define LEGACY 1u
#define MODERN_ONLY 2u
#define UNGREETED 4u /* also before `initialize` */

static const struct method {
    const char *name;
    unsigned eras;
    void (*answer)(struct mcp *mcp, json_t *message, const json_t *params, bool modern);
} methods[] = {
    {"initialize", LEGACY | UNGREETED, initialize}, {"ping", LEGACY | UNGREETED, ping},
    {"server/discover", MODERN_ONLY, discover},     {"tools/list", LEGACY | MODERN_ONLY, list_tools},
    {"tools/call", LEGACY | MODERN_ONLY, mcp_call},
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
        mcp_send_error(id, MCP_INVALID_PARAMS, NULL, "params._meta." META "protocolVersion is no text");
    else if (strcmp(json_string_value(version), MODERN) != 0)
        mcp_send_error(id, NO_VERSION, json_pack("{s:[s], s:O}", "supported", MODERN, "requested", version),
                       "Unsupported protocol version");
    else if (!json_is_object(json_object_get(meta, META "clientCapabilities")))
        mcp_send_error(id, MCP_INVALID_PARAMS, NULL, "params._meta." META "clientCapabilities is missing");
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
        mcp_send_error(id, MCP_INVALID_PARAMS, NULL, "params is no object");
    else if (!method)
        mcp_send_error(id, NO_METHOD, NULL, "Method not found: %.64s", name);
    else if (version) {
        if (check_meta(id, meta, version))
            method->answer(mcp, message, params, true);
    } else if (!(method->eras & LEGACY) || !(mcp->greeted || method->eras & UNGREETED))
        mcp_send_error(id, MCP_INVALID_PARAMS, NULL,
                       "params._meta." META "protocolVersion is missing (" MODERN
                       "), and no `initialize` (%s) came before",
                       legacy_versions[0]);
    else
        method->answer(mcp, message, params, false);
}

/* What is wrong with the envelope of a message; NULL: nothing. */
static const char *envelope_fault(const json_t *message, bool named)
{
    const char *version = json_string_value(json_object_get(message, "jsonrpc"));

    if (!version || strcmp(version, "2.0") != 0)
        return "jsonrpc is not \"2.0\"";
    if (json_object_get(message, "id") && !named)
        return "an id is text or a whole number";
    if (!json_is_string(json_object_get(message, "method")) && !json_object_get(message, "result") &&
        !json_object_get(message, "error"))
        return "method is missing";
    return NULL;
}

static void answer_object(struct mcp *mcp, json_t *message)
{
    const json_t *id = json_object_get(message, "id"), *params = json_object_get(message, "params");
    const char *method = json_string_value(json_object_get(message, "method"));
    bool named = json_is_string(id) || json_is_integer(id);
    const char *fault = envelope_fault(message, named);

    if (fault)
        mcp_send_error(named ? id : NULL, INVALID_REQUEST, NULL, "%s", fault);
    else if (!method) /* an answer: nothing was asked */
        return;
    else if (id && mcp_wait_find(mcp, id))
        mcp_send_error(NULL, INVALID_REQUEST, NULL, "a request with this id waits already");
    else if (id)
        answer_request(mcp, message, method);
    else if (strcmp(method, "notifications/cancelled") == 0)
        mcp_wait_drop(mcp, mcp_wait_find(mcp, json_object_get(params, "requestId")));
}

void mcp_answer(struct mcp *mcp, struct tq__span line)
{
    json_error_t error;
    json_t *message;

    if (tq__span_trim(line).len == 0 || tq__span_equals(line, "\r"))
        return;
    message = json_loadb(line.at, line.len, JSON_DECODE_ANY, &error);
    if (!message)
        mcp_send_error(NULL, PARSE_ERROR, NULL, "Parse error: %s", error.text);
    else if (json_is_array(message))
        mcp_send_error(NULL, INVALID_REQUEST, NULL,
                       "one message a line: MCP has no batches since 2025-06-18");
    else if (!json_is_object(message))
        mcp_send_error(NULL, INVALID_REQUEST, NULL, "a message is an object");
    else
        answer_object(mcp, message);
    json_decref(message);
}

void mcp_answer_too_long(void)
{
    mcp_send_error(NULL, INVALID_REQUEST, NULL, "a message has at most %u bytes", MCP_LINE_MOST);
}
