/* verdict.c: a verdict as data, as one sentence and as JSON, and the rules by name.
 *
 * SPDX-License-Identifier: MIT
 */
#include "verdict.h"

#include <stdio.h>
#include <string.h>

#include <tokenquota_signals.h>

#include "base/time.h"
#include "json.h"
#include "limits.h"

static const char *const rules[] = {
    [TQ_RULE_DEFAULT] = "care",    [TQ_RULE_ORIGINAL] = "original", [TQ_RULE_OFF] = "off",
    [TQ_RULE_HORIZON] = "horizon", [TQ_RULE_CARE] = "care",
};

#define RULES (sizeof rules / sizeof rules[0])

const char *rule_name(uint32_t rule)
{
    return rule < RULES ? rules[rule] : "unknown";
}

int rule_parse(const char *text, uint32_t *rule)
{
    for (*rule = TQ_RULE_ORIGINAL; *rule < RULES; ++*rule)
        if (strcmp(text, rules[*rule]) == 0)
            return 0;
    return -1;
}

int verdict_read(const struct tq_provider *provider, int64_t at_ns, uint32_t flags,
                 struct tq_verdict *verdict)
{
    int answer;

    *verdict = (struct tq_verdict){.size = sizeof *verdict, .flags = flags};
    answer = tq_provider_verdict(provider, at_ns, verdict);
    if (answer == TQ_QUOTA_EXHAUSTED && verdict->reason == TQ_REASON_MARKED &&
        verdict->rule == TQ_RULE_ORIGINAL && verdict->budget > 0 &&
        verdict->retry_at_ns == tq__day_start(at_ns) + TQ__DAY_NS) {
        verdict->reason = verdict->used < verdict->budget ? TQ_REASON_PREDICTED : TQ_REASON_SPENT;
        verdict->reasons ^= 1u << TQ_REASON_MARKED | 1u << verdict->reason;
    }
    return answer;
}

int64_t verdict_care(const struct tq_verdict *verdict)
{
    bool own = verdict->level == 0 || verdict->state == TQ_AVAILABLE;

    return verdict->care > 0 || (own && verdict->rule == TQ_RULE_CARE) ? (int64_t)verdict->care : -1;
}

bool verdict_is_wait(const struct tq_verdict *verdict)
{
    return verdict->state == TQ_QUOTA_EXHAUSTED && verdict->reason == TQ_REASON_THROTTLED;
}

const char *verdict_state(const struct tq_verdict *verdict)
{
    if (!verdict_is_wait(verdict))
        return tq_state_name(verdict->state);
    return verdict->refusal == TQ_CLASS_OVERLOADED ? "overloaded" : "throttled";
}

/* The vendor whose profile read the refusal; NULL when it is not known. */
static const char *vendor_of(const struct tq_verdict *verdict)
{
    const struct tq_profile *profile = verdict->profile ? tq_profile_of(verdict->profile) : NULL;

    return profile && strcmp(tq_profile_name(profile), "generic") != 0 ? tq_profile_vendor(profile) : NULL;
}

void verdict_sentence(const struct tq_verdict *verdict, char *out)
{
    struct tq_verdict told = *verdict;
    int before = 0;

    /* The library's sentences say that a rule takes back its forecast. The original rule's mark stays. */
    if (told.rule == TQ_RULE_ORIGINAL && told.reason >= TQ_REASON_PREDICTED && told.limit == 0) {
        before = snprintf(out, SENTENCE_BYTES,
                          "%s: ", told.reason == TQ_REASON_SPENT ? "budget spent" : "budget will not last");
        told.reason = TQ_REASON_MARKED;
    }
    if (tq_verdict_explain_named(&told, vendor_of(&told), out + before, SENTENCE_BYTES - (size_t)before) < 0)
        snprintf(out, SENTENCE_BYTES, "%s", tq_state_name(verdict->state));
}

void shell_word(char *out, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@%+,-";
    bool quoted = *word == '-' || strspn(word, plain) < strlen(word);

    if (quoted)
        *out++ = '\'';
    for (; *word; word++) {
        if (*word == '\'') {
            memcpy(out, "'\\'", 3);
            out += 3;
        }
        *out++ = *word;
    }
    if (quoted)
        *out++ = '\'';
    *out = '\0';
}

bool verdict_clear(const struct tq_verdict *verdict, const char *name, const char *binds,
                   char out[CLEAR_BYTES])
{
    bool stop = verdict->reason == TQ_REASON_SPENT && verdict->limit_window == TQ_WINDOW_STATED;
    char word[4 * TQ_NAME_MAX + 3];

    if (verdict->state != TQ_QUOTA_EXHAUSTED || (verdict->reason > TQ_REASON_REPORTED && !stop))
        return false;
    shell_word(word, binds ? binds : name);
    snprintf(out, CLEAR_BYTES, "tokenquota mark %s available", word);
    return true;
}

