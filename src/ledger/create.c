/* A new log: its origin, its key, an empty tree and head. */
#include "resguardo/ledger.h"

#include "head.h"
#include "key.h"
#include "turn.h"

#include <stdio.h>
#include <string.h>

int ledger_draw_origin(char out[static LEDGER_ORIGIN_SIZE], const char *host,
                       const struct random_source *random, struct error *e)
{
    char hex[HEX_SIZE(4)];
    uint8_t bytes[4];
    int n;

    random_fill(random, bytes, sizeof(bytes));
    hex_encode(hex, bytes, sizeof(bytes));
    n = snprintf(out, LEDGER_ORIGIN_SIZE, "%s/%s", host, hex);
    if (n < 0 || n >= LEDGER_ORIGIN_SIZE)
        return error_set(e, ERR_INPUT, "the host's name is too long");
    return 0;
}

static int write_rows(struct store *s, const struct ledger_key *key,
                      const struct ledger_tree *tree, struct error *e)
{
    struct buf bytes = { 0 };
    int ok = -1;

    if (ledger_tree_encode(tree, &bytes) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for the ledger's tree");
    else if (meta_set_bytes(s, "origin", key->origin, strlen(key->origin), e) ==
             0)
        ok = meta_set_bytes(s, "ledger_tree", bytes.p, bytes.len, e);
    buf_free(&bytes);
    return ok;
}

int ledger_create(struct store *s, const char *host,
                  const struct random_source *random, struct error *e)
{
    const char *keys_dir = store_keys_dir(s);
    const struct ledger_tree empty = { 0 };
    struct ledger_key key = { 0 };
    struct ledger_head head = { 0 };
    char origin[LEDGER_ORIGIN_SIZE];
    int ok = -1;

    if (ledger_draw_origin(origin, host, random, e) != 0 ||
        ledger_key_draw(&key, origin, random, e) != 0 ||
        ledger_key_create(&key, keys_dir, e) != 0 ||
        ledger_head_sign(&head, &empty, &key, NULL, e) != 0 ||
        ledger_head_write(&head, keys_dir, e) != 0 ||
        write_rows(s, &key, &empty, e) != 0)
        goto out;
    ok = 0;
out:
    ledger_head_free(&head);
    ledger_key_wipe(&key);
    return ok;
}
