/* tls.c: makes a link's TLS session with OpenSSL, and says in words why one failed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tls.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <threads.h>

#include <tokenquota.h>

#include "base/symbol.h"

#define WITHOUT "; use redis:// through stunnel (docs/many-machines.md)"

/* Declared as the manual of OpenSSL has them, so that a build needs no headers of OpenSSL. They are found in
 * what the TLS part of hiredis is linked with. */
#define TLS_CALLS(CALL)                                                                                      \
    CALL(int, redisInitiateSSL, (redisContext *, struct ssl_st *))                                           \
    CALL(const void *, TLS_client_method, (void))                                                            \
    CALL(struct ssl_ctx_st *, SSL_CTX_new, (const void *))                                                   \
    CALL(void, SSL_CTX_free, (struct ssl_ctx_st *))                                                          \
    CALL(long, SSL_CTX_ctrl, (struct ssl_ctx_st *, int, long, void *))                                       \
    CALL(void, SSL_CTX_set_verify, (struct ssl_ctx_st *, int, int (*)(int, void *)))                         \
    CALL(int, SSL_CTX_load_verify_locations, (struct ssl_ctx_st *, const char *, const char *))              \
    CALL(int, SSL_CTX_set_default_verify_paths, (struct ssl_ctx_st *))                                       \
    CALL(struct ssl_st *, SSL_new, (struct ssl_ctx_st *))                                                    \
    CALL(void, SSL_free, (struct ssl_st *))                                                                  \
    CALL(int, SSL_set1_host, (struct ssl_st *, const char *))                                                \
    CALL(long, SSL_ctrl, (struct ssl_st *, int, long, void *))                                               \
    CALL(int, SSL_want, (const struct ssl_st *))                                                             \
    CALL(long, SSL_get_verify_result, (const struct ssl_st *))                                               \
    CALL(const char *, X509_verify_cert_error_string, (long))                                                \
    CALL(void, ERR_clear_error, (void))                                                                      \
    CALL(unsigned long, ERR_peek_last_error, (void))                                                         \
    CALL(const char *, ERR_reason_error_string, (unsigned long))

static struct {
#define TLS_MEMBER(type, name, arguments) type(*name) arguments;
    TLS_CALLS(TLS_MEMBER)
#undef TLS_MEMBER
} openssl;

/* Numbers of OpenSSL's headers, by their names there. */
enum {
    SSL_VERIFY_PEER = 1,
    SSL_READING = 3,
    SSL_CTRL_SET_TLSEXT_HOSTNAME = 55,
    TLSEXT_NAMETYPE_host_name = 0,
    SSL_CTRL_SET_MIN_PROTO_VERSION = 123,
    TLS1_2_VERSION = 0x0303,
    X509_V_OK = 0,
    X509_V_ERR_CERT_NOT_YET_VALID = 9,
    X509_V_ERR_CERT_HAS_EXPIRED = 10,
    X509_V_ERR_HOSTNAME_MISMATCH = 62,
    X509_V_ERR_IP_ADDRESS_MISMATCH = 64,
};

/* ---- loading --------------------------------------------------------------------------------- */

static once_flag once = ONCE_FLAG_INIT;
static const char *fault; /* NULL: it is loaded */

