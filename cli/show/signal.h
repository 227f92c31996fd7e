/* signal.h: a response and its meaning, which the command reads and signal.c shows.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SIGNAL_REPORT_H
#define TOKENQUOTA_SIGNAL_REPORT_H

#include "view/response.h"
#include "view/verdict.h"

struct signal_report {
    const struct tq_profile *asked; /* --profile; NULL: auto */
    const char *provider;           /* --provider; NULL: nothing is applied */
    int64_t at_ns;
    struct response response;
    struct tq_quota_signal signal;
    struct tq_usage usage;
    bool says;      /* the response says something about quota */
    bool has_usage; /* usage is known */
    bool applied;
    char pool[TQ_NAME_MAX + 1]; /* whose limits keep what is said of the account; "": the provider's own */
    bool counted;
    struct tq_verdict verdict; /* after the signal was applied, or could not be */
};

/* Why the signal was not applied. NULL: it was applied, or there is nothing to apply. */
const char *signal_unapplied(const struct signal_report *said);

void signal_show(FILE *out, const struct signal_report *said);

/* Reports a refusal, or a provider that is out, in one line on stderr. */
void signal_warn(const struct signal_report *said);

/* Prints each profile on a line: name, vendor, seen live or documented, source. */
void signal_list_profiles(FILE *out);

/* Prints the document. 0, or -1 with a report. */
void signal_json(const struct signal_report *said);

#endif
