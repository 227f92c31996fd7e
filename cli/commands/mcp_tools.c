/* mcp_tools.c: the tools of `tokenquota mcp`: they read the ledger, and change nothing in it.
 *
 * SPDX-License-Identifier: MIT
 *
 * Their documents are those of `status --json`, `route --json` and `explain --json`, without the members that
 * nobody knows: an agent pays for each word that it reads.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands/mcp.h"
#include "cli/show/show.h"
#include "view/explanation.h"
#include "view/json.h"
#include "view/lookup.h"
#include "view/routing.h"
#include "view/standings.h"

#define WAIT_MOST 600 /* seconds */

#define TO(field) offsetof(struct mcp_arguments, field)
#define FIELDS_END                                                                                           \
    {                                                                                                        \
        .name = NULL                                                                                         \
    }

/* ---- arguments and members ------------------------------------------------------------------- */

/* clang-format off */
#define NAMES_FIELD(must, words) \
    {.name = "providers", .kind = MCP_NAMES, .required = must, .to = TO(names), .help = words}
#define RESERVE_FIELD \
    {.name = "use_reserve", .kind = MCP_FLAG, .to = TO(use_reserve), \
     .help = "count the reserve of limits as left"}
#define CHOICE_FIELDS \
    {.name = "policy", .kind = MCP_POLICY, .to = TO(policy), \
     .help = "order (default): the first available; sticky: last while it is available; pressure: the one " \
             "with the most left for the time until its reset; sticky-pressure: last, until another is 1.5 " \
             "times better"}, \
    {.name = "last", .kind = MCP_TEXT, .to = TO(last), \
     .help = "the provider of your last call, for the sticky policies"}, \
    {.name = "need", .kind = MCP_COUNT, .to = TO(need), .least = 1, .most = INT64_C(1) << 53, \
     .help = "tokens that the call will take: pass by those with less room"}, \
    RESERVE_FIELD

/* What a verdict says. */
#define VERDICT_FIELDS \
    {.name = "provider", .kind = MCP_TEXT, .required = true}, \
    {.name = "state", .kind = MCP_TEXT, .required = true, .help = "available or quota_exhausted"}, \
    {.name = "reason", .kind = MCP_TEXT, .help = "why it is out"}, \
    {.name = "reasons", .kind = MCP_WORDS, .required = true}, \
    {.name = "retry_at", .kind = MCP_INSTANT, .help = "when it may be called again; missing: nobody knows"}
#define ROUTE_FIELDS \
    {.name = "schema", .kind = MCP_COUNT, .required = true}, \
    VERDICT_FIELDS, \
    {.name = "probe", .kind = MCP_FLAG, .required = true}, \
    {.name = "policy", .kind = MCP_TEXT, .required = true}, \
    {.name = "room", .kind = MCP_COUNT, .help = "tokens left in it, when a need was given"}

static const struct mcp_field status_arguments[] = {
    NAMES_FIELD(false, "only these; without them all"), FIELDS_END};
static const struct mcp_field route_arguments[] = {
    NAMES_FIELD(true, "those that could take the call, the best first"), CHOICE_FIELDS, FIELDS_END};
static const struct mcp_field explain_arguments[] = {
    NAMES_FIELD(true, "those to explain"), RESERVE_FIELD, FIELDS_END};
static const struct mcp_field wait_arguments[] = {
    NAMES_FIELD(true, "those that could take the call, the best first"),
    {.name = "timeout_seconds", .kind = MCP_COUNT, .to = TO(seconds), .least = 1, .most = WAIT_MOST,
     .help = "how long to wait at most; 50 if not given, because many clients wait a minute for a tool"},
    CHOICE_FIELDS, FIELDS_END};

static const struct mcp_field standing_members[] = {
    VERDICT_FIELDS,
    {.name = "used", .kind = MCP_COUNT, .required = true, .help = "tokens in this UTC day"},
    {.name = "budget", .kind = MCP_COUNT, .help = "tokens in a UTC day"},
    {.name = "lasts", .kind = MCP_FLAG, .help = "whether the budget lasts the day at this pace"},
    {.name = "runs_out_at", .kind = MCP_INSTANT}, FIELDS_END};
