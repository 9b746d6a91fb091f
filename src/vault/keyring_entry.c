/* One keyring entry between its RFC 8785 bytes and a struct. */
#include "vault_private.h"

#include <string.h>

#define ENTRY_VERSION 1

static const char *const type_names[KEYRING_TYPE__MAX] = {
    [KEYRING_ROOT] = "root",     [KEYRING_STAFF] = "staff",
    [KEYRING_REVOKE] = "revoke", [KEYRING_EPOCH] = "epoch",
    [KEYRING_KEY] = "key",
};

const struct role_name role_names[] = {
    { "agent", ROLE_AGENT },
    { "auditor", ROLE_AUDITOR },
    { "officer", ROLE_OFFICER },
    { "sender", ROLE_SENDER },
    { NULL, 0 },
};
#define ROLES (sizeof(role_names) / sizeof(role_names[0]) - 1)

bool roles_read(unsigned roles)
{
    return (roles & (ROLE_AGENT | ROLE_OFFICER)) != 0;
}

/* ---- struct to bytes ---------------------------------------------------- */

static json_t *recipient_json(const uint8_t recipient[static AGE_KEY_LEN])
{
    char text[AGE_RECIPIENT_SIZE];

    age_recipient_format(text, recipient);
    return json_string(text);
}

static json_t *hex_json(const uint8_t bytes[static 32])
{
    char text[HEX_SIZE(32)];

    hex_encode(text, bytes, 32);
    return json_string(text);
}

