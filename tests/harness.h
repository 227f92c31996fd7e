/* harness.h: cmocka with the headers it needs first, and the few words every test here uses.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TEST_HARNESS_H
#define TEST_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tokenquota.h"

/* gcc says it by macros, clang by features. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TEST_ASAN 1
#elif __has_feature(thread_sanitizer)
#define TEST_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(TEST_ASAN)
#define TEST_ASAN 1
#elif defined(__SANITIZE_THREAD__) && !defined(TEST_TSAN)
#define TEST_TSAN 1
#endif

#define DAY_NS INT64_C(86400000000000)
#define HOUR_NS INT64_C(3600000000000)

/* 2024-05-01 00:00 UTC, the start of a day. */
#define MAY_DAY_NS (INT64_C(19844) * DAY_NS)

/* What a test writes where the library must write: no answer is this. */
#define UNWRITTEN INT64_C(-7777777)

/* Of a group only the tests whose names match $TQ_TEST run, when it is set. */
static inline void heed_test_filter(void)
{
    if (getenv("TQ_TEST"))
        cmocka_set_test_filter(getenv("TQ_TEST"));
}

#endif
