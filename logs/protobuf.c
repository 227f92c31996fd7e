/* protobuf.c: a walk over a message in protobuf's wire format: it builds nothing and allocates nothing.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each step consumes at least two bytes, so a walk ends. Groups, which protobuf gave up, are a fault.
 */
#include "protobuf.h"

#define VARINT_BYTES 10

enum { VARINT, FIXED64, LENGTH, FIXED32 = 5 };

static bool read_varint(struct tq__protobuf *message, uint64_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < VARINT_BYTES && message->at < message->end; i++) {
        unsigned char byte = *message->at++;

        if (i == VARINT_BYTES - 1 && byte > 1)
            return false;
        *value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

static bool read_fixed(struct tq__protobuf *message, unsigned len, uint64_t *value)
{
    if ((size_t)(message->end - message->at) < len)
        return false;
    *value = 0;
    for (unsigned i = 0; i < len; i++)
        *value |= (uint64_t)*message->at++ << (8 * i);
    return true;
}

static bool read_bytes(struct tq__protobuf *message, struct tq__span *bytes)
{
    uint64_t len;

    if (!read_varint(message, &len) || len > (uint64_t)(message->end - message->at))
        return false;
    *bytes = (struct tq__span){(const void *)message->at, (size_t)len};
    message->at += len;
    return true;
}

static bool read_value(struct tq__protobuf *message, unsigned wire, struct tq__protobuf_field *field)
{
    field->is_number = wire != LENGTH;
    switch (wire) {
    case VARINT:
        return read_varint(message, &field->value);
    case FIXED64:
        return read_fixed(message, 8, &field->value);
    case LENGTH:
        return read_bytes(message, &field->bytes);
    case FIXED32:
        return read_fixed(message, 4, &field->value);
    default:
        return false;
    }
}

bool tq__protobuf_next(struct tq__protobuf *message, struct tq__protobuf_field *field)
{
    uint64_t tag;

    *field = (struct tq__protobuf_field){0};
    if (message->failed || message->at == message->end)
        return false;
    message->failed = !read_varint(message, &tag) || tag >> 3 == 0 || tag >> 3 >= UINT64_C(1) << 29 ||
                      !read_value(message, tag & 7, field);
    field->number = message->failed ? 0 : (uint32_t)(tag >> 3);
    return !message->failed;
}
