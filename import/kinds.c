/* kinds.c: the same calls counted twice: once live, once by an import. Warn of it, whoever comes
 * second.
 *
 * SPDX-License-Identifier: MIT
 *
 * Import remembers what it counted for each provider and day. What the ledger has beyond that, others
 * counted; what they counted cannot be told from what they counted of the same calls, so it is a warning and
 * no more. It is not seen when others counted less than was taken back since (`tokenquota correct`, reset),
 * or on days that this import did not feed.
 */
#include <string.h>

#include "import.h"

/* What others counted on the days that were fed, and up to which of them. */
static int64_t counted_by_others(const struct import *import, const struct import_feed *feed)
{
    const struct imports_row *row = &import->imports.rows[feed->row];
    int64_t sum = 0;

    for (uint32_t day = feed->first_day; day <= feed->last_day; day++) {
        int64_t used = tq_provider_used(feed->handle, imports_day_start(day));
        int64_t more = used - imports_row_used(row, day);

        if (used > 0 && used < INT64_MAX && more > 0)
            sum += more;
    }
    return sum - (int64_t)row->doubt;
}

void import_look_for_others(struct import *import)
{
    for (size_t i = 0; i < import->feeds.count; i++) {
        struct import_feed *feed = &import->feeds.items[i];

        if (!feed->fed || !feed->handle)
            continue;
        struct imports_row *row = &import->imports.rows[feed->row];
        int64_t others = counted_by_others(import, feed);

        feed->fed = false;
        if (others <= (int64_t)row->warned)
            continue;
        struct text first = format_utc_day(imports_day_start(feed->first_day));
        struct text last = format_utc_day(imports_day_start(feed->last_day));
        bool one_day = feed->first_day == feed->last_day;

        row->warned = (uint64_t)others;
        report(
            "\"%s\" has %s tokens %s %s%s%s that others counted: if they are of the same calls, each counts "
            "twice; give one of the two another name, with --provider",
            feed->name, format_exact(others).s, one_day ? "on" : "from", first.s, one_day ? "" : " to ",
            one_day ? "" : last.s);
    }
}

bool import_is_of_another(struct import *import)
{
    const struct imports *imports = &import->imports;
    struct tq_provider *provider;

    if (!import->session.ledger || imports->header->rows == 0)
        return false;
    for (uint32_t i = 0; i < imports->header->rows; i++)
        if (tq_ledger_provider(import->session.ledger, imports->rows[i].name, strlen(imports->rows[i].name),
                               TQ_PROVIDER_EXISTING, &provider) != 1)
            return false;
    return true;
}

void import_warn_live(const char *ledger, const char *provider, int64_t now_ns)
{
    struct imports imports;
    uint32_t today = imports_day(now_ns);

    if (!imports_peek(&imports, ledger, true))
        return;
    for (uint32_t i = 0; i < imports.header->rows; i++) {
        struct imports_row *row = &imports.rows[i];

        if (strncmp(row->name, provider, sizeof(row->name)) != 0 || row->told_day == today)
            continue;
        row->told_day = today;
        report("\"%s\" is fed by `tokenquota import`, too: if the logs have this call, it counts twice",
               provider);
    }
    imports_close(&imports);
}
