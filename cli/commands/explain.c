/* explain.c: `tokenquota explain` says in a sentence why a provider is in routing or out of it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include <tokenquota_signals.h>

#include "cli/show/show.h"
#include "view/json.h"

struct explaining {
    struct request asked;
    bool use_reserve;
};

/* What is said of one provider. */
struct said {
    struct tq_verdict verdict;
    struct outlook outlook;
    struct limits limits; /* its own */
    const char *pool;     /* the name of the pool whose limit or words it names, NULL for none */
};

#define TO(field) offsetof(struct explaining, field)

static const struct option options[] = {
    FLAG_ROW(0, "use-reserve", TO(use_reserve), "for a caller that may use the reserve of limits"),
    VERBOSE_AS("print the numbers as well"),
    AT_ROW,
    JSON_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

static void put_number(const char *what, const char *value)
{
    printf("  %-10s %s\n", what, value);
}

static void put_instant(const char *what, int64_t at_ns, const char *none)
{
    if (at_ns > 0 && at_ns < TQ_NOW_END_NS)
        printf("  %-10s %sZ (%s)\n", what, format_utc(at_ns).s, format_local(at_ns).s);
    else if (at_ns)
        put_number(what, none);
}

/* What the vendor said, and by which profile that was read. */
static void put_said(const struct tq_verdict *verdict)
{
    const struct tq_profile *profile = verdict->profile ? tq_profile_of(verdict->profile) : NULL;

    if (!verdict->said_at_ns)
        return;
    if (profile) {
        printf("  %-10s ", "profile");
        profile_put(stdout, profile);
        putchar('\n');
    }
    put_number("class", tq_class_name(verdict->refusal));
    if (verdict->axis)
        put_number("limits", tq_axis_name(verdict->axis));
    put_instant(verdict->probing ? "probing" : "said at", verdict->said_at_ns, "unknown");
    if (verdict->probe_at_ns) {
        printf("  %-10s %u failed\n", "probes", (unsigned)verdict->attempt);
        put_instant("next probe", verdict->probe_at_ns, "unknown");
    }
}

/* The limit that binds, or is the nearest. */
static void put_limit(const struct tq_verdict *verdict)
{
    uint32_t unit = verdict->limit_unit;

    if (!verdict_has_limit(verdict))
        return;
    printf("  %-10s %s", verdict->state == TQ_QUOTA_EXHAUSTED ? "binds" : "nearest",
           verdict_limit(verdict).s + strlen("limit "));
    if (verdict->reason != TQ_REASON_REPORTED) /* else the vendor refused, whatever is used */
        printf(": %s of %s", limit_exact(unit, verdict->limit_used).s,
               limit_exact(unit, verdict->limit_amount).s);
    if (verdict->limit_reserve)
        printf(", %s kept back", limit_exact(unit, verdict->limit_reserve).s);
    putchar('\n');
}

/* What the rule care expects to be used. */
static void put_expected(const struct tq_verdict *verdict)
{
    bool call = verdict->expects == TQ_EXPECTS_CALL;

    if (verdict->expects == 0)
        return;
    printf("  %-10s %s, %s %s\n", "expects",
           limit_exact(verdict->limit ? verdict->limit_unit : TQ_UNIT_TOKENS, verdict->expected).s,
           format_care((unsigned)verdict->care).s,
           call ? "times a mean call" : "times the pace of the last 30 minutes");
}

static void put_numbers(const struct tq_verdict *verdict)
{
    int64_t care = verdict_care(verdict);

    put_number("rule", rule_name(verdict->rule));
    if (care >= 0)
        put_number("care", format_care((unsigned)care).s);
    put_number("used", format_exact(verdict->used).s);
    put_number("budget", verdict->budget ? format_exact(verdict->budget).s : "none");
    if (verdict->budget)
        put_number("left", format_exact(verdict->left).s);
    put_limit(verdict);
    put_expected(verdict);
    if (verdict->state != TQ_QUOTA_EXHAUSTED)
        return;
    for (uint32_t reason = TQ_REASON_MARKED; reason <= TQ_REASON_SPENT; reason++)
        if (verdict->reasons & 1u << reason)
            put_number("reason", tq_reason_name(reason));
    if (verdict->window_ns)
        put_number("window", format_length(verdict->window_ns).s);
    put_said(verdict);
    put_instant("until", verdict->retry_at_ns, "no known end");
}

static void put_limits(const struct said *said)
{
    struct style style;

    style_init(&style, NULL);
    for (size_t i = 0; i < said->limits.count; i++) {
        printf("  limit %-4u ", (unsigned)said->limits.items[i].number);
        limit_put(&style, &said->limits.items[i], said->verdict.at_ns, 13);
    }
}

/* "at this pace 4.30M by 01:00 CET; the budget lasts; 8 of 10 days like this end between 2.4M and 4.1M" */
static void put_outlook(const struct said *said)
{
    const struct outlook *outlook = &said->outlook;
    const struct text lasts = lasts_words(outlook->lasts, said->verdict.at_ns);
    const char *gap = "  ";

    if (outlook->used == 0 || (outlook->days == 0 && !*lasts.s))
        return;
    if (outlook->projection >= 0 && (*lasts.s || outlook->budget == 0)) {
        printf("  at this pace %s by %s", format_short(outlook->projection, ROUND_UP).s,
               format_local_hour(tq__day_end(said->verdict.at_ns)).s);
        gap = "; ";
    }
    if (outlook->lasts.kind >= LASTS_RUNS_OUT)
        printf("; the budget %s", lasts.s);
    if (outlook->days > 0 && outlook->interval.none)
        printf("%s%s is more than on any of the last %u days", gap, format_short(outlook->used, ROUND_DOWN).s,
               (unsigned)outlook->days);
    else if (outlook->days > 0)
        printf("%s8 of 10 days like this end between %s and %s", gap,
               format_short(outlook->interval.low, ROUND_DOWN).s,
               format_short(outlook->interval.high, ROUND_UP).s);
    putchar('\n');
}

/* The limits that do not last. */
static void put_running_out(const struct said *said)
{
    int64_t now_ns = said->verdict.at_ns;

    for (size_t i = 0; i < said->limits.count; i++) {
        const struct tq_limit_state *state = &said->limits.items[i];
        struct lasts lasts = limit_lasts(state);

        if (lasts.kind != LASTS_RUNS_OUT)
            continue;
        printf("  at its pace limit %u (%s) %s", (unsigned)state->number, limit_label(&state->limit).s,
               lasts_words(lasts, now_ns).s);
        if (lasts.out_at_ns > now_ns)
            printf(", in %s", format_length(lasts.out_at_ns - now_ns).s);
        putchar('\n');
    }
}

static json_t *provider_json(const char *name, const struct said *said, const char *sentence)
{
    const struct tq_verdict *verdict = &said->verdict;
    char clear[CLEAR_BYTES];
    bool clears = verdict_clear(verdict, name, said->pool, clear);

    /* clang-format off */
    return json_join(json_join(json_pack("{s:s, s:s, s:s?, s:s?, s:o, s:s, s:o, s:o, s:o, s:o, s:o}",
                               "provider", name,
                               "sentence", sentence,
                               "clear_with", clears ? clear : NULL,
                               "pool", said->pool,
                               "limits", limits_json(&said->limits),
                               "rule", rule_name(verdict->rule),
                               "used", number_json(verdict->used),
                               "budget", some_json(verdict->budget),
                               "left", verdict->budget ? number_json(verdict->left) : json_null(),
                               "window_ns", some_json(verdict->window_ns),
                               "probes_failed", number_json(verdict->attempt)),
                               outlook_json(&said->outlook)),
                     verdict_json(verdict));
    /* clang-format on */
}

/* 0, CLI_NO when it is out, or what ends the work. */
static int read_one(struct session *session, const struct explaining *explaining, const char *name,
                    struct said *said)
{
    struct tq_ledger_info info = {.size = sizeof info};
    int64_t at_ns = explaining->asked.at.ns;
    struct tq_provider *provider;
    int answer = session_provider(session, name, &provider), state;

    if (answer != 0)
        return answer;
    state = verdict_read(provider, at_ns, explaining->use_reserve ? TQ_USE_RESERVE : 0, &said->verdict);
    answer = state < 0 ? state : limits_read(provider, at_ns, &said->limits);
    if (answer == 0)
        answer = tq_ledger_statistics(session->ledger, &info);
    if (answer == 0)
        answer = outlook_read(provider, at_ns, info.history_days, &said->outlook);
    if (answer == TQ_ENOMEM)
        no_memory();
    if (answer < 0)
        return session_fail(name, answer);
    said->outlook.lasts = lasts_by_rule(said->outlook.lasts, &said->verdict);
    said->pool = tq_provider_name(pool_above(provider, said->verdict.level));
    return state == TQ_QUOTA_EXHAUSTED ? CLI_NO : CLI_YES;
}

/* Reads all before anything is printed: if the file is replaced meanwhile, all of it is read again. */
static int read_all(struct session *session, const struct explaining *explaining, struct said *said)
{
    int result = CLI_YES;

    for (size_t i = 0; i < explaining->asked.count; i++) {
        int answer = read_one(session, explaining, explaining->asked.operands[i], &said[i]);

        if (answer != CLI_YES && answer != CLI_NO)
            return answer;
        result = answer == CLI_NO ? CLI_NO : result;
    }
    return result;
}

/* The library's sentence knows no zone but UTC. `status` says the same end by local clocks. */
static void put_local_end(const struct tq_verdict *verdict)
{
    int64_t end_ns = verdict->retry_at_ns;

    if (verdict->state == TQ_QUOTA_EXHAUSTED && !verdict_is_wait(verdict) && end_ns < TQ_NOW_END_NS &&
        zone_offset(end_ns, true) != 0)
        printf(" (until %s local time)", format_local_soon(end_ns, verdict->at_ns).s);
    putchar('\n');
}

static void show(const struct request *asked, const struct said *said)
{
    json_t *array = json_array();

    for (size_t i = 0; i < asked->count; i++) {
        char sentence[SENTENCE_BYTES], clear[CLEAR_BYTES];

        verdict_sentence(&said[i].verdict, sentence);
        if (asked->json) {
            json_array_append_new(array, provider_json(asked->operands[i], &said[i], sentence));
            continue;
        }
        printf("%s%s%s%s: %s", asked->operands[i], said[i].pool ? " (pool " : "",
               said[i].pool ? said[i].pool : "", said[i].pool ? ")" : "", sentence);
        put_local_end(&said[i].verdict);
        if (verdict_clear(&said[i].verdict, asked->operands[i], said[i].pool, clear))
            printf("  to put it back: %s\n", clear);
        put_outlook(&said[i]);
        put_running_out(&said[i]);
        if (!asked->verbose)
            continue;
        put_numbers(&said[i].verdict);
        put_limits(&said[i]);
    }
    if (asked->json)
        json_print(json_pack("{s:o, s:O}", "at", instant_json(asked->at.ns), "providers", array), false);
    json_decref(array);
}

static int work(struct session *session, void *request)
{
    const struct explaining *explaining = request;
    const struct request *asked = &explaining->asked;
    struct said *said = must_have(calloc(asked->count, sizeof *said));
    int result = read_all(session, explaining, said);

    if (result == CLI_YES || result == CLI_NO)
        show(asked, said);
    for (size_t i = 0; i < asked->count; i++)
        limits_free(&said[i].limits);
    free(said);
    return result;
}

const struct command cmd_explain = {
    .name = "explain",
    .operands = "PROVIDER...",
    .summary = "say why a provider is available or out, and what would change that",
    .options = options,
    .notes = "\n"
             "Exit status: 0 if every named provider is available, 1 if one is not, 2 on an error.\n\n"
             "  tokenquota explain openai --verbose\n",
    .request_bytes = sizeof(struct explaining),
    .least = 1,
    .most = ANY_NUMBER,
    .needs = "it takes a PROVIDER, as in: tokenquota explain openai",
    .offers = "@provider...",
    .use = SESSION_READ,
    .work = work,
};