static const struct mcp_field status_members[] = {
    {.name = "schema", .kind = MCP_COUNT, .required = true},
    {.name = "version", .kind = MCP_TEXT, .required = true},
    {.name = "path", .kind = MCP_TEXT, .required = true, .help = "of the ledger"},
    {.name = "at", .kind = MCP_INSTANT},
    {.name = "providers", .kind = MCP_ROWS, .required = true, .of = standing_members}, FIELDS_END};
static const struct mcp_field route_members[] = {ROUTE_FIELDS, FIELDS_END};
static const struct mcp_field explanation_members[] = {
    VERDICT_FIELDS,
    {.name = "sentence", .kind = MCP_TEXT, .required = true},
    {.name = "clear_with", .kind = MCP_TEXT, .help = "the command by which a person puts it back"},
    {.name = "used", .kind = MCP_COUNT, .required = true},
    {.name = "budget", .kind = MCP_COUNT},
    {.name = "left", .kind = MCP_COUNT}, FIELDS_END};
static const struct mcp_field explain_members[] = {
    {.name = "schema", .kind = MCP_COUNT, .required = true},
    {.name = "at", .kind = MCP_INSTANT, .required = true},
    {.name = "providers", .kind = MCP_ROWS, .required = true, .of = explanation_members}, FIELDS_END};
static const struct mcp_field wait_members[] = {
    ROUTE_FIELDS,
    {.name = "waited_seconds", .kind = MCP_NUMBER, .required = true},
    {.name = "timed_out", .kind = MCP_FLAG, .required = true,
     .help = "none of them became available in time"}, FIELDS_END};
/* clang-format on */

/* ---- answers --------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void say(struct mcp_result *result, const char *format, ...)
{
    va_list list;
    char *safe;

    free(result->text);
    va_start(list, format);
    if (vasprintf(&result->text, format, list) < 0)
        no_memory();
    va_end(list);
    if (tq__utf8_is_valid(tq__span_of(result->text)))
        return;
    /* A path need not be UTF-8, but JSON is. */
    safe = text_safe(result->text);
    free(result->text);
    result->text = safe;
}

static int fail(struct mcp_result *result, const char *name, int code)
{
    if (code == TQ_EGONE)
        return code;
    if (code == TQ_ENOMEM)
        no_memory();
    say(result, "\"%s\": %s", name, tq_strerror(code));
    return CLI_YES;
}

static void give(struct mcp_result *result, json_t *members)
{
    result->document = json_known(must_have(document_json(members)));
}

/* 0 when the ledger knows it; 1 when the result says that it does not; or negative from the library. */
static int find(struct session *session, const char *name, struct tq_provider **provider,
                struct mcp_result *result)
{
    int answer = session->ledger && (name = session_name(name))
                     ? tq_ledger_provider(session->ledger, name, strlen(name), TQ_PROVIDER_EXISTING, provider)
                     : 1;
    char hint[HINT_BYTES];

    if (answer == 1 && !session->ledger)
        say(result, NO_LEDGER, session->path);
    else if (answer == 1)
        say(result, "unknown provider \"%s\"%s; quota_status lists all", name,
            name_hint(session->ledger, name, hint));
    return answer;
}

/* ---- quota_status ---------------------------------------------------------------------------- */

/* "2 of 3 providers can take a call", and a line for each that cannot. */
static char *standings_text(const struct standings *standings)
{
    char *text = NULL;
    size_t len;
    FILE *out = must_have(open_memstream(&text, &len));

    fprintf(out, "%zu of %zu provider%s can take a call", standings->count - standings->exhausted,
            standings->count, standings->count == 1 ? "" : "s");
    for (size_t i = 0; i < standings->exhausted; i++) {
        char sentence[SENTENCE_BYTES];

        verdict_sentence(&standings->items[i].verdict, sentence);
        fprintf(out, "\n%s: %s", standings->items[i].provider->name, sentence);
    }
    fclose(out);
    return must_have(text);
}

