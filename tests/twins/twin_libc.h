/* twin_libc.h: all of libc, before a twin's header, which stands before the source and what the source asks for.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TWIN_LIBC_H
#define TWIN_LIBC_H

#define _GNU_SOURCE
#include <features.h>
/* The source asks again, in its own words, which are others than those features.h has set. It is heard once. */
#undef _DEFAULT_SOURCE
#undef _POSIX_C_SOURCE

#endif
