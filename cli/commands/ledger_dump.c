/* ledger_dump.c: `tokenquota ledger dump` prints all that is in a ledger as one JSON document.
 *
 * SPDX-License-Identifier: MIT
 *
 * A provider a line, written as it is read: a million of them would not fit in memory as one document. Days
 * are asked for from tomorrow (a clock may be ahead) back to 2020, until as many are found as the ledger
 * keeps.
 */
#include <stdlib.h>

#include "cli/show/show.h"
#include "view/json.h"
#include "ledger_verbs.h"

static json_t *days_json(const struct tq_provider *provider, const struct tq_ledger_info *info)
{
    json_t *array = json_array();
    size_t left = info->history_days;

    for (int64_t day_ns = tq__day_start(tq_now_ns()) + DAY_NS; day_ns >= CLOCK_MIN_NS && left; day_ns -= DAY_NS) {
        int64_t used = tq_provider_used(provider, day_ns);

        if (used <= 0)
            continue;
        left--;
        json_array_append_new(array, day_json(day_ns, NULL, used));
    }
    return array;
}

/* Asked as of long ago, a state tells every end, elapsed or not. */
static json_t *provider_json(const struct tq_provider *provider, const struct tq_ledger_info *info)
{
    int rule = tq_provider_rule(provider);
    int64_t budget = tq_provider_budget(provider), retry_at_ns = 0;
    int state = tq_provider_state(provider, TQ_NOW_MIN_NS, &retry_at_ns);

    return json_pack("{s:s, s:o, s:s?, s:b, s:o, s:o}",
                     "provider", tq_provider_name(provider),
                     "budget", some_json(budget),
                     "rule", rule <= TQ_RULE_DEFAULT ? NULL : rule_name((uint32_t)rule),
                     "marked", state == TQ_QUOTA_EXHAUSTED,
                     "retry_at", retry_json(state, retry_at_ns),
                     "days", days_json(provider, info));
}

static int put(json_t *value, const char *before)
{
    int result;

    fputs(before, stdout);
    result = value ? json_dumpf(value, stdout, JSON_COMPACT | JSON_ENCODE_ANY) : -1;
    json_decref(value);
    if (result == 0 || ferror(stdout)) /* a failed write is told at the end */
        return 0;
    report("out of memory");
    return CLI_ERROR;
}

static int work(struct session *session, void *context)
{
    struct tq_ledger_info info = {.size = sizeof(info)};
    struct tq_provider **items;
    size_t count;
    int answer = ledger_list(session, &items, &count);

    (void)context;
    if (answer == 0 && (answer = tq_ledger_statistics(session->ledger, &info)) < 0)
        answer = session_fail(session->path, answer);
    if (answer != 0)
        goto out;
    printf("{\"schema\":%d,\"version\":\"%s\"", SCHEMA, tq_version_string());
    answer = put(text_json(session->path), ",\n\"path\":");
    if (answer == 0)
        answer = put(info_json(&info), ",\n\"ledger\":");
    fputs(",\n\"providers\":[", stdout);
    for (size_t i = 0; i < count && answer == 0; i++)
        answer = put(provider_json(items[i], &info), i ? ",\n" : "\n");
    fputs("\n]}\n", stdout);
out:
    free(items);
    return answer;
}

static int run(int argc, char **argv)
{
    const char *ledger = NULL;
    int exit_status;

    if (!ledger_only(argc, argv, &ledger_dump, &ledger, &exit_status))
        return exit_status;
    return session_work(ledger, SESSION_READ, work, NULL);
}

const struct command ledger_dump = {
    .name = "ledger dump",
    .operands = "",
    .summary = "print all that is in the ledger as one JSON document",
    .options = ledger_only_options,
    .notes = "\n"
             "Providers by name, each with its days from 2020 on, the newest first.\n\n"
             "Exit status: 0 done, 2 an error.\n",
    .run = run,
};
