/* verdict.c: a verdict in words and as JSON, the same for every command that shows one.
 *
 * SPDX-License-Identifier: MIT
 */
#include "verdict.h"

#include <string.h>

#include <tokenquota_signals.h>

#include "json.h"

int verdict_read(const struct tq_provider *provider, int64_t at_ns, struct tq_verdict *verdict)
{
    int answer;

    *verdict = (struct tq_verdict){.size = sizeof(*verdict)};
    answer = tq_provider_verdict(provider, at_ns, verdict);
    if (answer == TQ_QUOTA_EXHAUSTED && verdict->reason == TQ_REASON_MARKED &&
        verdict->rule == TQ_RULE_ORIGINAL && verdict->budget > 0 &&
        verdict->retry_at_ns == day_start(at_ns) + DAY_NS) {
        verdict->reason = verdict->used < verdict->budget ? TQ_REASON_PREDICTED : TQ_REASON_SPENT;
        verdict->reasons ^= 1u << TQ_REASON_MARKED | 1u << verdict->reason;
    }
    return answer;
}

bool verdict_is_wait(const struct tq_verdict *verdict)
{
    return verdict->state == TQ_QUOTA_EXHAUSTED && verdict->reason == TQ_REASON_THROTTLED;
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

const char *verdict_state(const struct tq_verdict *verdict)
{
    if (!verdict_is_wait(verdict))
        return tq_state_name(verdict->state);
    return verdict->refusal == TQ_CLASS_OVERLOADED ? "overloaded" : "throttled";
}

void verdict_put(FILE *out, const struct tq_verdict *verdict)
{
    if (verdict_is_wait(verdict)) {
        fputs(verdict_reason(verdict).s, out);
        return;
    }
    fputs(tq_state_name(verdict->state), out);
    if (verdict->state != TQ_QUOTA_EXHAUSTED)
        return;
    fprintf(out, " (%s) ", verdict_reason(verdict).s);
    until_put(out, verdict->retry_at_ns, verdict->at_ns);
}

static bool is_generic(const struct tq_profile *profile)
{
    return strcmp(tq_profile_name(profile), "generic") == 0;
}

void profile_put(FILE *out, const struct tq_profile *profile)
{
    fputs(tq_profile_name(profile), out);
    if (!is_generic(profile))
        fprintf(out, ": %s", tq_profile_vendor(profile));
}

const char *verdict_vendor(const struct tq_verdict *verdict)
{
    const struct tq_profile *profile = verdict->profile ? tq_profile_of(verdict->profile) : NULL;

    return profile && !is_generic(profile) ? tq_profile_vendor(profile) : NULL;
}

/* The library knows the vendor by number only. */
static void name_vendor(const char *sentence, const char *vendor, char *out)
{
    static const char words[] = "the vendor";
    const char *at = vendor ? strstr(sentence, words) : NULL;

    if (at)
        snprintf(out, SENTENCE_BYTES, "%.*s%s%s", (int)(at - sentence), sentence, vendor,
                 at + sizeof(words) - 1);
    else
        snprintf(out, SENTENCE_BYTES, "%s", sentence);
}

void verdict_sentence(const struct tq_verdict *verdict, char *out)
{
    struct tq_verdict told = *verdict;
    char sentence[SENTENCE_BYTES];

    if (told.rule == TQ_RULE_ORIGINAL && told.reason >= TQ_REASON_PREDICTED)
        told.reason = TQ_REASON_MARKED; /* the library's words are of rules that take back what they said */
    if (tq_verdict_explain(&told, sentence, sizeof(sentence)) < 0)
        snprintf(sentence, sizeof(sentence), "%s", tq_state_name(verdict->state));
    name_vendor(sentence, verdict_vendor(verdict), out);
    if (told.reason == verdict->reason)
        return;
    snprintf(sentence, sizeof(sentence), "%s", out);
    snprintf(out, SENTENCE_BYTES, "%s: %.700s",
             verdict->reason == TQ_REASON_SPENT ? "budget spent" : "budget will not last", sentence);
}

static json_t *reasons_json(const struct tq_verdict *verdict)
{
    json_t *array = json_array();

    for (uint32_t reason = TQ_REASON_MARKED; reason <= TQ_REASON_SPENT; reason++)
        if (verdict->reasons & 1u << reason)
            json_array_append_new(array, json_string(tq_reason_name(reason)));
    return array;
}

static json_t *instant_or_null(int64_t at_ns)
{
    return at_ns > 0 && at_ns < TQ_NOW_END_NS ? instant_json(at_ns) : json_null();
}

json_t *verdict_json(json_t *object, const struct tq_verdict *verdict)
{
    bool out = verdict->state == TQ_QUOTA_EXHAUSTED;
    bool said = out && (verdict->reason == TQ_REASON_REPORTED || verdict->reason == TQ_REASON_THROTTLED);
    json_t *words = json_pack("{s:s, s:s?, s:o, s:o, s:s?, s:s?, s:s?, s:o, s:o, s:b}",
                              "state", tq_state_name(verdict->state),
                              "reason", out ? tq_reason_name(verdict->reason) : NULL,
                              "reasons", reasons_json(verdict),
                              "retry_at", retry_json(verdict->state, verdict->retry_at_ns),
                              "refusal", said ? tq_class_name(verdict->refusal) : NULL,
                              "vendor", said ? verdict_vendor(verdict) : NULL,
                              "axis", said && verdict->axis ? tq_axis_name(verdict->axis) : NULL,
                              "said_at", instant_or_null(verdict->said_at_ns),
                              "probe_at", instant_or_null(verdict->probe_at_ns),
                              "probing", verdict->probing != 0);

    if (object && words && json_object_update(object, words) == 0) {
        json_decref(words);
        return object;
    }
    json_decref(words);
    json_decref(object);
    return NULL;
}
