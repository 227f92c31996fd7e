/* mhd.h: the functions of libmicrohttpd that are used, loaded when the daemon starts.
 *
 * SPDX-License-Identifier: MIT
 *
 * A program that is linked with libmicrohttpd maps it and GnuTLS at each start. Every command would pay for
 * that, and only the daemon answers HTTP.
 */
#ifndef TOKENQUOTA_SERVE_MHD_H
#define TOKENQUOTA_SERVE_MHD_H

#include <microhttpd.h>

#define MHD_CALLS(CALL)                                                                                      \
    CALL(add_response_header)                                                                                \
    CALL(create_response_from_buffer)                                                                        \
    CALL(create_response_from_callback)                                                                      \
    CALL(destroy_response)                                                                                   \
    CALL(get_connection_info)                                                                                \
    CALL(get_connection_values)                                                                              \
    CALL(get_connection_values_n)                                                                            \
    CALL(get_daemon_info)                                                                                    \
    CALL(get_reason_phrase_for)                                                                              \
    CALL(get_timeout)                                                                                        \
    CALL(get_version)                                                                                        \
    CALL(lookup_connection_value)                                                                            \
    CALL(queue_response)                                                                                     \
    CALL(quiesce_daemon)                                                                                     \
    CALL(resume_connection)                                                                                  \
    CALL(run)                                                                                                \
    CALL(start_daemon)                                                                                       \
    CALL(stop_daemon)                                                                                        \
    CALL(suspend_connection)

/* mhd.run is MHD_run, with the type that <microhttpd.h> declares. */
struct mhd {
#define MHD_MEMBER(name) __typeof__(MHD_##name) *name;
    MHD_CALLS(MHD_MEMBER)
#undef MHD_MEMBER
    unsigned version; /* of the library that was loaded: 975 is 0.9.75, 10001 is 1.0.1 */
};

/* Filled by mhd_load alone. */
extern struct mhd mhd;

/* Loads libmicrohttpd. NULL, or a sentence that says why it cannot be used. */
const char *mhd_load(void);

#endif
