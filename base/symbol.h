/* symbol.h: a function of a library that is loaded when it is needed.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SYMBOL_H
#define TQ_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Makes what dlsym found a function's pointer; false: it found none. The pointer is copied, because ISO C
 * converts no pointer to an object to one to a function. */
static inline bool tq__symbol_take(void *found, void *function, size_t function_bytes)
{
    memcpy(function, &found, function_bytes);
    return found != NULL;
}

#endif