static json_t *reasons_json(const struct tq_verdict *verdict)
{
    json_t *array = json_array();

    for (uint32_t reason = TQ_REASON_MARKED; reason <= TQ_REASON_SHARED; reason++)
        if (verdict->reasons & 1u << reason)
            json_array_append_new(array, json_string(tq_reason_name(reason)));
    return array;
}

/* The limit that excludes or is the nearest; null when there is none. level: 0 its own, 1 its pool's, 2 that
 * one's pool's. */
static json_t *named_limit_json(const struct tq_verdict *verdict)
{
    bool counted = verdict->reason != TQ_REASON_REPORTED; /* else the vendor refused, whatever is used */

    if (!verdict_has_limit(verdict))
        return json_null();
    /* clang-format off */
    return json_pack("{s:i, s:i, s:s, s:s, s:o, s:o, s:o}",
                     "number", (int)verdict->limit,
                     "level", (int)verdict->level,
                     "unit", tq_unit_name(verdict->limit_unit),
                     "window", tq_window_name(verdict->limit_window),
                     "used", number_json(counted ? verdict->limit_used : -1),
                     "amount", number_json(counted ? verdict->limit_amount : -1),
                     "reserve", some_json(verdict->limit_reserve));
    /* clang-format on */
}

/* What the rule care expects to be used, and by what. */
static const char *expects_name(const struct tq_verdict *verdict)
{
    if (verdict->expects == 0)
        return NULL;
    return verdict->expects == TQ_EXPECTS_CALL     ? "call"
           : verdict->expects == TQ_EXPECTS_FLYING ? "flying"
                                                   : "half_hour";
}

/* What calls that run hold of the level that is named; null when nothing is held. */
static json_t *held_json(const struct tq_verdict *verdict)
{
    if (verdict->holds == 0)
        return json_null();
    return json_pack("{s:I, s:I, s:o}", "calls", (json_int_t)verdict->holds, "flying",
                     (json_int_t)verdict->flying, "amount", number_json(verdict->held));
}

int64_t cut_off_since(const struct tq_ledger *ledger, int64_t at_ns)
{
    int64_t until_ns = tq_ledger_shared_until(ledger);

    /* Below a day it is no instant: the ledger shares with nobody (0), or was never connected. */
    return until_ns >= TQ__DAY_NS && until_ns < at_ns ? until_ns : 0;
}

json_t *cut_off_json(int64_t since_ns, const struct tq_provider *provider)
{
    int cut = tq_provider_cut(provider);

    if (since_ns == 0 || cut < 0)
        return json_null();
    return json_pack("{s:o, s:s}", "since", instant_json(since_ns), "cut", tq_cut_name((uint32_t)cut));
}

json_t *verdict_json(const struct tq_verdict *verdict)
{
    bool out = verdict->state == TQ_QUOTA_EXHAUSTED;
    bool said = out && (verdict->reason == TQ_REASON_REPORTED || verdict->reason == TQ_REASON_THROTTLED);

    /* clang-format off */
    return json_pack("{s:s, s:s?, s:o, s:o, s:o, s:o, s:s?, s:o, s:o, s:o, s:o, s:o, s:s?, s:s?, s:s?, s:o, s:o, s:b}",
                     "state", tq_state_name(verdict->state),
                     "reason", out ? tq_reason_name(verdict->reason) : NULL,
                     "reasons", reasons_json(verdict),
                     "retry_at", some_instant_json(verdict->retry_at_ns),
                     "limit", named_limit_json(verdict),
                     "care", care_json(verdict_care(verdict)),
                     "expects", expects_name(verdict),
                     "expected", number_json(verdict->expects ? verdict->expected : -1),
                     "held", held_json(verdict),
                     "others", verdict->heard_at_ns ? number_json(verdict->others) : json_null(),
                     "withheld", some_json(verdict->withheld),
                     "heard_at", some_instant_json(verdict->heard_at_ns),
                     "refusal", said ? tq_class_name(verdict->refusal) : NULL,
                     "vendor", said ? vendor_of(verdict) : NULL,
                     "axis", said && verdict->axis ? tq_axis_name(verdict->axis) : NULL,
                     "said_at", some_instant_json(verdict->said_at_ns),
                     "probe_at", some_instant_json(verdict->probe_at_ns),
                     "probing", verdict->probing != 0);
    /* clang-format on */
}
