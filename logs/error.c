/* error.c: the messages of the readers of logs, safe to print whatever a log contains.
 *
 * SPDX-License-Identifier: MIT
 *
 * Anybody may write into a log, and messages are printed on terminals. So only printable ASCII of a log is
 * shown unchanged.
 */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/time.h"

#define SHOWN_BYTES 40 /* of a value */

int tq__log_fail(struct tq_log_error *error, int answer, uint64_t line, int sys, const char *format, ...)
{
    va_list args;

    error->line = line;
    error->sys = sys;
    va_start(args, format);
    vsnprintf(error->msg, sizeof(error->msg), format, args);
    va_end(args);
    return answer;
}

int tq__log_fail_value(struct tq_log_error *error, uint64_t line, struct tq__span name, int fault,
                       struct tq__span value)
{
    static const char *const words[] = {
        [-TQ__EMPTY] = "is empty",
        [-TQ__NOT_NUMBER] = "is not a number",
        [-TQ__NOT_WHOLE] = "is not a whole number",
        [-TQ__NEGATIVE] = "is negative",
        [-TQ__TOO_BIG] = "is more than 64 bits can hold",
        [-TQ__NOT_TIME] = "is neither an RFC 3339 time nor a number",
        [-TQ__NO_SUCH_TIME] = "is a time that does not exist",
        [-TQ__NO_OFFSET] = "does not say its offset from UTC (Z or +hh:mm)",
        [-TQ__OUT_OF_RANGE] = "is outside the years 1677 to 2262",
        [-TQ__SUM_TOO_BIG] = "makes the sum of tokens more than 64 bits can hold",
    };
    char shown[4 * SHOWN_BYTES + 4];

    if (fault == TQ__EMPTY)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, line, 0, "%.*s %s", (int)name.len, name.at,
                            words[-fault]);
    tq__text_make_safe(shown, sizeof(shown), value, SHOWN_BYTES, TQ__LOG_SHOWN);
    return tq__log_fail(error, TQ_LOG_BAD_LINE, line, 0, "%.*s %s: \"%s\"", (int)name.len, name.at,
                        words[-fault], shown);
}

int tq__log_fail_json(struct tq_log_error *error, uint64_t line)
{
    return tq__log_fail(error, TQ_LOG_BAD_LINE, line, 0, "not JSON, or cut off");
}

int tq__log_fail_memory(struct tq_log_error *error)
{
    return tq__log_fail(error, TQ_LOG_BROKEN, 0, ENOMEM, "not enough memory");
}
