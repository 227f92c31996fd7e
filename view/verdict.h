/* verdict.h: a verdict as data, as one sentence and as JSON, and the rules by name.
 *
 * SPDX-License-Identifier: MIT
 *
 * A provider that asks for a wait of seconds and a provider whose quota is spent are both quota_exhausted for
 * programs. People see "throttled" for the first one.
 */
#ifndef TOKENQUOTA_VIEW_VERDICT_H
#define TOKENQUOTA_VIEW_VERDICT_H

#include <stdbool.h>

#include <tokenquota.h>

#define SENTENCE_BYTES 768

struct json_t;

#define RULE_NAMES "care, off, original or horizon"
#define RULE_SETTINGS "care, off, original, horizon or default" /* of a provider */
#define RULE_WORDS "care off original horizon"                  /* as .offers of an option */

/* "care"; "unknown" for a number without a name. TQ_RULE_DEFAULT has the name of the rule that it stands
 * for. */
const char *rule_name(uint32_t rule);

/* Sets *rule to the rule of that name and returns 0; -1 for any other word. */
int rule_parse(const char *text, uint32_t *rule);

/* Asks tq_provider_verdict with flags, 0 or TQ_USE_RESERVE, and changes one reason: the original rule marks a
 * provider until the day's end, and a caller may set the same mark. Such a mark is reported as predicted, or
 * as spent. */
int verdict_read(const struct tq_provider *provider, int64_t at_ns, uint32_t flags,
                 struct tq_verdict *verdict);

/* The care by which it was judged, in quarters; negative: not by the rule care. A limit may be judged by the
 * care of a pool whose rule is not the provider's; of a pool without care nobody knows whether its rule is.
 */
int64_t verdict_care(const struct tq_verdict *verdict);

/* True when the vendor asked to wait for seconds or minutes. */
bool verdict_is_wait(const struct tq_verdict *verdict);

/* "available", "quota_exhausted", "throttled" or "overloaded". */
const char *verdict_state(const struct tq_verdict *verdict);

/* Writes the library's sentence, with the vendor's name where it is known. out has SENTENCE_BYTES. */
void verdict_sentence(const struct tq_verdict *verdict, char *out);

/* Writes the command that puts a provider back, "tokenquota mark claude available", into out, as a shell
 * reads it. binds is the name of the pool that keeps it out, NULL for none. False: no command does that, or a
 * throttle of seconds is better waited for. */
#define CLEAR_BYTES 1100
bool verdict_clear(const struct tq_verdict *verdict, const char *name, const char *binds,
                   char out[CLEAR_BYTES]);

/* Writes a word as a shell reads it. out has room for 4 times its bytes, and 3. */
void shell_word(char *out, const char *word);

/* Since when the ledger's machine hears nothing of the others with which it shares. 0: it hears them, shares
 * with none, or never heard one. */
int64_t cut_off_since(const struct tq_ledger *ledger, int64_t at_ns);

/* That instant, and what the provider does meanwhile; null for 0. */
struct json_t *cut_off_json(int64_t since_ns, const struct tq_provider *provider);

/* An object with the state, the reason and the members that belong to them. */
struct json_t *verdict_json(const struct tq_verdict *verdict);

#endif
