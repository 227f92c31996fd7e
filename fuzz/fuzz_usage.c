/* fuzz_usage.c: any bytes, read as a response: whole and in pieces they use the same.
 *
 * SPDX-License-Identifier: MIT
 *
 * The first two bytes of an input are the lengths of the pieces, in turn; the rest is the
 * response. */
#include "response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 2)
        check_response((const char *)data + 2, size - 2,
                       (size_t[2]){(size_t)data[0] + 1, (size_t)data[1] + 1});
    return 0;
}
