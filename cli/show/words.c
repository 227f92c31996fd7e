/* words.c: verdicts, profiles and a ledger's numbers in words, and a document's way out.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include <tokenquota_signals.h>

#include "cli/show/show.h"
#include "view/json.h"

void profile_put(FILE *out, const struct tq_profile *profile)
{
    const char *name = tq_profile_name(profile);

    fputs(name, out);
    if (strcmp(name, "generic") != 0)
        fprintf(out, ": %s", tq_profile_vendor(profile));
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

void put_plural(FILE *out, int64_t count, const char *word)
{
    fprintf(out, "%s %s%s", format_exact(count).s, word, count == 1 ? "" : "s");
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
    json_t *document = json_join(json_pack("{s:i}", "schema", SCHEMA), members);

    if (json_dumpf(must_have(document), stdout, flags) < 0 &&
        !ferror(stdout)) /* main reports a failed write */
        no_memory();
    json_decref(document);
    putc('\n', stdout);
}
