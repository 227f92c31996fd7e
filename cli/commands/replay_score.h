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
    FLAG_ROW(0, "score", (to) + offsetof(struct score_asked, wanted), \
             "judge each rule by what it would have made of the log"), \
    {0, "window", "WINDOW", "(--score) the window of a budget: day, 5h, hour, week (day)", option_word, \
     (to) + offsetof(struct score_asked, window), "day 5h hour week"}, \
    {0, "group", "HOW", "(--score) one provider is a name, or a prefix before a / (name)", option_word, \
     (to) + offsetof(struct score_asked, group), "name prefix"}, \
    {0, "lag", "LENGTH", "(--score) the length of calls without a start in the log (10m)", option_lag, \
     (to) + offsetof(struct score_asked, lag), NULL}, \
    {0, "care", "LIST", "how careful the rule care is; with --score several: 1/2,1,5/4 (5/4)", option_cares, \
     (to) + offsetof(struct score_asked, cares), NULL}
/* clang-format on */

int option_lag(const struct option *option, const char *text, int64_t now_ns, void *to);
int option_cares(const struct option *option, const char *text, int64_t now_ns, void *to);

/* The name of an option that means nothing without --score, and was given without it; NULL: none. */
const char *score_without(const struct score_asked *asked);

/* Judges what the replay has read, and prints it. quiet: the providers together, without each. CLI_... */
int score_replay(struct replay *replay, const struct score_asked *asked, const struct request *request,
                 struct progress *progress, const struct style *style, bool quiet);

#endif
