/* error.c: the messages of the log reader, safe to print whatever the log contains.
 *
 * SPDX-License-Identifier: MIT
 *
 * A log is not to be trusted with the terminal of the one who reads the message: of its bytes only printable
 * ASCII is shown as it is.
 */
#include "internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

static const char *fault_words(int fault)
{
#define TQ__LOG_FAULT(name, value, words) [-(value)] = words,
    static const char *const words_of[] = {TQ__LOG_FAULTS(TQ__LOG_FAULT)};
#undef TQ__LOG_FAULT

    return words_of[-fault];
}

int tq__log_fail_value(struct tq_log_error *error, uint64_t line, const char *column, int fault,
                       struct tq__log_text value)
{
    char shown[4 * TQ__LOG_SHOWN_BYTES + 4];

    if (fault == TQ__LOG_EMPTY)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, line, 0, "%s %s", column, fault_words(fault));
    tq__log_show(shown, sizeof(shown), value, TQ__LOG_SHOWN_BYTES);
    return tq__log_fail(error, TQ_LOG_BAD_LINE, line, 0, "%s %s: \"%s\"", column, fault_words(fault), shown);
}

void tq__log_show(char *out, size_t out_size, struct tq__log_text text, size_t shown_bytes)
{
    static const char hex[] = "0123456789abcdef";
    size_t room = out_size - sizeof("..."), used = 0, i;

    for (i = 0; i < text.len && i < shown_bytes; i++) {
        unsigned char byte = (unsigned char)text.text[i];
        bool plain = byte >= 0x20 && byte < 0x7f && byte != '\\';

        if (room - used < (plain ? 1u : 4u))
            break;
        if (plain) {
            out[used++] = (char)byte;
        } else {
            out[used++] = '\\';
            out[used++] = 'x';
            out[used++] = hex[byte >> 4];
            out[used++] = hex[byte & 15];
        }
    }
    memcpy(out + used, i < text.len ? "..." : "", i < text.len ? 4 : 1);
}
