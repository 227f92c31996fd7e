/* test_source_antigravity.c: each generation of Antigravity once, from protobuf in its databases.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "database_make.h"
#include "logs/protobuf.h"
#include "scratch.h"

/* ---- the wire format ------------------------------------------------------------------------- */

#define BYTES(text) ((struct tq__span){text, sizeof(text) - 1})

static void fields_are_read(void **state)
{
    struct tq__protobuf message = tq__protobuf_begin(
        BYTES("\x08\x96\x01\x12\x03"
              "abc\x1d\x01\x00\x00\x80\x21\x02\x00\x00\x00\x00\x00\x00\x00\xf8\xff\xff\xff\x0f\x07"));
    struct tq__protobuf_field field;

    (void)state;
    assert_true(tq__protobuf_next(&message, &field) && field.number == 1 && field.is_number &&
                field.value == 150);
    assert_true(tq__protobuf_next(&message, &field) && field.number == 2 && !field.is_number);
    assert_true(tq__span_equals(field.bytes, "abc"));
    assert_true(tq__protobuf_next(&message, &field) && field.number == 3 && field.value == 0x80000001);
    assert_true(tq__protobuf_next(&message, &field) && field.number == 4 && field.value == 2);
    assert_true(tq__protobuf_next(&message, &field) && field.number == (1u << 29) - 1 && field.value == 7);
    assert_false(tq__protobuf_next(&message, &field) || message.failed);
    message = tq__protobuf_begin(BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    assert_true(tq__protobuf_next(&message, &field) && field.value == UINT64_MAX);
}

static void what_is_no_message_is_a_fault(void **state)
{
    static const struct tq__span faults[] = {
        BYTES("\x08"),     /* no value */
        BYTES("\x08\x80"), /* cut off */
        BYTES("\x12\x04"
              "abc"),                                          /* a length beyond the end */
        BYTES("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), /* the greatest length */
        BYTES("\x1d\x01\x02"),                                 /* half of a number */
        BYTES("\x0b"),
        BYTES("\x0c"),
        BYTES("\x0e"),
        BYTES("\x0f"),                                             /* groups, and what does not exist */
        BYTES("\x00\x01"),                                         /* field 0 */
        BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),     /* more than 64 bits */
        BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), /* too long */
        BYTES("\xf8\xff\xff\xff\x1f\x01"),                         /* a number of a field that is too great */
    };
    struct tq__protobuf_field field;

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct tq__protobuf message = tq__protobuf_begin(faults[i]);

        assert_false(tq__protobuf_next(&message, &field));
        assert_true(message.failed);
        assert_false(tq__protobuf_next(&message, &field));
    }
}

/* ---- generations ----------------------------------------------------------------------------- */

/* Rows in hexadecimal: 1 { 19 "g", 4 { counts }, 9 { 4 { 1: 1777629600 } } }. */
static const char *const rows[] = {
    "0a279a010167221708f60110e807183c200328f40330183a026d314832500a4a08220608a0f3d1cf", /* cut off */
    "0a2d1a04746f6f6c9a010167221708f60110e807183c200328f40330183a026d314832500a4a08220608a0f3d1cf06", /* whole
                                                                                                       */
    "0a1222061005480350044a08220608a0f3d1cf06",               /* no model, no id, no sum of output */
    "0a06220410051807",                                       /* no time */
    "0a0c22004a08220608a0f3d1cf06",                           /* no counts */
    "ffff",                                                   /* no protobuf */
    "0a19220d108080808080808080800118074a08220608a0f3d1cf06", /* a count above 63 bits */
    "0a142204100518074a0c220a08808080808080808040",           /* a time that does not exist */
    "0a102204100018004a08220608a0f3d1cf06",                   /* nothing used */
};

static void make_rows(const char *path)
{
    sqlite3 *database = database_open(path);
    char sql[512];

    database_run(database, "CREATE TABLE gen_metadata(idx INTEGER PRIMARY KEY, data BLOB)");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(sql, sizeof(sql), "INSERT INTO gen_metadata VALUES(%zu, x'%s')", i, rows[i]);
        database_run(database, sql);
    }
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void a_row_is_a_generation(void **state)
{
    const char *path = scratch_path(state, "conversation-7.db");
    struct tq_log_reader *reader;
    struct seen seen;

    make_rows(path);
    reader = expect_database("antigravity", path);
    expect_bad_at(reader, 0, "not protobuf");
    seen = expect_entry(reader);
    expect_counts(&seen, 1000, 500, 3, 60);
    assert_int_equal(seen.entry.usage.reasoning, 50);
    assert_int_equal(seen.entry.at_ns, INT64_C(1777629600000000000));
    assert_string_equal(seen.vendor, "google");
    assert_string_equal(seen.model, "g");
    assert_string_equal(seen.session, "conversation-7");
    seen = expect_entry(reader);
    expect_counts(&seen, 5, 0, 0, 7);
    assert_string_equal(seen.model, "g"); /* of the conversation */
    expect_bad_at(reader, 3, "does not say its time");
    expect_bad_at(reader, 5, "not protobuf");
    expect_bad_at(reader, 6, "64 bits");
    expect_bad_at(reader, 7, "does not exist");
    tq_log_reader_close(reader);
}

/* Rows that are read again keep the model that they had, which a later row has changed. */
static void a_row_read_again_has_its_own_model(void **state)
{
    const char *path = scratch_path(state, "a.db");
    struct tq_log_reader *reader;
    struct tq_log_state place;

    make_rows(path);
    database_make(path, "DELETE FROM gen_metadata WHERE idx NOT IN (1, 2);"
                        "INSERT INTO gen_metadata SELECT 3, replace(data, x'9a010167', x'9a010168')"
                        " FROM gen_metadata WHERE idx = 1");
    reader = expect_database("antigravity", path);
    assert_string_equal(expect_entry(reader).model, "g");
    assert_string_equal(expect_entry(reader).model, "g");
    assert_string_equal(expect_entry(reader).model, "h");
    expect_no_more(reader);
    tq_log_reader_state(reader, &place);
    tq_log_reader_close(reader);
    reader = expect_database_at("antigravity", path, &place, 0);
    assert_string_equal(expect_entry(reader).model, "g"); /* the second does not say, so it is left out */
    assert_string_equal(expect_entry(reader).model, "h");
    expect_over(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_read),
        cmocka_unit_test(what_is_no_message_is_a_fault),
        scratch_test(a_row_is_a_generation),
        scratch_test(a_row_read_again_has_its_own_model),
    };

    return cmocka_run_group_tests_name("source_antigravity", tests, NULL, NULL);
}
