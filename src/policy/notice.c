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

static int check_elements(const struct policy *policy, const char *path,
                          const char *full, struct error *err)
{
    const char *const *e =
        strcmp(policy->jurisdiction, "CO") == 0 ? elements_co : elements_es;
    char tag[64];

    for (; *e != NULL; e++) {
        (void)snprintf(tag, sizeof(tag), "{#%s}", *e);
        if (strstr(full, tag) == NULL)
            return error_set(err, ERR_CONFIG,
                             "%s: required element %s is missing", path, tag);
    }
    return 0;
}

static int check_first(const struct policy *policy, const char *path,
                       const char *text, size_t len, struct error *err)
{
    const char *const *v =
        strcmp(policy->jurisdiction, "CO") == 0 ? first_co : first_es;
    char name[64];

    for (; *v != NULL; v++) {
        (void)snprintf(name, sizeof(name), "{%s}", *v);
        if (memmem(text, len, name, strlen(name)) == NULL)
            return error_set(err, ERR_CONFIG,
                             "%s: the first layer does not name %s", path,
                             name);
    }
    return 0;
}

int notice_load(struct policy *policy, struct policy_language *language,
                const char *folder, const struct variables *variables,
                char **first_layer, struct error *err)
{
    struct buf path = { 0 }, text = { 0 };
    const char *border;
    int ok = -1;

    *first_layer = NULL;
    if (buf_addf(&path, "%s/notices/%s/%s.md", folder, policy->notice_version,
                 language->tag) != 0 ||
        (language->notice_path = strdup((char *)path.p)) == NULL) {
        error_set(err, ERR_NOMEM, "no memory for a notice");
        goto out;
    }
    if (file_read(language->notice_path, LIMIT_NOTICE_BYTES, &text, err) != 0) {
        err->code = ERR_CONFIG;
        goto out;
    }
    if (text.p == NULL || !utf8_valid((char *)text.p, text.len) ||
        strlen((char *)text.p) != text.len ||
        (border = strstr((char *)text.p, "\n---\n")) == NULL) {
        error_set(err, ERR_CONFIG,
                  "%s: needs a first layer, a line \"---\", and the rest",
                  language->notice_path);
        goto out;
    }
    if (check_first(policy, language->notice_path, (char *)text.p,
                    (size_t)(border - (char *)text.p), err) != 0 ||
        check_elements(policy, language->notice_path, border, err) != 0)
        goto out;

    language->notice = fill_text(language->notice_path, 1, (char *)text.p,
                                 variables, NULL, err);
    if (language->notice == NULL)
        goto out;
    language->notice_len = strlen(language->notice);
    sha256_of(language->notice_sha256, language->notice, language->notice_len);
    border = strstr(language->notice, "\n---\n");
    *first_layer =
        strndup(language->notice, (size_t)(border - language->notice));
    ok = *first_layer == NULL ? error_set(err, ERR_NOMEM, "no memory") : 0;
out:
    buf_free(&path);
    buf_free(&text);
    return ok;
}
