/* records.c: reads the rows of CSV and JSONL as the entries of a source.
 *
 * SPDX-License-Identifier: MIT
 *
 * Such a log has no keys. The key of a record is a hash of all records up to it. So a copy, a moved file and
 * a second reading give the same keys, and two logs give different keys after the first row in which they
 * differ.
 *
 * The last line of a CSV may be the first half of a longer line, and its digits do not show that. So a CSV
 * line without a line end is left for later. Half a JSON object is not an object, so it needs no such rule.
 */
#include <string.h>

#include "base/usage.h"
#include "entry.h"
#include "error.h"
#include "reader.h"

/* Does the row have anything but blanks? */
bool tq__log_rows_matters(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] != ' ' && text[i] != '\t')
            return true;
    }
    return false;
}

/* Adds this row to the hash of all rows so far, which the memory keeps. */
static uint64_t add_to_chain(struct tq_log_reader *reader, const struct tq__log_piece *piece)
{
    struct tq__log_hash hash = tq__log_hash_begin(reader->tool->id, "row");
    struct tq__span row = {piece->text, piece->len};
    uint64_t chain;

    while (row.len > 0 && tq__ends_line(row.at[row.len - 1]))
        row.len--;
    memcpy(&chain, reader->memory.own, sizeof(chain));
    tq__log_hash_number(&hash, chain);
    tq__log_hash_text(&hash, row);
    chain = tq__log_hash_end(hash);
    memcpy(reader->memory.own, &chain, sizeof(chain));
    return chain;
}

int tq__log_rows_half(struct tq_log_reader *reader, struct tq_log_error *error)
{
    uint64_t line = reader->piece.line;
    size_t number;
    const char *wrong = tq__log_csv_fault(&reader->piece, &number);

    if (!wrong || !tq__log_pieces_split(&reader->pieces))
        return TQ_LOG_END;
    reader->piece.half = false;
    return tq__log_fail(error, TQ_LOG_BAD_LINE, line, 0, "%s (field %zu)", wrong, number);
}

int tq__log_rows_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;
    struct tq_log_record record = {0};
    int answer;

    if (piece->half && reader->rows.format == TQ__LOG_CSV)
        return tq__log_rows_half(reader, error);
    answer = tq__log_rows_record(&reader->rows, piece, &record, error);
    if (answer != TQ_LOG_RECORD)
        return answer;
    entry->key = add_to_chain(reader, piece);
    if (record.provider_len > TQ_NAME_MAX || memchr(record.provider, '\0', record.provider_len))
        return tq__log_fail(error, TQ_LOG_BAD_LINE, record.line, 0,
                            "the provider's name is longer than %d bytes, or has a NUL byte", TQ_NAME_MAX);
    memcpy(texts->model, record.provider, record.provider_len);
    texts->model[record.provider_len] = '\0';
    entry->model = texts->model;
    entry->flags = TQ_LOG_ENTRY_NO_KEY;
    entry->at_ns = record.at_ns;
    entry->usage = tq__usage_of_row(record.tokens, record.input, record.output);
    return TQ_LOG_RECORD;
}
