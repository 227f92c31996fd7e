/* care_model.h: the rule care as include/tokenquota.h defines it, slow and obvious, for tests to compare
 * with.
 *
 * SPDX-License-Identifier: MIT
 *
 * The notes of a provider are a list of all that was recorded, in the order in which it came. Half hours and
 * mean call are added up anew for every question. Nothing is shared with src/ or base/.
 */
#ifndef TEST_CARE_MODEL_H
#define TEST_CARE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tokenquota.h"

#define CM_UNITS 8 /* TQ_UNIT_..., from 1 */

__extension__ typedef __int128 cm_wide;

struct cm_note {
    int64_t at_ns;
    int64_t of[CM_UNITS]; /* by unit; below 0 in none of them */
    uint32_t units;       /* a bit for each unit that is noted */
    bool taken_back;
};

struct cm_notes {
    struct cm_note *list;
    size_t count, room;
};

void cm_add(struct cm_notes *notes, const struct cm_note *note);
void cm_clear(struct cm_notes *notes);

/* What the rule is asked about: a budget of which something is used, at an instant of a window. */
struct cm_question {
    const struct cm_notes *notes;
    uint32_t unit;
    unsigned care; /* in quarters */
    int64_t budget, used;
    int64_t now_ns, end_ns; /* of the window; INT64_MAX: none */
};

/* In the last quarter of the budget, is less left than care times the mean call? */
bool cm_call_exceeds(const struct cm_question *question);

/* Is less left than care times what the last half hour took? */
bool cm_took_exceeds(const struct cm_question *question);

/* The first instant at which it is no longer so, if nothing more is recorded. */
int64_t cm_took_end(const struct cm_question *question);

/* care times the one and the other, rounded up. */
int64_t cm_call_expects(const struct cm_question *question);
int64_t cm_took_expects(const struct cm_question *question);

#endif
