/* limits.h: the limits in the schema openusage.limits.v1, which widgets of others read.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_LIMITS_H
#define TOKENQUOTA_SERVE_LIMITS_H

#include "http.h"

http_handler limits_all;
http_handler limits_one; /* of a provider, and of the members of a pool: request->rest is its name */

#endif
