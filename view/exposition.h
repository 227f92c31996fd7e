/* exposition.h: writes metrics as text, in Prometheus's form 0.0.4 or in OpenMetrics 1.0.
 *
 * SPDX-License-Identifier: MIT
 *
 * A family is a name, its type, and all samples of that name, which stand together. Its head is written
 * before its first sample, so a family without a sample is not there at all. What both forms call differently
 * (the names of counters and infos) is said here and nowhere else. Numbers are exact: no floating point.
 */
#ifndef TOKENQUOTA_VIEW_EXPOSITION_H
#define TOKENQUOTA_VIEW_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPOSITION_PROMETHEUS "text/plain; version=0.0.4; charset=utf-8"
#define EXPOSITION_OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

enum family_type { FAMILY_GAUGE, FAMILY_COUNTER, FAMILY_INFO, FAMILY_HISTOGRAM };

struct family {
    const char
        *name; /* without "_total" and "_info", which its type adds; ends with "_UNIT" when it has one */
    enum family_type type;
    const char *unit; /* NULL: none */
    const char *help; /* a sentence without quotes and backslashes */
};

/* A label without a value is left out, which is the same to those who read it. */
struct label {
    const char *name;
    const char *value; /* any text */
};

/* n x 10^-decimals */
struct exact {
    int64_t n;    /* above INT64_MIN */
    int decimals; /* at most 18 */
};

static inline struct exact exact_count(int64_t n)
{
    return (struct exact){n, 0};
}

static inline struct exact exact_instant(int64_t at_ns)
{
    return (struct exact){at_ns, 9};
}

struct exposition {
    bool openmetrics; /* the caller's; the rest begins as zeros */
    bool failed;      /* there was no memory: text is not whole */
    char *text;       /* the caller frees it */
    size_t len;
    size_t capacity;
    const struct family *begun;
};

/* Appends a sample. suffix: of a histogram's, "_bucket", "_sum", "_count"; else NULL. */
void exposition_put(struct exposition *out, const struct family *family, const char *suffix,
                    const struct label *labels, size_t label_count, struct exact value);

/* Ends the text. 0, or TQ_ENOMEM. */
int exposition_end(struct exposition *out);

#endif
