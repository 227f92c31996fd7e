/* replay_logs.c: what tools wrote down of themselves, as a log to replay: what `tokenquota import all` would
 * read.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "replay.h"
#include "usage.h"

static int take_response(struct replay *replay, const struct usage_report *logs,
                         const struct usage_response *response)
{
    const char *name = logs->rows.items[response->row];
    struct usage usage = {.at_ns = response->at_ns, .tokens = response->amount};
    int answer = providers_number(&replay->providers, name, strlen(name), &usage.provider);

    return answer < 0 ? replay_refuse(replay, answer, name, strlen(name), response->at_ns)
                      : replay_append(replay, &usage);
}

int replay_read_logs(struct replay *replay)
{
    static char *no_paths[] = {NULL};
    struct usage_report logs = {.request.by = BY_PROVIDER,
                                .request.until_ns = TQ_NOW_END_NS,
                                .request.logs = {.paths = no_paths, .since_ns = TQ_NOW_MIN_NS}};
    int result = usage_read(&logs);

    replay->of_tools = true;
    if (result == 0 && logs.files == 0) {
        report("no log: no tool's logs were found; name a FILE, or - for standard input");
        result = -1;
    }
    for (size_t i = 0; i < logs.response_slots && result == 0; i++)
        if (logs.responses[i].key)
            result = take_response(replay, &logs, &logs.responses[i]);
    replay->bad_line_count += logs.bad_lines;
    usage_free(&logs);
    return result;
}
