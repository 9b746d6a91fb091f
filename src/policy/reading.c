/* Values of a policy's files, each checked as it is taken. */
#include "policy_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int reading_wrong(const struct reading *r, struct yaml_node *node,
                  const char *key, const char *what)
{
    return yaml_error(r->file, node, key, r->err, "%s", what);
}

int reading_variable(const struct reading *r, struct yaml_node *map,
                     const char *key, const char *name,
                     struct variables *variables)
{
    const char *text = yaml_need(r->file, map, key, r->err);
    struct yaml_node *node = yaml_get(r->file, map, key);

    if (text == NULL)
        return -1;
    if (text[strspn(text, " ")] == '\0')
        return reading_wrong(r, node, key, "is empty");
    for (const char *s = text; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f || *s == '{' || *s == '}')
            return reading_wrong(r, node, key,
                                 "must be one line without braces");
    return variables_add(variables, name, text) == 0
               ? 0
               : error_set(r->err, ERR_NOMEM, "no memory for a policy");
}

struct yaml_node *reading_list(const struct reading *r, struct yaml_node *map,
                               const char *key, size_t max, bool needed,
                               const char *what)
{
    struct yaml_node *list = yaml_get(r->file, map, key);

    if (list == NULL && !needed)
        return NULL;
    if (list != NULL && yaml_is_list(list) && yaml_count(list) > 0 &&
        yaml_count(list) <= max)
        return list;
    (void)reading_wrong(r, list != NULL ? list : map, key, what);
    return NULL;
}

int reading_word(const struct reading *r, struct yaml_node *map,
                 const char *key, const char *const *words, size_t n,
                 const char *what)
{
    const char *text = yaml_need(r->file, map, key, r->err);

    if (text == NULL)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i], text) == 0)
            return (int)i;
    return reading_wrong(r, yaml_get(r->file, map, key), key, what);
}

int reading_id(const struct reading *r, struct yaml_node *map, const char *key,
               char out[static PURPOSE_SIZE])
{
    const char *text = yaml_need(r->file, map, key, r->err);

    if (text == NULL)
        return -1;
    if (text[0] == '\0' || strlen(text) >= PURPOSE_SIZE ||
        text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0')
        return reading_wrong(r, yaml_get(r->file, map, key), key,
                             "is not 1 to 40 of a-z, 0-9 and _");
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

int reading_flag(const struct reading *r, struct yaml_node *map,
                 const char *key, bool *out)
{
    struct yaml_node *node = yaml_get(r->file, map, key);
    const char *text = yaml_text(node);

    if (node == NULL)
        return 0;
    if (text == NULL ||
        (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
        return reading_wrong(r, node, key, "is not true or false");
    *out = strcmp(text, "true") == 0;
    return 0;
}

int reading_number(const struct reading *r, struct yaml_node *map,
                   const char *key, int min, int max, int *out,
                   const char *what)
{
    struct yaml_node *node = yaml_get(r->file, map, key);
    const char *text = yaml_text(node);
    int64_t value;

    if (node == NULL)
        return 0;
    if (text == NULL || decimal_parse(text, strlen(text), max, &value) != 0 ||
        value < min)
        return reading_wrong(r, node, key, what);
    *out = (int)value;
    return 0;
}

/* "10 business days", singular or plural. */
static int term_parse(const char *text, struct term *out)
{
    static const struct {
        const char *word;
        enum term_unit unit;
        int max;
    } units[] = {
        { " hour", TERM_HOURS, LIMIT_TERM_D * 24 },
        { " day", TERM_DAYS, LIMIT_TERM_D },
        { " business day", TERM_BUSINESS_DAYS, LIMIT_TERM_D * 5 / 7 },
        { " month", TERM_MONTHS, LIMIT_TERM_D / 31 },
    };
    size_t digits = strspn(text, "0123456789");
    const char *rest = text + digits;
    int64_t n;

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t len = strlen(units[i].word);

        if (strncmp(rest, units[i].word, len) != 0 ||
            (rest[len] != '\0' && strcmp(rest + len, "s") != 0))
            continue;
        if (decimal_parse(text, digits, units[i].max, &n) != 0 || n == 0)
            return -1;
        *out = (struct term){ (int)n, units[i].unit };
        return 0;
    }
    return -1;
}

int reading_term(const struct reading *r, struct yaml_node *map,
                 const char *key, bool needed, struct term *out)
{
    struct yaml_node *node = yaml_get(r->file, map, key);
    const char *text = yaml_text(node);

    if (node == NULL && !needed)
        return 0;
    if (node == NULL)
        return reading_wrong(r, map, key, "is missing");
    if (text == NULL || term_parse(text, out) != 0)
        return reading_wrong(r, node, key,
                             "is no term such as 10 business days, 5 days, "
                             "1 month or 72 hours, of at most ten years");
    return 0;
}

int reading_line(const struct reading *r, struct yaml_node *map,
                 const char *key, char *out, size_t size, const char *what)
{
    struct yaml_node *node = yaml_get(r->file, map, key);
    const char *text = yaml_text(node);

    if (node == NULL)
        return 0;
    if (text == NULL || text[strspn(text, " ")] == '\0' || strlen(text) >= size)
        return reading_wrong(r, node, key, what);
    for (const char *s = text; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return reading_wrong(r, node, key, "must be one line");
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

/* Years in which our sums mean something: Ley 51 is of 1983. */
#define YEAR_MIN 1984
#define YEAR_MAX 2400

int reading_day(const struct reading *r, struct yaml_node *map, const char *key,
                civil_day *out)
{
    const char *text = yaml_need(r->file, map, key, r->err);

    if (text == NULL)
        return -1;
    if (date_parse(text, out) != 0 || date_of(*out).year < YEAR_MIN ||
        date_of(*out).year > YEAR_MAX)
        return reading_wrong(r, yaml_get(r->file, map, key), key,
                             "is no day such as 2026-12-24");
    return 0;
}

int policy_warn(struct policy *p, struct error *err, const char *fmt, ...)
{
    char text[512];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (p->warnings == NULL)
        p->warnings = json_array();
    if (json_array_append_new(p->warnings, json_string(text)) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a policy");
    return 0;
}
