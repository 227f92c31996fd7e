/* explain.c: a verdict as one sentence.
 *
 * SPDX-License-Identifier: MIT
 *
 * What is said comes in this order: what binds, since or until when, what would lift it. A throttle of
 * seconds and a quota that is spent must not look alike, so each reason has its own verb.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/time.h"
#include "levels.h"
#include "tokenquota.h"

/* Text that grows and is cut at its end, as snprintf's is; bytes counts what there would be. */
struct text {
    char *out;
    size_t capacity;
    size_t bytes;
    const char *vendor; /* "OpenAI", or "the vendor" */
};

__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *format, ...)
{
    size_t room = text->bytes < text->capacity ? text->capacity - text->bytes : 0;
    va_list arguments;
    int bytes;

    va_start(arguments, format);
    bytes = vsnprintf(room ? text->out + text->bytes : NULL, room, format, arguments);
    va_end(arguments);
    if (bytes > 0)
        text->bytes += (size_t)bytes;
}

/* A count, an instant or a length in words, by value: one argument of put(). */
struct word {
    char text[80];
};

/* 12,345 */
static struct word count(int64_t number)
{
    struct word word;

    tq__number_write(word.text, number, ',');
    return word;
}

/* An instant in UTC. */
static struct word instant(int64_t at_ns)
{
    struct tq__civil civil;
    struct word word;

    tq__civil_of(at_ns, &civil);
    snprintf(word.text, sizeof word.text, "%04d-%02d-%02d %02d:%02d:%02d UTC", (int)civil.year, civil.month,
             civil.day, civil.hour, civil.minute, civil.second);
    return word;
}

/* 3 d 4 h, 40 s */
static struct word length(int64_t length_ns)
{
    struct word word;

    tq__length_write(word.text, length_ns);
    return word;
}

/* From at_ns on; a mark may end 292 years after 1970, and a verdict be of 292 years before. */
static int64_t time_left_ns(const struct tq_verdict *verdict)
{
    int64_t left_ns;

    return __builtin_sub_overflow(verdict->retry_at_ns, verdict->at_ns, &left_ns) ? INT64_MAX : left_ns;
}

static void put_until(struct text *text, const struct tq_verdict *verdict)
{
    put(text, " until %s, in %s", instant(verdict->retry_at_ns).text, length(time_left_ns(verdict)).text);
}

/* 91.2 %, rounded down: what has room is not 100 %. */
static struct word percent(int64_t ppm)
{
    struct word word;
    char *end = word.text + tq__decimal_write(word.text, ppm / 1000, 1, '\0');

    snprintf(end, 3, " %%");
    return word;
}

/* ---- a limit --------------------------------------------------------------------------------- */

/* 12,345 and $12.50, in the unit of the limit. */
static struct word amount(const struct tq_verdict *verdict, int64_t number)
{
    struct word word;

    if (verdict->limit_unit != TQ_UNIT_COST)
        return count(number);
    tq__dollars_write(word.text, number, ',');
    return word;
}

/* Where the limit is: in the provider, in its pool, or in that one's pool. */
static const char *owner(const struct tq_verdict *verdict)
{
    static const char *const owners[] = {"", " of its pool", " of its pool's pool"};

    return owners[verdict->level < 2 ? verdict->level : 2];
}

/* " in its day": the period in which so much was used. A verdict that is not out does not know the length. */
static void tell_window(struct text *text, const struct tq_verdict *verdict)
{
    bool known = verdict->state == TQ_QUOTA_EXHAUSTED && verdict->window_ns > 0;

    if (verdict->limit_window <= TQ_WINDOW_YEAR)
        put(text, " in its %s", tq_window_name(verdict->limit_window));
    else if (verdict->limit_window == TQ_WINDOW_ROLLING)
        put(text, " in its %s%s", known ? "last " : "rolling window",
            known ? length(verdict->window_ns).text : "");
    else if (verdict->limit_window == TQ_WINDOW_REFILL)
        put(text, " and not refilled");
    else if (verdict->limit_window != TQ_WINDOW_ONCE)
        put(text, " in its window%s%s", known ? " of " : "", known ? length(verdict->window_ns).text : "");
}

