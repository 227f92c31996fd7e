/* lines.h: finds the JSON documents of a response that arrives in pieces, cut anywhere.
 *
 * SPDX-License-Identifier: MIT
 *
 * A response that begins with a NUL is a stream of binary frames (eventstream.c). Else the first character of
 * a line tells which of two forms it has:
 *
 *   - "{" or "[": JSON text, which goes on over lines and chunks until its brackets are closed. It is one
 *     document, JSON lines, or Gemini's array of documents.
 *   - Any other: a field of server-sent events
 *     (https://html.spec.whatwg.org/multipage/server-sent-events.html). Only "data" and an "event" named
 *     "error" matter.
 *
 * The documents depend on the bytes alone, not on where they were cut. A document that lies completely in its
 * chunk is given in place. Any other is put together in a buffer of at most `max` bytes (for a frame some
 * more), which grows and is used again.
 */
#ifndef TQ_SIGNALS_LINES_H
#define TQ_SIGNALS_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "words.h"

enum tq__lines_state { TQ__LINES_BEGIN, TQ__LINE_START, TQ__IN_LINE, TQ__IN_JSON, TQ__IN_FRAMES };

#define TQ__PRELUDE_BYTES 12

/* A binary frame that has begun. */
struct tq__frame {
    unsigned char prelude[TQ__PRELUDE_BYTES];
    uint8_t have;         /* bytes of the prelude */
    bool broken;          /* a prelude was: nobody knows where the next frame begins */
    uint32_t headers_len; /* of what is behind the prelude */
    uint32_t len, left;   /* of what is behind the prelude, and what has not come yet */
};

struct tq__usage_lines {
    char *buffer; /* [an event so far] [the beginning of a line], or the beginning of a document */
    size_t len, capacity, max;
    size_t event_len; /* of the event so far */
    size_t given;     /* of these bytes, which were handed out and go at the next call */
    uint8_t state;
    bool skip_lf;     /* a CR came last: an LF now is of the same line end */
    bool blank;       /* the line began with blanks */
    bool event_error; /* the event has the name "error" */
    bool in_document;
    size_t array_depth; /* arrays around a document */
    struct tq__brackets brackets;
    struct tq__frame frame;

    bool dropping; /* the line or document is too long: it is only searched for words, */
    uint32_t dropped_words;
    char tail[TQ__WORD_BYTES_MAX - 1]; /* which may be cut: the last bytes of what was dropped */
    size_t tail_len;
    bool lost;      /* usage was, with a line that was too long */
    bool no_memory; /* the last reason was not the length; the caller clears it */

    const char *lf; /* in the caller's bytes, at or behind where they are read: the next LF, or their end */
    const char *bytes_end;
};

/* A document, and how it arrived. */
struct tq__usage_text {
    struct tq__span text;
    bool event;       /* as server-sent event, else as JSON text */
    bool event_error; /* the event's name is "error" */
};

/* Begin with {.max = ...}, and free the buffer at the end. */
void tq__usage_lines_free(struct tq__usage_lines *lines);

/* A copy with a buffer of its own: 0, or TQ_ENOMEM. */
int tq__usage_lines_copy(const struct tq__usage_lines *from, struct tq__usage_lines *to);

/* Reads from the front of `bytes` until there is a document: true, and the document is valid until the next
 * call. False when all bytes are read. Call it with the same bytes until it returns false. */
bool tq__usage_lines_next(struct tq__usage_lines *lines, struct tq__span *bytes, struct tq__usage_text *text);

/* Does the response have binary frames? A frame begins with its length, which has a NUL in front, and no text
 * does. */
static inline bool tq__begins_frames(struct tq__span bytes)
{
    return bytes.len > 0 && *bytes.at == '\0';
}

/* These bytes end an unfinished line, event or document, as the end of a stream does. */
#define TQ__USAGE_LINES_END "\n\n"

/* ---- for lines.c and eventstream.c ----------------------------------------------------------- */

/* As tq__usage_lines_next, but for binary frames, and it returns without a document after each step. */
bool tq__frames_next(struct tq__usage_lines *lines, struct tq__span *bytes, struct tq__usage_text *text);

/* Makes room for so many bytes behind those in the buffer. */
bool tq__lines_reserve(struct tq__usage_lines *lines, size_t more);

/* Keeps bytes of a line or document that has not ended. One that is longer than `max` is dropped, with its
 * whole event. */
void tq__lines_keep(struct tq__usage_lines *lines, const char *text, size_t len);

/* Called at the end of a line or document, after tq__lines_keep. Was it dropped? */
bool tq__lines_end_dropping(struct tq__usage_lines *lines);

#endif
