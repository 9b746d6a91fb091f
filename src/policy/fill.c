/* {name} in our own texts. Nothing of a customer is ever a variable. */
#include "policy_private.h"

#include <stdlib.h>
#include <string.h>

/* Length of "{name}" at s with a name of [a-z_]+, 0 if it is none. */
static size_t variable_at(const char *s)
{
    size_t n = 1;

    while ((s[n] >= 'a' && s[n] <= 'z') || s[n] == '_')
        n++;
    return s[0] == '{' && n > 1 && s[n] == '}' ? n + 1 : 0;
}

/* Length of a notice's element tag "{#name}" at s, 0 if it is none. */
static size_t tag_at(const char *s)
{
    size_t n = 2;

    if (s[0] != '{' || s[1] != '#')
        return 0;
    while ((s[n] >= 'a' && s[n] <= 'z') || s[n] == '-')
        n++;
    return n > 2 && s[n] == '}' ? n + 1 : 0;
}

static const char *value_of(const char *const *pairs, const char *name,
                            size_t len)
{
    for (; *pairs != NULL; pairs += 2)
        if (strlen(pairs[0]) == len && memcmp(pairs[0], name, len) == 0)
            return pairs[1];
    return NULL;
}

int policy_fill(struct buf *out, const char *text, const char *const *pairs)
{
    while (*text != '\0') {
        size_t len = variable_at(text);
        const char *value = len > 0 ? value_of(pairs, text + 1, len - 2) : NULL;

        if (value != NULL ? buf_adds(out, value) != 0
                          : buf_add(out, text, len > 0 ? len : 1) != 0)
            return -1;
        text += len > 0 ? len : 1;
    }
    return 0;
}

int variables_add(struct variables *v, const char *name, const char *value)
{
    if (v->n == VARIABLES_MAX || (v->owned[v->n] = strdup(value)) == NULL)
        return -1;
    v->pairs[2 * v->n] = name;
    v->pairs[2 * v->n + 1] = v->owned[v->n];
    v->n++;
    v->pairs[2 * v->n] = NULL;
    return 0;
}

void variables_free(struct variables *v)
{
    for (size_t i = 0; i < v->n; i++)
        free(v->owned[i]);
    v->n = 0;
}

static bool listed(const char *const *names, const char *name, size_t len)
{
    for (; names != NULL && *names != NULL; names++)
        if (strlen(*names) == len && memcmp(*names, name, len) == 0)
            return true;
    return false;
}

/* Without a file the caller says where. */
static int wrong(const char *file, int line, struct error *err,
                 const char *what, int len, const char *at)
{
    if (file == NULL)
        return error_set(err, ERR_CONFIG, "%s%.*s", what, len, at);
    return error_set(err, ERR_CONFIG, "%s:%d: %s%.*s", file, line, what, len,
                     at);
}

/* Every brace belongs to a variable that is known, or to a tag. */
static int check_braces(const char *file, const char *text, bool tags,
                        const struct variables *v, const char *const *later,
                        struct error *err)
{
    int line = 1;
    size_t step;

    for (const char *s = text; *s != '\0'; s += step) {
        size_t len = variable_at(s), tag = tags ? tag_at(s) : 0;

        step = len + tag > 0 ? len + tag : 1;
        line += *s == '\n';
        if (len + tag == 0 && (*s == '{' || *s == '}'))
            return wrong(file, line, err, "a brace that is no variable's", 0,
                         "");
        if (len > 0 && value_of(v->pairs, s + 1, len - 2) == NULL &&
            !listed(later, s + 1, len - 2))
            return wrong(file, line, err, "unknown variable ", (int)len, s);
    }
    return 0;
}

char *fill_text(const char *file, const char *text, bool tags,
                const struct variables *v, const char *const *later,
                struct error *err)
{
    struct buf out = { 0 };

    if (check_braces(file, text, tags, v, later, err) != 0)
        return NULL;
    if (policy_fill(&out, text, v->pairs) != 0 || buf_adds(&out, "") != 0) {
        buf_free(&out);
        error_set(err, ERR_NOMEM, "no memory for a text");
        return NULL;
    }
    if (out.p == NULL)
        return strdup("");
    return (char *)out.p; /* NUL-terminated; the caller's */
}
