/* script.h: the script that the server runs (script.lua), as it is sent.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SYNC_SCRIPT_H
#define TOKENQUOTA_SYNC_SCRIPT_H

#include <stddef.h>

/* script.lua as it is in the tree (tools/embed.py). */
extern const char script_lua[];
extern const size_t script_lua_len;

/* Without comments and without blanks in front of lines: it is sent with each flush, and the server hashes
 * all of it. The same text for the whole process. NULL: no memory. */
const char *sync_script(size_t *len);

#endif
