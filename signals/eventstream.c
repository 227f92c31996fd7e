/* eventstream.c: finds the JSON documents in binary frames: application/vnd.amazon.eventstream, of Bedrock.
 *
 * SPDX-License-Identifier: MIT
 *
 *     length of the frame, length of its headers, CRC-32 of these      4 bytes each, the first byte first
 *     headers: length of the name, name, type, value                   1 byte, ..., 1 byte, ...
 *     payload
 *     CRC-32 of all before it                                          4 bytes
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html describes the form, and
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html the events. A
 * document is what an SDK makes of the frame:
 *
 *     event                                      the payload
 *     event "metadata"                           {"metadata": PAYLOAD}
 *     event "chunk" with {"bytes": BASE64}       the bytes (InvokeModelWithResponseStream)
 *     exception                                  {"__type": NAME, "error": PAYLOAD}
 *     error                                      {"__type": CODE, "error": {"message": TEXT}}
 *
 * A frame with a wrong checksum says nothing. Behind a wrong prelude nobody knows where the next frame
 * begins, so the rest of the response is lost.
 */
#include "lines.h"

#include <string.h>

#include "crc32.h"

#define CRC_BYTES 4

/* The headers that matter; {NULL, 0} for those that are not there. */
struct headers {
    struct tq__span message_type, event_type, exception_type, error_code, error_message;
};

static uint32_t big_endian(const void *bytes)
{
    const unsigned char *at = bytes;

    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* ---- headers --------------------------------------------------------------------------------- */

static bool cut(struct tq__span *left, size_t len, struct tq__span *part)
{
    if (left->len < len)
        return false;
    *part = (struct tq__span){left->at, len};
    *left = tq__span_behind(*left, len);
    return true;
}

/* Cuts the value of a header off; only that of a string is given. */
static bool cut_value(struct tq__span *left, struct tq__span *value)
{
    static const uint8_t sizes[] = {0, 0, 1, 2, 4, 8, 0, 0, 8, 16}; /* by type */
    struct tq__span type, len;
    unsigned what;

    if (!cut(left, 1, &type))
        return false;
    what = (unsigned char)*type.at;
    if (what == 6 || what == 7) /* bytes, string */
        return cut(left, 2, &len) &&
               cut(left, (size_t)(unsigned char)len.at[0] << 8 | (unsigned char)len.at[1], value);
    return what < sizeof sizes && cut(left, sizes[what], value);
}

static bool read_frame_headers(struct tq__span left, struct headers *headers)
{
    const struct {
        const char *name;
        struct tq__span *to;
    } known[] = {
        {":message-type", &headers->message_type},     {":event-type", &headers->event_type},
        {":exception-type", &headers->exception_type}, {":error-code", &headers->error_code},
        {":error-message", &headers->error_message},
    };
    struct tq__span len, name, value;

    *headers = (struct headers){.message_type = {NULL, 0}};
    while (left.len > 0) {
        if (!cut(&left, 1, &len) || !cut(&left, (unsigned char)*len.at, &name) || !cut_value(&left, &value))
            return false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            if (tq__span_equals(name, known[i].name))
                *known[i].to = value;
    }
    return true;
}

/* ---- documents ------------------------------------------------------------------------------- */

/* Hands out what stands in the buffer. */
static bool give_buffer(struct tq__usage_lines *lines, size_t len, struct tq__usage_text *text)
{
    lines->len = lines->given = len;
    *text = (struct tq__usage_text){{lines->buffer, len}, true, false};
    return true;
}

static bool lose(struct tq__usage_lines *lines)
{
    lines->lost = true;
    lines->len = 0;
    return false;
}

/* Writes text without what would end or escape a JSON string. */
static size_t put_plain(char *to, struct tq__span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];

        to[i] = c < 0x20 || c == '"' || c == '\\' ? ' ' : text.at[i];
    }
    return text.len;
}

static size_t put_bytes(char *to, struct tq__span text)
{
    memcpy(to, text.at, text.len);
    return text.len;
}

static bool is_object(struct tq__span payload)
{
    return payload.len > 0 && *payload.at == '{';
}

#define WRAP_BYTES 64 /* more than all that is put around names and payloads */

