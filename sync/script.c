/* script.c: the script as it is sent: what script.lua has, without what only people read.
 *
 * SPDX-License-Identifier: MIT
 */
#include "script.h"

#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include "base/text.h"

static once_flag once = ONCE_FLAG_INIT;
static char *lean;
static size_t lean_len;

static void make_lean(void)
{
    struct tq__span rest = {script_lua, script_lua_len};

    lean = malloc(rest.len + 1);
    while (lean && rest.len > 0) {
        struct tq__span line = tq__span_trim(tq__span_cut(&rest, '\n'));

        if (line.len == 0 || tq__span_begins(line, "--"))
            continue;
        memcpy(lean + lean_len, line.at, line.len);
        lean_len += line.len;
        lean[lean_len++] = '\n';
    }
}

const char *sync_script(size_t *len)
{
    call_once(&once, make_lean);
    *len = lean_len;
    return lean;
}
