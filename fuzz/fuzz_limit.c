/* fuzz_limit.c: any bytes, read as the sentence of a limit: what is read is written and read back as the
 * same, and an error changes nothing.
 *
 * SPDX-License-Identifier: MIT
 *
 * Where the bytes are those of a struct, it is written as a sentence, too.
 */
#include "tokenquota.h"

#include "target.h"

/* A limit that can be written comes back as one that is written the same. */
static void check_written(const struct tq_limit *limit)
{
    struct tq_limit again = {.size = sizeof(again)};
    char out[256], second[256];
    int len = tq_limit_format(limit, out, sizeof(out));

    HOLDS(len > 0 && (size_t)len < sizeof(out) && strlen(out) == (size_t)len);
    HOLDS(tq_limit_format(limit, NULL, 0) == len);
    HOLDS(tq_limit_parse(out, &again, NULL) == 0);
    HOLDS(tq_limit_format(&again, second, sizeof(second)) == len && strcmp(out, second) == 0);
}

static void check_sentence(const char *sentence)
{
    struct tq_limit limit, before;
    struct tq_error error = {.size = sizeof(error)};
    char out[256];
    int answer;

    memset(&limit, 0x5a, sizeof(limit));
    limit.size = sizeof(limit);
    before = limit;
    answer = tq_limit_parse(sentence, &limit, &error);
    HOLDS(error.code == answer);
    if (answer != 0) {
        HOLDS(answer == TQ_EINVAL || answer == TQ_ERANGE);
        HOLDS(memcmp(&limit, &before, sizeof(limit)) == 0);
        check_message(error.msg, sizeof(error.msg), 0xff);
        return;
    }
    check_written(&limit);
    HOLDS(tq_limit_format(&limit, out, sizeof(out)) > 0);
    HOLDS(tq_limit_parse(out, &before, NULL) == 0);
    HOLDS(memcmp(&limit, &before, sizeof(limit)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tq_limit limit;
    char *sentence = malloc(size + 1); /* its end is where a sanitizer sees it */

    HOLDS(sentence);
    memcpy(sentence, data, size);
    sentence[size] = '\0';
    check_sentence(sentence);
    free(sentence);
    if (size < sizeof(limit))
        return 0;
    memcpy(&limit, data, sizeof(limit));
    limit.size = sizeof(limit);
    if (tq_limit_format(&limit, NULL, 0) >= 0)
        check_written(&limit);
    return 0;
}
