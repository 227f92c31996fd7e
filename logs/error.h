/* error.h: the messages of the readers of logs, safe to print whatever a log contains.
 *
 * SPDX-License-Identifier: MIT
 *
 * Calls that read return what tq_log_next returns, and have filled the error when the result is negative.
 */
#ifndef TQ_LOGS_ERROR_H
#define TQ_LOGS_ERROR_H

#include <stdint.h>

#include "base/text.h"
#include "tokenquota_logs.h"

#define TQ__SUM_TOO_BIG (-10) /* a fault of a value, beside those of base/number.h and base/time.h */

/* Fills error and returns answer. */
__attribute__((format(printf, 5, 6))) int tq__log_fail(struct tq_log_error *error, int answer, uint64_t line,
                                                       int sys, const char *format, ...);

/* Fills error for a bad line whose column or member `name` has a value with this fault, and returns
 * TQ_LOG_BAD_LINE. */
int tq__log_fail_value(struct tq_log_error *error, uint64_t line, struct tq__span name, int fault,
                       struct tq__span value);

/* Fills error for a line that is not JSON, and returns TQ_LOG_BAD_LINE. */
int tq__log_fail_json(struct tq_log_error *error, uint64_t line);

/* Fills error when there is no memory, and returns TQ_LOG_BROKEN. */
int tq__log_fail_memory(struct tq_log_error *error);

/* Bytes of a log that a message shows: printable ASCII as it is, all others as \xNN. */
#define TQ__LOG_SHOWN (TQ__SAFE_ASCII | TQ__SAFE_BACKSLASH)

#endif
