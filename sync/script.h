/* script.h: the script that the server runs (script.lua), as it is sent.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SYNC_SCRIPT_H
#define TOKENQUOTA_SYNC_SCRIPT_H

#include <stddef.h>

/* Without what only people read (tools/embed.py). */
extern const char script_lua[];
extern const size_t script_lua_len;

/* By which the server knows it, in hexadecimal digits. */
extern const char script_lua_sha1[];

#endif
