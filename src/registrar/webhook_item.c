/*
 * Elements of a webhook. The input is Meta's, but its content is a stranger's:
 * every member may be missing, of another type or too long, and none of that
 * is an error.
 */
#include "webhook_item.h"

#include "leaf_private.h"
#include "registrar_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define CODE_MEDIA_TOO_LARGE 131052
#define SECONDS_MAX          (INT64_MAX / 2000)

static bool digits(const char *s, size_t max)
{
    size_t len = strspn(s, "0123456789");
    return len > 0 && len <= max && s[len] == '\0';
}

/* Printable ASCII without spaces, as ids are. */
static bool token(const char *s, size_t max)
{
    size_t len = 0;

    for (; s[len] != '\0'; len++)
        if (s[len] <= ' ' || s[len] > '~')
            return false;
    return len > 0 && len <= max;
}

static void copy(char *out, size_t cap, const char *s)
{
    size_t len = strlen(s);

    if (len >= cap)
        len = cap - 1;
    memcpy(out, s, len);
    out[len] = '\0';
}

/* Copy of a text, cut at a character border to max bytes; NULL when absent. A
 * NUL inside becomes U+FFFD: the text goes on, and is no word of ours. */
static int text_copy(char **out, const struct json_node *object,
                     const char *key, size_t max)
{
    const struct json_node *value = json_node_get(object, key);
    struct buf copy = { 0 };
    const char *s;
    size_t len;

    *out = NULL;
    if (value == NULL || value->kind != JSON_KIND_STRING || value->len == 0)
        return 0;
    s = value->p;
    len = value->len;
    if (len > max) {
        len = max;
        while (len > 0 && ((uint8_t)s[len] & 0xc0) == 0x80)
            len--;
    }
    for (size_t at = 0; at < len;) {
        size_t n = strnlen(s + at, len - at);

        if (buf_add(&copy, s + at, n) != 0 ||
            (at + n < len && buf_adds(&copy, "\xef\xbf\xbd") != 0)) {
            buf_free(&copy);
            return -1;
        }
        at += n + 1;
    }
    *out = (char *)copy.p; /* a buffer ends in a NUL of its own */
    return 0;
}

static void text_wipe(char **s)
{
    if (*s != NULL)
        sodium_memzero(*s, strlen(*s));
    free(*s);
    *s = NULL;
}

/* A time in seconds, as digits or a number; 0 for none and for one that
 * milliseconds cannot be counted with. */
static int64_t seconds(const struct json_node *object, const char *key)
{
    const struct json_node *value = json_node_get(object, key);
    const char *s = json_node_str(object, key);
    int64_t n = 0;

    if (!json_node_integer(value, &n) &&
        (s == NULL || decimal_parse(s, strlen(s), SECONDS_MAX, &n) != 0))
        return 0;
    return n > 0 && n <= SECONDS_MAX ? n : 0;
}

/* A media type as the sender claims it: cut at ';', trimmed, lower case. */
static void type_normalise(char out[static 129], const char *s)
{
    size_t n = 0;

    for (; *s != '\0' && *s != ';' && n < 128; s++)
        if (*s > ' ' && *s <= '~')
            out[n++] = (char)tolower((unsigned char)*s);
    out[n] = '\0';
}

static bool has_error(const struct json_node *message, int64_t code)
{
    const struct json_node *errors = json_node_get(message, "errors");
    const struct json_node *error = NULL;
    int64_t said;

    while ((error = json_node_next(errors, error)) != NULL)
        if (json_node_integer(json_node_get(error, "code"), &said) &&
            said == code)
            return true;
    return false;
}

/* The first one that is said; 0 none. */
static int64_t error_code(const struct json_node *of)
{
    const struct json_node *error =
        json_node_next(json_node_get(of, "errors"), NULL);
    int64_t code;

    return json_node_integer(json_node_get(error, "code"), &code) ? code : 0;
}

/* ---- parts -------------------------------------------------------------- */

static void read_sender(struct webhook_item *item,
                        const struct json_node *message)
{
    const char *phone = json_node_str(message, "from");
    const char *bsuid = json_node_str(message, "from_user_id");
    const char *parent = json_node_str(message, "from_parent_user_id");

    if (phone != NULL && digits(phone, sizeof(item->phone) - 1))
        copy(item->phone, sizeof(item->phone), phone);
    if (bsuid != NULL && token(bsuid, LIMIT_HANDLE))
        copy(item->bsuid, sizeof(item->bsuid), bsuid);
    if (parent != NULL && token(parent, LIMIT_HANDLE))
        copy(item->parent, sizeof(item->parent), parent);
}

/* contacts[i] need not belong to messages[i]: joined by id. */
static int read_name(struct webhook_item *item,
                     const struct json_node *contacts)
{
    const struct json_node *contact = NULL;

    while ((contact = json_node_next(contacts, contact)) != NULL) {
        const char *wa_id = json_node_str(contact, "wa_id");
        const char *user_id = json_node_str(contact, "user_id");

        if ((wa_id != NULL && item->phone[0] != '\0' &&
             strcmp(wa_id, item->phone) == 0) ||
            (user_id != NULL && item->bsuid[0] != '\0' &&
             strcmp(user_id, item->bsuid) == 0))
            return text_copy(&item->name, json_node_get(contact, "profile"),
                             "name", LIMIT_NAME);
    }
    return 0;
}

