/* import.h: what an import did, printed.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SHOW_IMPORT_H
#define TQ_SHOW_IMPORT_H

#include "import/import.h"

/* For people. */
void import_lines(const struct import *import);

/* As one JSON document; 0, or -1 with a report. */
int import_json(const struct import *import);

#endif
