/* What is read of all texts.LANG.yaml before any of them is filled: what a
 * language says in words of its own where policy.yaml has the first one's
 * (`values`), and the line by which it is found by who reads another
 * (language.offer). */
#include "policy_private.h"

#include <stdlib.h>
#include <string.h>

/* Names of the institution and its letters and addresses are the same in all.
 */
static const char *const value_keys[] = {
    "authority",       "dpo", "hosting_country", "other_channel", "retention",
    "withdrawal_word", NULL
};

static int values_load(const struct reading *r, struct yaml_node *root,
                       struct variables *values)
{
    struct yaml_node *map = yaml_get(r->file, root, "values");

    if (map == NULL)
        return 0;
    if (!yaml_is_map(map))
        return reading_wrong(r, map, "values", "has no keys");
    if (yaml_check_keys(r->file, map, value_keys, r->err) != 0)
        return -1;
    for (size_t i = 0; value_keys[i] != NULL; i++)
        if (yaml_get(r->file, map, value_keys[i]) != NULL &&
            reading_variable(r, map, value_keys[i], value_keys[i], values) != 0)
            return -1;
    return 0;
}

static int offer_load(const struct reading *r, struct yaml_node *root,
                      struct policy_language *language)
{
    struct yaml_node *map = yaml_get(r->file, root, "language");
    struct yaml_node *node = yaml_get(r->file, map, "offer");
    const char *offer = yaml_text(node);

    /* What nobody can ask for is not offered. */
    if (node == NULL || yaml_get(r->file, map, "words") == NULL)
        return 0;
    if (offer == NULL || offer[strspn(offer, " ")] == '\0' ||
        strpbrk(offer, "\r\n\t{}") != NULL || utf8_count(offer) > LIMIT_OFFER)
        return reading_wrong(r, node, "offer",
                             "is not one line of at most 60 characters");
    language->offer = strdup(offer);
    return language->offer != NULL
               ? 0
               : error_set(r->err, ERR_NOMEM, "no memory for texts");
}

int language_head_load(struct policy *policy, struct policy_language *language,
                       const char *folder, struct variables *values,
                       struct error *err)
{
    struct reading r = { policy, NULL, err };
    struct buf path = { 0 };
    int ok = -1;

    if (buf_addf(&path, "%s/texts.%s.yaml", folder, language->tag) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for texts");
    else if ((r.file = yaml_load((char *)path.p, err)) != NULL &&
             values_load(&r, yaml_root(r.file), values) == 0 &&
             offer_load(&r, yaml_root(r.file), language) == 0)
        ok = 0;
    yaml_close(&r.file);
    buf_free(&path);
    return ok;
}