/* What does not decode counts as absent, and is noted. */
static void claim_hash(json_t *claims, struct webhook_item *item,
                       const struct json_node *media)
{
    const struct json_node *value = json_node_get(media, "sha256");
    bool said = value != NULL && value->kind == JSON_KIND_STRING;
    uint8_t hash[SHA256_LEN];

    item->odd_sha256 = said && !sha256_read(hash, value->p);
    if (said && !item->odd_sha256)
        leaf_hash(claims, "sha256", hash, sizeof(hash));
}

static int claim_text(json_t *claims, const char *claim,
                      const struct json_node *media, const char *key,
                      size_t max)
{
    char *text;
    int ok = text_copy(&text, media, key, max);

    if (ok == 0)
        leaf_text(claims, claim, text);
    text_wipe(&text);
    return ok;
}

static int read_claims(struct webhook_item *item, const struct json_node *media)
{
    json_t *claims = json_object();
    int ok = -1;

    (void)leaf_whole();
    leaf_text(claims, "media_id", item->media_id);
    leaf_text(claims, "wamid", item->wamid);
    claim_hash(claims, item, media);
    if (claim_text(claims, "file_name", media, "filename", LIMIT_NAME) == 0 &&
        claim_text(claims, "caption", media, "caption", LIMIT_CAPTION) == 0 &&
        leaf_whole())
        ok = json_canonical(claims, &item->claims);
    json_decref(claims);
    return ok;
}

static int read_file(struct webhook_item *item, const struct json_node *message,
                     enum media_kind kind)
{
    const struct json_node *media =
        json_node_get(message, media_kind_names[kind]);
    const char *id = json_node_str(media, "id");
    const char *type = json_node_str(media, "mime_type");

    item->media = kind;
    item->too_large = has_error(message, CODE_MEDIA_TOO_LARGE);
    if (id == NULL && !item->too_large) {
        item->note = "no_media_id";
        return 0;
    }
    item->kind = WEBHOOK_FILE;
    if (id != NULL && digits(id, LIMIT_MEDIA_ID))
        copy(item->media_id, sizeof(item->media_id), id);
    if (type != NULL)
        type_normalise(item->announced_type, type);
    return read_claims(item, media);
}

static int read_reply(struct webhook_item *item, const struct json_node *object,
                      const char *key, enum webhook_kind kind, size_t max)
{
    if (text_copy(&item->text, object, key, max) != 0)
        return -1;
    if (item->text == NULL)
        item->note = "empty";
    else
        item->kind = kind;
    return 0;
}

/* What somebody meant to give us, and cannot get here: a picture to be seen
 * once, a place, a contact. Not what needs no answer: reactions, stickers, what
 * was pinned, voted or edited. */
static bool is_lost(const struct json_node *message, const char *type)
{
    static const char *const kinds[] = {
        "image", "video", "document", "audio", "gif", "media_placeholder"
    };
    const char *what =
        json_node_str(json_node_get(message, "unsupported"), "type");

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(type, "unsupported") == 0 && what != NULL &&
            strcmp(kinds[i], what) == 0)
            return true;
    return false;
}

static int read_by_type(struct webhook_item *item,
                        const struct json_node *message, const char *type)
{
    const struct json_node *inner = json_node_get(message, type);
    enum media_kind kind = media_kind_of(type);

    if (kind != KIND__MAX)
        return read_file(item, message, kind);
    if (strcmp(type, "text") == 0)
        return read_reply(item, inner, "body", WEBHOOK_TEXT, LIMIT_TEXT_BODY);
    if (strcmp(type, "button") == 0)
        return read_reply(item, inner, "payload", WEBHOOK_BUTTON,
                          LIMIT_BUTTON_ID);
    if (strcmp(type, "interactive") == 0 &&
        json_node_get(inner, "list_reply") != NULL)
        return read_reply(item, json_node_get(inner, "list_reply"), "id",
                          WEBHOOK_BUTTON, LIMIT_BUTTON_ID);
    if (strcmp(type, "interactive") == 0)
        return read_reply(item, json_node_get(inner, "button_reply"), "id",
                          WEBHOOK_BUTTON, LIMIT_BUTTON_ID);
    if (strcmp(type, "unsupported") == 0 &&
        has_error(message, CODE_MEDIA_TOO_LARGE))
        return read_file(item, message, KIND_DOCUMENT);
    if (is_lost(message, type)) {
        item->kind = WEBHOOK_LOST;
        return 0;
    }
    item->note = "type";
    return 0;
}

/* ---- somebody's new number ---------------------------------------------- */

static bool is_digits(const char *s)
{
    return s != NULL &&
           digits(s, sizeof(((struct webhook_item *)0)->phone) - 1);
}

static bool is_user(const char *s)
{
    return s != NULL && token(s, LIMIT_HANDLE);
}

static int keep(char **out, const char *s)
{
    return (*out = strdup(s)) == NULL ? -1 : 0;
}

