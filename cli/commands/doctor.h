/* doctor.h: what the files of `tokenquota doctor` share: how a finding is told.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_DOCTOR_H
#define TOKENQUOTA_DOCTOR_H

#include "cli/show/show.h"

struct doctor {
    struct request asked;
    struct session session;
    struct style style;
    json_t *findings; /* an array; NULL: findings are printed as they are made */
    bool bad;         /* something is */
};

/* A finding that is as it should be, is worth knowing, or is wrong; and what to do about the finding before.
 */
enum kind { OK, NOTE, BAD, ADVICE };

/* Prints or keeps a finding, what was looked at and what was seen, or advice. */
__attribute__((format(printf, 4, 5))) void doctor_tell(struct doctor *doctor, enum kind kind,
                                                       const char *what, const char *format, ...);

/* ---- doctor_limits.c ------------------------------------------------------------------------- */

/* Looks at all limits: whose count a wrong clock took, and whether the zones' files are there. With refresh,
 * the ledger takes the zones' rules anew from their files. */
void doctor_look_at_limits(struct doctor *doctor, bool refresh);

/* ---- doctor_sync.c --------------------------------------------------------------------------- */

/* Looks at the exchange with other machines, when there is one. */
void doctor_look_at_sync(struct doctor *doctor);

/* ---- doctor_accounts.c ----------------------------------------------------------------------- */

/* Looks at what vendors said: whether two names look like one account, and which words are overruled or old.
 */
void doctor_look_at_accounts(struct doctor *doctor);

#endif
