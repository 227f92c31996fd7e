/* mcp_fields.c: the arguments of a tool and the members of its answer: JSON schemas from rows, and reading.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/commands/mcp.h"
#include "view/json.h"
#include "view/routing.h"

/* ---- schemas --------------------------------------------------------------------------------- */

static json_t *names_schema(const struct mcp_field *field)
{
    json_t *schema = json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "string");

    if (field->kind == MCP_NAMES)
        schema = json_join(schema, json_pack("{s:{s:s, s:i}, s:i, s:i}", "items", "type", "string",
                                             "minLength", 1, "minItems", 1, "maxItems", MCP_NAMES_MOST));
    return schema;
}

static json_t *policy_schema(void)
{
    json_t *names = json_array();

    for (uint32_t policy = 0; policy <= TQ_POLICY_STICKY_PRESSURE; policy++)
        json_array_append_new(names, json_string(tq_policy_name(policy)));
    return json_pack("{s:s, s:o}", "type", "string", "enum", names);
}

/* An argument is a number; in an answer one that many readers would round is text. */
static json_t *count_schema(const struct mcp_field *field)
{
    if (field->most)
        return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)field->least, "maximum",
                         (json_int_t)field->most);
    return json_pack("{s:[s, s]}", "type", "integer", "string");
}

static json_t *rows_schema(const struct mcp_field *field)
{
    return json_pack("{s:s, s:o}", "type", "array", "items", mcp_schema(field->of, false));
}

static json_t *field_schema(const struct mcp_field *field)
{
    switch (field->kind) {
    case MCP_COUNT:
        return count_schema(field);
    case MCP_NUMBER:
        return json_pack("{s:s}", "type", "number");
    case MCP_FLAG:
        return json_pack("{s:s}", "type", "boolean");
    case MCP_NAMES:
    case MCP_WORDS:
        return names_schema(field);
    case MCP_POLICY:
        return policy_schema();
    case MCP_ROWS:
        return rows_schema(field);
    case MCP_INSTANT:
        return json_pack("{s:s, s:s}", "type", "string", "format", "date-time");
    default:
        return json_pack("{s:s}", "type", "string");
    }
}

/* Only these two levels of rows are there: an answer, and its providers. */
json_t *mcp_schema(const struct mcp_field *fields, bool closed)
{
    json_t *properties = json_object(), *required = json_array(), *schema;

    for (const struct mcp_field *field = fields; field->name; field++) {
        json_t *one = field_schema(field);

        if (field->help)
            one = json_join(one, json_pack("{s:s}", "description", field->help));
        json_object_set_new(properties, field->name, one);
        if (field->required)
            json_array_append_new(required, json_string(field->name));
    }
    schema = json_pack("{s:s, s:o, s:o}", "type", "object", "properties", properties, "required", required);
    return closed ? json_join(schema, json_pack("{s:b}", "additionalProperties", 0)) : schema;
}

/* ---- reading: each returns NULL when it took the value, else what is wrong with it ------------ */

static const char *take_names(const json_t *value, struct mcp_names *names)
{
    size_t count = json_array_size(value);

    if (!json_is_array(value) || count == 0 || count > MCP_NAMES_MOST)
        return "write a list of names, at least one";
    for (names->count = 0; names->count < count; names->count++) {
        const char *name = json_string_value(json_array_get(value, names->count));

        if (!name || !*name)
            return "each name is text, and not empty";
        names->items[names->count] = name;
    }
    names->items[count] = NULL;
    return NULL;
}

static const char *take_count(const struct mcp_field *field, const json_t *value, int64_t *count)
{
    *count = json_integer_value(value);
    return json_is_integer(value) && *count >= field->least && *count <= field->most
               ? NULL
               : "write a whole number within the bounds that the tool's schema has";
}

static const char *take(const struct mcp_field *field, const json_t *value, void *to)
{
    switch (field->kind) {
    case MCP_NAMES:
        return take_names(value, to);
    case MCP_COUNT:
        return take_count(field, value, to);
    case MCP_POLICY:
        return json_is_string(value) && policy_parse(json_string_value(value), to) == 0
                   ? NULL
                   : "write order, sticky, pressure or sticky-pressure";
    case MCP_FLAG:
        *(bool *)to = json_is_true(value);
        return json_is_boolean(value) ? NULL : "write true or false";
    default:
        *(const char **)to = json_string_value(value);
        return json_is_string(value) ? NULL : "write text";
    }
}

static const struct mcp_field *find(const struct mcp_field *fields, const char *name)
{
    for (; fields->name; fields++)
        if (strcmp(fields->name, name) == 0)
            return fields;
    return NULL;
}

bool mcp_arguments_read(const struct mcp_field *fields, const json_t *object, struct mcp_arguments *arguments,
                        char why[MCP_WHY])
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)object, name, value)
    {
        const struct mcp_field *field = find(fields, name);
        const char *wrong = field ? take(field, value, (char *)arguments + field->to) : NULL;

        if (!field) {
            snprintf(why, MCP_WHY, "there is no argument \"%.64s\"; the tool's schema lists them", name);
            return false;
        }
        if (wrong) {
            snprintf(why, MCP_WHY, "argument \"%.64s\": %s", name, wrong);
            return false;
        }
    }
    for (const struct mcp_field *field = fields; field->name; field++)
        if (field->required && !json_object_get(object, field->name)) {
            snprintf(why, MCP_WHY, "argument \"%.64s\" is missing", field->name);
            return false;
        }
    return true;
}
