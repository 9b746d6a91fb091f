/* CSV as RFC 4180 has it, safe to open in a spreadsheet. */
#include "cli.h"

#include <string.h>

/* The consent export, in this order. */
static const char *const columns[] = {
    "index",   "time",           "event_type",    "subject",
    "policy",  "notice_version", "notice_sha256", "language",
    "purpose", "legal_basis",    "channel",       "evidence"
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool is_formula(const char *text)
{
    return text[0] != '\0' && strchr("=+-@\t\r\n", text[0]) != NULL;
}

int csv_cell(struct buf *out, const char *text)
{
    const char *prefix;

    if (text == NULL)
        return 0;
    prefix = is_formula(text) ? "'" : "";
    if (strpbrk(text, "\",\r\n") == NULL)
        return buf_adds(out, prefix) == 0 && buf_adds(out, text) == 0 ? 0 : -1;

    if (buf_addf(out, "\"%s", prefix) != 0)
        return -1;
    for (; *text != '\0'; text++)
        if (buf_add(out, text, 1) != 0 ||
            (*text == '"' && buf_adds(out, "\"") != 0))
            return -1;
    return buf_adds(out, "\"");
}

int csv_consent_header(struct buf *out)
{
    for (size_t i = 0; i < COLUMNS; i++)
        if (buf_addf(out, "%s%s", i > 0 ? "," : "", columns[i]) != 0)
            return -1;
    return buf_adds(out, "\n");
}

static int add_value(struct buf *out, const json_t *value)
{
    if (json_is_integer(value))
        return buf_addf(out, "%lld", (long long)json_integer_value(value));
    return csv_cell(out, json_string_value(value));
}

int csv_consent(struct buf *out, const json_t *row)
{
    for (size_t i = 0; i < COLUMNS; i++)
        if ((i > 0 && buf_adds(out, ",") != 0) ||
            add_value(out, json_object_get(row, columns[i])) != 0)
            return -1;
    return buf_adds(out, "\n");
}
