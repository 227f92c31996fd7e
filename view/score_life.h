/* score_life.h: when a provider was out in a case, while the case is lived through.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_VIEW_SCORE_LIFE_H
#define TOKENQUOTA_VIEW_SCORE_LIFE_H

#include "score.h"

struct score_life {
    struct score_outcome outcome;
    int64_t until_ns;       /* the provider is out until then; SCORE_NOT_OUT: it is not */
    int64_t from_ns, to_ns; /* the last exclusion, which is not in the outcome yet */
};

#define SCORE_NOT_OUT INT64_MIN

static inline void score_life_begin(struct score_life *life)
{
    *life = (struct score_life){.until_ns = SCORE_NOT_OUT};
}

/* Puts the last exclusion into the outcome. */
static inline void score_life_end(struct score_life *life)
{
    if (!life->outcome.out || life->to_ns <= life->from_ns)
        return;
    life->outcome.out_ns += life->to_ns - life->from_ns;
    life->outcome.outs++;
}

/* A caller was told no. */
static inline void score_life_refuse(struct score_life *life, int64_t at_ns)
{
    if (life->outcome.out)
        return;
    life->outcome.out = true;
    life->outcome.first_at_ns = at_ns;
}

/* From at_ns on the provider is out until until_ns, if nothing happens; at_ns: it is not. */
static inline void score_life_look(struct score_life *life, int64_t at_ns, int64_t until_ns)
{
    bool was_out = life->until_ns > at_ns;

    if (until_ns > at_ns && !was_out) {
        score_life_end(life);
        score_life_refuse(life, at_ns);
        life->from_ns = at_ns;
    }
    if (until_ns > at_ns || was_out)
        life->to_ns = until_ns; /* at_ns where it ends here */
    life->until_ns = until_ns > at_ns ? until_ns : SCORE_NOT_OUT;
}

#endif
