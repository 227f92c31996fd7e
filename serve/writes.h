/* writes.h: the handlers that change the ledger, and what all handlers take and give.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_WRITES_H
#define TOKENQUOTA_SERVE_WRITES_H

#include "http.h"

http_handler observe_answer, signal_answer, mark_answer, limit_set_answer, limit_remove_answer, openapi_answer;

#endif
