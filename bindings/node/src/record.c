/* record.c: a struct of the library as an object, by a table of its fields.
 *
 * SPDX-License-Identifier: MIT
 */
#include "addon.h"

#include <stdio.h>
#include <string.h>

#define MS_NS 1000000

void tqn_set(napi_env env, napi_value object, const char *name, napi_value value)
{
    napi_set_named_property(env, object, name, value);
}

void tqn_set_instant(napi_env env, napi_value object, const char *name, enum tqn_kind kind, int64_t at_ns)
{
    int64_t ms = at_ns / MS_NS, rest = at_ns % MS_NS;
    napi_value date = NULL;
    char ns[40];

    ms += kind == TQN_UNTIL ? rest > 0 : -(rest < 0);
    if (at_ns == 0 || at_ns == INT64_MAX)
        napi_get_null(env, &date);
    else
        napi_create_date(env, (double)ms, &date);
    snprintf(ns, sizeof ns, "%sNs", name);
    tqn_set(env, object, name, date);
    tqn_set(env, object, ns, tqn_bigint(env, at_ns));
}

static napi_value names(napi_env env, uint32_t bits, const char *(*name_of)(uint32_t))
{
    uint32_t count = 0;
    napi_value list;

    napi_create_array(env, &list);
    for (uint32_t bit = 0; bit < 32; bit++)
        if (bits >> bit & 1)
            napi_set_element(env, list, count++, tqn_string(env, name_of(bit)));
    return list;
}

static const char *name_or_null(const char *name)
{
    return name && strcmp(name, "unknown") != 0 ? name : NULL;
}

static napi_value field_value(napi_env env, const struct tqn_field *field, const char *at)
{
    uint32_t small = 0;
    uint64_t wide = 0;
    napi_value value = NULL;

    if (field->kind == TQN_TEXT)
        return tqn_string(env, at);
    if (field->kind == TQN_COUNT || field->kind == TQN_SPAN || field->kind == TQN_WIDE)
        memcpy(&wide, at, sizeof wide);
    else
        memcpy(&small, at, sizeof small);
    switch (field->kind) {
    case TQN_COUNT:
        return tqn_number(env, (int64_t)wide);
    case TQN_SPAN:
        return tqn_bigint(env, (int64_t)wide);
    case TQN_WIDE:
        napi_create_bigint_uint64(env, wide, &value);
        return value;
    case TQN_I32:
        return tqn_number(env, (int32_t)small);
    case TQN_BOOL:
        return tqn_boolean(env, small != 0);
    case TQN_FLAG:
        return tqn_boolean(env, (small & field->bit) != 0);
    case TQN_SHARE:
        napi_create_double(env, small / 1e6, &value);
        return value;
    case TQN_NAME:
        return tqn_string(env, name_or_null(field->name_of(small)));
    case TQN_NAMES:
        return names(env, small, field->name_of);
    default:
        return tqn_number(env, small);
    }
}

napi_value tqn_object(napi_env env, const struct tqn_table *table, const void *from)
{
    napi_value object, null;
    uint32_t known;

    napi_create_object(env, &object);
    napi_get_null(env, &null);
    memcpy(&known, (const char *)from + table->known, sizeof known);
    for (const struct tqn_field *field = table->fields; field->kind != TQN_END_OF_TABLE; field++) {
        const char *at = (const char *)from + field->offset;
        bool there = field->kind == TQN_FLAG || field->bit == 0 || (known & field->bit) != 0;

        if (field->kind == TQN_SINCE || field->kind == TQN_UNTIL) {
            int64_t at_ns = 0;

            if (there)
                memcpy(&at_ns, at, sizeof at_ns);
            tqn_set_instant(env, object, field->name, field->kind, at_ns);
        } else {
            tqn_set(env, object, field->name, there ? field_value(env, field, at) : null);
        }
    }
    return object;
}

void tqn_set_bytes(napi_env env, napi_value object, const void *from, size_t size)
{
    napi_value bytes;
    void *to;

    if (napi_create_arraybuffer(env, size, &to, &bytes) != napi_ok)
        return;
    memcpy(to, from, size);
    tqn_set(env, object, "bytes", bytes);
}

