/* reconcile.c: brings what the configuration says of providers into the ledger, and says what changed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "reconcile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/limits.h"
#include "view/listener.h"

#define STAYS_SEED UINT64_C(0x7374617973)

struct reconciling {
    const struct config *config;
    struct tq_ledger *ledger;
    struct reconcile_said *said; /* NULL: only what is refused is told */
    struct listener *listener;
    const struct config_provider *section;
    struct tq_provider *provider;
    unsigned refused;
};

/* ---- what is said ---------------------------------------------------------------------------- */

/* Gives 0, for the work goes on, but after TQ_EGONE. */
static int tell_line(struct reconciling *work, unsigned line, int answer, const char *words)
{
    if (answer == TQ_EGONE)
        return answer;
    work->refused++;
    listener_trouble(work->listener, "%s:%u: %s", work->config->path, line, words);
    return 0;
}

static int tell_refused(struct reconciling *work, unsigned line, int answer, const char *why)
{
    char words[LIMIT_REFUSED_BYTES];

    snprintf(words, sizeof words, "\"%s\": %s", work->section->name, why ? why : tq_strerror(answer));
    return tell_line(work, line, answer, words);
}

/* What is not in the configuration is said once, until another thing stays. */
static void tell_stays(struct reconciling *work, const char *what)
{
    char line[LISTENER_LINE];
    uint32_t half, found;
    uint64_t hash;
    size_t at = 0;

    if (!work->said)
        return;
    snprintf(line, sizeof line, "%s: %s is in the ledger and not in the configuration; it stays",
             work->section->name, what);
    hash = tq__hash(STAYS_SEED, line, strlen(line));
    half = (uint32_t)hash & ~(uint32_t)1; /* never the end of the index */
    while ((found = tq__index_find(&work->said->stays, hash, &at)) != TQ__INDEX_END)
        if (found == half)
            return;
    (void)tq__index_add(&work->said->stays, hash, half);
    listener_trouble(work->listener, "%s", line);
}

/* A value for people: what holds without the setting has a word, too. */
static void write_value(enum setting key, const struct settings *values, char out[SETTING_BYTES])
{
    setting_write(key, values, out);
    if (key == SETTING_BUDGET && values->budget > 0)
        config_tokens_write(values->budget, out);
    if (!*out)
        snprintf(out, SETTING_BYTES, "%s",
                 key == SETTING_RULE || key == SETTING_CARE ? "default"
                 : key == SETTING_OVERAGE                   ? "allow"
                                                            : "none");
}

/* ---- settings -------------------------------------------------------------------------------- */

static int set_one(struct reconciling *work, enum setting key)
{
    const struct config_provider *section = work->section;
    const char *pool_name = key == SETTING_POOL ? section->values.pool : NULL;
    char before[SETTING_BYTES], after[SETTING_BYTES];
    unsigned line = section->lines[key];
    struct tq_provider *pool = NULL;
    struct settings is = {0};
    int answer = settings_read(work->provider, &is);

    if (answer < 0)
        return tell_refused(work, line, answer, NULL);
    write_value(key, &is, before);
    write_value(key, &section->values, after);
    if (strcmp(before, after) == 0)
        return 0;
    if (pool_name)
        answer = tq_ledger_provider(work->ledger, pool_name, strlen(pool_name), 0, &pool);
    if (answer == 0)
        answer = setting_set(work->provider, key, &section->values, pool);
    if (answer < 0)
        return tell_refused(work, line, answer,
                            pool_name && answer == TQ_EINVAL
                                ? "its pool cannot be that: there would be a circle, or a fourth level"
                                : NULL);
    if (work->said)
        listener_trouble(work->listener, "%s: %s %s -> %s", section->name, setting_keys[key], before, after);
    return 0;
}

/* Does the configuration say it, if by another key? A care is one of the rule care. */
static bool is_said(const struct config_provider *section, enum setting key, const struct settings *is)
{
    return section->given[key] || (key == SETTING_RULE && section->given[SETTING_CARE]) ||
           (key == SETTING_CARE && is->care == TQ_CARE_DEFAULT);
}

