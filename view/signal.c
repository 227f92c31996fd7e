/* signal.c: what a response says: understood, applied to a provider, and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include "signal.h"

#include <inttypes.h>
#include <stdio.h>

#include "json.h"
#include "limits.h"
#include "verdict.h"

/* There is nothing to apply when the vendor refused nothing and the provider is not held out. */
const char *signal_unapplied(const struct signal_report *said)
{
    bool held = said->verdict.reason == TQ_REASON_REPORTED || said->verdict.reason == TQ_REASON_THROTTLED;

    if (said->applied || (said->signal.refusal == TQ_CLASS_NONE && !held))
        return NULL;
    if (said->signal.flags & TQ_SIGNAL_MODEL_ONLY)
        return "it concerns the request's model only; if the provider is that model, use --for-model";
    if (said->signal.refusal == TQ_CLASS_NONE && said->signal.flags & TQ_SIGNAL_SUCCESS)
        return "a success clears refusals older than its request; give the time of the request: --sent-at";
    return "it does not concern this account";
}

/* Does tq_provider_apply change anything? Otherwise the signal is not called applied. */
static bool is_applied(const struct tq_quota_signal *signal, const struct tq_provider *provider)
{
    struct tq_provider *pool;

    if (signal->refusal == TQ_CLASS_NONE)
        return signal->flags & TQ_SIGNAL_SUCCESS && signal->sent_at_ns;
    if (signal->refusal == TQ_CLASS_TOO_LARGE)
        return false;
    return !(signal->flags & TQ_SIGNAL_MODEL_ONLY) || tq_provider_pool(provider, &pool) == 0;
}

/* Notes the name of the topmost pool, which belongs to the ledger. */
static void note_pool(struct signal_report *said, const struct tq_provider *provider)
{
    struct tq_provider *pool = NULL;

    for (uint32_t level = POOLS_MOST; level > 0 && !pool; level--)
        pool = pool_above(provider, level);
    snprintf(said->pool, sizeof said->pool, "%s", pool ? tq_provider_name(pool) : "");
}

int signal_apply(struct signal_report *said, struct tq_provider *provider, struct tq_provider *counts,
                 bool count)
{
    int answer = 0;

    said->counted = false;
    if (count && said->has_usage) {
        answer = tq_provider_observe_usage(counts, &said->usage, said->at_ns, NULL);
        said->counted = answer >= 0;
    }
    if (answer >= 0)
        answer = tq_provider_apply(provider, &said->signal);
    if (answer >= 0)
        note_pool(said, counts);
    snprintf(said->kept_by, sizeof said->kept_by, "%s", tq_provider_name(provider));
    said->applied = answer >= 0 && is_applied(&said->signal, provider);
    return answer < 0 ? answer : verdict_read(counts, said->at_ns, 0, &said->verdict);
}

int signal_understand(struct signal_report *said, uint32_t status, int64_t sent_at_ns, bool for_model,
                      struct listener *listener)
{
    struct tq_response asked = {
        .status = status,
        .profile = said->asked,
        .sent_at_ns = sent_at_ns,
        .now_ns = said->at_ns,
    };
    int answer = response_signal(&said->response, &asked, &said->signal, listener);

    said->usage = (struct tq_usage){.size = sizeof said->usage};
    if (answer < 0)
        return -1;
    said->says = answer == 0;
    said->has_usage = response_usage(&said->response, said->asked, &said->usage) == 0;
    said->usage.sent_at_ns = sent_at_ns;
    if (for_model)
        said->signal.flags &= ~TQ_SIGNAL_MODEL_ONLY;
    return 0;
}

/* ---- as JSON --------------------------------------------------------------------------------- */

/* Null when the number is not known. */
static json_t *known_json(bool known, int64_t number)
{
    return number_json(known ? number : -1);
}

