/* hiredis.h: the functions of hiredis that are used, loaded when the first server is asked.
 *
 * SPDX-License-Identifier: MIT
 *
 * A program that is linked with hiredis maps it at each start. Every command would pay for that, and few
 * commands exchange with other machines. The library that is loaded is the one whose header was compiled
 * with: its structs differ between 0.14 and 1.x.
 *
 * hiredis reads answers and holds the bytes of both directions. Waiting is done in link.c, so that a deadline
 * holds for all servers together.
 */
#ifndef TOKENQUOTA_SYNC_HIREDIS_H
#define TOKENQUOTA_SYNC_HIREDIS_H

#include <hiredis/hiredis.h>

#if HIREDIS_MAJOR >= 1 && defined(__has_include)
#if __has_include(<hiredis/hiredis_ssl.h>)
#include <hiredis/hiredis_ssl.h>
#define SYNC_HAS_TLS 1
#endif
#endif
#ifndef SYNC_HAS_TLS
#define SYNC_HAS_TLS 0
#endif

#define HIREDIS_CALLS(CALL)                                                                                  \
    CALL(freeReplyObject)                                                                                    \
    CALL(redisAppendFormattedCommand)                                                                        \
    CALL(redisBufferRead)                                                                                    \
    CALL(redisBufferWrite)                                                                                   \
    CALL(redisConnectFd)                                                                                     \
    CALL(redisFree)                                                                                          \
    CALL(redisGetReplyFromReader)                                                                            \
    CALL(redisReaderCreate)                                                                                  \
    CALL(redisReaderFeed)                                                                                    \
    CALL(redisReaderFree)                                                                                    \
    CALL(redisReaderGetReply)

#define HIREDIS_TLS_CALLS(CALL)                                                                              \
    CALL(redisCreateSSLContext)                                                                              \
    CALL(redisFreeSSLContext)                                                                                \
    CALL(redisInitOpenSSL)                                                                                   \
    CALL(redisInitiateSSLWithContext)                                                                        \
    CALL(redisSSLContextGetError)

/* hiredis.redisFree is redisFree, with the type that <hiredis/hiredis.h> declares. */
struct hiredis {
#define HIREDIS_MEMBER(name) __typeof__(name) *name;
    HIREDIS_CALLS(HIREDIS_MEMBER)
#if SYNC_HAS_TLS
    HIREDIS_TLS_CALLS(HIREDIS_MEMBER)
#endif
#undef HIREDIS_MEMBER
};

/* Filled by hiredis_load and hiredis_load_tls alone. */
extern struct hiredis hiredis;

/* Loads hiredis, once for the process. NULL, or a sentence that says why it cannot be used. */
const char *hiredis_load(void);

/* Loads what TLS needs, too. NULL, or a sentence that says why there is none. */
const char *hiredis_load_tls(void);

#endif