static int set_settings(struct reconciling *work)
{
    char value[SETTING_BYTES], what[SETTING_BYTES + 16];
    struct settings is = {0};
    int answer = 0;

    for (int key = 0; key < SETTINGS && answer == 0; key++)
        if (work->section->given[key])
            answer = set_one(work, (enum setting)key);
    if (answer == 0)
        answer = settings_read(work->provider, &is);
    for (int key = 0; key < SETTINGS && answer == 0; key++) {
        setting_write((enum setting)key, &is, value);
        if (!*value || is_said(work->section, (enum setting)key, &is))
            continue;
        write_value((enum setting)key, &is, value);
        snprintf(what, sizeof what, "%s %s", setting_keys[key], value);
        tell_stays(work, what);
    }
    return answer;
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void tell_limit(const struct reconciling *work, const struct limits *before,
                       const struct limits *after, uint32_t number)
{
    const struct tq_limit_state *was = limits_find(before, number), *is = limits_find(after, number);
    char old[LIMIT_BYTES], now[LIMIT_BYTES];

    if (!is)
        return;
    limit_sentence(&is->limit, now);
    if (was)
        limit_sentence(&was->limit, old);
    if (!was)
        listener_trouble(work->listener, "%s: limit %u is new: %s", work->section->name, (unsigned)number,
                         now);
    else if (strcmp(old, now) != 0)
        listener_trouble(work->listener, "%s: limit %u: %s -> %s", work->section->name, (unsigned)number, old,
                         now);
}

/* *number is that of the limit; 0: it was refused. */
static int set_limit(struct reconciling *work, const struct config_limit *limit, uint32_t *number)
{
    struct tq_error error = {.size = sizeof error};
    struct limits before = {0}, after = {0};
    char why[LIMIT_REFUSED_BYTES];
    int answer = limits_read(work->provider, tq_now_ns(), &before), set;

    *number = 0;
    set = answer < 0 ? answer : tq_provider_set_limit(work->provider, &limit->limit, &error);
    if (set > 0) {
        *number = (uint32_t)set;
        answer = limits_read(work->provider, tq_now_ns(), &after);
    }
    if (set > 0 && answer == 0 && work->said)
        tell_limit(work, &before, &after, (uint32_t)set);
    limits_free(&before);
    limits_free(&after);
    if (set > 0)
        return answer == TQ_EGONE ? answer : 0;
    limit_refused(&limit->limit, work->section->name, set, &error, why);
    return tell_line(work, limit->line, set, why);
}

/* A window that the vendor states comes by itself; with a reserve the user set it. */
static bool comes_by_itself(const struct tq_limit *limit)
{
    return limit_is_stated(limit) && limit->reserve == 0 && limit->amount == 0;
}

static int tell_other_limits(struct reconciling *work, const bool ours[TQ_LIMITS_MAX + 1])
{
    char sentence[LIMIT_BYTES], what[LIMIT_BYTES + 32];
    struct limits limits;
    int answer = limits_read(work->provider, tq_now_ns(), &limits);

    for (size_t i = 0; i < limits.count && answer == 0; i++) {
        const struct tq_limit_state *state = &limits.items[i];

        if (state->number > TQ_LIMITS_MAX || ours[state->number] || comes_by_itself(&state->limit))
            continue;
        limit_sentence(&state->limit, sentence);
        snprintf(what, sizeof what, "limit %u (%s)", (unsigned)state->number, sentence);
        tell_stays(work, what);
    }
    limits_free(&limits);
    return answer == TQ_EGONE ? answer : 0;
}

static int set_limits(struct reconciling *work)
{
    const struct config_provider *section = work->section;
    bool ours[TQ_LIMITS_MAX + 1] = {false};
    uint32_t number;
    int answer = 0;

    for (size_t i = 0; i < section->limit_count && answer == 0; i++) {
        answer = set_limit(work, &section->limits[i], &number);
        if (answer < 0 || number == 0 || number > TQ_LIMITS_MAX)
            continue;
        if (ours[number])
            answer =
                tell_refused(work, section->limits[i].line, TQ_EINVAL,
                             "this is a limit of above with another amount or reserve; write one of them");
        ours[number] = true;
    }
    return answer == 0 ? tell_other_limits(work, ours) : answer;
}

/* ---- all providers --------------------------------------------------------------------------- */

static int reconcile_all(struct reconciling *work)
{
    int answer = 0;

    for (size_t i = 0; i < work->config->provider_count && answer == 0; i++) {
        work->section = &work->config->providers[i];
        answer = tq_ledger_provider(work->ledger, work->section->name, strlen(work->section->name), 0,
                                    &work->provider);
        if (answer < 0) {
            answer = tell_refused(work, work->section->line, answer, NULL);
            continue;
        }
        answer = set_settings(work);
        if (answer == 0)
            answer = set_limits(work);
    }
    return answer;
}

int reconcile(const struct config *config, struct tq_ledger *ledger, struct reconcile_said *said,
              struct listener *listener)
{
    struct reconciling work = {.config = config, .ledger = ledger, .said = said, .listener = listener};
    int answer = reconcile_all(&work);

    return answer < 0 ? answer : work.refused > 0;
}

int reconcile_check(const struct config *config, struct listener *listener)
{
    struct reconciling work = {.config = config, .listener = listener};
    struct tq_error error = {.size = sizeof error};
    int answer = tq_ledger_open(&work.ledger, NULL, NULL, &error);

    if (answer < 0) {
        listener_trouble(listener, "%s", error.msg);
        return -1;
    }
    answer = reconcile_all(&work);
    tq_ledger_close(work.ledger);
    return answer < 0 || work.refused ? -1 : 0;
}