/* Makes {"__type": NAME, "error": ERROR}, where the error is the payload if that is an object. The texts may
 * lie in the buffer, so the document is written behind them and moved. */
static bool give_error(struct tq__usage_lines *lines, struct tq__span name, struct tq__span payload,
                       struct tq__span message, struct tq__usage_text *text)
{
    size_t len = 0;
    char *to;

    if (!tq__lines_reserve(lines, name.len + payload.len + message.len + WRAP_BYTES))
        return lose(lines);
    to = lines->buffer + lines->len;
    len += put_bytes(to + len, TQ__SPAN("{\"__type\":\""));
    len += put_plain(to + len, name);
    len += put_bytes(to + len, TQ__SPAN("\",\"error\":"));
    if (is_object(payload)) {
        len += put_bytes(to + len, payload);
    } else {
        len += put_bytes(to + len, TQ__SPAN("{\"message\":\""));
        len += put_plain(to + len, message);
        len += put_bytes(to + len, TQ__SPAN("\"}"));
    }
    len += put_bytes(to + len, TQ__SPAN("}"));
    memmove(lines->buffer, to, len);
    return give_buffer(lines, len, text);
}

/* Makes {"metadata": PAYLOAD}: at that place the usage is that of the end of a stream. */
static bool give_metadata(struct tq__usage_lines *lines, struct tq__span payload, struct tq__usage_text *text)
{
    static const char before[] = "{\"metadata\":";

    if (!tq__lines_reserve(lines, payload.len + WRAP_BYTES))
        return lose(lines);
    memmove(lines->buffer + sizeof before - 1, payload.at, payload.len);
    memcpy(lines->buffer, before, sizeof before - 1);
    lines->buffer[sizeof before - 1 + payload.len] = '}';
    return give_buffer(lines, sizeof before + payload.len, text);
}

/* The six bits of a character of base64, from '+' on. */
#define NO_SEXTET 255
static const uint8_t sextets[] = {
    62,  255, 255, 255, 63, 52, 53, 54, 55,  56,  57,  58,  59,  60,  61, 255, 255, 255, 255, 255,
    255, 255, 0,   1,   2,  3,  4,  5,  6,   7,   8,   9,   10,  11,  12, 13,  14,  15,  16,  17,
    18,  19,  20,  21,  22, 23, 24, 25, 255, 255, 255, 255, 255, 255, 26, 27,  28,  29,  30,  31,
    32,  33,  34,  35,  36, 37, 38, 39, 40,  41,  42,  43,  44,  45,  46, 47,  48,  49,  50,  51,
};

/* Decodes base64 to `to`, which may be where the text begins, or before. A backslash in front of a slash is
 * JSON's. False when it is no base64. */
static bool decode(struct tq__span text, char *to, size_t *len)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t i = 0, out = 0;

    for (; i < text.len && text.at[i] != '='; i++) {
        unsigned from_plus = (unsigned)(unsigned char)text.at[i] - '+';

        if (text.at[i] == '\\')
            continue;
        if (from_plus >= sizeof sextets || sextets[from_plus] == NO_SEXTET)
            return false;
        bits = bits << 6 | sextets[from_plus];
        have += 6;
        if (have >= 8) {
            have -= 8;
            to[out++] = (char)(bits >> have & 255);
        }
    }
    *len = out;
    return true;
}

/* The member "bytes" of a payload; {NULL, 0} when there is none. */
static struct tq__span bytes_of(struct tq__span payload)
{
    struct tq__json_item item;
    struct tq__json json;

    tq__json_begin(&json, payload, TQ__JSON_LAX);
    if (tq__json_enter_next(&json, '{'))
        while (tq__json_next(&json, &item))
            if (item.kind == TQ__JSON_STRING && tq__span_equals(item.key, "bytes"))
                return item.text;
    return (struct tq__span){NULL, 0};
}

static bool give_chunk(struct tq__usage_lines *lines, struct tq__span payload, struct tq__usage_text *text)
{
    struct tq__span bytes = bytes_of(payload);
    size_t len = 0;

    if (!bytes.at) {
        *text = (struct tq__usage_text){payload, true, false};
        lines->given = lines->len;
        return true;
    }
    if (lines->len == 0 && !tq__lines_reserve(lines, bytes.len))
        return lose(lines);
    if (!decode(bytes, lines->buffer, &len))
        return lose(lines);
    return give_buffer(lines, len, text);
}