void *tqn_bytes(napi_env env, napi_value value, size_t size)
{
    size_t has = 0;
    void *bytes = NULL;

    if (napi_get_arraybuffer_info(env, value, &bytes, &has) == napi_ok && has == size)
        return bytes;
    napi_throw_type_error(env, NULL, "this object was not made by tokenquota");
    return NULL;
}

napi_value tqn_usage_object(napi_env env, const struct tq_usage *usage)
{
    return tqn_object(env, &tqn_usage_table, usage);
}

napi_value tqn_signal_object(napi_env env, const struct tq_quota_signal *signal, bool says)
{
    napi_value object = tqn_object(env, &tqn_signal_table, signal), axes;

    napi_create_array_with_length(env, signal->axis_count, &axes);
    for (uint32_t n = 0; n < signal->axis_count && n < TQ_AXES_MAX; n++) {
        napi_value axis = tqn_object(env, &tqn_axis_table, &signal->axis[n]);

        tqn_set(env, axis, "windowName", tqn_string(env, signal->window_name[n]));
        napi_set_element(env, axes, n, axis);
    }
    tqn_set(env, object, "axes", axes);
    tqn_set(env, object, "says", tqn_boolean(env, says));
    tqn_set_bytes(env, object, signal, sizeof *signal);
    return object;
}

/* A property that is neither missing, undefined nor null. */
static bool property(napi_env env, napi_value object, const char *name, napi_value *value)
{
    return napi_get_named_property(env, object, name, value) == napi_ok && !tqn_is_nothing(env, *value);
}

static bool flag(napi_env env, napi_value object, const char *name)
{
    napi_value value;
    bool truth = false;

    return property(env, object, name, &value) && napi_get_value_bool(env, value, &truth) == napi_ok && truth;
}

/* What counts when the source does not say: input, cache write and output, or the total when none of them is
 * known. */
static bool count_parts(struct tq_usage *usage)
{
    if (usage->known & (TQ_USAGE_INPUT | TQ_USAGE_CACHE_WRITE | TQ_USAGE_OUTPUT))
        return !__builtin_add_overflow(usage->input, usage->cache_write, &usage->counted) &&
               !__builtin_add_overflow(usage->counted, usage->output, &usage->counted);
    usage->counted = usage->total;
    return true;
}

bool tqn_usage_from(napi_env env, napi_value object, struct tq_usage *usage)
{
    napi_value value;
    int64_t requests = 1;
    bool thrown = false;

    *usage = (struct tq_usage){.size = sizeof *usage};
    for (const struct tqn_field *field = tqn_usage_table.fields; field->kind != TQN_END_OF_TABLE; field++) {
        if (field->kind != TQN_COUNT || !property(env, object, field->name, &value))
            continue;
        if (!tqn_count(env, value, (int64_t *)(void *)((char *)usage + field->offset)))
            return false;
        usage->known |= field->bit;
    }
    if (!property(env, object, "counted", &value) && !count_parts(usage)) {
        napi_throw_range_error(env, NULL, "the counts are too large to be added");
        return false;
    }
    if (property(env, object, "requests", &value) && !tqn_count(env, value, &requests))
        return false;
    if (requests < 0 || requests > UINT32_MAX) {
        napi_throw_range_error(env, NULL, "requests must be from 0 to 4294967295");
        return false;
    }
    usage->requests = (uint32_t)requests;
    usage->flags = (flag(env, object, "partial") ? TQ_USAGE_PARTIAL : 0) |
                   (flag(env, object, "more") ? TQ_USAGE_MORE : 0);
    if ((property(env, object, "sentAtNs", &value) || property(env, object, "sentAt", &value)) &&
        !tqn_instant(env, value, 0, &usage->sent_at_ns))
        return false;
    /* A getter that threw reads as a property that is not there. */
    return napi_is_exception_pending(env, &thrown) == napi_ok && !thrown;
}
