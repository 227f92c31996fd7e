/* replay_score.h: the options of `tokenquota replay --score`.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_REPLAY_SCORE_H
#define TOKENQUOTA_REPLAY_SCORE_H

#include "cli/session.h"
#include "view/score.h"

struct score_asked {
    bool wanted;
    const char *window; /* NULL: day */
    const char *group;  /* NULL: name */
    struct lag {
        int64_t ns;
        bool given;
    } lag;
    struct cares {
        unsigned items[SCORE_CARES_MOST]; /* in quarters */
        size_t count;
    } cares;
};

/* Rows of the options. `to` is where the request has its struct score_asked. */
/* clang-format off */
#define SCORE_ROWS(to) \
    FLAG_ROW('s', "score", (to) + offsetof(struct score_asked, wanted), \
             "judge the rules by the log: false alarms, warnings, overrun, what is left unused"), \
    {0, "window", "WINDOW", "(--score) the window of a budget: day, 5h, hour or week (day)", option_word, \
     (to) + offsetof(struct score_asked, window), "day 5h hour week"}, \
    {0, "group", "HOW", "(--score) a provider is: name, or prefix, what stands before the first / (name)", \
     option_word, (to) + offsetof(struct score_asked, group), "name prefix"}, \
    {0, "lag", "LENGTH", "(--score) how long a call lasts where the log has no start (10m)", option_lag, \
     (to) + offsetof(struct score_asked, lag), NULL}, \
    {0, "care", "LIST", "(--score) rows of the rule care: 1/2,1,5/4,2 (5/4)", option_cares, \
     (to) + offsetof(struct score_asked, cares), NULL}
/* clang-format on */

int option_lag(const struct option *option, const char *text, int64_t now_ns, void *to);
int option_cares(const struct option *option, const char *text, int64_t now_ns, void *to);

/* Is an option there that --score needs, though it was not given? Returns its name, or NULL. */
const char *score_without(const struct score_asked *asked);

/* Judges what the replay has read, and prints it. quiet: the providers together, without each. CLI_... */
int score_replay(struct replay *replay, const struct score_asked *asked, const struct request *request,
                 struct progress *progress, const struct style *style, bool quiet);

#endif
