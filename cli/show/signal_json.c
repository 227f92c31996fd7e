/* signal_json.c: what was understood of a response, as one JSON document.
 *
 * SPDX-License-Identifier: MIT
 */
#include "view/json.h"
#include "signal.h"

static json_t *known_json(bool known, int64_t count)
{
    return known ? number_json(count) : json_null();
}

static json_t *maybe_instant_json(int64_t at_ns)
{
    return at_ns && at_ns < TQ_NOW_END_NS ? instant_json(at_ns) : json_null();
}

static json_t *axis_json(const struct tq_axis *axis)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b}",
                     "what", tq_axis_name(axis->what),
                     "window_ns", known_json(axis->window_ns > 0, axis->window_ns),
                     "limit", known_json(axis->known & TQ_AXIS_LIMIT, axis->limit),
                     "remaining", known_json(axis->known & TQ_AXIS_REMAINING, axis->remaining),
                     "used_ppm", known_json(axis->known & TQ_AXIS_USED, axis->used_ppm),
                     "reset_at", maybe_instant_json(axis->known & TQ_AXIS_RESET ? axis->reset_at_ns : 0),
                     "empty", axis->flags & TQ_AXIS_EMPTY,
                     "full_refill", axis->flags & TQ_AXIS_FULL_REFILL,
                     "model_only", axis->flags & TQ_AXIS_MODEL_ONLY);
}

static json_t *axes_json(const struct tq_quota_signal *signal)
{
    json_t *array = json_array();

    for (uint32_t i = 0; i < signal->axis_count && i < TQ_AXES_MAX; i++)
        json_array_append_new(array, axis_json(&signal->axis[i]));
    return array;
}

static json_t *usage_json(const struct tq_usage *usage)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}",
                     "input", known_json(usage->known & TQ_USAGE_INPUT, usage->input),
                     "cache_read", known_json(usage->known & TQ_USAGE_CACHE_READ, usage->cache_read),
                     "cache_write", known_json(usage->known & TQ_USAGE_CACHE_WRITE, usage->cache_write),
                     "output", known_json(usage->known & TQ_USAGE_OUTPUT, usage->output),
                     "reasoning", known_json(usage->known & TQ_USAGE_REASONING, usage->reasoning),
                     "total", known_json(usage->known & TQ_USAGE_TOTAL, usage->total),
                     "counted", number_json(usage->counted),
                     "partial", usage->flags & TQ_USAGE_PARTIAL);
}

static const char *source_name(uint32_t source)
{
    static const char *const names[] = {
        [TQ_SOURCE_NONE] = NULL,   [TQ_SOURCE_RETRY_AFTER] = "retry-after", [TQ_SOURCE_HEADER] = "header",
        [TQ_SOURCE_BODY] = "body", [TQ_SOURCE_CALENDAR] = "calendar",       [TQ_SOURCE_CALLER] = "caller",
    };

    return source < sizeof(names) / sizeof(names[0]) ? names[source] : NULL;
}

static json_t *verdict_part(const struct signal_report *said)
{
    char sentence[SENTENCE_BYTES];

    verdict_sentence(&said->verdict, sentence);
    return verdict_json(json_pack("{s:s, s:b, s:b, s:s}",
                                  "provider", said->provider,
                                  "applied", said->applied,
                                  "counted", said->counted,
                                  "sentence", sentence),
                        &said->verdict);
}

int signal_json(const struct signal_report *said)
{
    const struct tq_quota_signal *signal = &said->signal;
    const struct tq_profile *profile = signal->profile ? tq_profile_of(signal->profile) : NULL;
    json_t *document =
        json_pack("{s:i, s:o, s:o, s:o, s:s?, s:s?, s:s, s:b, s:b, s:b, s:b, s:o, s:s?, s:o, s:I, s:o, s:o}",
                  "schema", SCHEMA,
                  "at", instant_json(said->at_ns),
                  "sent_at", maybe_instant_json(signal->sent_at_ns),
                  "status", known_json(signal->status > 0, signal->status),
                  "profile", profile ? tq_profile_name(profile) : NULL,
                  "vendor", profile ? tq_profile_vendor(profile) : NULL,
                  "refusal", tq_class_name(signal->refusal),
                  "success", signal->flags & TQ_SIGNAL_SUCCESS,
                  "model_only", signal->flags & TQ_SIGNAL_MODEL_ONLY,
                  "clamped", signal->flags & TQ_SIGNAL_CLAMPED,
                  "axes_dropped", signal->flags & TQ_SIGNAL_AXES_DROPPED,
                  "retry_at", maybe_instant_json(signal->retry_at_ns),
                  "source", source_name(signal->source),
                  "binds", known_json(signal->binds >= 0, signal->binds),
                  "anomalies", (json_int_t)signal->anomalies,
                  "axes", axes_json(signal),
                  "usage", said->has_usage ? usage_json(&said->usage) : json_null());

    if (document && said->provider)
        json_object_set_new(document, "verdict", verdict_part(said));
    return json_print(document, false);
}