/* What counts as who they were is what we may know them by; who they are now
 * must be said, too. Nobody writes: it has no sender. */
static int read_moved(struct webhook_item *item,
                      const struct json_node *message)
{
    static const char *const kinds[] = { "user_changed_number",
                                         "user_changed_user_id" };
    const struct json_node *system = json_node_get(message, "system");
    const char *what = json_node_str(system, "type");
    const char *phone = json_node_str(system, "wa_id");
    const char *bsuid = json_node_str(system, "user_id");
    const char *former_phone = json_node_str(message, "from");
    const char *former_bsuid = json_node_str(system, "previous_user_id");
    size_t i = 0;

    while (i < 2 && (what == NULL || strcmp(kinds[i], what) != 0))
        i++;
    item->note = i < 2 ? kinds[i] : "type";
    item->phone[0] = item->bsuid[0] = item->parent[0] = '\0';
    if (i == 2 || (!is_digits(former_phone) && !is_user(former_bsuid)) ||
        (!is_digits(phone) && !is_user(bsuid)))
        return 0;
    if (is_digits(phone))
        copy(item->phone, sizeof(item->phone), phone);
    if (is_user(bsuid))
        copy(item->bsuid, sizeof(item->bsuid), bsuid);
    item->kind = WEBHOOK_MOVED;
    if (is_digits(former_phone) && keep(&item->former_phone, former_phone) != 0)
        return -1;
    return is_user(former_bsuid) ? keep(&item->former_bsuid, former_bsuid) : 0;
}

/* A word or a button may become evidence, which is canonical; a file is kept
 * as it came, for the case that it has to be read again. */
static int read_raw(struct webhook_item *item, const struct json_node *message)
{
    struct error err = { 0 };
    json_t *tree;
    int ok;

    if (item->kind != WEBHOOK_TEXT && item->kind != WEBHOOK_BUTTON)
        return buf_add(&item->raw, message->p, message->len);
    tree = json_parse(message->p, message->len, &err);
    ok = tree == NULL ? -1 : json_canonical(tree, &item->raw);
    json_decref(tree);
    return ok;
}

/* ---- elements ----------------------------------------------------------- */

int webhook_item_message(struct webhook_item *item,
                         const struct json_node *message,
                         const struct json_node *contacts, const char *number)
{
    const char *type = json_node_str(message, "type");
    const char *id = json_node_str(message, "id");
    const char *context =
        json_node_str(json_node_get(message, "context"), "id");
    bool moved = type != NULL && strcmp(type, "system") == 0;

    item->kind = WEBHOOK_OTHER;
    read_sender(item, message);
    item->provider_s = seconds(message, "timestamp");
    if (context != NULL && strlen(context) <= LIMIT_WAMID)
        copy(item->context, sizeof(item->context), context);

    /* What cannot be attributed has no effect. */
    if (number == NULL || !digits(number, sizeof(item->number) - 1))
        item->note = "no_number";
    else if (id == NULL || !token(id, LIMIT_WAMID))
        item->note = "no_id";
    else if (item->phone[0] == '\0' && item->bsuid[0] == '\0' && !moved)
        item->note = "no_sender";
    else if (item->provider_s == 0)
        item->note = "no_timestamp";
    else if (type == NULL)
        item->note = "no_type";
    else if (json_node_get(message, "group_id") != NULL)
        item->note = "group";
    if (item->note != NULL)
        return 0;

    copy(item->number, sizeof(item->number), number);
    copy(item->wamid, sizeof(item->wamid), id);
    if (moved)
        return read_moved(item, message) != 0 ? -1 : read_raw(item, message);
    if (read_name(item, contacts) != 0)
        return -1;
    if (read_by_type(item, message, type) != 0)
        return -1;
    return read_raw(item, message);
}

void webhook_item_status(struct webhook_item *item,
                         const struct json_node *status, const char *number)
{
    const char *id = json_node_str(status, "id");
    const char *what = json_node_str(status, "status");
    const char *attempt = json_node_str(status, "biz_opaque_callback_data");

    item->kind = WEBHOOK_OTHER;
    item->note = "status";
    if (number == NULL || !digits(number, sizeof(item->number) - 1) ||
        id == NULL || !token(id, LIMIT_WAMID) || what == NULL ||
        strlen(what) >= sizeof(item->status))
        return;
    item->kind = WEBHOOK_STATUS;
    copy(item->number, sizeof(item->number), number);
    copy(item->wamid, sizeof(item->wamid), id);
    copy(item->status, sizeof(item->status), what);
    item->provider_s = seconds(status, "timestamp");
    if (strcmp(item->status, "failed") == 0)
        item->code = error_code(status);
    if (attempt != NULL && id_valid(attempt, 't'))
        copy(item->attempt, sizeof(item->attempt), attempt);
}

void webhook_item_wipe(struct webhook_item *item)
{
    text_wipe(&item->name);
    text_wipe(&item->text);
    text_wipe(&item->former_phone);
    text_wipe(&item->former_bsuid);
    buf_free(&item->claims);
    buf_free(&item->raw);
    sodium_memzero(item, sizeof(*item));
}
