/* replay_score.c: `tokenquota replay --score` judges the rules by the log: its options, and how it ends.
 *
 * SPDX-License-Identifier: MIT
 */
#include "replay_score.h"

#include <string.h>

#include "base/number.h"
#include "base/time.h"
#include "cli/show/show.h"
#include "view/values.h"

/* ---- options ----------------------------------------------------------------------------------- */

/* 0 is a length here: calls that take no time. */
int option_lag(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    struct lag *lag = to;

    lag->given = true;
    if (strcmp(text, "0") == 0 || strcmp(text, "0s") == 0)
        return 0;
    return option_length(option, text, now_ns, &lag->ns);
}

int option_cares(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    struct cares *cares = to;
    struct tq__span rest = tq__span_of(text);
    const char *wrong;

    (void)now_ns;
    cares->count = 0;
    for (;;) {
        const char *comma = memchr(rest.at, ',', rest.len);
        size_t len = comma ? (size_t)(comma - rest.at) : rest.len;
        struct tq__span word = tq__span_trim((struct tq__span){rest.at, len});

        if (cares->count == SCORE_CARES_MOST) {
            report("--%s: at most %d of them", option->name, SCORE_CARES_MOST);
            return -1;
        }
        wrong = care_parse(word.at, word.len, &cares->items[cares->count]);
        if (wrong) {
            report("--%s: \"%.*s\" %s", option->name, (int)word.len, word.at, wrong);
            return -1;
        }
        cares->count++;
        if (!comma)
            return 0;
        rest = tq__span_behind(rest, len + 1);
    }
}

const char *score_without(const struct score_asked *asked)
{
    if (asked->wanted)
        return NULL;
    if (asked->window)
        return "window";
    if (asked->group)
        return "group";
    return asked->lag.given ? "lag" : NULL;
}

/* ---- the score --------------------------------------------------------------------------------- */

static enum score_kind_of_window window_named(const char *name)
{
    enum score_kind_of_window window = SCORE_DAY;

    for (int i = 0; name && i < SCORE_WINDOWS; i++)
        if (strcmp(score_window_name[i], name) == 0)
            window = (enum score_kind_of_window)i;
    return window;
}

int score_replay(struct replay *replay, const struct score_asked *asked, const struct request *request,
                 struct progress *progress, const struct style *style, bool quiet)
{
    struct score score = {
        .window = window_named(asked->window),
        .by_prefix = asked->group && strcmp(asked->group, "prefix") == 0,
        .lag_ns = asked->lag.given ? asked->lag.ns : SCORE_LAG_NS,
        .care_count = asked->cares.count,
        .listener = replay->listener,
    };
    int result = CLI_ERROR;

    memcpy(score.cares, asked->cares.items, sizeof score.cares);
    if (score_make(&score, replay) == 0) {
        progress_erase(progress);
        result = CLI_YES;
        if (request->json) {
            json_print(score_json(&score, replay, request->operands, request->count), false);
        } else {
            replay_put_summary(replay);
            score_put(&score, style, quiet);
            replay_put_remarks(replay);
        }
        if (replay->records == 0) {
            report("no usable record: no rule could be judged");
            result = CLI_ERROR;
        }
    }
    score_free(&score);
    return result;
}
