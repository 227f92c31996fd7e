/* fuzz_eventstream.c: any bytes, read as a response in binary frames whose lengths and checksums are right.
 *
 * SPDX-License-Identifier: MIT
 *
 * The first two bytes of an input are the lengths of the pieces, in turn. In the rest the lengths of each
 * frame are cut to what is there, and the checksums are set: no fuzzer finds those. A frame whose first byte
 * is not 0 is left as it is. */
#include "response.h"

#define PRELUDE_BYTES 12
#define FRAME_BYTES_MIN 16

static uint32_t checksum(const unsigned char *at, size_t len)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < len; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static uint32_t get(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void set(unsigned char *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(number >> (24 - 8 * i));
}

/* Mends the frame at the front. Returns its length; 0: there is none. */
static size_t mend(unsigned char *at, size_t len)
{
    uint32_t frame = get(at), headers = get(at + 4);

    if (at[0] != 0)
        return 0;
    if (frame < FRAME_BYTES_MIN || frame > len)
        frame = (uint32_t)(len - frame % (len - FRAME_BYTES_MIN + 1));
    if (headers > frame - FRAME_BYTES_MIN)
        headers %= frame - FRAME_BYTES_MIN + 1;
    set(at, frame);
    set(at + 4, headers);
    set(at + 8, checksum(at, 8));
    set(at + frame - 4, checksum(at, frame - 4));
    return frame;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t pieces[2], at = 0, frame = 1;
    unsigned char *bytes;

    if (size < 2)
        return 0;
    pieces[0] = (size_t)data[0] + 1;
    pieces[1] = (size_t)data[1] + 1;
    size -= 2;
    bytes = malloc(size + 1);
    HOLDS(bytes);
    memcpy(bytes, data + 2, size);
    for (; frame > 0 && size - at >= FRAME_BYTES_MIN; at += frame)
        frame = mend(bytes + at, size - at);
    check_response((const char *)bytes, size, pieces);
    free(bytes);
    return 0;
}
