/*
 * The body of a webhook, after its signature held. Whatever it is, it becomes
 * a bounded list of items in which ids are digits or printable, texts are
 * UTF-8 within their limits, evidence is canonical JSON, and a second parse
 * says the same. Only a signature made with the secret is one.
 */
#include "fuzz.h"

#include "resguardo/webhook.h"

#include <sodium.h>

static void check_text(const char *s, size_t max)
{
    FUZZ_CHECK(s == NULL ||
               (s[0] != '\0' && strlen(s) <= max && utf8_valid(s, strlen(s))));
}

static bool digits(const char *s)
{
    return s[strspn(s, "0123456789")] == '\0';
}

static bool printable(const char *s)
{
    for (; *s != '\0'; s++)
        if (*s <= ' ' || *s > '~')
            return false;
    return true;
}

static void check_raw(const struct buf *raw, bool canonical)
{
    struct error e = { 0 };
    struct buf again = { 0 };
    json_t *value = json_parse(raw->p, raw->len, &e);

    FUZZ_CHECK(value != NULL && json_canonical(value, &again) == 0);
    FUZZ_CHECK(!canonical || (again.len == raw->len &&
                              memcmp(again.p, raw->p, raw->len) == 0));
    json_decref(value);
    buf_free(&again);
}

static void check_claims(const struct buf *claims)
{
    struct error e = { 0 };
    json_t *value = json_parse(claims->p, claims->len, &e);
    const char *id = json_str(value, "media_id");

    check_raw(claims, true);
    FUZZ_CHECK(id == NULL || digits(id));
    check_text(json_str(value, "file_name"), LIMIT_NAME);
    check_text(json_str(value, "caption"), LIMIT_CAPTION);
    json_decref(value);
}

static void check_item(const struct webhook_item *i)
{
    FUZZ_CHECK(digits(i->number) && digits(i->phone) && digits(i->media_id));
    FUZZ_CHECK(printable(i->wamid) && printable(i->bsuid) &&
               printable(i->parent) && printable(i->announced_type));
    FUZZ_CHECK(i->attempt[0] == '\0' || id_valid(i->attempt, 't'));
    FUZZ_CHECK(i->provider_s >= 0 && i->provider_s <= INT64_MAX / 2000);
    check_text(i->name, LIMIT_NAME);
    check_text(i->text, LIMIT_TEXT_BODY);
    FUZZ_CHECK(utf8_valid(i->context, strlen(i->context)));

    /* What has an effect can be attributed. */
    if (i->kind == WEBHOOK_OTHER) {
        FUZZ_CHECK(i->note != NULL);
        return;
    }
    FUZZ_CHECK(i->number[0] != '\0' && i->wamid[0] != '\0');
    if (i->kind == WEBHOOK_STATUS)
        return;
    FUZZ_CHECK(i->phone[0] != '\0' || i->bsuid[0] != '\0');
    FUZZ_CHECK(i->provider_s > 0);
    FUZZ_CHECK((i->former_phone != NULL || i->former_bsuid != NULL) ==
               (i->kind == WEBHOOK_MOVED));
    if (i->kind == WEBHOOK_MOVED) {
        FUZZ_CHECK(i->former_phone == NULL || digits(i->former_phone));
        FUZZ_CHECK(i->former_bsuid == NULL || printable(i->former_bsuid));
        return;
    }
    if (i->kind == WEBHOOK_LOST) {
        FUZZ_CHECK(i->text == NULL && i->claims.len == 0);
        return;
    }
    FUZZ_CHECK(i->kind == WEBHOOK_FILE ? i->media < KIND__MAX
                                       : i->text != NULL);
    check_raw(&i->raw, i->kind != WEBHOOK_FILE);
    if (i->kind == WEBHOOK_FILE)
        check_claims(&i->claims);
}

static void check_same(const struct webhook *a, const struct webhook *b)
{
    FUZZ_CHECK(a->n == b->n);
    FUZZ_CHECK(memcmp(a->body_sha256, b->body_sha256, SHA256_LEN) == 0);
    for (size_t i = 0; i < a->n; i++)
        FUZZ_CHECK(a->items[i].kind == b->items[i].kind &&
                   strcmp(a->items[i].wamid, b->items[i].wamid) == 0 &&
                   a->items[i].raw.len == b->items[i].raw.len);
}

/* The first line of the input as a signature of the rest. */
static void check_signature(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    size_t len;
    const uint8_t *line = fuzz_until(&in, '\n', &len);
    char *said = fuzz_string(line, len);
    struct secret *secret = secret_copy("secret", 6);
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    char want[7 + HEX_SIZE(sizeof(mac))] = "sha256=";

    FUZZ_CHECK(secret != NULL);
    crypto_auth_hmacsha256_init(&state, secret->p, secret->len);
    crypto_auth_hmacsha256_update(&state, in.p, in.len);
    crypto_auth_hmacsha256_final(&state, mac);
    hex_encode(want + 7, mac, sizeof(mac));
    FUZZ_CHECK(webhook_signed(want, in.p, in.len,
                              (const struct secret *const *)&secret, 1));
    FUZZ_CHECK(webhook_signed(said, in.p, in.len,
                              (const struct secret *const *)&secret,
                              1) == (strcmp(said, want) == 0));
    secret_free(&secret);
    free(said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error e = { 0 };
    struct webhook *w = webhook_parse(data, size, &e), *again;

    check_signature(data, size);
    if (w == NULL) {
        FUZZ_CHECK(e.code == ERR_INPUT);
        return 0;
    }
    FUZZ_CHECK(w->n <= LIMIT_WEBHOOK_ITEMS);
    for (size_t i = 0; i < w->n; i++)
        check_item(&w->items[i]);
    again = webhook_parse(data, size, &e);
    FUZZ_CHECK(again != NULL);
    check_same(w, again);
    webhook_free(&again);
    webhook_free(&w);
    return 0;
}
