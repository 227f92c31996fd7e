/* address.c: reads where the server is, and the file of its password.
 *
 * SPDX-License-Identifier: MIT
 */
#include "address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tokenquota.h>

#include "base/text.h"
#include "merge.h"
#include "trouble.h"

#define PORT 6379
#define WANTED "; write redis://HOST[:PORT][,HOST...][/DB], rediss://... or unix:///PATH"

/* Copies a text without control characters, with %XX read when asked for. false: it does not fit, or is none.
 */
static bool copy_text(char *out, size_t most, struct tq__span text, bool has_escapes)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (has_escapes && c == '%') {
            int32_t byte = tq__hex_read(text.at + i + 1, text.at + text.len, 2);

            if (byte < 0)
                return false;
            c = (char)byte;
            i += 2;
        }
        if ((unsigned char)c < ' ' || c == 127 || len == most)
            return false;
        out[len++] = c;
    }
    out[len] = '\0';
    return true;
}

static bool read_port(struct tq__span text, int *port)
{
    int64_t number;

    if (!sync_number_read(text, 65536, &number) || number < 1 || number > 65535)
        return false;
    *port = (int)number;
    return true;
}

/* host[:port] or [IPv6][:port]; a bare IPv6 address with a port behind it, as clusters write it, too. */
static bool read_place(struct place *place, struct tq__span text, bool needs_port)
{
    struct tq__span host = text, port = {0};
    const char *colon = text.len > 0 ? memrchr(text.at, ':', text.len) : NULL;

    if (text.len > 0 && text.at[0] == '[') {
        const char *end = memchr(text.at, ']', text.len);

        if (!end)
            return false;
        host = (struct tq__span){text.at + 1, (size_t)(end - text.at) - 1};
        port = tq__span_behind(text, host.len + 2);
        if (port.len > 0 && port.at[0] != ':')
            return false;
        port = port.len > 0 ? tq__span_behind(port, 1) : port;
    } else if (colon && (needs_port || memchr(text.at, ':', text.len) == colon)) {
        host.len = (size_t)(colon - text.at);
        port = tq__span_behind(text, host.len + 1);
    }
    place->port = PORT;
    if (!copy_text(place->host, ADDRESS_HOST_MOST, host, false) || strpbrk(place->host, " /@,"))
        return false;
    return port.at && port.len > 0 ? read_port(port, &place->port) : !needs_port;
}

bool place_read(struct place *place, const char *text, size_t len, const struct place *asked)
{
    if (!read_place(place, (struct tq__span){text, len}, true))
        return false;
    if (place->host[0] == '\0' || strcmp(place->host, "?") == 0) {
        if (asked->port == 0)
            return false;
        memcpy(place->host, asked->host, sizeof place->host);
    }
    return true;
}

bool place_equals(const struct place *a, const struct place *b)
{
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

void place_name(char out[ADDRESS_NAME_BYTES], const struct place *place)
{
    char host[ADDRESS_HOST_MOST + 1];
    bool is_ipv6 = place->port != 0 && strchr(place->host, ':');

    tq__text_make_safe(host, sizeof host, tq__span_of(place->host), sizeof host - 1, 0);
    if (place->port == 0)
        snprintf(out, ADDRESS_NAME_BYTES, "%s", host);
    else
        snprintf(out, ADDRESS_NAME_BYTES, is_ipv6 ? "[%s]:%d" : "%s:%d", host, place->port);
}

/* user:password, or one of them: which one stands alone is for the caller. */
static bool read_login(struct address *address, struct tq__span text, bool has_escapes, bool alone_is_user)
{
    struct tq__span user = text, password = {0};
    bool has_both = text.len > 0 && memchr(text.at, ':', text.len);

    if (has_both) {
        user = tq__span_cut(&text, ':');
        password = text;
    } else if (!alone_is_user) {
        password = user;
        user.len = 0;
    }
    address->has_password = password.len > 0;
    return copy_text(address->user, ADDRESS_SECRET_MOST, user, has_escapes) &&
           copy_text(address->password, ADDRESS_SECRET_MOST, password, has_escapes);
}

/* The list of hosts or paths. */
static bool read_places(struct address *address, struct tq__span list, bool is_unix)
{
    while (list.len > 0) {
        struct tq__span one = tq__span_cut(&list, ',');
        struct place *place = &address->places[address->count];
        bool is_read;

        if (one.len == 0 || address->count == ADDRESS_PLACES_MOST)
            return false;
        *place = (struct place){.port = 0};
        if (is_unix)
            is_read =
                one.at[0] == '/' && one.len < 108 && copy_text(place->host, ADDRESS_HOST_MOST, one, false);
        else
            is_read = read_place(place, one, false) && place->host[0] != '\0';
        if (!is_read)
            return false;
        address->count++;
    }
    return address->count > 0;
}

static bool read_scheme(struct tq__span *text, bool *is_tls, bool *is_unix)
{
    static const struct {
        const char *name;
        bool is_tls, is_unix;
    } schemes[] = {{"redis://", false, false},
                   {"valkey://", false, false},
                   {"rediss://", true, false},
                   {"valkeys://", true, false},
                   {"unix://", false, true}};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (!tq__span_begins(*text, schemes[i].name))
            continue;
        *text = tq__span_behind(*text, strlen(schemes[i].name));
        *is_tls = schemes[i].is_tls;
        *is_unix = schemes[i].is_unix;
        return true;
    }
    return false;
}