/* ---- frames ---------------------------------------------------------------------------------- */

/* Gives the document of a frame; `frame` is all of it behind the prelude, in the caller's bytes, or all that
 * is in the buffer. */
static bool give(struct tq__usage_lines *lines, struct tq__span frame, struct tq__usage_text *text)
{
    struct tq__span headers_text = {frame.at, lines->frame.headers_len};
    struct tq__span payload = tq__span_behind(frame, headers_text.len);
    struct headers headers;
    uint32_t crc;

    payload = tq__span_trim((struct tq__span){payload.at, payload.len - CRC_BYTES});
    crc = tq__crc32(0, lines->frame.prelude, TQ__PRELUDE_BYTES);
    crc = tq__crc32(crc, frame.at, frame.len - CRC_BYTES);
    if (crc != big_endian(frame.at + frame.len - CRC_BYTES) || !read_frame_headers(headers_text, &headers))
        return lose(lines);
    if (headers.exception_type.len > 0)
        return give_error(lines, headers.exception_type, payload, headers.error_message, text);
    if (tq__span_equals(headers.message_type, "error"))
        return give_error(lines, headers.error_code, TQ__SPAN(""), headers.error_message, text);
    if (!is_object(payload)) {
        lines->len = 0;
        return false;
    }
    if (tq__span_equals(headers.event_type, "metadata"))
        return give_metadata(lines, payload, text);
    if (tq__span_equals(headers.event_type, "chunk"))
        return give_chunk(lines, payload, text);
    *text = (struct tq__usage_text){payload, true, false};
    lines->given = lines->len;
    return true;
}

/* Reads the lengths of a complete prelude; false when it is none. */
static bool read_prelude(struct tq__frame *frame)
{
    uint32_t all = big_endian(frame->prelude);

    frame->headers_len = big_endian(frame->prelude + 4);
    if (all < TQ__PRELUDE_BYTES + CRC_BYTES || frame->headers_len > all - TQ__PRELUDE_BYTES - CRC_BYTES ||
        tq__crc32(0, frame->prelude, 8) != big_endian(frame->prelude + 8))
        return false;
    frame->len = frame->left = all - TQ__PRELUDE_BYTES;
    return true;
}

static struct tq__span cut_piece(struct tq__span *bytes, size_t at_most)
{
    struct tq__span part = {bytes->at, at_most < bytes->len ? at_most : bytes->len};

    *bytes = tq__span_behind(*bytes, part.len);
    return part;
}

bool tq__frames_next(struct tq__usage_lines *lines, struct tq__span *bytes, struct tq__usage_text *text)
{
    struct tq__frame *frame = &lines->frame;
    struct tq__span part;
    bool alone;

    if (frame->broken) {
        cut_piece(bytes, bytes->len);
        return false;
    }
    if (frame->have < TQ__PRELUDE_BYTES) {
        part = cut_piece(bytes, TQ__PRELUDE_BYTES - frame->have);
        memcpy(frame->prelude + frame->have, part.at, part.len);
        frame->have = (uint8_t)(frame->have + part.len);
        if (frame->have == TQ__PRELUDE_BYTES && !read_prelude(frame)) {
            frame->broken = true;
            lines->lost = true;
        }
        return false;
    }
    part = cut_piece(bytes, frame->left);
    alone = part.len == frame->len && part.len <= lines->max;
    frame->left -= (uint32_t)part.len;
    if (!alone)
        tq__lines_keep(lines, part.at, part.len);
    if (frame->left > 0)
        return false;
    frame->have = 0;
    if (alone)
        return give(lines, part, text);
    if (tq__lines_end_dropping(lines))
        return false;
    /* With the room that a document made of it takes: then nothing moves while that is made. */
    if (!tq__lines_reserve(lines, lines->len + WRAP_BYTES))
        return lose(lines);
    return give(lines, (struct tq__span){lines->buffer, lines->len}, text);
}