static json_t *axis_json(const struct tq_axis *axis, const char *name)
{
    /* clang-format off */
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:b}",
                     "what", tq_axis_name(axis->what),
                     "window_ns", known_json(axis->window_ns > 0, axis->window_ns),
                     "name", *name ? text_json(name) : json_null(),
                     "limit", known_json(axis->known & TQ_AXIS_LIMIT, axis->limit),
                     "remaining", known_json(axis->known & TQ_AXIS_REMAINING, axis->remaining),
                     "used_ppm", known_json(axis->known & TQ_AXIS_USED, axis->used_ppm),
                     "reset_at", some_instant_json(axis->known & TQ_AXIS_RESET ? axis->reset_at_ns : 0),
                     "empty", axis->flags & TQ_AXIS_EMPTY,
                     "full_refill", axis->flags & TQ_AXIS_FULL_REFILL,
                     "model_only", axis->flags & TQ_AXIS_MODEL_ONLY,
                     "credit", axis->flags & TQ_AXIS_CREDIT);
    /* clang-format on */
}

static json_t *axes_json(const struct tq_quota_signal *signal)
{
    json_t *array = json_array();

    for (uint32_t i = 0; i < signal->axis_count && i < TQ_AXES_MAX; i++)
        json_array_append_new(array, axis_json(&signal->axis[i], signal->window_name[i]));
    return array;
}

static json_t *counts_json(const struct tq_usage *usage)
{
    /* clang-format off */
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}",
                     "input", known_json(usage->known & TQ_USAGE_INPUT, usage->input),
                     "cache_read", known_json(usage->known & TQ_USAGE_CACHE_READ, usage->cache_read),
                     "cache_write", known_json(usage->known & TQ_USAGE_CACHE_WRITE, usage->cache_write),
                     "output", known_json(usage->known & TQ_USAGE_OUTPUT, usage->output),
                     "reasoning", known_json(usage->known & TQ_USAGE_REASONING, usage->reasoning),
                     "total", known_json(usage->known & TQ_USAGE_TOTAL, usage->total),
                     "counted", number_json(usage->counted),
                     "partial", usage->flags & TQ_USAGE_PARTIAL);
    /* clang-format on */
}

static json_t *verdict_part(const struct signal_report *said)
{
    char sentence[SENTENCE_BYTES];

    verdict_sentence(&said->verdict, sentence);
    return json_join(json_pack("{s:s, s:s?, s:b, s:b, s:s}", "provider", said->provider, "pool",
                               *said->pool ? said->pool : NULL, "applied", said->applied, "counted",
                               said->counted, "sentence", sentence),
                     verdict_json(&said->verdict));
}

json_t *signal_json(const struct signal_report *said)
{
    const struct tq_quota_signal *signal = &said->signal;
    const struct tq_profile *profile = signal->profile ? tq_profile_of(signal->profile) : NULL;
    char account[17];
    json_t *document;

    snprintf(account, sizeof account, "%016" PRIx64, signal->account);
    /* clang-format off */
    document =
        json_pack("{s:o, s:o, s:o, s:s?, s:s?, s:s?, s:s, s:b, s:b, s:b, s:b, s:o, s:s?, s:o, s:I, s:o, s:o}",
                  "at", instant_json(said->at_ns),
                  "sent_at", some_instant_json(signal->sent_at_ns),
                  "status", known_json(signal->status > 0, signal->status),
                  "profile", profile ? tq_profile_name(profile) : NULL,
                  "vendor", profile ? tq_profile_vendor(profile) : NULL,
                  "account", signal->account ? account : NULL,
                  "refusal", tq_class_name(signal->refusal),
                  "success", signal->flags & TQ_SIGNAL_SUCCESS,
                  "model_only", signal->flags & TQ_SIGNAL_MODEL_ONLY,
                  "clamped", signal->flags & TQ_SIGNAL_CLAMPED,
                  "axes_dropped", signal->flags & TQ_SIGNAL_AXES_DROPPED,
                  "retry_at", some_instant_json(signal->retry_at_ns),
                  "source", source_name(signal->source),
                  "binds", known_json(signal->binds >= 0, signal->binds),
                  "anomalies", (json_int_t)signal->anomalies,
                  "axes", axes_json(signal),
                  "usage", said->has_usage ? counts_json(&said->usage) : json_null());
    /* clang-format on */

    if (said->provider)
        document = json_join(document, json_pack("{s:o}", "verdict", verdict_part(said)));
    return document;
}
