/* words.c: puts verdicts, profiles, counts and a ledger's numbers into words, and prints JSON documents.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include <tokenquota_signals.h>

#include "cli/show/show.h"
#include "view/json.h"
#include "cli/show/table.h"

void profile_put(FILE *out, const struct tq_profile *profile)
{
    const char *name = tq_profile_name(profile);

    fputs(name, out);
    if (strcmp(name, "generic") != 0)
        fprintf(out, ": %s", tq_profile_vendor(profile));
}

struct text verdict_limit(const struct tq_verdict *verdict)
{
    bool calendar = verdict->limit_window <= TQ_WINDOW_YEAR, length = !calendar && verdict->window_ns > 0;
    static const char *const owners[] = {"", " of its pool", " of its pool's pool"};
    struct text text;

    snprintf(text.s, sizeof(text.s), "limit %u%s, %s%s%.20s", (unsigned)verdict->limit,
             owners[verdict->level < POOLS_MOST ? verdict->level : POOLS_MOST],
             tq_unit_name(verdict->limit_unit),
             calendar ? " per "
             : length ? " in "
                      : " ",
             length ? format_length(verdict->window_ns).s : tq_window_name(verdict->limit_window));
    return text;
}

struct text cut_off_words(const struct tq_ledger *ledger, int64_t now_ns)
{
    int64_t since_ns = cut_off_since(ledger, now_ns);
    struct text text = {""};

    if (since_ns != 0)
        snprintf(text.s, sizeof text.s, "cut off from the other machines for %.30s",
                 format_length(now_ns - since_ns).s);
    return text;
}

struct text verdict_reason(const struct tq_verdict *verdict)
{
    struct text text = {""};

    if (verdict->state != TQ_QUOTA_EXHAUSTED)
        return text;
    if (verdict_is_wait(verdict))
        snprintf(text.s, sizeof(text.s), "%s: wait %.30s", verdict_state(verdict),
                 format_length(verdict->retry_at_ns - verdict->at_ns).s);
    else if (verdict->reason == TQ_REASON_REPORTED)
        snprintf(text.s, sizeof(text.s), "reported: out of %s",
                 verdict->refusal == TQ_CLASS_NO_MONEY ? "money" : "quota");
    else if (verdict_has_limit(verdict))
        snprintf(text.s, sizeof(text.s), "%s%s: %.52s", tq_reason_name(verdict->reason),
                 verdict->reason == TQ_REASON_SPENT && verdict->limit_used < verdict->limit_amount
                     ? " to the reserve"
                     : "",
                 verdict_limit(verdict).s);
    else
        snprintf(text.s, sizeof(text.s), "%s", tq_reason_name(verdict->reason));
    return text;
}

void verdict_put(FILE *out, const struct tq_verdict *verdict)
{
    struct text reason = verdict_reason(verdict);

    if (verdict_is_wait(verdict)) {
        fputs(reason.s, out);
        return;
    }
    fputs(tq_state_name(verdict->state), out);
    if (verdict->state != TQ_QUOTA_EXHAUSTED)
        return;
    fprintf(out, " (%s) ", reason.s);
    until_put(out, verdict->retry_at_ns, verdict->at_ns);
}

struct text plural(uint64_t count, const char *word)
{
    struct text text;

    snprintf(text.s, sizeof(text.s), "%.27s %.24s%s", format_exact((int64_t)count).s, word,
             count == 1 ? "" : "s");
    return text;
}

struct text format_count(int64_t n, bool exact, bool round)
{
    return exact ? format_exact(n) : format_short(n, round);
}

struct text format_tenths(int64_t tenths, bool point)
{
    struct text text;

    if (tenths % 10 || (point && tenths < 1000))
        snprintf(text.s, sizeof(text.s), "%d.%d%%", (int)(tenths / 10), (int)(tenths % 10));
    else
        snprintf(text.s, sizeof(text.s), "%d%%", (int)(tenths / 10));
    return text;
}

void classes_cells(struct table *table, const struct classes *classes, bool exact, bool dashes)
{
    const int64_t parts[] = {classes->input, classes->cache_write, classes->cache_read, classes->output};
    int64_t total = classes_total(classes);
    bool known = !dashes || (classes->responses && total > classes->other);

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        table_cell(table, NULL, known ? format_count(parts[i], exact, ROUND_DOWN).s : "-");
    table_cell(table, NULL,
               !dashes || classes->other > 0 ? format_count(classes->other, exact, ROUND_DOWN).s : "-");
    table_cell(table, NULL, format_count(total, exact, ROUND_DOWN).s);
}

static void put_info(FILE *out, const char *what, uint64_t count, const char *meaning)
{
    fprintf(out, "%-10s %9s  %s\n", what, format_exact((int64_t)count).s, meaning);
}

void info_put(FILE *out, const struct tq_ledger_info *info)
{
    fprintf(out, "%-10s %9s  for providers without their own\n", "rule", rule_name(info->rule));
    put_info(out, "days", info->history_days, "kept of each provider");
    put_info(out, "providers", info->providers, "names");
    put_info(out, "slots", info->slots, "in use, also by forgotten and killed providers");
    put_info(out, "bytes", info->file_bytes, "of the file");
    put_info(out, "late", info->late, "records of an earlier day, counted for it");
    put_info(out, "too old", info->too_old, "records of a day that is no longer kept, refused");
    put_info(out, "clock", info->clock, "records before 2020 or ahead of the clock, refused");
    put_info(out, "saturated", info->saturated, "records of a day whose count is at its limit");
    if (info->ahead > 0) {
        put_info(out, "future", info->ahead, "providers with records of a future day, the latest");
        fprintf(out, "%-10s %9s  %s: a clock was wrong\n", "", "", format_utc_day(info->ahead_at_ns).s);
    }
    put_info(out, "rebuilt", info->rebuilt, "times, after a restart of the machine or in a copy");
    put_info(out, "recovered", info->recovered, "names that a rebuild put back");
}

void json_print(json_t *members, bool one_line)
{
    size_t flags = (one_line ? JSON_COMPACT : JSON_INDENT(2)) | JSON_REAL_PRECISION(15);
    json_t *document = document_json(members);

    if (json_dumpf(must_have(document), stdout, flags) < 0 &&
        !ferror(stdout)) /* main reports a failed write */
        no_memory();
    json_decref(document);
    putc('\n', stdout);
}

struct text interval_words(const struct outlook *outlook)
{
    const struct interval *interval = &outlook->interval;
    struct text text = {""};

    if (outlook->days > 0 && interval->none)
        snprintf(text.s, sizeof(text.s), "above all %u", (unsigned)outlook->days);
    else if (outlook->days > 0)
        snprintf(text.s, sizeof(text.s), "%.20s to %.20s", format_short(interval->low, ROUND_DOWN).s,
                 format_short(interval->high, ROUND_UP).s);
    return text;
}