/* hiredis 0.14 has no TLS. RTLD_LOCAL: a program that has another OpenSSL keeps its own. */
static void load(void)
{
#if HIREDIS_MAJOR >= 1
    void *library = dlopen(HIREDIS_LIBRARY("hiredis_ssl"), RTLD_NOW | RTLD_LOCAL);
    bool has_all = true;

    if (!library) {
        fault = "cannot load " HIREDIS_LIBRARY("hiredis_ssl") ", which rediss:// needs; install it" WITHOUT;
        return;
    }
#define FIND(type, name, arguments)                                                                          \
    has_all &= tq__symbol_take(dlsym(library, #name), &openssl.name, sizeof openssl.name);
    TLS_CALLS(FIND)
#undef FIND
    if (!has_all)
        fault = HIREDIS_LIBRARY("hiredis_ssl") " lacks functions that rediss:// needs" WITHOUT;
#else
    fault = "this tokenquota was built with a hiredis that has no TLS" WITHOUT;
#endif
}

/* ---- sessions -------------------------------------------------------------------------------- */

int tls_trust(struct ssl_ctx_st **trust, const char *ca_file, struct tq_error *error)
{
    struct ssl_ctx_st *made;
    int is_set;

    *trust = NULL;
    call_once(&once, load);
    if (fault)
        return trouble_say(error, TQ_EINVAL, 0, "%s", fault);
    made = openssl.SSL_CTX_new(openssl.TLS_client_method());
    if (!made)
        return trouble_say(error, TQ_EINVAL, 0, "OpenSSL cannot prepare TLS; look at its configuration");
    openssl.SSL_CTX_ctrl(made, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL);
    openssl.SSL_CTX_set_verify(made, SSL_VERIFY_PEER, NULL);
    is_set = ca_file ? openssl.SSL_CTX_load_verify_locations(made, ca_file, NULL)
                     : openssl.SSL_CTX_set_default_verify_paths(made);
    if (is_set != 1) {
        openssl.SSL_CTX_free(made);
        return trouble_say(error, TQ_EINVAL, 0,
                           "cannot read certificates (PEM) from %.150s; name the file of --ca-file again",
                           ca_file ? ca_file : "the system's folder");
    }
    *trust = made;
    return 0;
}

void tls_trust_free(struct ssl_ctx_st *trust)
{
    if (trust)
        openssl.SSL_CTX_free(trust);
}

static bool is_address(const char *host)
{
    struct in6_addr address;

    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

/* A name is told to the server, too, which may have several certificates; an address must not be told. */
static bool expect_host(struct ssl_st *session, char *host)
{
    return openssl.SSL_set1_host(session, host) == 1 &&
           (is_address(host) ||
            openssl.SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host) == 1);
}

bool tls_start(struct ssl_st **session, redisContext *context, struct ssl_ctx_st *trust, struct place *server,
               char why[TROUBLE_BYTES])
{
    struct ssl_st *made = openssl.SSL_new(trust);
    char name[ADDRESS_NAME_BYTES];

    *session = made;
    tls_begin();
    place_name(name, server);
    if (!made || !expect_host(made, server->host))
        snprintf(why, TROUBLE_BYTES, "no TLS session with %.100s can be made", name);
    else if (openssl.redisInitiateSSL(context, made) == REDIS_OK)
        return true; /* from here on the context frees it */
    else if (!tls_why(made, server, true, why))
        snprintf(why, TROUBLE_BYTES, "no TLS with %.90s: %.80s", name, context->errstr);
    openssl.SSL_free(made);
    *session = NULL;
    return false;
}

void tls_begin(void)
{
    openssl.ERR_clear_error();
}

bool tls_waits_to_read(const struct ssl_st *session)
{
    return openssl.SSL_want(session) == SSL_READING;
}

/* ---- what is wrong --------------------------------------------------------------------------- */

static const char *certificate_advice(long verdict)
{
    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH)
        return "name the server as its certificate does";
    if (verdict == X509_V_ERR_CERT_HAS_EXPIRED || verdict == X509_V_ERR_CERT_NOT_YET_VALID)
        return "renew it, or set this machine's clock";
    return "name its authority with --ca-file";
}

bool tls_why(const struct ssl_st *session, const struct place *server, bool is_new, char why[TROUBLE_BYTES])
{
    long verdict = openssl.SSL_get_verify_result(session);
    unsigned long error = openssl.ERR_peek_last_error();
    const char *reason = error != 0 ? openssl.ERR_reason_error_string(error) : NULL;
    char name[ADDRESS_NAME_BYTES];

    place_name(name, server);
    if (verdict != X509_V_OK)
        snprintf(why, TROUBLE_BYTES, "the certificate of %.70s is not believed (%.60s); %s", name,
                 openssl.X509_verify_cert_error_string(verdict), certificate_advice(verdict));
    else if (reason && strstr(reason, "certificate required"))
        snprintf(why, TROUBLE_BYTES,
                 "%.70s wants a certificate of its clients; set tls-auth-clients no there" WITHOUT, name);
    else if (reason && is_new)
        snprintf(why, TROUBLE_BYTES, "no TLS with %.80s (%.60s); does it speak TLS on that port?", name,
                 reason);
    else
        return false;
    return true;
}
