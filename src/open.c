/* open.c: opening and closing a ledger, in a file or in private memory, and the path when nobody names one.
 *
 * SPDX-License-Identifier: MIT
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "hold_owner.h"
#include "table.h"

#define OPEN_FLAGS                                                                                           \
    (TQ_OPEN_EXISTING | TQ_OPEN_READ_ONLY | TQ_OPEN_RESETTABLE | TQ_OPEN_FLUSH_ALWAYS |                      \
     TQ_OPEN_ANY_FILE_SYSTEM)

static int check_options(const struct tq_ledger_options *options, struct tq_ledger_options *out,
                         struct tq_error *error)
{
    const char *fault = NULL;

    *out = (struct tq_ledger_options){.size = sizeof *out};
    if (options && options->size >= sizeof *options)
        *out = *options;
    if (out->history_days == 0)
        out->history_days = 64;
    if (options && options->size < sizeof *options)
        fault = "options.size is not sizeof(struct tq_ledger_options)";
    else if (out->reserved != 0)
        fault = "options.reserved is not 0";
    else if (!tq__history_ok(out->history_days))
        fault = "options.history_days is not 8, 16, 32 or 64";
    else if (out->rule > TQ_RULE_CARE)
        fault = "options.rule is no TQ_RULE_... of this version";
    else if ((out->flags & ~OPEN_FLAGS) != 0)
        fault = "options.flags has a bit that is no TQ_OPEN_... of this version";
    else if (out->min_now_ns < 0 || out->max_ahead_ns < 0 || (out->mode & ~0777u) != 0)
        fault = "options.min_now_ns, max_ahead_ns or mode is out of range";
    return fault ? tq__fail(error, TQ_EINVAL, 0, NULL, fault) : 0;
}

static int open_private(struct tq_ledger *ledger, const struct tq_ledger_options *options,
                        struct tq_error *error)
{
    struct tq__header *header = tq__memory_map(TQ__HEADER_BYTES);
    _Atomic uint64_t *table;

    if (!header)
        return tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    tq__header_init(header, options);
    tq__ledger_attach(ledger, header, header);
    if (tq__table_reach(ledger, 0, true, &table) < 0)
        return tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    return tq__fail(error, 0, 0, NULL,
                    "the ledger is private memory: no other process sees it, and it ends with this one");
}

#define CONVERSIONS 3 /* one converts; a restore may bring another old file meanwhile */

static int open_file(struct tq_ledger *ledger, const char *path, const struct tq_ledger_options *options,
                     struct tq_error *error)
{
    int answer = tq__file_open(ledger, path, options, error);

    for (int i = 0; answer == 1 && i < CONVERSIONS; i++) {
        answer = tq__convert(ledger->path, error);
        if (answer == 0)
            answer = tq__file_open(ledger, path, options, error);
    }
    return answer == 1 ? tq__fail(error, TQ_EBUSY, 0, path, "is replaced again and again") : answer;
}

int tq_ledger_open(struct tq_ledger **out, const char *path, const struct tq_ledger_options *options,
                   struct tq_error *user_error)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger_options checked;
    struct tq_ledger *ledger = NULL;
    int answer;

    if (!out)
        return tq__fail(user_error, TQ_EINVAL, 0, NULL, "ledger is NULL");
    *out = NULL;
    answer = check_options(options, &checked, &error);
    if (answer == 0) {
        ledger = tq__ledger_new();
        if (!ledger)
            answer = tq__fail(&error, TQ_ENOMEM, 0, NULL, "out of memory");
    }
    if (answer == 0) {
        ledger->min_now_ns = checked.min_now_ns;
        ledger->max_ahead_ns = checked.max_ahead_ns != 0 ? checked.max_ahead_ns
                               : path                    ? TQ_MAX_AHEAD_NS
                                                         : INT64_MAX;
        answer = path ? open_file(ledger, path, &checked, &error) : open_private(ledger, &checked, &error);
    }
    if (answer < 0) {
        tq_ledger_close(ledger);
        ledger = NULL;
    }
    *out = ledger;
    return tq__error_give(user_error, &error, answer);
}

void tq_ledger_close(struct tq_ledger *ledger)
{
    if (!ledger)
        return;
    tq__owner_end(ledger);
    for (uint32_t i = 0; i < TQ__ARRAYS; i++)
        tq__array_unmap(tq__ledger_array(ledger, i));
    tq__array_unmap(&ledger->providers);
    for (size_t i = 0; i < 2; i++)
        tq__array_unmap(&ledger->names[i]);
    tq__table_unmap(ledger);
    tq__memory_unmap(ledger->header, TQ__HEADER_BYTES);
    if (ledger->backing.fd >= 0 && tq__backing_check(&ledger->backing) == 0)
        close(ledger->backing.fd); /* and with it the lock */
    free(ledger->path);
    free(ledger);
}

/* ---- the default path ------------------------------------------------------------------------ */

/* A path in two parts, and why it is this one. */
struct choice {
    const char *folder, *rest;
    const char *why;
};

static int choose_place(struct choice *choice, struct tq_error *error)
{
    const char *given = getenv("TOKENQUOTA_LEDGER");
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (given && !*given)
        return tq__fail(error, TQ_EDENIED, 0, NULL, "$TOKENQUOTA_LEDGER is empty; give a path, or unset it");
    if (given)
        *choice = (struct choice){given, "", "$TOKENQUOTA_LEDGER"};
    else if (faccessat(AT_FDCWD, TQ_MACHINE_LEDGER, R_OK | W_OK, AT_EACCESS) == 0)
        *choice = (struct choice){TQ_MACHINE_LEDGER, "", "the machine's, which you may write"};
    else if (geteuid() == 0)
        *choice = (struct choice){TQ_MACHINE_LEDGER, "", "the machine's, as you are root"};
    else if (state && *state == '/') /* the specification says to ignore a relative one */
        *choice = (struct choice){state, "/tokenquota/ledger", "yours, by $XDG_STATE_HOME"};
    else if (home && *home == '/')
        *choice = (struct choice){home, "/.local/state/tokenquota/ledger", "yours"};
    else
        return tq__fail(error, TQ_EDENIED, 0, NULL,
                        "no home directory; set HOME, or TOKENQUOTA_LEDGER to the ledger's path");
    return tq__fail(error, 0, 0, NULL, choice->why);
}

int tq_ledger_default_path(char *out, size_t capacity, struct tq_error *error)
{
    struct choice choice;
    int answer;

    if (!out && capacity != 0)
        return tq__fail(error, TQ_EINVAL, 0, NULL, "out is NULL");
    if (capacity != 0)
        *out = '\0';
    answer = choose_place(&choice, error);
    return answer < 0 ? answer : snprintf(out, capacity, "%s%s", choice.folder, choice.rest);
}
