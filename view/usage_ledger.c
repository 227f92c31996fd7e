/* usage_ledger.c: what the ledger counted live, of providers that no import feeds, day by day.
 *
 * SPDX-License-Identifier: MIT
 *
 * Those that are fed are in the logs. Its days are UTC days, whatever the zone of the report, and it knows no
 * classes.
 */
#define _XOPEN_SOURCE 700
#include <string.h>
#include <unistd.h>

#include "usage.h"

#define ROW_OF_TOOLS "counted live"
#define NO_MODEL "counted live"

/* Whether these rows have a place for a provider without model and session. */
static bool has_place(enum usage_by by)
{
    return by != BY_SESSION && by != BY_MODEL;
}

static const char *key_of(const struct usage_request *request, const char *name, int64_t day,
                          struct text *text)
{
    if (request->by == BY_PROVIDER)
        return name;
    if (request->by == BY_TOOL)
        return ROW_OF_TOOLS;
    *text = usage_day_key(request, day);
    return text->s;
}

static int add_day(struct usage_report *usage, const char *name, int64_t day, int64_t used)
{
    struct text text;
    int64_t row = texts_number(&usage->rows, key_of(&usage->request, name, day, &text));
    int64_t model = texts_number(&usage->models, NO_MODEL);
    struct usage_cell cell = {
        .row = (uint32_t)row, .model = (uint32_t)model, .day = day, .classes.other = used};

    if (row < 0 || model < 0)
        return -1;
    if (cells_add(usage, &cell) == 0)
        return 0;
    report("out of memory");
    return -1;
}

static int add_provider(struct usage_report *usage, struct tq_provider *provider, uint32_t history_days)
{
    const struct usage_request *request = &usage->request;
    int64_t today_ns = day_start(request->logs.at_ns);
    bool any = false;

    for (uint32_t back = 0; back < history_days; back++) {
        int64_t at_ns = today_ns - back * DAY_NS, used = tq_provider_used(provider, at_ns);

        if (used <= 0 || at_ns < request->logs.since_ns || at_ns >= request->until_ns)
            continue;
        if (!has_place(request->by))
            usage->live_elsewhere += used;
        else if (add_day(usage, tq_provider_name(provider), at_ns / DAY_NS, used) < 0)
            return -1;
        any = true;
    }
    usage->live += any;
    return 0;
}

static int add_all(struct usage_report *usage, struct tq_ledger *ledger, struct store *store)
{
    struct tq_ledger_info info = {.size = sizeof(info)};
    struct tq_provider *provider;
    uint64_t cursor = 0;
    int result = 0;

    if (tq_ledger_statistics(ledger, &info) < 0)
        return 0;
    while (result == 0 && tq_ledger_walk(ledger, &cursor, &provider) == 0)
        if (!store->header || !store_row_find(store, tq_provider_name(provider)))
            result = add_provider(usage, provider, info.history_days);
    return result;
}

int usage_add_ledger(struct usage_report *usage)
{
    struct session session;
    struct store store = {.fd = -1};
    int result = -1;

    if (session_find(&session, usage->request.ledger) < 0)
        return -1;
    if (access(session.path, F_OK) != 0)
        return 0; /* none yet: the logs are all there is */
    if (session_open(&session, SESSION_READ) == 0) {
        (void)store_peek(&store, session.path);
        result = add_all(usage, session.ledger, &store);
    }
    store_close(&store);
    tq_ledger_close(session.ledger);
    return result;
}
