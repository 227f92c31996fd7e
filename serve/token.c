/* token.c: reads files of tokens, and compares what a request bears with them.
 *
 * SPDX-License-Identifier: MIT
 *
 * A file has one token a line, so that a new one can be added before the old one is taken away.
 */
#include "token.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "file.h"
#include "view/listener.h"

#define TOKENS 16
#define TOKEN_MIN 16
#define TOKEN_MAX 256
#define FILE_MAX (TOKENS * (TOKEN_MAX + 2))

struct tokens {
    struct token {
        enum http_right right;
        size_t len;
        char text[TOKEN_MAX]; /* zeros behind it */
    } items[TOKENS * 2];
    size_t count;
};

/* systemd keeps a credential from others by its folder, and gives it a list of users, for which the mode
 * shows the group's bits. */
static bool is_credential(const char *path)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    size_t len = folder ? strlen(folder) : 0;

    return len > 1 && strncmp(path, folder, len) == 0 && path[len] == '/';
}

static int read_file(const struct server *server, const char *path, struct file *file)
{
    struct listener listener = {0};

    if (file_read(path, FILE_MAX, file, &listener) < 0) {
        if (access(path, F_OK) < 0 && errno == ENOENT)
            serve_say(server,
                      "the file of tokens %s is not there; run: (umask 077; openssl rand -hex 24 >%s)", path,
                      path);
        else
            serve_say(server, "the file of tokens %s: %s", path, listener.why);
        return TQ_EINVAL;
    }
    if ((file->mode & 077) != 0 && !is_credential(path)) {
        serve_say(server,
                  "others may read the file of tokens %s (mode %04o); run: chmod 600 %s, and make new tokens",
                  path, (unsigned)file->mode, path);
        return TQ_EDENIED;
    }
    return 0;
}

static bool is_token(struct tq__span line)
{
    if (line.len < TOKEN_MIN || line.len > TOKEN_MAX)
        return false;
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] <= ' ' || line.at[i] > '~')
            return false;
    return true;
}

static int read_tokens(struct tokens *tokens, const struct server *server, const char *path,
                       enum http_right right)
{
    size_t before = tokens->count;
    struct file file;
    int answer = read_file(server, path, &file);
    struct tq__span rest = {file.text, file.len};

    while (answer == 0 && rest.len > 0) {
        struct tq__span line = tq__span_cut(&rest, '\n');

        if (line.len > 0 && line.at[line.len - 1] == '\r')
            line.len--;
        if (line.len == 0)
            continue;
        if (!is_token(line) || tokens->count == before + TOKENS) {
            serve_say(server,
                      "the file of tokens %s: write at most %d tokens of %d to %d visible characters, one a "
                      "line, as `openssl rand -hex 24` makes them",
                      path, TOKENS, TOKEN_MIN, TOKEN_MAX);
            answer = TQ_EINVAL;
            break;
        }
        tokens->items[tokens->count] = (struct token){.right = right, .len = line.len};
        memcpy(tokens->items[tokens->count++].text, line.at, line.len);
    }
    file_free(&file);
    if (answer == 0 && tokens->count == before) {
        serve_say(server, "the file of tokens %s is empty; run: openssl rand -hex 24 >%s", path, path);
        answer = TQ_EINVAL;
    }
    return answer;
}

int tokens_read(struct tokens **tokens, const struct server *server)
{
    const struct serve_options *options = &server->options;
    struct tokens *made;
    int answer = 0;

    *tokens = NULL;
    if (!options->token_file && !options->read_token_file)
        return 0;
    made = calloc(1, sizeof *made);
    if (!made)
        return TQ_ENOMEM;
    if (options->token_file)
        answer = read_tokens(made, server, options->token_file, HTTP_WRITE);
    if (answer == 0 && options->read_token_file)
        answer = read_tokens(made, server, options->read_token_file, HTTP_READ);
    if (answer == 0)
        *tokens = made;
    else
        tokens_free(made);
    return answer;
}

void tokens_free(struct tokens *tokens)
{
    if (tokens)
        explicit_bzero(tokens, sizeof *tokens);
    free(tokens);
}

/* Looks at all bytes of all tokens, whatever it finds. */
enum http_right tokens_right(const struct tokens *tokens, const char *authorization)
{
    struct tq__span borne = tq__span_of(authorization ? authorization : "");
    volatile unsigned right = HTTP_ANYONE;
    char text[TOKEN_MAX] = {0};

    if (!tq__span_begins(borne, "bearer "))
        return HTTP_ANYONE;
    borne = tq__span_trim(tq__span_behind(borne, 7));
    if (!is_token(borne))
        return HTTP_ANYONE;
    memcpy(text, borne.at, borne.len);
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *token = &tokens->items[i];
        unsigned differs = (unsigned)(token->len ^ borne.len);

        for (size_t at = 0; at < TOKEN_MAX; at++)
            differs |= (unsigned)(unsigned char)token->text[at] ^ (unsigned char)text[at];
        right |= differs == 0 ? (unsigned)token->right : 0;
    }
    explicit_bzero(text, sizeof text);
    return right & HTTP_WRITE ? HTTP_WRITE : (enum http_right)right;
}
