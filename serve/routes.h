/* routes.h: the handlers, by the file that holds them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_ROUTES_H
#define TOKENQUOTA_SERVE_ROUTES_H

#include "http.h"

/* health.c */
http_handler health_alive, health_ready;

/* observe.c, signal.c, mark.c, limit_set.c */
http_handler observe_answer, signal_answer, mark_answer, limit_set_answer, limit_remove_answer;

/* hold.c */
http_handler hold_take_answer, hold_settle_answer, hold_cancel_answer, hold_extend_answer;

/* reads.c. reads_route: with POST it may take a probe, and a hold */
http_handler reads_verdict, reads_route, reads_status, reads_explain, reads_exhausted;

/* limits.c. limits_one: of a provider, or of a pool with its members */
http_handler limits_all, limits_one;

/* events.c */
http_handler events_answer;

/* metrics.c */
http_handler metrics_get;

/* embedded.c */
http_handler page_root, page_file, openapi_answer;

#endif
