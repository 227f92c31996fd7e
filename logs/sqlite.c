/* sqlite.c: loads the shared library of SQLite when the first database is read.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sqlite.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <threads.h>

#include "base/symbol.h"
#include "error.h"

#define LIBRARY "libsqlite3.so.0"
#define VERSION_MIN 3036000 /* the first one that always has sqlite3_deserialize */

struct tq__sqlite tq__sqlite;

static once_flag once = ONCE_FLAG_INIT;
static const char *fault; /* NULL: it is loaded */

/* The library stays loaded until the process ends. */
static void load(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    bool has_all = true;

    if (!library) {
        fault = "cannot load " LIBRARY ", which reads databases (Debian's package libsqlite3-0)";
        return;
    }
#define FIND(name)                                                                                           \
    has_all &= tq__symbol_take(dlsym(library, "sqlite3_" #name), &tq__sqlite.name, sizeof(tq__sqlite.name));
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
