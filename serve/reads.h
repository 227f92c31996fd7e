/* reads.h: the handlers that read: verdict, route, status, explain and exhausted.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_READS_H
#define TOKENQUOTA_SERVE_READS_H

#include "http.h"

http_handler reads_verdict;
http_handler reads_route; /* GET and POST: with POST it may take a probe */
http_handler reads_status;
http_handler reads_explain;
http_handler reads_exhausted;

#endif
