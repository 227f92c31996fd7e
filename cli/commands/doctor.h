/* doctor.h: what the files cmd_doctor.c and doctor_file.c share: findings, and what is looked at.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_DOCTOR_H
#define TOKENQUOTA_DOCTOR_H

#include "cli/session.h"

struct json_t;

struct doctor {
    struct session session;
    struct style style;
    struct json_t *findings; /* an array; NULL: findings are printed as they are made */
    bool bad;                /* something is */
};

enum verdict {
    OK,
    NOTE, /* nothing wrong, but worth knowing */
    BAD,
};

/* Prints or keeps a finding: what was looked at, and what was seen. */
__attribute__((format(printf, 4, 5))) void doctor_find(struct doctor *doctor, enum verdict verdict,
                                                       const char *what, const char *format, ...);

/* What to do about the finding before. */
__attribute__((format(printf, 2, 3))) void doctor_advise(struct doctor *doctor, const char *format, ...);

/* ---- doctor_file.c -------------------------------------------------------------------------------- */

/* Each false when there is nothing further to look at. */
bool doctor_look_at_folder(struct doctor *doctor);
bool doctor_look_at_file(struct doctor *doctor);
void doctor_look_into(struct doctor *doctor);

#endif
