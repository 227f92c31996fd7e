/* rules.h: the rules that decide that a budget is exhausted, by name.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_RULES_H
#define TOKENQUOTA_RULES_H

#include <tokenquota.h>

#define RULE_NAMES "horizon, original or off"

/* "horizon"; "unknown" for a number that this version has no name for. TQ_RULE_DEFAULT is the rule it stands
 * for. */
const char *rule_name(uint32_t rule);

/* 0 with *rule set; -1 for a word that names none. */
int rule_parse(const char *text, uint32_t *rule);

#endif
