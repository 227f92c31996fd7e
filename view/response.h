/* response.h: a raw response as `curl -si` prints it, taken apart: status, headers, body.
 *
 * SPDX-License-Identifier: MIT
 *
 * Several in a row are what a redirect, a proxy or 100-continue leaves: the last counts. What begins with {,
 * [ or an event is a body without headers; what begins with a header is headers without a
 * status. */
#ifndef TOKENQUOTA_VIEW_RESPONSE_H
#define TOKENQUOTA_VIEW_RESPONSE_H

#include <tokenquota_signals.h>

struct listener;

#define RESPONSE_BYTES_MOST (2 * TQ_BODY_MAX) /* headers and body; larger bodies are not parsed anyway */

struct response {
    char *bytes; /* all of it; what follows points into it */
    size_t len;
    struct tq_field *fields;
    size_t field_count;
    size_t field_capacity;
    size_t odd_lines; /* in the headers, and none */
    uint32_t status;  /* 0: not said */
    const char *body; /* NULL: none */
    size_t body_len;
};

/* Takes apart what was read, which ends in a NUL that len does not count, and which is the response's
 * afterwards. 0, or -1 with listener->why: body is then all of it. Free it whatever the answer. */
int response_take(struct response *response, char *bytes, size_t len, struct listener *listener);
void response_free(struct response *response);

/* What it says about quota, as tq_signal_read, or, when its headers name no limit, tq_signal_read_limits,
 * say. `asked` has the profile, the instants, and the status if it is not the response's own. 0; 1 when it
 * says nothing; negative with listener->why. */
int response_signal(const struct response *response, struct tq_response *asked,
                    struct tq_quota_signal *signal, struct listener *listener);

/* What its body, or its headers, say was used, as tq_usage_read. */
int response_usage(const struct response *response, const struct tq_profile *profile, struct tq_usage *usage);

#endif