int address_read(struct address *address, const char *text, struct tq_error *error)
{
    struct tq__span rest = tq__span_of(text);
    const char *at;
    bool is_unix;

    *address = (struct address){0};
    if (!read_scheme(&rest, &address->is_tls, &is_unix))
        return trouble_say(error, TQ_EINVAL, 0,
                           "the server's address begins with no scheme that is known" WANTED);
    at = rest.len > 0 ? memrchr(rest.at, '@', rest.len) : NULL;
    if (at && !is_unix) {
        struct tq__span login = {rest.at, (size_t)(at - rest.at)};

        rest = tq__span_behind(rest, login.len + 1);
        if (!read_login(address, login, true, true))
            return trouble_say(error, TQ_EINVAL, 0,
                               "the server's address has a user or password that cannot be read "
                               "(write %%XX for bytes that are no letters or digits)");
    }
    at = rest.len > 0 && !is_unix ? memchr(rest.at, '/', rest.len) : NULL;
    if (at) {
        struct tq__span db = tq__span_behind(rest, (size_t)(at - rest.at) + 1);
        int64_t number = 0;

        rest.len = (size_t)(at - rest.at);
        if (db.len > 0 && (!sync_number_read(db, 1000000, &number) || number == 1000000))
            return trouble_say(error, TQ_EINVAL, 0,
                               "the server's address names no database by its number" WANTED);
        address->db = (int)number;
    }
    if (!read_places(address, rest, is_unix))
        return trouble_say(error, TQ_EINVAL, 0,
                           "the server's address names no server, or more than %d" WANTED,
                           ADDRESS_PLACES_MOST);
    return 0;
}

/* systemd keeps a credential from others by its folder, and its mode shows the group's bits. */
static bool is_credential(const char *path)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    size_t len = folder ? strlen(folder) : 0;

    return len > 1 && strncmp(path, folder, len) == 0 && path[len] == '/';
}

int address_read_auth(struct address *address, const char *path, struct tq_error *error)
{
    char text[2 * ADDRESS_SECRET_MOST + 8];
    struct stat status;
    struct tq__span line;
    ssize_t len = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int answer = 0;

    if (fd < 0 || fstat(fd, &status) < 0)
        answer = trouble_say(error, TQ_ESYS, errno,
                             "cannot read the file of the password, %.100s: %s; make it: (umask 077; "
                             "cat >FILE)",
                             path, strerror(errno));
    else if (!S_ISREG(status.st_mode))
        answer =
            trouble_say(error, TQ_EDENIED, 0, "the file of the password, %.100s, is no regular file", path);
    else if ((status.st_mode & 077) != 0 && !is_credential(path))
        answer = trouble_say(error, TQ_EDENIED, 0,
                             "others may read the file of the password, %.100s (mode %04o); run: "
                             "chmod 600 %.100s, and make a new password",
                             path, (unsigned)status.st_mode & 07777, path);
    else
        len = read(fd, text, sizeof text);
    if (fd >= 0)
        close(fd);
    if (answer < 0)
        return answer;
    line = (struct tq__span){text, len > 0 ? (size_t)len : 0};
    line = tq__span_cut(&line, '\n');
    if (line.len > 0 && line.at[line.len - 1] == '\r')
        line.len--;
    if (line.len == 0 || !read_login(address, line, false, false) || !address->has_password)
        answer = trouble_say(error, TQ_EINVAL, 0,
                             "the file of the password, %.100s, has no password in its first line; write "
                             "user:password or password",
                             path);
    explicit_bzero(text, sizeof text);
    return answer;
}

void address_clear(struct address *address)
{
    explicit_bzero(address, sizeof *address);
}
