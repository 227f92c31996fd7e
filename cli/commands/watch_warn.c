/* watch_warn.c: `tokenquota watch --warn`: tells of shares of limits and of the day's budget that were
 * reached.
 *
 * SPDX-License-Identifier: MIT
 *
 * The ledger says who tells of it: one process, once in each window.
 */
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/number.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/commands/watch.h"
#include "view/json.h"

static int descending(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return (a < b) - (a > b);
}

int option_percents(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    struct percents *percents = to;
    struct tq__span rest = tq__span_of(text);

    (void)now_ns;
    percents->count = 0;
    do {
        uint32_t percent = 0;

        if (!percent_parse(tq__span_cut(&rest, ','), &percent) || percents->count == WARN_MOST) {
            report("--%s \"%s\": write percents from 1 to 100, at most %d of them, as in 50,80,90",
                   option->name, text, WARN_MOST);
            return -1;
        }
        percents->items[percents->count++] = percent;
    } while (rest.len > 0);
    qsort(percents->items, percents->count, sizeof percents->items[0], descending);
    return 0;
}

/* ---- one warning ----------------------------------------------------------------------------- */

void warning_free(struct warning *warning)
{
    free(warning->name);
    free(warning->limit);
    free(warning->sentence);
}

bool watch_next_warning(struct watch *watch, struct warning *warning)
{
    if (watch->warning_count == 0)
        return false;
    *warning = watch->warnings[0];
    memmove(watch->warnings, watch->warnings + 1, --watch->warning_count * sizeof *watch->warnings);
    return true;
}

/* Prints it, and keeps it for the command. limit is given away. */
static int tell(struct watch *watch, const struct watched *item, uint32_t percent, const char *label,
                const char *sentence, json_t *limit, int64_t now_ns)
{
    struct warning warning;

    if (watch->asked.json)
        json_print(json_pack("{s:o, s:s, s:i, s:s, s:s, s:o}", "at", instant_json(now_ns), "provider",
                             item->name, "warn_percent", (int)percent, "of", label, "sentence", sentence,
                             "limit", limit),
                   true);
    else
        printf("%sZ  %s  %s\n", format_utc(now_ns).s, item->name, sentence);
    if (watch->exec) {
        watch->warnings = must_have(tq__list_room(watch->warnings, watch->warning_count,
                                                  &watch->warning_capacity, sizeof *watch->warnings));
        warning = (struct warning){must_have(strdup(item->name)), must_have(strdup(label)),
                                   must_have(strdup(sentence)), percent};
        watch->warnings[watch->warning_count++] = warning;
    }
    return report_flush_stdout() < 0 ? CLI_ERROR : 0;
}

/* ---- limits ---------------------------------------------------------------------------------- */

static int tell_limit(struct watch *watch, const struct watched *item, const struct tq_limit_state *state,
                      uint32_t percent, int64_t now_ns)
{
    struct text label = limit_label(&state->limit);
    struct text when = limit_when(state, now_ns, (int)sizeof(when.s) - 1), reached = limit_percent(state);
    char sentence[SENTENCE_BYTES];

    if (limit_has_reading(state))
        reached = format_percent(state->said_ppm, 1000000);
    snprintf(sentence, sizeof sentence, "limit %u (%s) has reached %u%%: %s used%s%s",
             (unsigned)state->number, label.s, (unsigned)percent, reached.s, *when.s ? "; " : "", when.s);
    return tell(watch, item, percent, label.s, sentence,
                watch->asked.json ? limit_state_json(state, now_ns) : NULL, now_ns);
}

/* Gives the highest percent that was reached and that this process is to tell of; the library holds back the
 * lower ones. 0: none. */
static int take(struct watch *watch, const struct watched *item, uint32_t number, int64_t now_ns,
                uint32_t *percent)
{
    *percent = 0;
    for (size_t i = 0; i < watch->warn.count; i++) {
        int answer = tq_provider_warn_take(item->provider, number, watch->warn.items[i], now_ns);

        if (answer == 0)
            *percent = watch->warn.items[i];
        if (answer != 1)
            return answer >= 0 || answer == TQ_EINVAL ? 0
                   : answer == TQ_EGONE               ? answer
                                                      : session_fail(item->name, answer);
    }
    return 0;
}

static int warn_of_limit(struct watch *watch, const struct watched *item, const struct tq_limit_state *state,
                         int64_t now_ns)
{
    uint32_t percent;
    int answer = take(watch, item, state->number, now_ns, &percent);

    return percent ? tell_limit(watch, item, state, percent, now_ns) : answer;
}

/* ---- the day's budget ------------------------------------------------------------------------ */

static int warn_of_budget(struct watch *watch, const struct watched *item, int64_t now_ns)
{
    int64_t budget = tq_provider_budget(item->provider), used = tq_provider_used(item->provider, now_ns);
    char sentence[SENTENCE_BYTES];
    struct tq_verdict verdict;
    struct text lasts;
    uint32_t percent;
    int answer = take(watch, item, 0, now_ns, &percent);

    if (!percent)
        return answer;
    answer = verdict_read(item->provider, now_ns, 0, &verdict);
    if (answer < 0)
        return session_fail(item->name, answer);
    lasts = lasts_words(lasts_by_rule(budget_lasts(used, budget, now_ns), &verdict), now_ns);
    snprintf(sentence, sizeof sentence, "the day's budget has reached %u%%: %s of %s used; %s%sresets %s",
             (unsigned)percent, format_short(used, ROUND_DOWN).s, format_short(budget, ROUND_DOWN).s, lasts.s,
             *lasts.s ? ", " : "", format_local_soon(tq__day_start(now_ns) + DAY_NS, now_ns).s);
    return tell(watch, item, percent, "day", sentence, watch->asked.json ? json_null() : NULL, now_ns);
}

int watch_warn(struct watch *watch, struct watched *item, int64_t now_ns)
{
    struct limits limits;
    int answer;

    if (watch->warn.count == 0 || !item->provider)
        return 0;
    answer = limits_read(item->provider, now_ns, &limits);
    if (answer == TQ_ENOMEM)
        no_memory();
    if (answer < 0)
        return session_fail(item->name, answer);
    for (size_t i = 0; i < limits.count && answer == 0; i++)
        answer = warn_of_limit(watch, item, &limits.items[i], now_ns);
    limits_free(&limits);
    return answer == 0 ? warn_of_budget(watch, item, now_ns) : answer;
}
