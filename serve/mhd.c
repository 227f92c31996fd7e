/* mhd.c: loads the shared library of libmicrohttpd when the daemon starts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "mhd.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/symbol.h"

#define LIBRARY "libmicrohttpd.so.12"
#define VERSION_MIN 970

struct mhd mhd;

static unsigned read_version(const char *text)
{
    unsigned major = 0, minor = 0, patch = 0;

    (void)sscanf(text, "%3u.%2u.%2u", &major, &minor, &patch);
    return major * 10000 + minor * 100 + patch;
}

/* The library stays loaded until the process ends. */
const char *mhd_load(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    bool has_all = true;

    if (!library)
        return "cannot load " LIBRARY ", which answers HTTP; install Debian's package libmicrohttpd12, or "
               "libmicrohttpd12t64 on newer systems";
#define FIND(name) has_all &= tq__symbol_take(dlsym(library, "MHD_" #name), &mhd.name, sizeof(mhd.name));
    MHD_CALLS(FIND)
#undef FIND
    if (!has_all)
        return LIBRARY " lacks functions that the daemon needs";
    mhd.version = read_version(mhd.get_version());
    return mhd.version < VERSION_MIN ? LIBRARY " is too old; the daemon needs libmicrohttpd 0.9.70 or later"
                                     : NULL;
}
