/* metrics_windows.c: the limits of providers, and what their vendors said of them, as metrics.
 *
 * SPDX-License-Identifier: MIT
 */
#include "metrics.h"

#include "base/number.h"
#include "base/time.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A window of a provider: of a limit, or the day of its budget. */
struct metered {
    const struct standing *standing;
    const struct tq_limit_state *state; /* NULL: the budget */
    int64_t at_ns;
};

bool metrics_is_instant(int64_t at_ns)
{
    return at_ns > 0 && at_ns < TQ_NOW_END_NS;
}

uint32_t metrics_refusal(const struct standing *standing)
{
    const struct tq_verdict *verdict = &standing->verdict;
    bool said = verdict->reason == TQ_REASON_REPORTED || verdict->reason == TQ_REASON_THROTTLED;

    return verdict->state == TQ_QUOTA_EXHAUSTED && said && verdict->refusal < METRICS_CLASSES
               ? verdict->refusal
               : TQ_CLASS_NONE;
}

/* ---- of a window ----------------------------------------------------------------------------- */

static bool ratio_of(const struct metered *window, struct exact *value)
{
    int64_t budget = window->standing->provider->budget;

    *value = (struct exact){window->state
                                ? limit_share(window->state)
                                : tq__multiply_divide(window->standing->outlook.used, 1000000, budget, false),
                            6};
    return value->n >= 0;
}

/* Of the vendor's window also a reset that has passed: no newer word came. A rolling one is not reset. */
static bool reset_of(const struct metered *window, struct exact *value)
{
    const struct tq_limit_state *state = window->state;
    int64_t at_ns = !state                                                      ? tq__day_end(window->at_ns)
                    : limit_is_stated(&state->limit) && state->said_reset_at_ns ? state->said_reset_at_ns
                                                                                : state->end_at_ns;

    *value = exact_instant(at_ns);
    return metrics_is_instant(at_ns) && !(state && state->limit.window == TQ_WINDOW_ROLLING);
}

static struct lasts lasts_of(const struct metered *window)
{
    return window->state ? limit_lasts(window->state) : window->standing->outlook.lasts;
}

static bool lasting_of(const struct metered *window, struct exact *value)
{
    struct lasts lasts = lasts_of(window);

    *value = exact_count(lasts.kind == LASTS);
    return lasts.kind != LASTS_UNKNOWN;
}

static bool runs_out_of(const struct metered *window, struct exact *value)
{
    struct lasts lasts = lasts_of(window);

    *value = exact_instant(lasts.out_at_ns);
    return lasts.kind == LASTS_RUNS_OUT && metrics_is_instant(lasts.out_at_ns);
}

/* When the vendor last said something of the window; of a refusal that names none it is the budget's row. */
static int64_t said_at(const struct metered *window)
{
    if (window->state)
        return window->state->said_at_ns;
    return metrics_refusal(window->standing) ? window->standing->verdict.said_at_ns : 0;
}

static bool said_of(const struct metered *window, struct exact *value)
{
    *value = exact_instant(said_at(window));
    return metrics_is_instant(value->n);
}

static bool age_of(const struct metered *window, struct exact *value)
{
    int64_t said_at_ns = said_at(window);

    *value = exact_instant(window->at_ns > said_at_ns ? window->at_ns - said_at_ns : 0);
    return metrics_is_instant(said_at_ns);
}

static const struct window_metric {
    struct family family;
    bool (*value)(const struct metered *window, struct exact *value); /* false: there is none */
    const char *day; /* what the window is called that is no limit's; NULL: it is the provider as such */
} of_window[] = {
    {{"tokenquota_window_used_ratio", FAMILY_GAUGE, "ratio",
      "Part of a limit that is used, as the vendor says, else as counted; 1 is all."},
     ratio_of,
     "budget"},
    {{"tokenquota_window_reset_timestamp_seconds", FAMILY_GAUGE, "seconds",
      "When the window of a limit ends; in the past when the vendor said nothing since then."},
     reset_of,
     "budget"},
    {{"tokenquota_window_lasts", FAMILY_GAUGE, NULL,
      "1 if the limit lasts until its window ends, at the pace so far; else 0."},
     lasting_of,
     "budget"},
    {{"tokenquota_window_runs_out_timestamp_seconds", FAMILY_GAUGE, "seconds",
      "When the limit is used up at the pace so far, before its window ends."},
     runs_out_of,
     "budget"},
    {{"tokenquota_signal_timestamp_seconds", FAMILY_GAUGE, "seconds",
      "When the vendor last said something, of a window or, without one, of the provider."},
     said_of,
     NULL},
    {{"tokenquota_signal_age_seconds", FAMILY_GAUGE, "seconds",
      "How old that word was when this was written."},
     age_of,
     NULL},
};

