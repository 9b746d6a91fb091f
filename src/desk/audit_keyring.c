/* The keyring: rows against signatures, the daemon's own, and the ledger. */
#include "audit_private.h"

#include <string.h>

static int see_entry(void *arg, const uint8_t *entry, size_t len,
                     const uint8_t *signature, size_t signature_len)
{
    struct audit *a = arg;
    uint8_t head[KEYRING_HASH_LEN];
    char hex[HEX_SIZE(KEYRING_HASH_LEN)];

    if (signature_len != SIGN_LEN) {
        (void)error_set(&a->unsound, ERR_VERIFY, "a signature of %zu bytes",
                        signature_len);
        return 1;
    }
    if (keyring_add(a->keyring, entry, len, signature, &a->unsound) != 0)
        return 1;
    keyring_head(a->keyring, head);
    hex_encode(hex, head, sizeof(head));
    return json_array_append_new(a->heads, json_string(hex)) == 0
               ? 0
               : error_set(a->err, ERR_NOMEM, "no memory for a check");
}

int audit_look_keyring(struct audit *a)
{
    if (keyring_row_list(a->store, see_entry, a, a->err) < 0)
        return -1;
    return a->unsound.code == ERR_NOMEM
               ? error_set(a->err, ERR_NOMEM, "no memory for a check")
               : 0;
}

int audit_learn_keyring(struct audit *a, const json_t *leaf)
{
    static const char *const events[] = { "staff_added", "staff_revoked",
                                          "epoch_rotated", "staff_key_set" };
    const json_t *evidence = json_object_get(leaf, "evidence");
    const json_t *seq = json_object_get(evidence, "keyring_seq");
    const char *head = json_str(evidence, "keyring_head");
    const char *event = json_str(leaf, "event_type");
    char key[24];

    if (!json_is_integer(seq) || head == NULL)
        return 0;
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        if (strcmp(event, events[i]) != 0)
            continue;
        (void)snprintf(key, sizeof(key), "%lld",
                       (long long)json_integer_value(seq));
        return audit_put(a, a->changes, key, json_string(head));
    }
    return 0;
}

/* ---- judging ------------------------------------------------------------ */

static int judge_row(struct audit *a, size_t place)
{
    const char *head = json_string_value(json_array_get(a->heads, place));
    const char *said;
    char key[24];

    (void)snprintf(key, sizeof(key), "%zu", place);
    said = json_str(a->changes, key);
    if (said == NULL && place < KEYRING_INIT_ENTRIES)
        return 0;
    if (said == NULL)
        return audit_fault(a, "keyring: entry %zu is not in the ledger", place);
    return strcmp(said, head) == 0
               ? 0
               : audit_fault(a,
                             "keyring: entry %zu is not the one in the ledger",
                             place);
}

static int judge_leaf(struct audit *a, const char *key)
{
    int64_t place = 0;

    (void)decimal_parse(key, strlen(key), INT64_MAX, &place);
    return (size_t)place < json_array_size(a->heads)
               ? 0
               : audit_fault(a,
                             "keyring: entry %s is in the ledger and not in "
                             "the database",
                             key);
}

int audit_judge_keyring(struct audit *a, const struct keyring *live)
{
    uint8_t root[KEYRING_HASH_LEN], expected[KEYRING_HASH_LEN];
    const char *key;
    json_t *value;

    keyring_root(a->keyring, root);
    keyring_root(live, expected);
    if (a->unsound.code != ERR_NONE)
        return audit_fault(a, "keyring: %s", a->unsound.text);
    if ((keyring_size(a->keyring) < keyring_size(live) ||
         memcmp(root, expected, sizeof(root)) != 0) &&
        audit_fault(a, "keyring: the rows are not what the daemon loaded") != 0)
        return -1;
    for (size_t i = 0; i < json_array_size(a->heads); i++)
        if (judge_row(a, i) != 0)
            return -1;
    json_object_foreach(a->changes, key, value)
    {
        if (judge_leaf(a, key) != 0)
            return -1;
    }
    return 0;
}
