/* What a consent record says beside the words of a notice (ISO/IEC TS 27560):
 * where things are kept, who gets them, what they are. */
#include "policy_private.h"

#include <string.h>

#define WORDS_MAX  8u
#define WORD_BYTES 200u

static int check_word(struct yaml_file *file, struct yaml_node *item,
                      const char *key, struct error *err)
{
    const char *text = yaml_text(item);

    if (text == NULL || text[strspn(text, " ")] == '\0' ||
        strlen(text) > WORD_BYTES)
        return yaml_error(file, item, key, err,
                          "is empty, or longer than 200 bytes");
    for (const char *s = text; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f || *s == '{' || *s == '}')
            return yaml_error(file, item, key, err,
                              "must be one line without braces");
    return 0;
}

/* The list under `key`, or one with `missing` alone. */
static json_t *take_list(struct yaml_file *file, struct yaml_node *map,
                         const char *key, json_t *missing, struct error *err)
{
    struct yaml_node *list = map != NULL ? yaml_get(file, map, key) : NULL;
    json_t *out;

    if (list == NULL) {
        if (missing == NULL)
            (void)error_set(err, ERR_NOMEM, "no memory for a policy");
        return missing;
    }
    json_decref(missing);
    if (!yaml_is_list(list) || yaml_count(list) == 0 ||
        yaml_count(list) > WORDS_MAX) {
        (void)yaml_error(file, list, key, err, "needs a list of one to eight");
        return NULL;
    }
    out = json_array();
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *item = yaml_item(file, list, i);

        if (check_word(file, item, key, err) != 0) {
            json_decref(out);
            return NULL;
        }
        if (json_array_append_new(out, json_string(yaml_text(item))) != 0) {
            json_decref(out);
            (void)error_set(err, ERR_NOMEM, "no memory for a policy");
            return NULL;
        }
    }
    return out;
}

/* A line under `key`, or `missing`. */
static int take_line(struct policy *p, struct yaml_file *file,
                     struct yaml_node *root, const char *key, json_t *missing,
                     struct error *err)
{
    struct yaml_node *node = yaml_get(file, root, key);
    int ok = -1;

    if (node == NULL) {
        ok = json_object_set_new(p->record, key, missing);
        missing = NULL;
    } else if (check_word(file, node, key, err) == 0) {
        ok = json_object_set_new(p->record, key, json_string(yaml_text(node)));
    } else {
        json_decref(missing);
        return -1;
    }
    json_decref(missing);
    return ok == 0 ? 0 : error_set(err, ERR_NOMEM, "no memory for a policy");
}

/* Each purpose's kinds of data; without them, the kinds of files. */
static int take_data(struct policy *p, struct yaml_file *file,
                     struct yaml_node *root, struct error *err)
{
    struct yaml_node *map = yaml_get(file, root, "personal_data");
    const char *purposes[LIMIT_PURPOSES + 1] = { NULL };
    json_t *all = json_object();

    for (size_t i = 0; i < p->npurposes; i++)
        purposes[i] = p->purposes[i].id;
    if (json_object_set_new(p->record, "personal_data", all) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a policy");
    if (map != NULL && !yaml_is_map(map))
        return yaml_error(file, map, "personal_data", err,
                          "needs a list for each purpose");
    if (map != NULL && yaml_check_keys(file, map, purposes, err) != 0)
        return -1;
    for (size_t i = 0; i < p->npurposes; i++) {
        json_t *kinds = json_array(), *data;

        for (int k = 0; k < KIND__MAX; k++)
            if ((p->purposes[i].gates & (1u << k)) != 0)
                (void)json_array_append_new(kinds,
                                            json_string(media_kind_names[k]));
        if (json_array_size(kinds) == 0)
            (void)json_array_append_new(kinds, json_string("message"));
        data = take_list(file, map, p->purposes[i].id, kinds, err);
        if (data == NULL)
            return -1;
        if (json_object_set_new(all, p->purposes[i].id, data) != 0)
            return error_set(err, ERR_NOMEM, "no memory for a policy");
    }
    return 0;
}

int record_load(struct policy *p, struct yaml_file *file,
                struct yaml_node *root, struct error *err)
{
    const char *place = yaml_text(yaml_get(file, root, "hosting_country"));
    const char *word = yaml_text(yaml_get(file, root, "withdrawal_word"));
    json_t *places, *recipients;

    p->record = json_object();
    places = take_list(file, root, "storage_locations",
                       json_pack("[s]", place != NULL ? place : ""), err);
    if (places == NULL)
        return -1;
    if (json_object_set_new(p->record, "storage_locations", places) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a policy");
    recipients = take_list(file, root, "recipients",
                           json_pack("[s]", "WhatsApp (Meta)"), err);
    if (recipients == NULL)
        return -1;
    if (json_object_set_new(p->record, "recipients", recipients) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a policy");
    if (take_line(p, file, root, "party_type", json_string("organisation"),
                  err) != 0 ||
        take_line(p, file, root, "withdrawal_method",
                  json_sprintf("WhatsApp: %s", word != NULL ? word : ""),
                  err) != 0)
        return -1;
    return take_data(p, file, root, err);
}
