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

#include "horizon.h"
#include "said.h"
#include "tokenquota.h"
#include "window.h"

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

/* 12,345 */
static void put_count(struct text *text, int64_t count)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRId64, count);

    for (int i = 0; i < length; i++)
        put(text, i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-' ? ",%c" : "%c", digits[i]);
}

/* An instant in UTC. Civil dates from day numbers in the proleptic Gregorian calendar, counted in years that
 * begin in March and eras of 400 of them, as Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms"
 * derives. */
static void put_instant(struct text *text, int64_t at_ns)
{
    const int64_t since_era_ns = (int64_t)TQ__DAY_NS;
    int64_t day = at_ns / since_era_ns - (at_ns % since_era_ns < 0);
    int64_t second = (at_ns - day * since_era_ns) / TQ__SECOND_NS;
    int64_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t of_era = z - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march = (5 * of_year + 2) / 153, month = march < 10 ? march + 3 : march - 9;

    put(text, "%04d-%02d-%02d %02d:%02d:%02d UTC", (int)(year_of_era + era * 400 + (month <= 2)), (int)month,
        (int)(of_year - (153 * march + 2) / 5 + 1), (int)(second / 3600), (int)(second / 60 % 60),
        (int)(second % 60));
}

/* 3 d 4 h, 5 h, 12 min, 40 s: two units at most, rounded up to the smaller one's. */
static void put_length(struct text *text, int64_t length_ns)
{
    static const struct {
        int64_t seconds;
        const char *unit;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    int64_t seconds = length_ns / TQ__SECOND_NS + (length_ns % TQ__SECOND_NS > 0);
    size_t i = 0;

    while (i < 3 && seconds < units[i].seconds)
        i++;
    if (i < 3 && seconds % units[i + 1].seconds != 0)
        seconds += units[i + 1].seconds - seconds % units[i + 1].seconds;
    if (i > 0 && seconds >= units[i - 1].seconds)
        i--;
    put(text, "%" PRId64 " %s", seconds / units[i].seconds, units[i].unit);
    if (i < 3 && seconds % units[i].seconds >= units[i + 1].seconds)
        put(text, " %" PRId64 " %s", seconds % units[i].seconds / units[i + 1].seconds, units[i + 1].unit);
}

/* From at_ns on; a mark may end 292 years after 1970, and a verdict be of 292 years before. */
static int64_t time_left_ns(const struct tq_verdict *verdict)
{
    int64_t left_ns;

    return __builtin_sub_overflow(verdict->retry_at_ns, verdict->at_ns, &left_ns) ? INT64_MAX : left_ns;
}

static void put_until(struct text *text, const struct tq_verdict *verdict)
{
    put(text, " until ");
    put_instant(text, verdict->retry_at_ns);
    put(text, ", in ");
    put_length(text, time_left_ns(verdict));
}

static void put_usage(struct text *text, const struct tq_verdict *verdict)
{
    put_count(text, verdict->used);
    if (verdict->budget > 0) {
        put(text, " of ");
        put_count(text, verdict->budget);
    }
    put(text, " token%s used in this UTC day", verdict->used == 1 && verdict->budget == 0 ? "" : "s");
}

/* The vendor's limit that binds: "tokens in 7 d". */
static void put_axis(struct text *text, const struct tq_verdict *verdict, const char *before)
{
    if (verdict->axis != TQ_AXIS_UNKNOWN)
        put(text, "%s%s", before, tq_axis_name(verdict->axis));
    if (verdict->window_ns > 0) {
        put(text, " in ");
        put_length(text, verdict->window_ns);
    }
}

static void put_reported(struct text *text, const struct tq_verdict *verdict)
{
    put(text, verdict->refusal == TQ_CLASS_NO_MONEY ? "out of money" : "out of quota");
    if (verdict->refusal != TQ_CLASS_NO_MONEY)
        put_axis(text, verdict, ": ");
    put(text, ", %s said", text->vendor);
    if (!verdict->probing) {
        put(text, " at ");
        put_instant(text, verdict->said_at_ns);
    }
    if (verdict->retry_at_ns != INT64_MAX) {
        put(text, "; out");
        put_until(text, verdict);
        put(text, "; the answer to a request sent after that word lifts it earlier");
        return;
    }
    put(text, " and named no end; ");
    if (verdict->probing) {
        put(text, "somebody has had the probe since ");
        put_instant(text, verdict->said_at_ns);
    } else if (verdict->probe_at_ns <= verdict->at_ns) {
        put(text, "a probe is due now");
    } else {
        put(text, "a probe is due at ");
        put_instant(text, verdict->probe_at_ns);
    }
    if (verdict->attempt > 0)
        put(text, ", after %" PRIu32 " that failed", verdict->attempt);
    put(text, "; its success lifts it");
}

static void put_throttled(struct text *text, const struct tq_verdict *verdict)
{
    put(text, "wait ");
    put_length(text, time_left_ns(verdict));
    if (verdict->refusal == TQ_CLASS_OVERLOADED) {
        put(text, ": %s is overloaded and said so at ", text->vendor);
    } else {
        put(text, ": %s throttles", text->vendor);
        put_axis(text, verdict, " ");
        put(text, ", and said so at ");
    }
    put_instant(text, verdict->said_at_ns);
    put(text, "; the answer to a request sent after that lifts it earlier");
}

static void put_spent(struct text *text, const struct tq_verdict *verdict)
{
    put(text, "budget spent: ");
    put_usage(text, verdict);
    put(text, "; out");
    put_until(text, verdict);
    put(text, ", or until the budget is raised");
}

static void put_predicted(struct text *text, const struct tq_verdict *verdict)
{
    put(text, "budget nearly spent: ");
    put_usage(text, verdict);
    if (tq__nine_tenths_used(verdict->used, verdict->budget)) {
        put(text, ", which would not have lasted half an hour more; out");
        put_until(text, verdict);
        put(text, ", or until a tenth of it is free again");
        return;
    }
    put(text, ", and the last half hour took more than the rest; out");
    put_until(text, verdict);
    put(text, ", if nothing more is recorded");
}

static void put_marked(struct text *text, const struct tq_verdict *verdict)
{
    put(text, "marked exhausted");
    if (verdict->retry_at_ns == INT64_MAX)
        put(text, " without an end");
    else
        put_until(text, verdict);
    put(text, "; marking it available lifts it; ");
    put_usage(text, verdict);
}

static void put_available(struct text *text, const struct tq_verdict *verdict)
{
    put(text, "available: ");
    put_usage(text, verdict);
    if (verdict->budget > 0) {
        put(text, ", ");
        put_count(text, verdict->left);
        put(text, " left");
    } else {
        put(text, ", without a budget");
    }
}

int tq_verdict_explain(const struct tq_verdict *verdict, char *out, size_t capacity)
{
    return tq_verdict_explain_named(verdict, NULL, out, capacity);
}

int tq_verdict_explain_named(const struct tq_verdict *verdict, const char *vendor, char *out, size_t capacity)
{
    struct text text = {.out = out, .capacity = capacity, .vendor = vendor ? vendor : "the vendor"};

    if (!verdict || verdict->size < sizeof *verdict || (!out && capacity > 0))
        return TQ_EINVAL;
    if (capacity > 0)
        out[0] = '\0';
    if (verdict->state != TQ_QUOTA_EXHAUSTED)
        put_available(&text, verdict);
    else if (verdict->reason == TQ_REASON_REPORTED)
        put_reported(&text, verdict);
    else if (verdict->reason == TQ_REASON_THROTTLED)
        put_throttled(&text, verdict);
    else if (verdict->reason == TQ_REASON_PREDICTED)
        put_predicted(&text, verdict);
    else if (verdict->reason == TQ_REASON_SPENT)
        put_spent(&text, verdict);
    else
        put_marked(&text, verdict);
    return (int)text.bytes;
}
