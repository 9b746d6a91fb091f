/* The envelope of a webhook: signature first, then its items. */
#include "resguardo/registrar.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "webhook_item.h"

bool webhook_signed(const char *signature, const void *body, size_t len,
                    const struct secret *const *secrets, size_t n)
{
    static const char prefix[] = "sha256=";
    uint8_t given[crypto_auth_hmacsha256_BYTES];
    uint8_t want[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    bool ok = false;

    if (strncmp(signature, prefix, sizeof(prefix) - 1) != 0)
        return false;
    signature += sizeof(prefix) - 1;
    if (hex_decode(given, sizeof(given), signature, strlen(signature), false) !=
        0)
        return false;

    /* Every secret is tried, so that time tells nothing about which. */
    for (size_t i = 0; i < n; i++) {
        crypto_auth_hmacsha256_init(&state, secrets[i]->p, secrets[i]->len);
        crypto_auth_hmacsha256_update(&state, body, len);
        crypto_auth_hmacsha256_final(&state, want);
        if (sodium_memcmp(given, want, sizeof(want)) == 0)
            ok = true;
    }
    sodium_memzero(&state, sizeof(state));
    sodium_memzero(want, sizeof(want));
    return ok;
}

/* Calls back for each `value` of a change in field "messages". */
static int each_value(const json_t *root,
                      int (*fn)(struct webhook *, const json_t *),
                      struct webhook *webhook)
{
    const json_t *entry, *change;
    size_t i, j;

    json_array_foreach(json_object_get(root, "entry"), i, entry)
    {
        json_array_foreach(json_object_get(entry, "changes"), j, change)
        {
            const char *field = json_str(change, "field");
            if (field == NULL || strcmp(field, "messages") != 0) {
                webhook->strange++;
                continue;
            }
            if (fn(webhook, json_object_get(change, "value")) != 0)
                return -1;
        }
    }
    return 0;
}

static int value_count(struct webhook *webhook, const json_t *value)
{
    webhook->n += json_array_size(json_object_get(value, "messages"));
    webhook->n += json_array_size(json_object_get(value, "statuses"));
    return webhook->n > LIMIT_WEBHOOK_ITEMS ? -1 : 0;
}

static int value_read(struct webhook *webhook, const json_t *value)
{
    const json_t *contacts = json_object_get(value, "contacts");
    const char *number =
        json_str(json_object_get(value, "metadata"), "phone_number_id");
    const json_t *element;
    size_t i;

    json_array_foreach(json_object_get(value, "messages"), i, element)
    {
        if (webhook_item_message(&webhook->items[webhook->n++], element,
                                 contacts, number) != 0)
            return -1;
    }
    json_array_foreach(json_object_get(value, "statuses"), i, element)
        webhook_item_status(&webhook->items[webhook->n++], element, number);
    return 0;
}

struct webhook *webhook_parse(const void *body, size_t len, struct error *err)
{
    struct webhook *webhook = NULL;
    json_t *root = NULL;
    int ok = -1;

    if ((root = json_parse(body, len, err)) == NULL)
        goto out;
    if (!json_is_object(root) ||
        !json_is_string(json_object_get(root, "object"))) {
        error_set(err, ERR_INPUT, "webhook has no string \"object\"");
        goto out;
    }
    if ((webhook = calloc(1, sizeof(*webhook))) == NULL) {
        error_set(err, ERR_NOMEM, "no memory for a webhook");
        goto out;
    }
    sha256_of(webhook->body_sha256, body, len);

    /* Another product's envelope is acknowledged and has no effect. */
    if (strcmp(json_string_value(json_object_get(root, "object")),
               "whatsapp_business_account") != 0) {
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
    ok = 0;
out:
    json_decref(root);
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