/* ", 300 of it on other machines" */
static void put_others(struct text *text, const struct tq_verdict *verdict)
{
    if (verdict->others > 0)
        put(text, ", %s of it on other machines",
            verdict->limit != 0 ? amount(verdict, verdict->others).text : count(verdict->others).text);
}

/* What is withheld for other machines beside what they used. */
static int64_t kept_for_others(const struct tq_verdict *verdict)
{
    return verdict->withheld > verdict->others ? verdict->withheld - verdict->others : 0;
}

/* "4,500 of 5,000 requests used in its day" */
static void put_limit_usage(struct text *text, const struct tq_verdict *verdict)
{
    static const char *const units[] = {
        [TQ_UNIT_TOKENS] = " tokens",
        [TQ_UNIT_INPUT] = " input tokens",
        [TQ_UNIT_OUTPUT] = " output tokens",
        [TQ_UNIT_TOTAL] = " tokens in total",
        [TQ_UNIT_REQUESTS] = " requests",
        [TQ_UNIT_COST] = "",
        [TQ_UNIT_WEIGHTED] = " weighted tokens",
    };
    const char *unit = verdict->limit_unit <= TQ_UNIT_WEIGHTED ? units[verdict->limit_unit] : NULL;

    put(text, "%s of %s%s used", amount(verdict, verdict->limit_used).text,
        amount(verdict, verdict->limit_amount).text, unit ? unit : "");
    tell_window(text, verdict);
    put_others(text, verdict);
}

/* "7 d opus" */
static void put_stated_window(struct text *text, const struct tq_verdict *verdict)
{
    put(text, "%s%s%s", length(verdict->window_ns).text, verdict->limit_name[0] ? " " : "",
        verdict->limit_name);
}

/* "; 5/4 of a mean call are 50": what the rule care expects to be used of the rest. */
static void put_expected(struct text *text, const struct tq_verdict *verdict)
{
    const bool once = verdict->care == 4, whole = verdict->care % 4 == 0;
    const struct word expected =
        verdict->limit != 0 ? amount(verdict, verdict->expected) : count(verdict->expected);
    char care[TQ__NUMBER_BYTES];

    (void)tq__quarters_write(care, verdict->care);
    if (verdict->expects == TQ_EXPECTS_CALL)
        put(text, "; %s%s mean call%s %s %s", once ? "a" : care, whole ? "" : " of a",
            whole && !once ? "s" : "", once ? "is" : "are", expected.text);
    else if (verdict->expects == TQ_EXPECTS_FLYING)
        put(text, "; %" PRIu32 " call%s of unknown size run%s, and %s%s mean call%s for each %s %s",
            verdict->flying, verdict->flying == 1 ? "" : "s", verdict->flying == 1 ? "s" : "",
            once ? "a" : care, whole ? "" : " of a", whole && !once ? "s" : "", once ? "is" : "are",
            expected.text);
    else if (verdict->expects == TQ_EXPECTS_HALF_HOUR)
        put(text, "; at %s%sthe pace of the last 30 minutes %s more are expected", once ? "" : care,
            once    ? ""
            : whole ? " times "
                    : " of ",
            expected.text);
}

/* ", 240,000 held by 3 calls": what calls that run set aside. */
static void put_held(struct text *text, const struct tq_verdict *verdict)
{
    if (verdict->held > 0)
        put(text, ", %s held by %" PRIu32 " call%s",
            verdict->limit != 0 ? amount(verdict, verdict->held).text : count(verdict->held).text,
            verdict->holds, verdict->holds == 1 ? "" : "s");
}

/* What puts it back before its end, or keeps it out longer. */
static const char *unless(const struct tq_verdict *verdict, const char *raised)
{
    if (verdict->holds > 0)
        return ", or until a call that runs is settled";
    return verdict->expects == TQ_EXPECTS_CALL ? raised : ", if nothing more is recorded";
}

/* The user's stop of a window that the vendor states. */
static void put_stop(struct text *text, const struct tq_verdict *verdict)
{
    bool reserve = verdict->limit_used < verdict->limit_amount;

    put(text, "%s of ", percent(verdict->limit_used).text);
    put_stated_window(text, verdict);
    put(text, " used, %s says", text->vendor);
    if (reserve)
        put(text, ", and %s%s", percent(verdict->limit_reserve).text, " of it is kept back");
    else
        put(text, ", and paid overage is stopped");
    put(text, "; out");
    put_until(text, verdict);
    put(text, ", or until it is marked available%s",
        reserve ? "; callers that use the reserve are served" : "");
}