static int call_status(struct session *session, const struct mcp_arguments *arguments,
                       struct mcp_result *result)
{
    struct ledger_standings all = {.ledger = session->ledger, .at_ns = tq_now_ns()};
    struct tq_provider *provider;
    int answer = 0;

    if (!session->ledger && arguments->names.count == 0) {
        say(result, NO_LEDGER, session->path);
        give(result, json_pack("{s:s, s:o, s:[]}", "version", tq_version_string(), "path",
                               text_json(session->path), "providers"));
        return CLI_YES;
    }
    for (size_t i = 0; i < arguments->names.count && answer == 0; i++) {
        answer = find(session, arguments->names.items[i], &provider, result);
        if (answer == 0)
            answer = ledger_standings_add(&all, provider);
        if (answer < 0)
            all.about = arguments->names.items[i];
    }
    if (answer == 0)
        answer = ledger_standings_make(&all);
    if (answer == 0) {
        result->text = standings_text(&all.standings);
        give(result, ledger_standings_json(&all, session->path));
    }
    if (answer < 0)
        answer = fail(result, all.about ? all.about : session->path, answer);
    ledger_standings_free(&all);
    return answer < 0 ? answer : CLI_YES;
}

/* ---- quota_route, quota_wait ----------------------------------------------------------------- */

static void say_route(struct session *session, const struct routing *routing, struct mcp_result *result)
{
    const char *name = routing->chosen;
    char sentence[SENTENCE_BYTES];

    if (!session->ledger) {
        say(result, "\"%s\" may be called: there is no ledger at %s yet", name, session->path);
    } else if (!routing->known) {
        say(result, "\"%s\" may be called: nothing was counted for it yet, or its name is misspelt", name);
    } else if (routing->available) {
        say(result, "\"%s\" may be called", name);
    } else if (routing->verdict.state == TQ_AVAILABLE) {
        say(result, "none may be called: \"%s\" has room for %s of %s tokens", name,
            format_exact(routing->room).s, format_exact(routing->need).s);
    } else {
        verdict_sentence(&routing->verdict, sentence);
        say(result, "none may be called; the first will be \"%s\": %s", name, sentence);
    }
}

static int call_route(struct session *session, const struct mcp_arguments *arguments,
                      struct mcp_result *result)
{
    struct routing routing = {
        .names = arguments->names.items,
        .count = arguments->names.count,
        .meant = session_name,
        .last = arguments->last,
        .policy = arguments->policy,
        .need = arguments->need,
        .no_probe = true,
        .use_reserve = arguments->use_reserve,
    };
    int answer = 0;

    if (routing_check_last(&routing) == ROUTING_LAST_UNUSED)
        say(result, "argument \"last\" goes with the policies sticky and sticky-pressure");
    else if (routing_check_last(&routing) == ROUTING_LAST_FOREIGN)
        say(result, "argument \"last\" is none of the providers");
    else
        answer = routing_choose(&routing, session->ledger, tq_now_ns());
    if (answer >= 0 && !result->text) {
        say_route(session, &routing, result);
        give(result, routing_json(&routing));
        answer = routing.available ? CLI_YES : CLI_NO;
    }
    if (answer < 0)
        answer = fail(result, routing.chosen ? routing.chosen : session->path, answer);
    routing_free(&routing);
    return answer;
}

/* ---- quota_explain --------------------------------------------------------------------------- */

static int explain_all(struct session *session, const struct mcp_arguments *arguments,
                       struct explanation *items, int64_t at_ns, struct mcp_result *result)
{
    uint32_t flags = arguments->use_reserve ? TQ_USE_RESERVE : 0;

