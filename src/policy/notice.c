/* A notice: the first layer as sent in the chat, "---", the full text whose
 * required elements are headings with a tag, such as "## Derechos {#rights}".
 */
#include "policy_private.h"

#include <stdlib.h>
#include <string.h>

static const char *const elements_co[] = {
    "controller", "data",      "purposes",   "sensitive",     "rights",
    "contact",    "procedure", "recipients", "transfers",     "security",
    "minors",     "retention", "withdrawal", "other-channel", "authority",
    "validity",   NULL
};
static const char *const elements_es[] = {
    "controller", "dpo",       "data",      "purposes", "legal-basis",
    "recipients", "transfers", "retention", "rights",   "withdrawal",
    "complaint",  "required",  "automated", NULL
};
/* What the first layer must say, by the variables that say it. */
static const char *const first_co[] = { "controller",    "contact_email",
                                        "notice_url",    "withdrawal_word",
                                        "authority",     "hosting_country",
                                        "other_channel", NULL };
static const char *const first_es[] = { "controller",    "contact_email",
                                        "notice_url",    "withdrawal_word",
                                        "other_channel", NULL };

static int line_at(const char *text, const char *at)
{
    int line = 1;

    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

static const char *next_line(const char *s)
{
    s = strchr(s, '\n');
    return s == NULL ? NULL : s + 1;
}

/* The heading that carries the tag, or NULL. */
static const char *heading_of(const char *full, const char *tag)
{
    for (const char *s = full; s != NULL; s = next_line(s)) {
        const char *at = *s == '#' ? strstr(s, tag) : NULL;
        if (at != NULL && at < s + strcspn(s, "\n"))
            return s;
    }
    return NULL;
}

/* Does anything stand between this heading and the next that has a tag? */
static bool says_something(const char *heading)
{
    const char *s = heading;

    while ((s = next_line(s)) != NULL) {
        size_t len = strcspn(s, "\n");
        if (*s == '#' && memmem(s, len, "{#", 2) != NULL)
            return false;
        if (*s != '#' && strspn(s, " \t\r") < len)
            return true;
    }
    return false;
}

static int check_elements(const struct policy *policy, const char *path,
                          const char *text, const char *full, struct error *err)
{
    const char *const *e =
        strcmp(policy->jurisdiction, "CO") == 0 ? elements_co : elements_es;
    char tag[64];

    for (; *e != NULL; e++) {
        const char *heading;

        (void)snprintf(tag, sizeof(tag), "{#%s}", *e);
        heading = heading_of(full, tag);
        if (heading == NULL)
            return error_set(err, ERR_CONFIG,
                             "%s:%d: no heading below has the required "
                             "element %s",
                             path, line_at(text, full), tag);
        if (!says_something(heading))
            return error_set(err, ERR_CONFIG, "%s:%d: element %s has no text",
                             path, line_at(text, heading), tag);
    }
    return 0;
}

static int check_first(const struct policy *policy, const char *path,
                       const char *first, struct error *err)
{
    const char *const *v =
        strcmp(policy->jurisdiction, "CO") == 0 ? first_co : first_es;
    char name[64];

    for (; *v != NULL; v++) {
        (void)snprintf(name, sizeof(name), "{%s}", *v);
        if (strstr(first, name) == NULL)
            return error_set(err, ERR_CONFIG,
                             "%s:1: the first layer does not name %s", path,
                             name);
    }
    return 0;
}

/* What is above the border, filled: it is sent in the chat by itself. */
static int first_load(const struct policy *policy, const char *path,
                      const char *text, size_t len,
                      const struct variables *variables, char **filled,
                      struct error *err)
{
    char *first = strndup(text, len);
    int ok = -1;

    if (first == NULL) {
        error_set(err, ERR_NOMEM, "no memory for a notice");
        goto out;
    }
    if (check_first(policy, path, first, err) != 0 ||
        (*filled = fill_text(path, first, false, variables, NULL, err)) == NULL)
        goto out;
    if (utf8_count(*filled) > LIMIT_INTERACTIVE_BODY) {
        error_set(err, ERR_CONFIG,
                  "%s:1: the first layer has %zu characters, at most %u fit "
                  "into a message",
                  path, utf8_count(*filled), LIMIT_INTERACTIVE_BODY);
        goto out;
    }
    ok = 0;
out:
    free(first);
    return ok;
}

static int notice_read(const char *path, struct buf *text, const char **border,
                       struct error *err)
{
    if (file_read(path, LIMIT_NOTICE_BYTES, text, err) != 0) {
        err->code = ERR_CONFIG;
        return -1;
    }
    if (text->p == NULL || !utf8_valid((char *)text->p, text->len) ||
        strlen((char *)text->p) != text->len)
        return error_set(err, ERR_CONFIG, "%s:1: is not UTF-8 text", path);
    if ((*border = strstr((char *)text->p, "\n---\n")) == NULL)
        return error_set(err, ERR_CONFIG,
                         "%s:1: needs a first layer, a line \"---\", and the "
                         "rest",
                         path);
    return 0;
}

int notice_load(struct policy *policy, struct policy_language *language,
                const char *folder, const struct variables *variables,
                char **first_layer, struct error *err)
{
    struct buf path = { 0 }, text = { 0 };
    const char *border, *source;
    int ok = -1;

    *first_layer = NULL;
    if (buf_addf(&path, "%s/notices/%s/%s.md", folder, policy->notice_version,
                 language->tag) != 0 ||
        (language->notice_path = strdup((char *)path.p)) == NULL) {
        error_set(err, ERR_NOMEM, "no memory for a notice");
        goto out;
    }
    if (notice_read(language->notice_path, &text, &border, err) != 0)
        goto out;
    source = (const char *)text.p;
    if (first_load(policy, language->notice_path, source,
                   (size_t)(border - source), variables, first_layer,
                   err) != 0 ||
        check_elements(policy, language->notice_path, source, border + 1,
                       err) != 0)
        goto out;

    language->notice =
        fill_text(language->notice_path, source, true, variables, NULL, err);
    if (language->notice == NULL)
        goto out;
    language->notice_len = strlen(language->notice);
    sha256_of(language->notice_sha256, language->notice, language->notice_len);
    ok = 0;
out:
    buf_free(&path);
    buf_free(&text);
    return ok;
}
