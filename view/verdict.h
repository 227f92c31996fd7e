/* verdict.h: a verdict as data, as one sentence and as JSON, and the rules by name.
 *
 * SPDX-License-Identifier: MIT
 *
 * For programs a provider that must be waited for, for seconds, and one whose quota is spent are both
 * quota_exhausted. People are told "throttled" of the first.
 */
#ifndef TOKENQUOTA_VIEW_VERDICT_H
#define TOKENQUOTA_VIEW_VERDICT_H

#include <stdbool.h>

#include <tokenquota.h>

#define SENTENCE_BYTES 768

struct json_t;

#define RULE_NAMES "horizon, original or off"

/* "horizon"; "unknown" for a number that this version has no name for. TQ_RULE_DEFAULT is the rule it stands
 * for. */
const char *rule_name(uint32_t rule);

/* 0 with *rule set; -1 for a word that names none. */
int rule_parse(const char *text, uint32_t *rule);

/* tq_provider_verdict, with the reason as people understand it: the original rule marks until the day's end,
 * as callers may, and where it agrees with such a mark that is called predicted. */
int verdict_read(const struct tq_provider *provider, int64_t at_ns, struct tq_verdict *verdict);

/* True when waiting is all there is to do: the vendor said so, of seconds or minutes. */
bool verdict_is_wait(const struct tq_verdict *verdict);

/* "available", "quota_exhausted", "throttled" or "overloaded". */
const char *verdict_state(const struct tq_verdict *verdict);

/* The library's sentence, with the vendor's name where it is known. out has SENTENCE_BYTES. */
void verdict_sentence(const struct tq_verdict *verdict, char *out);

/* Its state, its reason and all that goes with them. */
struct json_t *verdict_json(const struct tq_verdict *verdict);

#endif
