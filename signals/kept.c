/* kept.c: the bytes of a line or document that has not ended, in a bounded buffer.
 *
 * SPDX-License-Identifier: MIT
 */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include "tokenquota_signals.h"

#define FIRST_BYTES 4096 /* of the buffer: the line at the end of most chunks fits */

void tq__usage_lines_free(struct tq__usage_lines *lines)
{
    free(lines->buffer);
    lines->buffer = NULL;
}

int tq__usage_lines_copy(const struct tq__usage_lines *from, struct tq__usage_lines *to)
{
    *to = *from;
    to->capacity = from->len + sizeof(TQ__USAGE_LINES_END);
    to->buffer = malloc(to->capacity);
    if (!to->buffer)
        return TQ_ENOMEM;
    if (from->len > 0)
        memcpy(to->buffer, from->buffer, from->len);
    return 0;
}

bool tq__lines_reserve(struct tq__usage_lines *lines, size_t more)
{
    size_t need = lines->len + more, capacity = lines->capacity ? lines->capacity : FIRST_BYTES;
    char *buffer;

    if (need <= lines->capacity)
        return true;
    while (capacity < need)
        capacity *= 2;
    buffer = realloc(lines->buffer, capacity);
    lines->no_memory |= !buffer;
    if (!buffer)
        return false;
    lines->buffer = buffer;
    lines->capacity = capacity;
    return true;
}

/* Searches bytes that are not kept for words, also for one that begins in the bytes before. */
static void search_dropped(struct tq__usage_lines *lines, const char *text, size_t len)
{
    char seam[2 * sizeof(lines->tail)];
    size_t seam_len = len < sizeof(lines->tail) ? len : sizeof(lines->tail);

    memcpy(seam, lines->tail, lines->tail_len);
    memcpy(seam + lines->tail_len, text, seam_len);
    seam_len += lines->tail_len;
    lines->dropped_words |= tq__usage_words(seam, seam_len) | tq__usage_words(text, len);
    if (len >= sizeof(lines->tail)) {
        lines->tail_len = sizeof(lines->tail);
        memcpy(lines->tail, text + len - lines->tail_len, lines->tail_len);
    } else {
        lines->tail_len = seam_len < sizeof(lines->tail) ? seam_len : sizeof(lines->tail);
        memcpy(lines->tail, seam + seam_len - lines->tail_len, lines->tail_len);
    }
}

void tq__lines_keep(struct tq__usage_lines *lines, const char *text, size_t len)
{
    if (len == 0)
        return;
    if (!lines->dropping && (len > lines->max - lines->len || !tq__lines_reserve(lines, len))) {
        lines->dropping = true;
        lines->dropped_words = 0;
        lines->tail_len = 0;
        search_dropped(lines, lines->buffer ? lines->buffer : "", lines->len);
        lines->len = lines->event_len = 0;
    }
    if (lines->dropping) {
        search_dropped(lines, text, len);
        return;
    }
    memcpy(lines->buffer + lines->len, text, len);
    lines->len += len;
}

bool tq__lines_end_dropping(struct tq__usage_lines *lines)
{
    if (!lines->dropping)
        return false;
    lines->lost |= (lines->dropped_words & TQ__WORD_USAGE) != 0;
    lines->dropping = false;
    lines->len = lines->event_len = 0;
    return true;
}
