/* hiredis.c: loads the shared library of hiredis.
 *
 * SPDX-License-Identifier: MIT
 */
#include "hiredis.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <threads.h>

#include "base/symbol.h"

#define LIBRARY HIREDIS_LIBRARY("hiredis")

struct hiredis hiredis;

static once_flag once = ONCE_FLAG_INIT;
static const char *fault; /* NULL: it is loaded */

/* The library stays loaded until the process ends. RTLD_GLOBAL: its part for TLS (tls.c) calls it. */
static void load(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_GLOBAL);
    bool has_all = true;

    if (!library) {
        fault = "cannot load " LIBRARY
                ", which talks to Redis; install Debian's package libhiredis" HIREDIS_TEXT(HIREDIS_SONAME);
        return;
    }
#define FIND(name) has_all &= tq__symbol_take(dlsym(library, #name), &hiredis.name, sizeof(hiredis.name));
    HIREDIS_CALLS(FIND)
    if (!has_all)
        fault = LIBRARY " lacks functions that talking to Redis needs";
}

const char *hiredis_load(void)
{
    call_once(&once, load);
    return fault;
}
