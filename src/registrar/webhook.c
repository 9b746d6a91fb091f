/* The envelope of a webhook: signature first, then its items. */

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "webhook_item.h"

bool webhook_signed(const char *signature, const void *body, size_t len,
                    const struct secret *const *secrets, size_t n)
{
    static const char prefix[] = "sha256=";
    uint8_t given[SHA256_LEN], want[SHA256_LEN];
    bool ok = false;

    if (strncmp(signature, prefix, sizeof(prefix) - 1) != 0)
        return false;
    signature += sizeof(prefix) - 1;
    if (hex_decode(given, sizeof(given), signature, strlen(signature), false) !=
        0)
        return false;

    /* Every secret is tried, so that time tells nothing about which. */
    for (size_t i = 0; i < n; i++) {
        sha256_hmac(want, secrets[i]->p, secrets[i]->len, body, len);
        if (sodium_memcmp(given, want, sizeof(want)) == 0)
            ok = true;
    }
    sodium_memzero(want, sizeof(want));
    return ok;
}

/* Calls back for each `value` of a change in field "messages". */
static int each_value(const struct json_node *root,
                      int (*fn)(struct webhook *, const struct json_node *),
                      struct webhook *webhook)
{
    const struct json_node *entries = json_node_get(root, "entry");
    const struct json_node *entry = NULL, *change = NULL;

    while ((entry = json_node_next(entries, entry)) != NULL) {
        const struct json_node *changes = json_node_get(entry, "changes");

        while ((change = json_node_next(changes, change)) != NULL) {
            const char *field = json_node_str(change, "field");
            if (field == NULL || strcmp(field, "messages") != 0) {
                webhook->strange++;
                continue;
            }
            if (fn(webhook, json_node_get(change, "value")) != 0)
                return -1;
        }
    }
    return 0;
}

static size_t count(const struct json_node *list)
{
    const struct json_node *item = NULL;
    size_t n = 0;

    while ((item = json_node_next(list, item)) != NULL)
        n++;
    return n;
}

static int value_count(struct webhook *webhook, const struct json_node *value)
{
    webhook->n += count(json_node_get(value, "messages"));
    webhook->n += count(json_node_get(value, "statuses"));
    return webhook->n > LIMIT_WEBHOOK_ITEMS ? -1 : 0;
}

static int value_read(struct webhook *webhook, const struct json_node *value)
{
    const struct json_node *contacts = json_node_get(value, "contacts");
    const struct json_node *messages = json_node_get(value, "messages");
    const struct json_node *statuses = json_node_get(value, "statuses");
    const struct json_node *element = NULL;
    const char *number =
        json_node_str(json_node_get(value, "metadata"), "phone_number_id");

    while ((element = json_node_next(messages, element)) != NULL)
        if (webhook_item_message(&webhook->items[webhook->n++], element,
                                 contacts, number) != 0)
            return -1;
    while ((element = json_node_next(statuses, element)) != NULL)
        webhook_item_status(&webhook->items[webhook->n++], element, number);
    return 0;
}

struct webhook *webhook_parse(const void *body, size_t len, struct error *err)
{
    struct webhook *webhook = NULL;
    struct json_doc *doc = json_scan(body, len, err);
    const struct json_node *root, *object;
    int ok = -1;

    if (doc == NULL)
        goto out;
    root = json_root(doc);
    object = json_node_get(root, "object");
    if (object == NULL || object->kind != JSON_KIND_STRING) {
        error_set(err, ERR_INPUT, "webhook has no string \"object\"");
        goto out;
    }
    if ((webhook = calloc(1, sizeof(*webhook))) == NULL) {
        error_set(err, ERR_NOMEM, "no memory for a webhook");
        goto out;
    }

    /* Another product's envelope is acknowledged and has no effect. */
    if (strcmp(object->p, "whatsapp_business_account") != 0) {
        webhook->strange = 1;
        ok = 0;
        goto out;
    }

    /* Count before allocating. */
    if (each_value(root, value_count, webhook) != 0) {
        error_set(err, ERR_INPUT, "webhook has over %u updates",
                  LIMIT_WEBHOOK_ITEMS);
        goto out;
    }
    if (webhook->n > 0) {
        webhook->items = calloc(webhook->n, sizeof(*webhook->items));
        webhook->n = 0;
        webhook->strange = 0;
        if (webhook->items == NULL ||
            each_value(root, value_read, webhook) != 0) {
            error_set(err, ERR_NOMEM, "no memory for a webhook");
            goto out;
        }
    }

    /* Evidence and dead letters name the body; a status has neither. */
    for (size_t i = 0; i < webhook->n; i++)
        if (webhook->items[i].raw.len > 0) {
            sha256_of(webhook->body_sha256, body, len);
            break;
        }
    ok = 0;
out:
    json_doc_free(&doc);
    if (ok != 0)
        webhook_free(&webhook);
    return webhook;
}

void webhook_free(struct webhook **webhook)
{
    struct webhook *w = *webhook;

    if (w == NULL)
        return;
    for (size_t i = 0; w->items != NULL && i < w->n; i++)
        webhook_item_wipe(&w->items[i]);
    free(w->items);
    free(w);
    *webhook = NULL;
}
