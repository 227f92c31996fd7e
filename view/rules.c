/* rules.c: the rules that decide that a budget is exhausted, by name.
 *
 * SPDX-License-Identifier: MIT
 */
#include "rules.h"

#include <string.h>

static const char *const names[] = {
    [TQ_RULE_DEFAULT] = "horizon",
    [TQ_RULE_ORIGINAL] = "original",
    [TQ_RULE_OFF] = "off",
    [TQ_RULE_HORIZON] = "horizon",
};

#define RULES (sizeof(names) / sizeof(names[0]))

const char *rule_name(uint32_t rule)
{
    return rule < RULES ? names[rule] : "unknown";
}

int rule_parse(const char *text, uint32_t *rule)
{
    for (*rule = TQ_RULE_ORIGINAL; *rule < RULES; ++*rule)
        if (strcmp(text, names[*rule]) == 0)
            return 0;
    return -1;
}
