/* signal.h: shows the meaning of a response to people.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SHOW_SIGNAL_H
#define TOKENQUOTA_SHOW_SIGNAL_H

#include <stdio.h>

#include "view/signal.h"

void signal_show(FILE *out, const struct signal_report *said);

/* Reports a refusal, or a provider that is out, in one line on stderr. */
void signal_warn(const struct signal_report *said);

/* Prints each profile on a line: name, vendor, seen live or documented, source. */
void signal_list_profiles(FILE *out);

#endif
