/* protobuf.h: a walk over a message in protobuf's wire format: it builds nothing and allocates nothing.
 *
 * SPDX-License-Identifier: MIT
 *
 * Without the message's definition, a field is a number or bytes; bytes may be a text or a message:
 *
 *     struct tq__protobuf message = tq__protobuf_begin(bytes);
 *     struct tq__protobuf_field field;
 *
 *     while (tq__protobuf_next(&message, &field)) {
 *         if (field.number == 4 && !field.is_number)
 *             ... tq__protobuf_begin(field.bytes)
 *     }
 *     if (message.failed)
 *         ... it is no protobuf, or cut off
 */
#ifndef TQ_LOGS_PROTOBUF_H
#define TQ_LOGS_PROTOBUF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct tq__protobuf {
    const unsigned char *at, *end;
    bool failed; /* every call answers false from then on */
};

struct tq__protobuf_field {
    uint32_t number;
    bool is_number;
    uint64_t value;        /* of a number: an integer, or the bits of a fixed one */
    struct tq__span bytes; /* of what is none */
};

static inline struct tq__protobuf tq__protobuf_begin(struct tq__span bytes)
{
    const unsigned char *at = (const void *)bytes.at;

    return (struct tq__protobuf){at, at ? at + bytes.len : at, false};
}

/* Gives the next field; false behind the last one, and on a fault. */
bool tq__protobuf_next(struct tq__protobuf *message, struct tq__protobuf_field *field);

#endif
