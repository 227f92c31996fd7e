/* sqlite.c: loads the shared library of SQLite when the first database is read.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sqlite.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>
#include <threads.h>

#include "error.h"

#define LIBRARY "libsqlite3.so.0"
#define VERSION_MIN 3036000 /* the first one that always has sqlite3_deserialize */

struct tq__sqlite tq__sqlite;

static once_flag once = ONCE_FLAG_INIT;
static const char *fault; /* NULL: it is loaded */

/* Finds a function; false when it is not there. dlsym's pointer is copied, because ISO C converts no pointer
 * to an object to one to a function. */
static bool find(void *library, const char *name, void *function, size_t function_bytes)
{
    void *found = dlsym(library, name);

    memcpy(function, &found, function_bytes);
    return found != NULL;
}

/* The library stays loaded until the process ends. */
static void load(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    bool has_all = true;

    if (!library) {
        fault = "cannot load " LIBRARY ", which reads databases (Debian's package libsqlite3-0)";
        return;
    }
#define FIND(name) has_all &= find(library, "sqlite3_" #name, &tq__sqlite.name, sizeof(tq__sqlite.name));
    TQ__SQLITE_CALLS(FIND)
#undef FIND
    if (!tq__sqlite.libversion_number || tq__sqlite.libversion_number() < VERSION_MIN)
        fault = LIBRARY " is too old; databases are read with SQLite 3.36 or later";
    else if (!has_all)
        fault = LIBRARY " was built without functions that reading a database needs";
}

int tq__sqlite_load(struct tq_log_error *error)
{
    call_once(&once, load);
    return fault ? tq__log_fail(error, TQ_LOG_BROKEN, 0, 0, "%s", fault) : 0;
}
