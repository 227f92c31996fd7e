/* watch_states.c: how the providers that are watched stood and stand, and a line for each transition between.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>

#include "cli/commands/watch.h"

int watch_fail(const struct watch *watch, const struct session *session, int answer)
{
    if (answer == TQ_ENOMEM)
        no_memory();
    return session_fail(watch->watching.about ? watch->watching.about : session->path, answer);
}

/* The end is named when it is what changed. */
static void put_before(const struct stand *before, const struct tq_verdict *verdict)
{
    bool wait = before->reason == TQ_REASON_THROTTLED;

    fputs(wait ? tq_reason_name(before->reason) : tq_state_name(before->state), stdout);
    if (before->reason && !wait)
        printf(" (%s)", tq_reason_name(before->reason));
    if (before->state == verdict->state && before->reason == verdict->reason)
        printf(" until %sZ", format_utc(before->until_ns).s);
}

static int put_line(const struct watch *watch, const struct watched *item, const struct tq_verdict *verdict)
{
    if (watch->asked.json) {
        json_print(transition_json(item, verdict), true);
    } else {
        printf("%sZ  %s  ", format_utc(verdict->at_ns).s, item->name);
        put_before(&item->seen, verdict);
        fputs(" -> ", stdout);
        verdict_put(stdout, verdict);
        putchar('\n');
    }
    return report_flush_stdout() < 0 ? CLI_ERROR : 0;
}

int watch_look(struct watch *watch, struct session *session)
{
    struct watching *watching = &watch->watching;
    int64_t now_ns = tq_now_ns();
    int answer = watching_update(watching, session->ledger), result = 0;

    for (size_t i = 0; i < watching->count && answer >= 0 && result == 0; i++) {
        struct watched *item = &watching->items[i];
        struct tq_verdict verdict;

        answer = watched_look(watching, i, now_ns, &verdict);
        if (answer >= 0)
            result = watch_warn(watch, item, now_ns);
        if (result != 0)
            return result;
        if (answer != 1)
            continue;
        result = put_line(watch, item, &verdict);
        item->seen = stand_of(&verdict);
        if (watch->exec && !item->queued)
            item->queued = ++watch->turns;
    }
    if (answer < 0)
        return watch_fail(watch, session, answer);
    watching->begun |= result == 0;
    return result;
}

void watch_free(struct watch *watch)
{
    watching_free(&watch->watching);
    for (size_t i = 0; i < watch->warning_count; i++)
        warning_free(&watch->warnings[i]);
    free(watch->warnings);
}