static void tell_reserve(struct text *text, const struct tq_verdict *verdict)
{
    put(text, "; callers that use the reserve have %s left",
        amount(verdict, verdict->limit_amount - verdict->limit_used - kept_for_others(verdict)).text);
}

/* A limit that is not spent, but will not last. */
static void put_failing_limit(struct text *text, const struct tq_verdict *verdict)
{
    int64_t kept = verdict->flags & TQ_USE_RESERVE ? 0 : verdict->limit_reserve;

    if (verdict->limit == 0) {
        put(text, "a limit will not last");
    } else {
        put(text, "limit %" PRIu32 "%s will not last: ", verdict->limit, owner(verdict));
        put_limit_usage(text, verdict);
        if (kept > 0)
            put(text, ", %s kept back", amount(verdict, kept).text);
        put_held(text, verdict);
        put(text, ", %s left",
            amount(verdict, verdict->limit_amount - verdict->limit_used - kept_for_others(verdict) - kept -
                                verdict->held)
                .text);
    }
    put_expected(text, verdict);
    put(text, "; out");
    if (verdict->retry_at_ns == INT64_MAX) {
        put(text, " until the limit is raised");
    } else {
        put_until(text, verdict);
        put(text, "%s", unless(verdict, ", or until the limit is raised"));
    }
    if (kept > 0)
        tell_reserve(text, verdict);
}

static void put_limit(struct text *text, const struct tq_verdict *verdict)
{
    bool reserve = verdict->limit_used < verdict->limit_amount;

    if (verdict->limit_window == TQ_WINDOW_STATED) {
        put_stop(text, verdict);
        return;
    }
    if (verdict->reason == TQ_REASON_PREDICTED) {
        put_failing_limit(text, verdict);
        return;
    }
    if (verdict->limit == 0) {
        put(text, "a limit is spent");
    } else {
        put(text, "limit %" PRIu32 "%s is %s: ", verdict->limit, owner(verdict),
            reserve ? "down to its reserve" : "spent");
        put_limit_usage(text, verdict);
    }
    if (reserve)
        put(text, ", %s kept back", amount(verdict, verdict->limit_reserve).text);
    put(text, "; out");
    if (verdict->retry_at_ns != INT64_MAX) {
        put_until(text, verdict);
        put(text, ", or");
    }
    put(text, " until the limit is raised");
    if (reserve && verdict->care > 0) /* the rule may keep them out, too */
        tell_reserve(text, verdict);
    else if (reserve)
        put(text, "; callers that use the reserve are served");
}

static void put_usage(struct text *text, const struct tq_verdict *verdict)
{
    put(text, "%s", count(verdict->used).text);
    if (verdict->budget > 0)
        put(text, " of %s", count(verdict->budget).text);
    put(text, " token%s used in this UTC day", verdict->used == 1 && verdict->budget == 0 ? "" : "s");
    if (verdict->limit == 0)
        put_others(text, verdict);
}

/* The vendor's limit that binds: "tokens in 7 d", "5 h", "7 d opus". */
static void put_axis(struct text *text, const struct tq_verdict *verdict, const char *before)
{
    if (verdict->axis != TQ_AXIS_UNKNOWN)
        put(text, "%s%s", before, tq_axis_name(verdict->axis));
    if (verdict->window_ns > 0)
        put(text, " in %s%s%s", length(verdict->window_ns).text, verdict->limit_name[0] ? " " : "",
            verdict->limit_name);
}

/* When somebody may ask, and what became of those who asked. */
static void put_probe(struct text *text, const struct tq_verdict *verdict)
{
    bool endless = verdict->retry_at_ns == INT64_MAX; /* then said_at_ns is when the probe was taken */

    if (verdict->probing)
        put(text, "a caller has %sthe probe%s%s", endless ? "had " : "", endless ? " since " : "",
            endless ? instant(verdict->said_at_ns).text : "");
    else if (verdict->probe_at_ns <= verdict->at_ns)
        put(text, "a probe is due now");
    else
        put(text, "a probe is due at %s", instant(verdict->probe_at_ns).text);
    if (verdict->attempt > 0)
        put(text, ", after %" PRIu32 " that failed", verdict->attempt);
}