/* What is counted in limits, and what they allow, by what they count. */
static const struct count_metric {
    struct family used, allowed;
    uint32_t unit; /* 0: some kind of tokens */
    int decimals;
} of_limit[] = {
    {{"tokenquota_window_used_tokens", FAMILY_GAUGE, "tokens", "Tokens used in the window of a limit."},
     {"tokenquota_window_limit_tokens", FAMILY_GAUGE, "tokens", "Tokens that a limit allows."},
     0,
     0},
    {{"tokenquota_window_used_requests", FAMILY_GAUGE, "requests", "Requests in the window of a limit."},
     {"tokenquota_window_limit_requests", FAMILY_GAUGE, "requests", "Requests that a limit allows."},
     TQ_UNIT_REQUESTS,
     0},
    {{"tokenquota_window_used_dollars", FAMILY_GAUGE, "dollars", "Dollars spent in the window of a limit."},
     {"tokenquota_window_limit_dollars", FAMILY_GAUGE, "dollars", "Dollars that a limit allows."},
     TQ_UNIT_COST,
     6},
};

static bool counts_in(const struct tq_limit *limit, uint32_t unit)
{
    bool tokens =
        limit->unit != TQ_UNIT_REQUESTS && limit->unit != TQ_UNIT_COST && limit->unit != TQ_UNIT_SHARE;

    return unit == 0 ? tokens : limit->unit == unit;
}

/* A limit is called by its sentence without what changes while it stays the same limit: its amount, and which
 * of its fixed windows it is in. So these are called by the first one since 1970. */
static void name_window(const struct tq_limit_state *state, char name[LIMIT_BYTES])
{
    struct tq_limit limit = state->limit;

    limit.known = 0;
    if (limit.window == TQ_WINDOW_FIXED && limit.length_ns > 0) {
        limit.anchor_at_ns %= limit.length_ns;
        if (limit.anchor_at_ns < 0)
            limit.anchor_at_ns += limit.length_ns;
    }
    limit_sentence(&limit, name);
}

static void put_window(struct exposition *out, const struct family *family, const struct metered *window,
                       const char *day, struct exact value)
{
    char name[LIMIT_BYTES];
    struct label labels[] = {{"provider", window->standing->provider->name},
                             {"window", day},
                             {"unit", day ? tq_unit_name(TQ_UNIT_TOKENS) : NULL}};

    if (window->state) {
        name_window(window->state, name);
        labels[1].value = name;
        labels[2].value = tq_unit_name(window->state->limit.unit);
    }
    exposition_put(out, family, NULL, labels, COUNT(labels), value);
}

static void put_of_window(struct exposition *out, const struct window_metric *metric,
                          const struct standing *standing, int64_t at_ns)
{
    struct metered window = {standing, NULL, at_ns};
    struct exact value;

    if ((!metric->day || standing->provider->budget > 0) && metric->value(&window, &value))
        put_window(out, &metric->family, &window, metric->day, value);
    for (size_t i = 0; i < standing->limits.count; i++) {
        window.state = &standing->limits.items[i];
        if (metric->value(&window, &value))
            put_window(out, &metric->family, &window, NULL, value);
    }
}

static void put_of_limit(struct exposition *out, const struct count_metric *metric, bool allowed,
                         const struct standing *standing, int64_t at_ns)
{
    for (size_t i = 0; i < standing->limits.count; i++) {
        const struct tq_limit_state *state = &standing->limits.items[i];
        struct metered window = {standing, state, at_ns};
        int64_t n = allowed ? state->limit.amount : state->used;

        if (counts_in(&state->limit, metric->unit) && (!allowed || n > 0))
            put_window(out, allowed ? &metric->allowed : &metric->used, &window, NULL,
                       (struct exact){n, metric->decimals});
    }
}

void metrics_put_windows(struct exposition *out, const struct standing *first, const struct standing *end,
                         int64_t at_ns)
{
    for (size_t i = 0; i < COUNT(of_window); i++)
        for (const struct standing *standing = first; standing < end; standing++)
            put_of_window(out, &of_window[i], standing, at_ns);
    for (size_t i = 0; i < 2 * COUNT(of_limit); i++)
        for (const struct standing *standing = first; standing < end; standing++)
            put_of_limit(out, &of_limit[i / 2], i % 2 != 0, standing, at_ns);
}
