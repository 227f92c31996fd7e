/* content.h: what is in the ledgers of this folder, for the program that made them and for test_convert.c.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TEST_LEDGERS_CONTENT_H
#define TEST_LEDGERS_CONTENT_H

#include <stdint.h>

#define CONTENT_SECOND_NS INT64_C(1000000000)
#define CONTENT_HOUR_NS (3600 * CONTENT_SECOND_NS)
#define CONTENT_DAY_NS (24 * CONTENT_HOUR_NS)
#define CONTENT_NOW_NS (19844 * CONTENT_DAY_NS + 6 * CONTENT_HOUR_NS) /* 2024-05-01T06:00Z */

#define NAME_32 "a-name-of-thirty-two-bytes-in-al"
#define TENTH "0123456789-0123456789-012"
#define NAME_255 TENTH TENTH TENTH TENTH TENTH TENTH TENTH TENTH TENTH TENTH "/five"

/* Besides these there are MORE names, more-0 to more-69: a second segment of slots. */
#define MORE 70

#define BUDGET INT64_C(5000000)        /* of "budgeted", rule original */
#define DAYS_USED 6                    /* days back from CONTENT_NOW_NS, with 1000 + days back tokens */
#define DAYS_BACK_64 40                /* one more of them where 64 days are kept */
#define PREDICTED_BUDGET INT64_C(1000) /* of "predicted", which has used 600 in the last half hour */
#define MARKED_UNTIL_NS (CONTENT_NOW_NS + CONTENT_HOUR_NS)
#define EXHAUSTED_UNTIL_NS (CONTENT_NOW_NS + 2 * CONTENT_HOUR_NS)
#define THROTTLED_UNTIL_NS (CONTENT_NOW_NS + 12 * CONTENT_SECOND_NS)
#define REFUSED_WINDOW_NS (5 * CONTENT_HOUR_NS)

#endif