static void put_reported(struct text *text, const struct tq_verdict *verdict)
{
    put(text, verdict->refusal == TQ_CLASS_NO_MONEY ? "out of money" : "out of quota");
    if (verdict->refusal != TQ_CLASS_NO_MONEY)
        put_axis(text, verdict, ": ");
    put(text, ", %s said", text->vendor);
    if (!verdict->probing || verdict->retry_at_ns != INT64_MAX)
        put(text, " at %s", instant(verdict->said_at_ns).text);
    if (verdict->retry_at_ns != INT64_MAX) {
        if (verdict->probe_at_ns != 0) {
            put(text, "; ");
            put_probe(text, verdict);
        }
        put(text, "; out");
        put_until(text, verdict);
        put(text, "; it ends sooner if a request sent later succeeds");
        return;
    }
    put(text, " and named no end; ");
    put_probe(text, verdict);
    put(text, "; it ends when the probe succeeds");
}

static void put_throttled(struct text *text, const struct tq_verdict *verdict)
{
    put(text, "wait %s: %s ", length(time_left_ns(verdict)).text, text->vendor);
    if (verdict->refusal == TQ_CLASS_OVERLOADED) {
        put(text, "is overloaded and said so");
    } else {
        put(text, "throttles");
        put_axis(text, verdict, " ");
        put(text, ", and said so");
    }
    put(text, " at %s; it ends sooner if a request sent later succeeds", instant(verdict->said_at_ns).text);
}

/* A budget that will not last by the rule care. A verdict of an older size does not say what it expects. */
static void put_failing_budget(struct text *text, const struct tq_verdict *verdict)
{
    put(text, "budget nearly spent: ");
    put_usage(text, verdict);
    put_held(text, verdict);
    put(text, ", %s left", count(verdict->left - verdict->held).text);
    put_expected(text, verdict);
    put(text, "; out");
    put_until(text, verdict);
    put(text, "%s", unless(verdict, ", or until the budget is raised"));
}

static void put_budget(struct text *text, const struct tq_verdict *verdict)
{
    const char *until = ", or until the budget is raised", *why = "";

    if (verdict->reason == TQ_REASON_PREDICTED && verdict->rule == TQ_RULE_CARE) {
        put_failing_budget(text, verdict);
        return;
    }
    if (verdict->reason == TQ_REASON_PREDICTED && tq__nine_tenths_used(verdict->used, verdict->budget)) {
        why = "; at the pace of the last 30 minutes the rest would not last half an hour";
        until = ", or until usage is below 90 % of the budget";
    } else if (verdict->reason == TQ_REASON_PREDICTED) {
        why = "; the last 30 minutes used more than is left";
        until = ", if nothing more is recorded";
    }
    put(text, "budget %sspent: ", verdict->reason == TQ_REASON_PREDICTED ? "nearly " : "");
    put_usage(text, verdict);
    put(text, "%s; out", why);
    put_until(text, verdict);
    put(text, "%s", until);
}

/* "the rest of limit 2 is for other machines: 3M of 5M, 1M kept back; 2 calls hold 300k" */
static void put_taken(struct text *text, const struct tq_verdict *verdict, const char *of, const char *is)
{
    int64_t kept = verdict->flags & TQ_USE_RESERVE ? 0 : verdict->limit_reserve;

    if (verdict->limit == 0) {
        put(text, "%sthe budget %s: ", of, is);
        put_usage(text, verdict);
    } else {
        put(text, "%slimit %" PRIu32 "%s %s: ", of, verdict->limit, owner(verdict), is);
        put_limit_usage(text, verdict);
        if (kept > 0)
            put(text, ", %s kept back", amount(verdict, kept).text);
    }
    put_held(text, verdict);
}

/* What is left is held for calls that run. */
static void put_held_out(struct text *text, const struct tq_verdict *verdict)
{
    put_taken(text, verdict, "", "is held");
    put(text, "; out");
    if (verdict->retry_at_ns != INT64_MAX)
        put_until(text, verdict);
    put(text, ", or until a call that runs is settled");
}

