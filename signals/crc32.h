/* crc32.h: the checksum of binary streams: CRC-32 as in Ethernet, gzip and zlib.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_CRC32_H
#define TQ_SIGNALS_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Goes on with a checksum; 0 begins one. */
uint32_t tq__crc32(uint32_t crc, const void *bytes, size_t len);

#endif
