/* target.h: what every fuzz target shares: the function that the fuzzer calls, and how a promise is checked.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HOLDS(promise) ((promise) ? (void)0 : abort()) /* also where assert is compiled out */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Is this the source that the run is for? Without TQ_FUZZ_SOURCE it is for all. */
static inline int is_wanted(const char *name)
{
    const char *wanted = getenv("TQ_FUZZ_SOURCE");

    return !wanted || strcmp(name, wanted) == 0;
}

/* A message is one line that ends in a NUL. It has no control character, and no byte above `most`: 0x7e where
 * it is ASCII, 0xff where it may be UTF-8. */
static inline void check_message(const char *message, size_t capacity, uint8_t most)
{
    const char *end = memchr(message, '\0', capacity);

    HOLDS(end && end > message);
    for (; message < end; message++)
        HOLDS((uint8_t)*message >= 0x20 && *message != 0x7f && (uint8_t)*message <= most);
}

#endif
