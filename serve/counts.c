/* counts.c: what the daemon counts of itself: its answers, how long they took, and what came in.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each is a number by itself, so relaxed atomics will do: two that are read one after the other may be of
 * two instants.
 */
#include "counts.h"

#include <stdatomic.h>
#include <stdio.h>

#include "view/exposition.h"
#include "view/metrics.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define ROUTES_MOST 64

/* Of every status that answers have here; the last place is for any other. */
static const unsigned statuses[] = {200, 202, 204, 304, 400, 401, 403, 404, 405, 408, 409, 411,
                                    413, 415, 417, 421, 422, 429, 431, 500, 501, 503, 505, 507};

/* The upper ends of the histogram's buckets, and what they are called, as OpenMetrics wants floats written.
 */
static const struct {
    int64_t end_ns;
    const char *name;
} buckets[] = {
    {100000, "0.0001"},  {250000, "0.00025"}, {500000, "0.0005"},    {1000000, "0.001"},
    {2500000, "0.0025"}, {5000000, "0.005"},  {10000000, "0.01"},    {25000000, "0.025"},
    {100000000, "0.1"},  {1000000000, "1.0"}, {10000000000, "10.0"}, {INT64_MAX, "+Inf"},
};

static struct {
    int64_t begun_at_ns;
    atomic_uint_fast64_t answers[ROUTES_MOST + 1][COUNT(statuses) + 1];
    atomic_uint_fast64_t lengths[COUNT(buckets)];
    atomic_uint_fast64_t length_ns;
    atomic_uint_fast64_t refusals[METRICS_CLASSES];
    atomic_uint_fast64_t anomalies;
} counts;

static void add(atomic_uint_fast64_t *count, uint64_t n)
{
    atomic_fetch_add_explicit(count, n, memory_order_relaxed);
}

static int64_t read_count(atomic_uint_fast64_t *count)
{
    return (int64_t)(atomic_load_explicit(count, memory_order_relaxed) & INT64_MAX);
}

void counts_begin(int64_t now_ns)
{
    counts.begun_at_ns = now_ns;
}

void counts_answer(const struct http_route *route, unsigned status, int64_t length_ns)
{
    size_t number = route ? (size_t)(route - http_routes) : ROUTES_MOST, at = 0, bucket = 0;

    while (at < COUNT(statuses) && statuses[at] != status)
        at++;
    while (length_ns > buckets[bucket].end_ns)
        bucket++;
    add(&counts.answers[number < ROUTES_MOST ? number : ROUTES_MOST][at], 1);
    add(&counts.lengths[bucket], 1);
    add(&counts.length_ns, length_ns > 0 ? (uint64_t)length_ns : 0);
}

void counts_signal(const struct tq_quota_signal *signal)
{
    if (signal->refusal > TQ_CLASS_NONE && signal->refusal < METRICS_CLASSES)
        add(&counts.refusals[signal->refusal], 1);
    add(&counts.anomalies, signal->anomalies);
}

/* ---- as metrics ------------------------------------------------------------------------------ */

static void put_answers_of(struct exposition *out, size_t number, const char *method, const char *path)
{
    static const struct family requests = {"tokenquota_http_requests", FAMILY_COUNTER, NULL,
                                           "Requests that were answered, by route and status."};
    char status[16];
    struct label labels[] = {{"method", method}, {"route", path}, {"status", status}};

    for (size_t at = 0; at <= COUNT(statuses); at++) {
        int64_t n = read_count(&counts.answers[number][at]);

        if (at < COUNT(statuses))
            snprintf(status, sizeof status, "%u", statuses[at]);
        else
            snprintf(status, sizeof status, "other");
        if (n > 0)
            exposition_put(out, &requests, NULL, labels, COUNT(labels), exact_count(n));
    }
}

static void put_answers(struct exposition *out)
{
    for (size_t number = 0; http_routes[number].method && number < ROUTES_MOST; number++)
        put_answers_of(out, number, http_routes[number].method, http_routes[number].path);
    put_answers_of(out, ROUTES_MOST, NULL, "other");
}

static void put_lengths(struct exposition *out)
{
    static const struct family lengths = {"tokenquota_http_request_duration_seconds", FAMILY_HISTOGRAM,
                                          "seconds", "From a request's header to its answer."};
    int64_t sum_ns = read_count(&counts.length_ns), n = 0;

    for (size_t bucket = 0; bucket < COUNT(buckets); bucket++) {
        n += read_count(&counts.lengths[bucket]);
        exposition_put(out, &lengths, "_bucket", &(struct label){"le", buckets[bucket].name}, 1,
                       exact_count(n));
    }
    exposition_put(out, &lengths, "_sum", NULL, 0, exact_instant(sum_ns));
    exposition_put(out, &lengths, "_count", NULL, 0, exact_count(n));
}

void counts_put(struct exposition *out)
{
    static const struct family refusals = {"tokenquota_refusals", FAMILY_COUNTER, NULL,
                                           "Refusals of vendors that were sent to the daemon, by class."},
                               anomalies = {"tokenquota_signal_anomalies", FAMILY_COUNTER, NULL,
                                            "Values without a known form in what vendors said."},
                               begun = {"process_start_time_seconds", FAMILY_GAUGE, "seconds",
                                        "When the daemon began."};

    put_answers(out);
    put_lengths(out);
    for (uint32_t class = TQ_CLASS_THROTTLED; class < METRICS_CLASSES; class ++)
        exposition_put(out, &refusals, NULL, &(struct label){"class", tq_class_name(class)}, 1,
                       exact_count(read_count(&counts.refusals[class])));
    exposition_put(out, &anomalies, NULL, NULL, 0, exact_count(read_count(&counts.anomalies)));
    exposition_put(out, &begun, NULL, NULL, 0, exact_instant(counts.begun_at_ns));
}
