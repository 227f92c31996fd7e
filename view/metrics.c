/* metrics.c: how the providers of a ledger stand, as metrics.
 *
 * SPDX-License-Identifier: MIT
 */
#include "metrics.h"

#include "base/number.h"
#include "base/time.h"
#include "verdict.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- of a provider --------------------------------------------------------------------------- */

static bool budget_of(const struct standing *standing, struct exact *value)
{
    *value = exact_count(standing->provider->budget);
    return standing->provider->budget > 0;
}

static bool retry_of(const struct standing *standing, struct exact *value)
{
    *value = exact_instant(standing->verdict.retry_at_ns);
    return standing->verdict.state == TQ_QUOTA_EXHAUSTED && metrics_is_instant(standing->verdict.retry_at_ns);
}

static bool probe_of(const struct standing *standing, struct exact *value)
{
    *value = exact_instant(standing->verdict.probe_at_ns);
    return standing->verdict.state == TQ_QUOTA_EXHAUSTED && metrics_is_instant(standing->verdict.probe_at_ns);
}

static const struct provider_metric {
    struct family family;
    bool (*value)(const struct standing *standing, struct exact *value); /* false: there is none */
} of_provider[] = {
    {{"tokenquota_budget_tokens", FAMILY_GAUGE, "tokens", "Tokens that may be used in a UTC day."},
     budget_of},
    {{"tokenquota_retry_timestamp_seconds", FAMILY_GAUGE, "seconds",
      "When a provider that is out may be asked again; absent when nobody knows."},
     retry_of},
    {{"tokenquota_probe_timestamp_seconds", FAMILY_GAUGE, "seconds",
      "When one request may test whether a provider that its vendor keeps out is back."},
     probe_of},
};

/* ---- of a provider, or of all others ------------------------------------------------------------ */

/* standing is NULL for the others. */
static void put(struct exposition *out, const struct family *family, const struct standing *standing,
                struct label more, struct label last, int64_t n)
{
    struct label labels[] = {{"provider", standing ? standing->provider->name : NULL},
                             {"others", standing ? NULL : "true"},
                             more,
                             last};

    exposition_put(out, family, NULL, labels, COUNT(labels), exact_count(n));
}

#define NO_LABEL ((struct label){0})

static void put_info(struct exposition *out, const struct standing *standing, const struct metrics_sum *sum)
{
    static const struct family family = {"tokenquota_provider", FAMILY_INFO, NULL,
                                         "The pool and the rule of a provider, to join with."};

    (void)sum;
    put(out, &family, standing, (struct label){"pool", standing ? standing->pool : NULL},
        (struct label){"rule", standing ? rule_name(standing->verdict.rule) : NULL}, 1);
}

static void put_state(struct exposition *out, const struct standing *standing, const struct metrics_sum *sum)
{
    static const struct family family = {"tokenquota_state", FAMILY_GAUGE, NULL,
                                         "1 for the state that the provider is in, else 0."};

    for (int state = TQ_AVAILABLE; state <= TQ_QUOTA_EXHAUSTED; state++)
        put(out, &family, standing, (struct label){"state", tq_state_name(state)}, NO_LABEL,
            sum->in_state[state]);
}

static void put_reasons(struct exposition *out, const struct standing *standing,
                        const struct metrics_sum *sum)
{
    static const struct family family = {"tokenquota_reason", FAMILY_GAUGE, NULL,
                                         "1 for each reason that the provider is out."};

    (void)sum;
    if (!standing || standing->verdict.state != TQ_QUOTA_EXHAUSTED)
        return;
    for (uint32_t reason = TQ_REASON_MARKED; reason <= TQ_REASON_SHARED; reason++)
        if (standing->verdict.reasons & 1u << reason)
            put(out, &family, standing, (struct label){"reason", tq_reason_name(reason)}, NO_LABEL, 1);
}

static void put_refused(struct exposition *out, const struct standing *standing,
                        const struct metrics_sum *sum)
{
    static const struct family family = {"tokenquota_refused", FAMILY_GAUGE, NULL,
                                         "1 while a refusal of this class by its vendor keeps it out."};

    for (uint32_t class = TQ_CLASS_THROTTLED; class < METRICS_CLASSES; class ++)
        if (sum->refused[class] > 0)
            put(out, &family, standing, (struct label){"class", tq_class_name(class)}, NO_LABEL,
                sum->refused[class]);
}

static void put_used(struct exposition *out, const struct standing *standing, const struct metrics_sum *sum)
{
    static const struct family family = {"tokenquota_used_tokens", FAMILY_GAUGE, "tokens",
                                         "Tokens used in this UTC day; of a pool also by those in it."};

    put(out, &family, standing, NO_LABEL, NO_LABEL, sum->used);
}

static void put_holds(struct exposition *out, const struct standing *standing, const struct metrics_sum *sum)
{
    static const struct family family = {"tokenquota_holds", FAMILY_GAUGE, NULL,
                                         "Calls that run and hold something; of a pool also those in it."};

    put(out, &family, standing, NO_LABEL, NO_LABEL, sum->holds);
}

