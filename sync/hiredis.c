/* hiredis.c: loads the shared library of hiredis, and its part for TLS.
 *
 * SPDX-License-Identifier: MIT
 */
#include "hiredis.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <threads.h>

#include "base/symbol.h"

#define TEXT(token) TEXT_OF(token)
#define TEXT_OF(token) #token
#define LIBRARY "libhiredis.so." TEXT(HIREDIS_SONAME)

struct hiredis hiredis;

static once_flag once = ONCE_FLAG_INIT;
static const char *fault; /* NULL: it is loaded */

/* The library stays loaded until the process ends. RTLD_GLOBAL: its part for TLS calls it. */
static void load(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_GLOBAL);
    bool has_all = true;

    if (!library) {
        fault = "cannot load " LIBRARY
                ", which talks to Redis; install Debian's package libhiredis" TEXT(HIREDIS_SONAME);
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

#if SYNC_HAS_TLS

#define TLS_LIBRARY "libhiredis_ssl.so." TEXT(HIREDIS_SONAME)

static once_flag once_tls = ONCE_FLAG_INIT;
static const char *fault_tls;

static void load_tls(void)
{
    void *library = dlopen(TLS_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    bool has_all = true;

    if (!library) {
        fault_tls = "cannot load " TLS_LIBRARY ", which rediss:// needs; install it, or use stunnel "
                    "(docs/many-machines.md)";
        return;
    }
    HIREDIS_TLS_CALLS(FIND)
    if (!has_all)
        fault_tls = TLS_LIBRARY " lacks functions that rediss:// needs; use stunnel (docs/many-machines.md)";
    else
        hiredis.redisInitOpenSSL();
}

const char *hiredis_load_tls(void)
{
    const char *why = hiredis_load();

    if (why)
        return why;
    call_once(&once_tls, load_tls);
    return fault_tls;
}

#else

const char *hiredis_load_tls(void)
{
    return "this tokenquota was built with a hiredis that has no TLS; use stunnel and redis:// "
           "(docs/many-machines.md)";
}

#endif
