/* explain.c: `tokenquota explain` says in a sentence why a provider is in routing or out of it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include <tokenquota_signals.h>

#include "cli/show/show.h"
#include "view/explanation.h"

struct explaining {
    struct request asked;
    bool use_reserve;
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

/* What calls that run hold of the level that is named. */
static void put_held(const struct tq_verdict *verdict)
{
    if (verdict->holds == 0)
        return;
    printf("  %-10s %s by %s", "held",
           limit_exact(verdict->limit ? verdict->limit_unit : TQ_UNIT_TOKENS, verdict->held).s,
           plural(verdict->holds, "call").s);
    if (verdict->flying > 0)
        printf(", %s of unknown size", format_exact(verdict->flying).s);
    putchar('\n');
}

/* What the rule care expects to be used. */
static void put_expected(const struct tq_verdict *verdict)
{
    static const char *const by[] = {
        [TQ_EXPECTS_CALL] = "times a mean call",
        [TQ_EXPECTS_HALF_HOUR] = "times the pace of the last 30 minutes",
        [TQ_EXPECTS_FLYING] = "times a mean call for each that runs and whose size nobody knows",
    };

    if (verdict->expects == 0 || verdict->expects > TQ_EXPECTS_FLYING)
        return;
    printf("  %-10s %s, %s %s\n", "expects",
           limit_exact(verdict->limit ? verdict->limit_unit : TQ_UNIT_TOKENS, verdict->expected).s,
           format_care((unsigned)verdict->care).s, by[verdict->expects]);
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
    put_held(verdict);
    put_expected(verdict);
    if (verdict->state != TQ_QUOTA_EXHAUSTED)
        return;
    for (uint32_t reason = TQ_REASON_MARKED; reason <= TQ_REASON_SHARED; reason++)
        if (verdict->reasons & 1u << reason)
            put_number("reason", tq_reason_name(reason));
    if (verdict->window_ns)
        put_number("window", format_length(verdict->window_ns).s);
    put_said(verdict);
    put_instant("until", verdict->retry_at_ns, "no known end");
}

static void put_limits(const struct explanation *said)
{
    struct style style;

    style_init(&style, NULL);
    for (size_t i = 0; i < said->limits.count; i++) {
        printf("  limit %-4u ", (unsigned)said->limits.items[i].number);
        limit_put(&style, &said->limits.items[i], said->verdict.at_ns, 13);
    }
}

/* "at this pace 4.30M by 01:00 CET; the budget lasts; 8 of 10 days like this end between 2.4M and 4.1M" */
static void put_outlook(const struct explanation *said)
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
static void put_running_out(const struct explanation *said)
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

/* 0, CLI_NO when it is out, or what ends the work. */
static int read_one(struct session *session, const struct explaining *explaining, const char *name,
                    struct explanation *said)
{
    struct tq_provider *provider;
    int answer = session_provider(session, name, &provider);

    if (answer != 0)
        return answer;
    answer = explanation_read(session->ledger, provider, explaining->asked.at.ns,
                              explaining->use_reserve ? TQ_USE_RESERVE : 0, said);
    if (answer == TQ_ENOMEM)
        no_memory();
    if (answer < 0)
        return session_fail(name, answer);
    return answer == TQ_QUOTA_EXHAUSTED ? CLI_NO : CLI_YES;
}

/* Reads all before anything is printed: if the file is replaced meanwhile, all of it is read again. */
static int read_all(struct session *session, const struct explaining *explaining, struct explanation *said)
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

/* What the provider does while the machine hears nothing of the others. */
static void put_cut_off(const struct session *session, const struct explanation *said)
{
    static const char *const does[] = {
        [TQ_CUT_SHARE] = "it spends its share (cut=share)",
        [TQ_CUT_OPEN] = "it goes on as if they used nothing more (cut=open)",
        [TQ_CUT_CLOSED] = "it is out until they are heard (cut=closed)",
    };
    struct text words = cut_off_words(session->ledger, said->verdict.at_ns);

    if (*words.s && said->cut <= TQ_CUT_CLOSED)
        printf("  %s: %s\n", words.s, does[said->cut]);
}

static void show(const struct session *session, const struct request *asked, const struct explanation *said)
{
    for (size_t i = 0; i < asked->count; i++) {
        char sentence[SENTENCE_BYTES], clear[CLEAR_BYTES];

        verdict_sentence(&said[i].verdict, sentence);
        printf("%s%s%s%s: %s", said[i].name, said[i].pool ? " (pool " : "", said[i].pool ? said[i].pool : "",
               said[i].pool ? ")" : "", sentence);
        put_local_end(&said[i].verdict);
        if (verdict_clear(&said[i].verdict, said[i].name, said[i].pool, clear))
            printf("  to put it back: %s\n", clear);
        put_outlook(&said[i]);
        put_running_out(&said[i]);
        put_cut_off(session, &said[i]);
        if (!asked->verbose)
            continue;
        put_numbers(&said[i].verdict);
        put_limits(&said[i]);
    }
}

static int work(struct session *session, void *request)
{
    const struct explaining *explaining = request;
    const struct request *asked = &explaining->asked;
    struct explanation *said = must_have(calloc(asked->count, sizeof *said));
    int result = read_all(session, explaining, said);

    if (result == CLI_ERROR || result == TQ_EGONE)
        goto out;
    if (asked->json)
        json_print(explanations_json(said, asked->count, asked->at.ns), false);
    else
        show(session, asked, said);
out:
    for (size_t i = 0; i < asked->count; i++)
        explanation_free(&said[i]);
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
    .of_run = true,
    .offers = "@provider...",
    .use = SESSION_READ,
    .work = work,
};
