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

/* The file of the library, or of its part for TLS: HIREDIS_LIBRARY("hiredis_ssl"). */
#define HIREDIS_LIBRARY(name) "lib" name ".so." HIREDIS_TEXT(HIREDIS_SONAME)
#define HIREDIS_TEXT(token) HIREDIS_TEXT_OF(token)
#define HIREDIS_TEXT_OF(token) #token

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

/* hiredis.redisFree is redisFree, with the type that <hiredis/hiredis.h> declares. */
struct hiredis {
#define HIREDIS_MEMBER(name) __typeof__(name) *name;
    HIREDIS_CALLS(HIREDIS_MEMBER)
#undef HIREDIS_MEMBER
};

/* Filled by hiredis_load alone. */
extern struct hiredis hiredis;

/* Loads hiredis, once for the process. NULL, or a sentence that says why it cannot be used. */
const char *hiredis_load(void);

#endif