static void put_held(struct exposition *out, const struct standing *standing, const struct metrics_sum *sum)
{
    static const struct family family = {"tokenquota_held_tokens", FAMILY_GAUGE, "tokens",
                                         "Tokens that they hold; of a pool also those held in it."};

    put(out, &family, standing, NO_LABEL, NO_LABEL, sum->held);
}

static void add(struct metrics_sum *sum, const struct standing *standing)
{
    sum->providers++;
    sum->used = tq__add_saturated(sum->used, standing->outlook.used);
    sum->holds += standing->held.holds;
    sum->held = tq__add_saturated(sum->held, standing->held.tokens);
    sum->in_state[standing->verdict.state]++;
    sum->refused[metrics_refusal(standing)]++;
}

/* What is used in a pool is in the pool's own count. */
static void add_other(void *context, const struct standing *standing)
{
    struct metrics_sum *sum = context;
    struct metrics_sum before = *sum;

    add(sum, standing);
    if (!standing->pool)
        return;
    sum->used = before.used;
    sum->holds = before.holds;
    sum->held = before.held;
}

void metrics_prepare(struct ledger_standings *all, struct metrics_sum *others)
{
    *others = (struct metrics_sum){0};
    all->most = METRICS_PROVIDERS;
    all->passed_by = add_other;
    all->context = others;
}

/* ---- the ledger ------------------------------------------------------------------------------ */

void metrics_put_build(struct exposition *out)
{
    static const struct family build = {"tokenquota_build", FAMILY_INFO, NULL, "The version of tokenquota."};

    exposition_put(out, &build, NULL, &(struct label){"version", tq_version_string()}, 1, exact_count(1));
}

static void put_ledger(struct exposition *out, const struct ledger_standings *all)
{
    static const struct family
        providers = {"tokenquota_ledger_providers", FAMILY_GAUGE, NULL, "Names that the ledger holds."},
        bytes = {"tokenquota_ledger_size_bytes", FAMILY_GAUGE, "bytes",
                 "How large the file of the ledger is."},
        ahead = {"tokenquota_ledger_ahead", FAMILY_GAUGE, NULL,
                 "Providers with a day that has not come yet: a clock was wrong."},
        anomalies = {"tokenquota_ledger_anomalies", FAMILY_COUNTER, NULL,
                     "Records and repairs that are not as usual, as status --verbose has them."},
        at = {"tokenquota_standing_timestamp_seconds", FAMILY_GAUGE, "seconds",
              "The instant that these numbers are of."};
    const struct tq_ledger_info *ledger = &all->info;
    const struct {
        const char *kind;
        uint64_t count;
    } kinds[] = {{"late", ledger->late},       {"too_old", ledger->too_old},
                 {"clock", ledger->clock},     {"saturated", ledger->saturated},
                 {"rebuilt", ledger->rebuilt}, {"recovered", ledger->recovered}};

    exposition_put(out, &at, NULL, NULL, 0, exact_instant(all->at_ns));
    exposition_put(out, &providers, NULL, NULL, 0, exact_count((int64_t)ledger->providers));
    exposition_put(out, &bytes, NULL, NULL, 0, exact_count((int64_t)ledger->file_bytes));
    exposition_put(out, &ahead, NULL, NULL, 0, exact_count((int64_t)ledger->ahead));
    for (size_t i = 0; i < COUNT(kinds); i++)
        exposition_put(out, &anomalies, NULL, &(struct label){"kind", kinds[i].kind}, 1,
                       exact_count((int64_t)(kinds[i].count & INT64_MAX)));
}

/* Samples of a family stand together, so all providers are gone through for each family. */
static void put_providers(struct exposition *out, const struct standing *first, const struct standing *end,
                          const struct metrics_sum *others)
{
    static void (*const puts[])(struct exposition *, const struct standing *, const struct metrics_sum *) = {
        put_info, put_state, put_reasons, put_refused, put_used, put_holds, put_held,
    };

    for (size_t i = 0; i < COUNT(puts); i++) {
        for (const struct standing *standing = first; standing < end; standing++) {
            struct metrics_sum one = {0};

            add(&one, standing);
            puts[i](out, standing, &one);
        }
        if (others->providers > 0)
            puts[i](out, NULL, others);
    }
}

void metrics_put(struct exposition *out, const struct ledger_standings *all, const struct metrics_sum *others)
{
    const struct standing *first = all->standings.items, *end = first + all->standings.count;
    struct exact value;

    metrics_put_build(out);
    put_ledger(out, all);
    put_providers(out, first, end, others);
    for (size_t i = 0; i < COUNT(of_provider); i++) {
        for (const struct standing *standing = first; standing < end; standing++) {
            struct label label = {"provider", standing->provider->name};

            if (of_provider[i].value(standing, &value))
                exposition_put(out, &of_provider[i].family, NULL, &label, 1, value);
        }
    }
    metrics_put_windows(out, first, end, all->at_ns);
}
