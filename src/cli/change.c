/* A change of the keyring, as it is put together to be posted. */
#include "cli.h"

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a request");
}

json_t *session_change(const struct session *s)
{
    return json_pack("{s:I, s:[], s:[]}", "size",
                     (json_int_t)keyring_size(s->ring), "entries", "grants");
}

int change_entry(json_t *change, const struct buf *entry,
                 const uint8_t signature[static SIGN_LEN], struct error *e)
{
    json_t *list = json_object_get(change, "entries");

    return json_array_append_new(
               list, json_pack("{s:o, s:o}", "entry",
                               json_base64(entry->p, entry->len), "signature",
                               json_base64(signature, SIGN_LEN))) == 0
               ? 0
               : no_memory(e);
}

int change_grant(json_t *change, const struct keyring_staff *to, unsigned epoch,
                 const struct secret *secret, struct error *e)
{
    json_t *list = json_object_get(change, "grants");
    struct buf file = { 0 };
    int ok = grant_seal(&file, secret, to->recipient, clock_now(&clock_system),
                        &random_system, e);

    if (ok == 0 &&
        json_array_append_new(
            list, json_pack("{s:I, s:I, s:o}", "epoch", (json_int_t)epoch,
                            "uid", (json_int_t)to->uid, "file",
                            json_base64(file.p, file.len))) != 0)
        ok = no_memory(e);
    buf_free(&file);
    return ok;
}

/* Is there anything under this epoch, by the desk's list? */
static bool holds_anything(const json_t *vault, unsigned epoch)
{
    static const char *const members[] = { "documents", "under_way", "unproven",
                                           "messages" };
    const json_t *o = json_array_get(vault, epoch - 1);

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (json_integer_value(json_object_get(o, members[i])) > 0)
            return true;
    return false;
}

int change_grants(struct session *s, json_t *change,
                  const struct keyring_staff *to, const struct epochs *epochs,
                  struct error *e)
{
    json_t *vault = client_get_json(s->client, "/vault", e);
    int ok = vault != NULL ? 0 : -1;

    for (unsigned n = 1; ok == 0 && n <= keyring_epoch(s->ring); n++) {
        const struct secret *epoch;

        if (n < keyring_epoch(s->ring) && !holds_anything(vault, n))
            continue;
        epoch = epochs_get(epochs, n, e);
        ok = epoch != NULL ? change_grant(change, to, n, epoch, e) : -1;
    }
    json_decref(vault);
    return ok;
}

int change_epoch(struct session *s, json_t *change, struct error *e)
{
    struct secret *epoch = age_identity_new(&random_system);
    const struct keyring_staff *staff;
    struct buf entry = { 0 };
    uint8_t recipient[AGE_KEY_LEN], signature[SIGN_LEN];
    int ok = -1;

    if (epoch == NULL || age_identity_recipient(recipient, epoch) != 0) {
        (void)no_memory(e);
        goto out;
    }
    if (keyring_sign_epoch(s->ring, s->me, recipient, clock_now(&clock_system),
                           &entry, signature, e) != 0 ||
        change_entry(change, &entry, signature, e) != 0)
        goto out;
    for (size_t i = 0; (staff = keyring_staff_at(s->ring, i)) != NULL; i++)
        if (roles_read(staff->roles) &&
            change_grant(change, staff, keyring_epoch(s->ring), epoch, e) != 0)
            goto out;
    ok = 0;
out:
    secret_free(&epoch);
    buf_free(&entry);
    return ok;
}
