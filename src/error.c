/* error.c: codes, states and versions in words. All from the one list in the header.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tokenquota.h"

#define STRING_OF(x) #x
#define STRING(x) STRING_OF(x)

const char *tq_error_name(int code)
{
    switch (code) {
#define NAME(name, number, text)                                                                             \
    case number:                                                                                             \
        return #name;
        TQ_ERRORS(NAME)
#undef NAME
    default:
        return "TQ_EUNKNOWN";
    }
}

const char *tq_strerror(int code)
{
    switch (code) {
#define TEXT(name, number, text)                                                                             \
    case number:                                                                                             \
        return text;
        TQ_ERRORS(TEXT)
#undef TEXT
    case 0:
        return "available";
    case TQ_EXHAUSTED:
        return "exhausted";
    default:
        return "unknown error";
    }
}

const char *tq_state_name(int state)
{
    return state == TQ_AVAILABLE ? "available" : state == TQ_QUOTA_EXHAUSTED ? "quota_exhausted" : "unknown";
}

int tq_version(void)
{
    return TQ_VERSION;
}

const char *tq_version_string(void)
{
    return STRING(TQ_VERSION_MAJOR) "." STRING(TQ_VERSION_MINOR) "." STRING(TQ_VERSION_PATCH);
}
