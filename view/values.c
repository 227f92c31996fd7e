/* values.c: what people write as a value: tokens, care, lengths of time, sources of logs, profiles.
 *
 * SPDX-License-Identifier: MIT
 */
#include "values.h"

#include <string.h>

#include <tokenquota.h>
#include <tokenquota_logs.h>
#include <tokenquota_signals.h>

#include "base/number.h"
#include "base/text.h"
#include "base/time.h"
#include "listener.h"

#define PROFILES_MOST 255
#define SOURCES_MOST 31

#define NO_LENGTH "is not a length of time; write for example 15m, 1h30m or 90s (d, h, m, s, ms)"
#define NO_CARE "is no care; write 0 to 8 in steps of a quarter, for example 5/4 or 1.25"
#define NO_TOKENS "is not a number of tokens; write for example 5000000, 5M or 1.5k (k, M, G, T)"

/* ---- numbers and lengths --------------------------------------------------------------------- */

const char *tokens_parse(const char *text, size_t len, int64_t *tokens)
{
    struct tq__span span = {text, len};
    struct tq__number number;
    size_t used = tq__amount_take(span, &number);
    bool exact;

    if (used == 0 || used < len)
        return NO_TOKENS;
    if (tq__number_scale(&number, 0, tokens, &exact) != 0)
        return "is too many tokens; the most is 9223372036854775807";
    return exact ? NULL : "is not a whole number of tokens";
}

const char *care_parse(const char *text, size_t len, unsigned *care)
{
    const char *slash = memchr(text, '/', len);
    struct tq__span of = {text, slash ? (size_t)(slash - text) : len};
    int64_t parts = 1, hundredths;
    struct tq__number number;
    bool exact;

    if (slash && (tq__number_count(tq__span_behind((struct tq__span){text, len}, of.len + 1), &parts) != 0 ||
                  (parts != 1 && parts != 2 && parts != 4)))
        return NO_CARE;
    if (tq__number_read(of, &number) != 0 || tq__number_scale(&number, 2, &hundredths, &exact) != 0 || !exact)
        return NO_CARE;
    if (hundredths < 0 || hundredths > TQ_CARE_MAX * 100 || hundredths * 4 % (100 * parts) != 0 ||
        hundredths * 4 / (100 * parts) > TQ_CARE_MAX)
        return NO_CARE;
    *care = (unsigned)(hundredths * 4 / (100 * parts));
    return NULL;
}

const char *length_parse(const char *text, int64_t *length_ns)
{
    struct tq__span span = tq__span_of(text);
    size_t used = tq__length_take(span, true, length_ns);

    if (used == 0 || used < span.len)
        return NO_LENGTH;
    return *length_ns == INT64_MAX ? "is too long" : NULL;
}

/* ---- words ----------------------------------------------------------------------------------- */

int word_unknown(struct listener *listener, const char *unknown, const char *dashes, const char *word,
                 const char *const *names, const char *hint)
{
    const char *near = tq__nearest(tq__span_of(word), names);

    if (near)
        return listener_fail(listener, "%s \"%s%s\"; did you mean \"%s%s\"?", unknown, dashes, word, dashes,
                             near);
    return listener_fail(listener, "%s \"%s%s\"; %s", unknown, dashes, word, hint);
}

int source_find(const char *word, const struct tq_log_source **source, struct listener *listener)
{
    const char *names[SOURCES_MOST + 2] = {"all"};
    const struct tq_log_source *one;
    size_t count = 1;

    *source = NULL;
    if (strcmp(word, "all") == 0 || (*source = tq_log_source_find(word)) != NULL)
        return 0;
    for (; count <= SOURCES_MOST && (one = tq_log_source_at(count - 1)) != NULL; count++)
        names[count] = tq_log_source_name(one);
    return word_unknown(listener, "unknown source", "", word, names, "`tokenquota import --help` lists them");
}

int profile_find(const char *name, const struct tq_profile **profile, struct listener *listener)
{
    const char *names[PROFILES_MOST + 2] = {"auto"};
    const struct tq_profile *one;
    size_t count = 1;

    *profile = name ? tq_profile_find(name, strlen(name)) : NULL;
    if (*profile || !name || (*name && tq_profile_known(name, strlen(name))))
        return 0;
    for (size_t i = 0; count <= PROFILES_MOST && (one = tq_profile_at(i)) != NULL; i++)
        names[count++] = tq_profile_name(one);
    return word_unknown(listener, "there is no profile", "", name, names,
                        "`tokenquota signal --list` names them");
}
