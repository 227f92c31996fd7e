/* verdict.h: a verdict in words and as JSON, the same for every command that shows one.
 *
 * SPDX-License-Identifier: MIT
 *
 * A provider that must be waited for, for seconds, and one whose quota is spent are both quota_exhausted for
 * programs. People are told "throttled" of the first.
 */
#ifndef TOKENQUOTA_VERDICT_WORDS_H
#define TOKENQUOTA_VERDICT_WORDS_H

#include <tokenquota.h>

#include "cli/cli.h"

#define SENTENCE_BYTES 768

struct json_t;
struct tq_profile;

/* "openai: OpenAI"; "generic", which is any vendor's. */
void profile_put(FILE *out, const struct tq_profile *profile);

/* tq_provider_verdict, with the reason as people understand it: the original rule marks until the day's end,
 * as callers may, and where it agrees with such a mark that is called predicted. */
int verdict_read(const struct tq_provider *provider, int64_t at_ns, struct tq_verdict *verdict);

/* "throttled: wait 12s", "reported: out of quota", "predicted"; "" when it is available. */
struct text verdict_reason(const struct tq_verdict *verdict);

/* True when waiting is all there is to do: the vendor said so, of seconds or minutes. */
bool verdict_is_wait(const struct tq_verdict *verdict);

/* "available", "quota_exhausted", "throttled" or "overloaded". */
const char *verdict_state(const struct tq_verdict *verdict);

/* "throttled: wait 12s", "quota_exhausted (reported: out of quota) until 2026-...",
 * "available". */
void verdict_put(FILE *out, const struct tq_verdict *verdict);

/* What the library says of it, as one sentence, with the vendor's name where it is known. out has
 * SENTENCE_BYTES. */
void verdict_sentence(const struct tq_verdict *verdict, char *out);

/* The vendor by whose profile it was read, NULL when it is not known. */
const char *verdict_vendor(const struct tq_verdict *verdict);

/* Puts state, reason and all that goes with it into an object, which may be NULL: out of memory. */
struct json_t *verdict_json(struct json_t *object, const struct tq_verdict *verdict);

#endif
