/* statusline.h: what statusline.c and statusline_words.c share: the line that is made, and its parts.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_STATUSLINE_H
#define TOKENQUOTA_STATUSLINE_H

#include "cli/show/show.h"

struct line {
    struct request asked;
    const char *shown;  /* whose state is shown: the provider, in a run of it the run */
    const char *format; /* NULL: the line that is made without one */
    struct style style;
    struct tq_quota_signal signal;
    struct tq_verdict verdict;
    struct limits limits[1 + POOLS_MOST]; /* the provider's, its pool's, that one's pool's */
    json_t *input;                        /* with a format: what Claude Code wrote */
    bool applied;                         /* else the ledger cannot be used */
};

#define STATUSLINE_NO_LEDGER "tokenquota: the ledger cannot be used"

/* ---- statusline_words.c ---------------------------------------------------------------------- */

/* "available", "throttled: wait 12 s", "reported: out of quota until 19:30". */
void line_put_state(const struct line *line);

/* A share and its colour, "43%". */
void line_put_share(const struct line *line, int64_t ppm, bool out);

/* The first placeholder of the format that there is not; false when all are known. */
bool line_unknown(const char *format, struct tq__span *unknown);

/* Writes the format with what its placeholders stand for; "-" for what nobody knows. */
void line_put_format(const struct line *line);

#endif
