/* ledger_numbers.c: what a ledger says of itself: sizes, and what was refused or odd since it was made.
 *
 * SPDX-License-Identifier: MIT
 */
#include "json.h"
#include "ledger_standings.h"
#include "rules.h"

static void put(FILE *out, const char *what, uint64_t count, const char *meaning)
{
    fprintf(out, "%-10s %9s  %s\n", what, format_exact((int64_t)count).s, meaning);
}

void info_put(FILE *out, const struct tq_ledger_info *info)
{
    fprintf(out, "%-10s %9s  of providers without their own\n", "rule", rule_name(info->rule));
    put(out, "days", info->history_days, "kept of each provider");
    put(out, "providers", info->providers, "names");
    put(out, "slots", info->slots, "in use: names, and what forgotten and killed ones left");
    put(out, "bytes", info->file_bytes, "of the file");
    put(out, "late", info->late, "records of an earlier day, counted for it");
    put(out, "too old", info->too_old, "records of a day that is no longer kept, refused");
    put(out, "clock", info->clock, "records before 2020 or ahead of the clock, refused");
    put(out, "saturated", info->saturated, "records of a day that is counted to the brim");
    if (info->ahead > 0) {
        put(out, "future", info->ahead, "providers with records of a day that is not there yet, the latest");
        fprintf(out, "%-10s %9s  %s: a clock was wrong\n", "", "", format_utc_day(info->ahead_at_ns).s);
    }
    put(out, "rebuilt", info->rebuilt, "times, after a restart of the machine or in a copy");
    put(out, "recovered", info->recovered, "names put back by it");
}

json_t *info_json(const struct tq_ledger_info *info)
{
    return json_pack("{s:i, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
                     "history_days", (int)info->history_days,
                     "rule", rule_name(info->rule),
                     "providers", (json_int_t)info->providers,
                     "slots", (json_int_t)info->slots,
                     "file_bytes", (json_int_t)info->file_bytes,
                     "late", (json_int_t)info->late,
                     "too_old", (json_int_t)info->too_old,
                     "clock", (json_int_t)info->clock,
                     "saturated", (json_int_t)info->saturated,
                     "ahead", (json_int_t)info->ahead,
                     "rebuilt", (json_int_t)info->rebuilt,
                     "recovered", (json_int_t)info->recovered);
}
