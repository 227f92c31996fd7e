/* observe.h: what a call used, as a command line names it: tokens, classes of them, or a response.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_OBSERVE_H
#define TOKENQUOTA_OBSERVE_H

#include "cli/session.h"

struct observe {
    struct request asked; /* its operands: of what, and TOKENS where they are given */
    const char *usage_path;
    const char *profile;
    struct instant sent_at;
    struct tq_usage usage; /* of the response, or of the classes; size 0: there are only tokens */
    int64_t tokens;
    const char *classes[TQ_CLASSES]; /* of --input and so on, as they are written; NULL: not given */
    const char *cost;
    bool check;
};

#define TO(field) offsetof(struct observe, field)

/* The options that say what a call used. */
/* clang-format off */
#define USAGE_ROWS \
    {'u', "usage", "FILE", "count the tokens that this response reports; - is standard input", option_text, \
     TO(usage_path), "@file"}, \
    PROFILE_ROW, \
    SENT_AT_ROW, \
    {0, "input", "TOKENS", "tokens read, but for those of a cache", option_text, TO(classes[0]), NULL}, \
    {0, "cache-read", "TOKENS", "tokens read from a cache", option_text, TO(classes[1]), NULL}, \
    {0, "cache-write", "TOKENS", "tokens written to a cache", option_text, TO(classes[2]), NULL}, \
    {0, "output", "TOKENS", "tokens made", option_text, TO(classes[3]), NULL}, \
    {0, "cost", "DOLLARS", "what the call cost: 0.0123", option_text, TO(cost), NULL}
/* clang-format on */

/* Reads what the options and TOKENS say. what: the first operand in words, "a PROVIDER". needs: said when
 * nothing is named. 0, or -1 with a report. */
int observe_read(struct observe *observe, const char *what, const char *needs);

/* Reports that the library refused the record with this code; gives what the work answers. */
int observe_fail(struct session *session, const struct request *asked, int code);

#endif