    for (size_t i = 0; i < arguments->names.count; i++) {
        const char *name = arguments->names.items[i];
        struct tq_provider *provider;
        int answer = find(session, name, &provider, result);

        if (answer == 0)
            answer = explanation_read(session->ledger, provider, at_ns, flags, &items[i]);
        else if (answer == 1)
            return CLI_YES;
        if (answer < 0)
            return fail(result, name, answer);
    }
    return CLI_NO; /* all were read */
}

static char *explanations_text(const struct explanation *items, size_t count)
{
    char *text = NULL;
    size_t len;
    FILE *out = must_have(open_memstream(&text, &len));

    for (size_t i = 0; i < count; i++) {
        char sentence[SENTENCE_BYTES];

        verdict_sentence(&items[i].verdict, sentence);
        fprintf(out, "%s%s: %s", i > 0 ? "\n" : "", items[i].name, sentence);
    }
    fclose(out);
    return must_have(text);
}

static int call_explain(struct session *session, const struct mcp_arguments *arguments,
                        struct mcp_result *result)
{
    size_t count = arguments->names.count;
    struct explanation *items = must_have(calloc(count, sizeof *items));
    int64_t at_ns = tq_now_ns();
    int answer = explain_all(session, arguments, items, at_ns, result);

    if (answer == CLI_NO) {
        result->text = explanations_text(items, count);
        give(result, explanations_json(items, count, at_ns));
        answer = CLI_YES;
    }
    for (size_t i = 0; i < count; i++)
        explanation_free(&items[i]);
    free(items);
    return answer;
}

/* ---- the tools ------------------------------------------------------------------------------- */

const struct mcp_tool mcp_tools[] = {
    {"quota_status", "Quota of all providers",
     "How much of each LLM provider's quota is used, which of them are out and until when. Cheap: it reads a "
     "local file and calls no vendor.",
     status_arguments, status_members, call_status, false},
    {"quota_route", "Which provider to call",
     "Which of these LLM providers may be called now. Ask it before expensive work, such as starting agents. "
     "When none may be called it names the first that will be, and when.",
     route_arguments, route_members, call_route, false},
    {"quota_explain", "Why a provider is out",
     "Why an LLM provider may or may not be called, with its limits, what was used of them, when they reset "
     "and whether they last at the present pace.",
     explain_arguments, explain_members, call_explain, false},
    {"quota_wait", "Wait for a provider",
     "Waits until one of these LLM providers may be called, or until the time is over. Call it again to go "
     "on waiting.",
     wait_arguments, wait_members, call_route, true},
    {.name = NULL},
};

int mcp_tool_call(const struct mcp_tool *tool, const char *ledger, const struct mcp_arguments *arguments,
                  struct mcp_result *result)
{
    int answer = TQ_EGONE;
    struct session session;

    *result = (struct mcp_result){0};
    for (size_t i = 0; i < arguments->names.count; i++)
        (void)session_name(arguments->names.items[i]); /* so that the session looks after its run */
    if (session_find(&session, ledger) < 0) {
        say(result, "there is no path of a ledger; `tokenquota ledger path` says why");
        return CLI_YES;
    }
    for (int tries = 0; tries < 2 && answer == TQ_EGONE; tries++) {
        struct tq_error error = {.size = sizeof error};
        char why[SESSION_WORDS];

        mcp_result_free(result);
        if (session_try(&session, SESSION_LOOK, &error) < 0) {
            session_words(&session, SESSION_LOOK, &error, why);
            say(result, "%s", why);
            return CLI_YES;
        }
        answer = tool->call(&session, arguments, result);
        tq_ledger_close(session.ledger);
        session.ledger = NULL;
    }
    if (answer == TQ_EGONE)
        say(result, "%s: %s", session.path, tq_strerror(TQ_EGONE));
    return answer == TQ_EGONE ? CLI_YES : answer;
}

void mcp_result_free(struct mcp_result *result)
{
    json_decref(result->document);
    free(result->text);
    *result = (struct mcp_result){0};
}
