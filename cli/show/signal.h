/* signal.h: a response and what it said, for the command that reads it and for what shows it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SIGNAL_REPORT_H
#define TOKENQUOTA_SIGNAL_REPORT_H

#include "cli/commands/response.h"
#include "view/verdict.h"

struct signal_report {
    const struct tq_profile *asked; /* --profile; NULL: auto */
    const char *provider;           /* --provider; NULL: nothing is applied */
    int64_t at_ns;
    struct response response;
    struct tq_quota_signal signal;
    struct tq_usage usage;
    bool says;      /* it says something about quota */
    bool has_usage; /* usage is known */
    bool applied;
    bool counted;
    struct tq_verdict verdict; /* once it was applied, or tried */
};

/* Why it was not applied, NULL when it was, or when there is nothing to apply. */
const char *signal_unapplied(const struct signal_report *said);

void signal_show(FILE *out, const struct signal_report *said);

/* One line on stderr about a refusal, or about a provider that is out. */
void signal_warn(const struct signal_report *said);

/* Each profile on a line: name, vendor, whether it was seen live, source. */
void signal_list_profiles(FILE *out);

/* As one JSON document. */
void signal_json(const struct signal_report *said);

#endif
