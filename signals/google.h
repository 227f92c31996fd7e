/* google.h: what Google's errors say about quota.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_GOOGLE_H
#define TQ_GOOGLE_H

#include <jansson.h>

#include "reading.h"

/* Reads google.rpc.QuotaFailure and RetryInfo among the details of an error, and its message. */
void tq__google_error(struct tq__reading *reading, const json_t *error);

#endif