json_t *roles_json(unsigned roles)
{
    json_t *list = json_array();

    for (size_t i = 0; i < ROLES; i++)
        if ((roles & role_names[i].role) != 0 &&
            json_array_append_new(list, json_string(role_names[i].name)) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

/* A member without its roles; json_pack releases what it took on failure. */
static json_t *member_json(const struct keyring_staff *staff)
{
    return json_pack("{s:I, s:s, s:o, s:o}", "uid", (json_int_t)staff->uid,
                     "name", staff->name, "recipient",
                     recipient_json(staff->recipient), "sign_key",
                     hex_json(staff->sign_key));
}

static json_t *enrolment_json(const uint8_t enrolment[static ENROLMENT_LEN])
{
    char text[BASE64_SIZE(ENROLMENT_LEN)];

    base64_encode(text, enrolment, ENROLMENT_LEN, true);
    return json_string(text);
}

static json_t *staff_json(const struct keyring_staff *staff)
{
    json_t *o = member_json(staff);

    if (json_object_set_new(o, "roles", roles_json(staff->roles)) == 0 &&
        (!staff->enrols ||
         json_object_set_new(o, "enrolment",
                             enrolment_json(staff->enrolment)) == 0))
        return o;
    json_decref(o);
    return NULL;
}

static json_t *key_json(const struct keyring_entry *e, bool proof)
{
    char text[BASE64_SIZE(SIGN_LEN)];

    base64_encode(text, e->proof, SIGN_LEN, true);
    return json_pack("{s:I, s:o, s:s*}", "uid", (json_int_t)e->staff.uid,
                     "sign_key", hex_json(e->staff.sign_key), "proof",
                     proof ? text : NULL);
}

/* What an entry of its type has beside the common members. */
static json_t *details_json(const struct keyring_entry *e, bool proof)
{
    switch (e->type) {
    case KEYRING_ROOT:
        return json_pack("{s:o, s:o}", "officer", member_json(&e->staff),
                         "custody", recipient_json(e->recipient));
    case KEYRING_STAFF:
        return staff_json(&e->staff);
    case KEYRING_REVOKE:
        return json_pack("{s:I}", "uid", (json_int_t)e->staff.uid);
    case KEYRING_EPOCH:
        return json_pack("{s:I, s:o}", "epoch", (json_int_t)e->epoch,
                         "recipient", recipient_json(e->recipient));
    case KEYRING_KEY:
        return key_json(e, proof);
    case KEYRING_TYPE__MAX:
        break;
    }
    return NULL;
}

static int format(const struct keyring_entry *e, bool proof, struct buf *out)
{
    int ok = -1;
    char time[TIME_SIZE];
    json_t *o = NULL, *details = details_json(e, proof);

    time_format(time, e->time);
    o = json_pack("{s:i, s:I, s:o, s:s, s:o, s:s}", "v", ENTRY_VERSION, "seq",
                  (json_int_t)e->seq, "prev", hex_json(e->prev), "time", time,
                  "signer", hex_json(e->signer), "type", type_names[e->type]);
    if (o != NULL && details != NULL && json_object_update(o, details) == 0)
        ok = json_canonical(o, out);
    json_decref(details);
    json_decref(o);
    return ok;
}

int keyring_entry_format(const struct keyring_entry *e, struct buf *out)
{
    return format(e, true, out);
}

int keyring_entry_proven(struct buf *out, const struct keyring_entry *e)
{
    return buf_adds(out, "resguardo keyring-key v1\n") == 0
               ? format(e, false, out)
               : -1;
}

int keyring_entry_signed(struct buf *out, const void *entry, size_t len)
{
    if (buf_adds(out, "resguardo keyring v1\n") != 0)
        return -1;
    return buf_add(out, entry, len);
}

/* ---- bytes to struct ---------------------------------------------------- */

/* Each reader returns -1 for what is missing or of another type. */

static int read_int(const json_t *o, const char *key, json_int_t max,
                    json_int_t *out)
{
    const json_t *value = json_object_get(o, key);

    if (!json_is_integer(value))
        return -1;
    *out = json_integer_value(value);
    return *out >= 0 && *out <= max ? 0 : -1;
}

static int read_hex(const json_t *o, const char *key, uint8_t out[static 32])
{
    const char *text = json_str(o, key);

    return text == NULL ? -1 : hex_decode(out, 32, text, strlen(text), false);
}

static int read_recipient(const json_t *o, const char *key,
                          uint8_t out[static AGE_KEY_LEN])
{
    struct error unused;
    const char *text = json_str(o, key);

    return text == NULL ? -1 : age_recipient_parse(out, text, &unused);
}

static int read_uid(const json_t *o, uint32_t *out)
{
    json_int_t uid = 0;

    if (read_int(o, "uid", UINT32_MAX, &uid) != 0)
        return -1;
    *out = (uint32_t)uid;
    return 0;
}

static int read_roles(const json_t *o, unsigned *out)
{
    const json_t *list = json_object_get(o, "roles");

    *out = 0;
    if (!json_is_array(list))
        return -1;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        size_t role = 0;
        while (role < ROLES &&
               (name == NULL || strcmp(name, role_names[role].name) != 0))
            role++;
        if (role == ROLES)
            return -1;
        *out |= role_names[role].role;
    }
    return 0;
}

static int read_member(const json_t *o, struct keyring_staff *staff)
{
    const char *name = json_str(o, "name");

    if (name == NULL || strlen(name) >= sizeof(staff->name) ||
        read_uid(o, &staff->uid) != 0 ||
        read_recipient(o, "recipient", staff->recipient) != 0 ||
        read_hex(o, "sign_key", staff->sign_key) != 0)
        return -1;
    memcpy(staff->name, name, strlen(name) + 1);
    return 0;
}

static int read_enrolment(const json_t *o, struct keyring_staff *staff)
{
    const char *text = json_str(o, "enrolment");

    staff->enrols = json_object_get(o, "enrolment") != NULL;
    if (!staff->enrols)
        return 0;
    return text != NULL && base64_decode(staff->enrolment, ENROLMENT_LEN, text,
                                         strlen(text), true) == ENROLMENT_LEN
               ? 0
               : -1;
}

static int read_proof(const json_t *o, uint8_t out[static SIGN_LEN])
{
    const char *text = json_str(o, "proof");

    return text != NULL && base64_decode(out, SIGN_LEN, text, strlen(text),
                                         true) == SIGN_LEN
               ? 0
               : -1;
}

static int read_details(const json_t *o, struct keyring_entry *e)
{
    json_int_t epoch = 0;

    switch (e->type) {
    case KEYRING_ROOT:
        if (read_recipient(o, "custody", e->recipient) != 0)
            return -1;
        return read_member(json_object_get(o, "officer"), &e->staff);
    case KEYRING_STAFF:
        if (read_roles(o, &e->staff.roles) != 0 ||
            read_enrolment(o, &e->staff) != 0)
            return -1;
        return read_member(o, &e->staff);
    case KEYRING_REVOKE:
        return read_uid(o, &e->staff.uid);
    case KEYRING_EPOCH:
        if (read_int(o, "epoch", INT32_MAX, &epoch) != 0)
            return -1;
        e->epoch = (unsigned)epoch;
        return read_recipient(o, "recipient", e->recipient);
    case KEYRING_KEY:
        if (read_uid(o, &e->staff.uid) != 0 || read_proof(o, e->proof) != 0)
            return -1;
        return read_hex(o, "sign_key", e->staff.sign_key);
    case KEYRING_TYPE__MAX:
        break;
    }
    return -1;
}

static int read_common(const json_t *o, struct keyring_entry *e)
{
    json_int_t version = 0, seq = 0;
    const char *time = json_str(o, "time"), *type = json_str(o, "type");

    if (read_int(o, "v", ENTRY_VERSION, &version) != 0 ||
        version != ENTRY_VERSION || read_int(o, "seq", INT32_MAX, &seq) != 0 ||
        read_hex(o, "prev", e->prev) != 0 ||
        read_hex(o, "signer", e->signer) != 0 || time == NULL ||
        time_parse(time, &e->time) != 0 || type == NULL)
        return -1;
    e->seq = (uint64_t)seq;
    while (e->type < KEYRING_TYPE__MAX &&
           strcmp(type, type_names[e->type]) != 0)
        e->type++;
    return e->type < KEYRING_TYPE__MAX ? 0 : -1;
}

/* Members that are unknown, in another order or spelled otherwise show here. */
static int same_bytes(const struct keyring_entry *e, const void *data,
                      size_t len, struct error *err)
{
    int ok = -1;
    struct buf again = { 0 };

    if (keyring_entry_format(e, &again) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a keyring entry");
    else if (again.len != len || memcmp(again.p, data, len) != 0)
        (void)error_set(err, ERR_INPUT, "not in canonical form");
    else
        ok = 0;
    buf_free(&again);
    return ok;
}

int keyring_entry_parse(struct keyring_entry *e, const void *data, size_t len,
                        struct error *err)
{
    int ok = -1;
    json_t *o = NULL;

    /* An entry is also a leaf of the ledger, so the same limit holds. */
    memset(e, 0, sizeof(*e));
    if (len > LIMIT_LEDGER_ENTRY)
        return error_set(err, ERR_INPUT, "too long");
    o = json_parse(data, len, err);
    if (o == NULL)
        goto out;
    if (read_common(o, e) != 0 || read_details(o, e) != 0) {
        (void)error_set(err, ERR_INPUT, "a member is missing or not sound");
        goto out;
    }
    ok = same_bytes(e, data, len, err);
out:
    json_decref(o);
    return ok;
}
