/* observe.c: a record before it is counted: its provider, what it cost, and why it was refused.
 *
 * SPDX-License-Identifier: MIT
 */
#include "observe.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/time.h"

int observe_provider(struct tq_ledger *ledger, const char *name, int64_t at_ns, struct tq_provider **provider,
                     bool *is_new)
{
    int answer = tq_ledger_provider(ledger, name, strlen(name), TQ_PROVIDER_EXISTING, provider);

    *is_new = answer == 1;
    if (answer != 1)
        return answer;
    answer = tq_tracker_record(tq_ledger_tracker(ledger), name, 0, at_ns, NULL);
    return answer < 0 ? answer : tq_ledger_provider(ledger, name, strlen(name), 0, provider);
}

/* 2026-03-04 09:41:07 */
static const char *seconds_of(int64_t at_ns, char out[TQ__TIME_BYTES])
{
    tq__time_write(out, tq__floor_divide(at_ns, TQ__SECOND_NS) * TQ__SECOND_NS);
    out[TQ__DATE_LENGTH] = ' ';
    out[strlen(out) - 1] = '\0';
    return out;
}

void observe_refused(struct tq_ledger *ledger, int64_t at_ns, int code, const char *word,
                     char out[REFUSED_BYTES])
{
    struct tq_ledger_info info = {.size = sizeof info};
    char at[TQ__TIME_BYTES], now[TQ__TIME_BYTES];

    seconds_of(at_ns, at);
    if (code == TQ_ECLOCK && at_ns < CLOCK_MIN_NS)
        snprintf(out, REFUSED_BYTES, "%sZ is before 2020; %s%s%s", at, word ? "is " : "", word ? word : "",
                 word ? " right?" : "set the clock");
    else if (code == TQ_ECLOCK)
        snprintf(out, REFUSED_BYTES, "%sZ is more than 5 minutes ahead of the clock, which says %sZ", at,
                 seconds_of(tq_now_ns(), now));
    else if (code == TQ_EAGE && tq_ledger_statistics(ledger, &info) == 0)
        snprintf(out, REFUSED_BYTES, "%.*s is too old; the ledger keeps %d days", TQ__DATE_LENGTH, at,
                 (int)info.history_days);
    else
        snprintf(out, REFUSED_BYTES, "%s", tq_strerror(code));
}

bool cost_parse(struct tq__span text, int64_t *nano_usd)
{
    struct tq__number number;
    bool exact = false;

    if (text.len > 0 && *text.at == '$')
        text = tq__span_behind(text, 1);
    return text.len > 0 &&
           tq__number_take(text, TQ__NUMBER_GROUPS | TQ__NUMBER_EXPONENT, &number) == text.len &&
           tq__number_scale(&number, 9, nano_usd, &exact) == 0 && exact;
}

int64_t classes_counted(const struct tq_usage *usage)
{
    return tq__add_saturated(tq__add_saturated(usage->input, usage->cache_write), usage->output);
}