/* What is left is for other machines. */
static void put_shared_out(struct text *text, const struct tq_verdict *verdict)
{
    put_taken(text, verdict, "the rest of ", "is for other machines");
    put(text, ", %s withheld for them; out",
        verdict->limit != 0 ? amount(verdict, kept_for_others(verdict)).text
                            : count(kept_for_others(verdict)).text);
    if (verdict->retry_at_ns != INT64_MAX)
        put_until(text, verdict);
    /* Nothing was told of the window, and all of it is withheld: it is strict, or the provider is out until
     * the others are heard. */
    if (verdict->limit != 0 && verdict->heard_at_ns == 0 && verdict->withheld >= verdict->limit_amount)
        put(text, ", or until it hears of them: strict limits need `tokenquota sync`");
    else
        put(text, ", or until they leave some of it");
}

static void put_marked(struct text *text, const struct tq_verdict *verdict)
{
    put(text, "marked exhausted");
    if (verdict->retry_at_ns == INT64_MAX)
        put(text, " without an end");
    else
        put_until(text, verdict);
    put(text, "; marking it available clears it; ");
    put_usage(text, verdict);
}

static void put_available(struct text *text, const struct tq_verdict *verdict)
{
    put(text, "available: ");
    put_usage(text, verdict);
    if (verdict->budget > 0)
        put(text, ", %s left", count(verdict->left).text);
    else if (verdict->limit == 0)
        put(text, ", without a budget");
    if (verdict->limit != 0) {
        put(text, "; limit %" PRIu32 "%s is the nearest: ", verdict->limit, owner(verdict));
        put_limit_usage(text, verdict);
    }
    put_held(text, verdict);
}

/* Is it a limit that binds, and not the budget? A verdict of an older size does not say which. */
static bool names_limit(const struct tq_verdict *verdict)
{
    return (verdict->reason == TQ_REASON_PREDICTED && (verdict->limit != 0 || verdict->budget == 0)) ||
           (verdict->reason == TQ_REASON_SPENT &&
            (verdict->limit != 0 || verdict->budget == 0 || verdict->used < verdict->budget)) ||
           ((verdict->reason == TQ_REASON_HELD || verdict->reason == TQ_REASON_SHARED) &&
            verdict->limit != 0);
}

static void put_verdict(struct text *text, const struct tq_verdict *verdict)
{
    if (verdict->level > 0 && verdict->state == TQ_QUOTA_EXHAUSTED && !names_limit(verdict))
        put(text, "its pool%s is out: ", verdict->level > 1 ? "'s pool" : "");
    if (verdict->state != TQ_QUOTA_EXHAUSTED)
        put_available(text, verdict);
    else if (verdict->reason == TQ_REASON_REPORTED)
        put_reported(text, verdict);
    else if (verdict->reason == TQ_REASON_THROTTLED)
        put_throttled(text, verdict);
    else if (verdict->reason == TQ_REASON_HELD)
        put_held_out(text, verdict);
    else if (verdict->reason == TQ_REASON_SHARED)
        put_shared_out(text, verdict);
    else if (names_limit(verdict))
        put_limit(text, verdict);
    else if (verdict->reason == TQ_REASON_PREDICTED || verdict->reason == TQ_REASON_SPENT)
        put_budget(text, verdict);
    else
        put_marked(text, verdict);
}

int tq_verdict_explain(const struct tq_verdict *verdict, char *out, size_t capacity)
{
    return tq_verdict_explain_named(verdict, NULL, out, capacity);
}

int tq_verdict_explain_named(const struct tq_verdict *verdict, const char *vendor, char *out, size_t capacity)
{
    struct text text = {.out = out, .capacity = capacity, .vendor = vendor ? vendor : "the vendor"};
    struct tq_verdict told = {0};

    if (!verdict || !tq__verdict_size_ok(verdict->size) || (!out && capacity > 0))
        return TQ_EINVAL;
    /* Of an older size, what is not there stays 0: no limit. */
    memcpy(&told, verdict, verdict->size < sizeof told ? verdict->size : sizeof told);
    verdict = &told;
    if (capacity > 0)
        out[0] = '\0';
    put_verdict(&text, verdict);
    return (int)text.bytes;
}
