/* Headers composed by hand, with a MAC that holds: what the grammar allows. */
#include "vault_help.h"

/* A small file in pieces; tests change the stanzas before it is put together.
 */
struct parts {
    struct person p;
    uint8_t file_key[AGE_FILE_KEY_LEN];
    uint8_t share[AGE_KEY_LEN], body[AGE_WRAPPED_LEN];
    char stanza[256]; /* as age would write it */
};

static void stanza_print(struct parts *s)
{
    char share[BASE64_SIZE(AGE_KEY_LEN)];
    char body[BASE64_SIZE(AGE_WRAPPED_LEN)];
    base64_encode(share, s->share, sizeof(s->share), false);
    base64_encode(body, s->body, sizeof(s->body), false);
    (void)snprintf(s->stanza, sizeof(s->stanza), "-> X25519 %s\n%s\n", share,
                   body);
}

static int parts_new(void **state)
{
    struct parts *s = calloc(1, sizeof(*s));
    assert_non_null(s);
    s->p = person_new();
    randombytes_buf(s->file_key, sizeof(s->file_key));
    assert_int_equal(age_x25519_wrap(s->share, s->body, s->p.recipient[0],
                                     s->file_key, &random_system),
                     0);
    stanza_print(s);
    *state = s;
    return 0;
}

static int parts_free(void **state)
{
    struct parts *s = *state;
    person_free(&s->p);
    free(s);
    return 0;
}

/* Header from its text up to the MAC, then a payload of "abc". */
static void put_together(struct buf *file, const struct parts *s,
                         const char *text, const char *after_mac)
{
    uint8_t key[HKDF_LEN], mac[HKDF_LEN], nonce[AGE_NONCE_LEN] = { 1 };
    uint8_t sealed[3 + AGE_TAG_LEN];
    char mac_text[BASE64_SIZE(HKDF_LEN)];
    struct secret *file_key = secret_copy(s->file_key, sizeof(s->file_key));
    assert_non_null(file_key);
    struct secret *payload = age_payload_key(file_key, nonce);
    assert_non_null(payload);

    assert_int_equal(buf_addf(file, "%s---", text), 0);
    hkdf_sha256(key, s->file_key, sizeof(s->file_key), NULL, 0, "header", 6);
    crypto_auth_hmacsha256(mac, file->p, file->len, key);
    base64_encode(mac_text, mac, sizeof(mac), false);
    assert_int_equal(buf_addf(file, " %s%s", mac_text, after_mac), 0);

    age_payload_seal(sealed, (const uint8_t *)"abc", 3, payload, 0, true);
    assert_int_equal(buf_add(file, nonce, sizeof(nonce)), 0);
    assert_int_equal(buf_add(file, sealed, sizeof(sealed)), 0);
    secret_free(&file_key);
    secret_free(&payload);
}

#define V1 "age-encryption.org/v1\n"

/* before + stanza + after, under a right MAC, opens. */
static void accepts(struct parts *s, const char *before, const char *after)
{
    struct error err;
    struct buf text = { 0 }, file = { 0 }, out = { 0 };
    assert_int_equal(buf_addf(&text, "%s%s%s%s", V1, before, s->stanza, after),
                     0);
    put_together(&file, s, (const char *)text.p, "\n");
    if (open_with(&out, &s->p, file.p, file.len, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(out.len, 3);
    buf_free(&text);
    buf_free(&file);
    buf_free(&out);
}

static void refuses(struct parts *s, const char *text, const char *prefix)
{
    struct buf file = { 0 };
    put_together(&file, s, text, "\n");
    assert_refused(&s->p, file.p, file.len, prefix);
    buf_free(&file);
}

/* The sound stanza, then this one. */
static void refuses_stanza(struct parts *s, const char *stanza)
{
    struct buf text = { 0 };
    assert_int_equal(buf_addf(&text, "%s%s%s", V1, s->stanza, stanza), 0);
    refuses(s, (const char *)text.p, "header: ");
    buf_free(&text);
}

#define COLUMNS_64                                                             \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void a_header_as_age_writes_it_opens(void **state)
{
    accepts(*state, "", "");
}

static void unknown_stanzas_are_passed_over(void **state)
{
    accepts(*state, "-> {grease @~ ! x\nAAAA\n", "");
    accepts(*state, "", "-> example.com/other\n\n");
    accepts(*state, "-> x25519 lower\nAA\n", "");
    accepts(*state, "-> empty-last\n" COLUMNS_64 "\n\n", "");
    accepts(*state, "-> long\n" COLUMNS_64 "\n" COLUMNS_64 "\nAAAA\n", "");
}

static void stanzas_for_others_are_passed_over(void **state)
{
    struct parts *s = *state;
    struct parts other = *s;
    struct person stranger = person_new();

    assert_int_equal(age_x25519_wrap(other.share, other.body,
                                     stranger.recipient[0], s->file_key,
                                     &random_system),
                     0);
    stanza_print(&other);
    accepts(s, other.stanza, other.stanza);
    person_free(&stranger);
}

static void a_passphrase_file_matches_no_identity(void **state)
{
    refuses(*state,
            V1 "-> scrypt ajMFur+EJLGaohv/dLRGnw 18\n"
               "8SHBz/ldWnjyGFQqfjat6uNBarWqqEMDS7W8X7+Xq5Q\n",
            "no identity matched");
}

static void a_passphrase_among_recipients_is_refused(void **state)
{
    struct parts *s = *state;
    struct buf text = { 0 };
    const char *scrypt = "-> scrypt ajMFur+EJLGaohv/dLRGnw 18\n"
                         "8SHBz/ldWnjyGFQqfjat6uNBarWqqEMDS7W8X7+Xq5Q\n";

    refuses_stanza(s, scrypt);
    assert_int_equal(buf_addf(&text, "%s%s%s", V1, scrypt, s->stanza), 0);
    refuses(s, (const char *)text.p, "header: a passphrase");
    buf_free(&text);
}

static void malformed_stanzas_are_refused(void **state)
{
    static const char *const bad[] = {
        "-> \n\n",                      /* no argument */
        "->\n\n",                       /* no space */
        "-> a  b\n\n",                  /* empty argument */
        "-> a \n\n",                    /* space at the end */
        "-> a\tb\n\n",                  /* not visible */
        "-> \xc3\xb1\n\n",              /* not ASCII */
        "-> a\r\n\r\n",                 /* CRLF */
        "-> a\n" COLUMNS_64 "\n",       /* no short last line */
        "-> a\n" COLUMNS_64 "AAAA\n\n", /* over 64 columns */
        "-> a\nAAA=\n",                 /* padding */
        "-> a\nAAB\n",                  /* bits that decode to nothing */
        "-> a\nA\n",                    /* no whole byte */
        "-> a\nAA-_\n",                 /* URL alphabet */
        "-> a\nAA\xab\xaf\n",           /* "+/" with the high bit set */
        "-> a\n AAAA\n",                /* space in the body */
        "-> a\nAAAA\nAAAA\n",           /* a line after the last */
        "\n",                           /* an empty line */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refuses_stanza(*state, bad[i]);
}

#define SHARE "TyX4z43TAQVhPU5r2PnUtwU3lWsDr7u45FRjoFbEjSo"
#define BODY  "U8BmBz/XpN9Az2Et74Y4vTQi1xUkZTrdzBAMKX9WYQk"

static void malformed_x25519_stanzas_are_refused(void **state)
{
    static const char *const bad[] = {
        "-> X25519\n" BODY "\n",
        "-> X25519 " SHARE " more\n" BODY "\n",
        "-> X25519 " SHARE "AA\n" BODY "\n",
        "-> X25519 TyX4\n" BODY "\n",
        "-> X25519 " SHARE "=\n" BODY "\n",
        "-> X25519 TyX4z43TAQVhPU5r2PnUtwU3lWsDr7u45FRjoFbEjSp\n" BODY "\n",
        "-> X25519 " SHARE "\nAAAA\n",
        "-> X25519 " SHARE "\n" BODY "AA\n",
        "-> X25519 " SHARE "\n\n",
        "-> X25519 " SHARE "\n" COLUMNS_64 "\n\n",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refuses_stanza(*state, bad[i]);
}

static void low_order_shares_are_refused(void **state)
{
    struct parts *s = *state;
    struct parts other = *s;

    memset(other.share, 0, sizeof(other.share));
    stanza_print(&other);
    refuses_stanza(s, other.stanza);
    other.share[0] = 1;
    stanza_print(&other);
    refuses_stanza(s, other.stanza);
}

static void stanzas_with_two_file_keys_are_refused(void **state)
{
    struct parts *s = *state;
    struct parts other = *s;

    other.file_key[0] ^= 1;
    assert_int_equal(age_x25519_wrap(other.share, other.body, s->p.recipient[0],
                                     other.file_key, &random_system),
                     0);
    stanza_print(&other);
    refuses_stanza(s, other.stanza);
}

static void a_mac_that_does_not_hold_is_refused(void **state)
{
    struct parts *s = *state;
    struct buf text = { 0 }, file = { 0 };

    assert_int_equal(buf_addf(&text, "%s%s", V1, s->stanza), 0);
    s->file_key[0] ^= 1;
    put_together(&file, s, (const char *)text.p, "\n");
    assert_refused(&s->p, file.p, file.len, "header mac");
    buf_free(&text);
    buf_free(&file);
}

static void a_stanza_that_was_added_breaks_the_mac(void **state)
{
    struct parts *s = *state;
    struct buf file = { 0 }, other = { 0 };
    size_t cut = strlen(V1);

    seal_for(&file, &s->p, "abc", 3);
    assert_int_equal(buf_add(&other, file.p, cut), 0);
    assert_int_equal(buf_adds(&other, "-> x\n\n"), 0);
    assert_int_equal(buf_add(&other, file.p + cut, file.len - cut), 0);
    assert_refused(&s->p, other.p, other.len, "header mac");
    buf_free(&file);
    buf_free(&other);
}

static void a_header_without_stanzas_is_refused(void **state)
{
    refuses(*state, V1, "header: no recipient");
}

static void other_versions_are_refused(void **state)
{
    static const char *const bad[] = { "age-encryption.org/v2\n",
                                       "age-encryption.org/v1 \n",
                                       "age-encryption.org/v1\r\n",
                                       "age-encryption.org/v\n", "\n" };
    struct parts *s = *state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct buf text = { 0 };
        assert_int_equal(buf_addf(&text, "%s%s", bad[i], s->stanza), 0);
        refuses(s, (const char *)text.p, "header: not an age v1 file");
        buf_free(&text);
    }
}

static void mac_lines_are_exact(void **state)
{
    static const char *const bad[] = { " \n", "=\n", "\r\n", "A\n", "" };
    struct parts *s = *state;
    struct buf text = { 0 };

    assert_int_equal(buf_addf(&text, "%s%s", V1, s->stanza), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct buf file = { 0 };
        put_together(&file, s, (const char *)text.p, bad[i]);
        assert_refused(&s->p, file.p, file.len, "header: ");
        buf_free(&file);
    }
    buf_free(&text);
}

/* A header of this many stanzas "-> x" without body, then the sound one. */
static void long_header(struct buf *text, const struct parts *s, size_t bytes)
{
    assert_int_equal(buf_adds(text, V1), 0);
    while (text->len < bytes)
        assert_int_equal(buf_adds(text, "-> x\n\n"), 0);
    assert_int_equal(buf_adds(text, s->stanza), 0);
}

static void headers_have_a_limit(void **state)
{
    struct parts *s = *state;
    struct error err;
    struct buf text = { 0 }, file = { 0 }, out = { 0 };
    size_t used = 0;
    const struct secret *identities[] = { s->p.identity };

    long_header(&text, s, LIMIT_AGE_HEADER - 300);
    put_together(&file, s, (const char *)text.p, "\n");
    assert_int_equal(open_with(&out, &s->p, file.p, file.len, &err), 0);

    buf_reset(&text);
    buf_reset(&file);
    long_header(&text, s, LIMIT_AGE_HEADER);
    put_together(&file, s, (const char *)text.p, "\n");
    assert_refused(&s->p, file.p, file.len, "header: too long");
    assert_null(age_header_open(file.p, file.len, identities, 1, &used, &err));
    assert_begins(err.text, "header: ");
    buf_free(&text);
    buf_free(&file);
    buf_free(&out);
}

static void a_line_without_end_is_not_gathered(void **state)
{
    struct parts *s = *state;
    struct error err;
    struct age_opener *opener = NULL;
    const struct secret *identities[] = { s->p.identity };
    struct buf endless = bytes_new(LIMIT_AGE_HEADER + 1);

    memset(endless.p, 'a', endless.len);
    assert_int_equal(
        age_opener_new(&opener, identities, 1, sink_to_buf, NULL, &err), 0);
    assert_int_equal(age_opener_add(opener, endless.p, endless.len, &err), -1);
    assert_begins(err.text, "header: too long");
    age_opener_free(&opener);
    buf_free(&endless);
}

static void header_open_says_what_it_took(void **state)
{
    struct parts *s = *state;
    struct error err;
    struct buf file = { 0 };
    size_t used = 0;
    const struct secret *identities[] = { s->p.identity };

    seal_for(&file, &s->p, "abc", 3);
    struct secret *key =
        age_header_open(file.p, file.len, identities, 1, &used, &err);
    assert_non_null(key);
    assert_int_equal(key->len, AGE_FILE_KEY_LEN);
    assert_int_equal(used, header_size(&file));
    secret_free(&key);
    assert_null(age_header_open(file.p, used - 1, identities, 1, &used, &err));
    assert_begins(err.text, "header: ");
    buf_free(&file);
}

#define T(name) cmocka_unit_test_setup_teardown(name, parts_new, parts_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_header_as_age_writes_it_opens),
        T(unknown_stanzas_are_passed_over),
        T(stanzas_for_others_are_passed_over),
        T(a_passphrase_file_matches_no_identity),
        T(a_passphrase_among_recipients_is_refused),
        T(malformed_stanzas_are_refused),
        T(malformed_x25519_stanzas_are_refused),
        T(low_order_shares_are_refused),
        T(stanzas_with_two_file_keys_are_refused),
        T(a_mac_that_does_not_hold_is_refused),
        T(a_stanza_that_was_added_breaks_the_mac),
        T(a_header_without_stanzas_is_refused),
        T(other_versions_are_refused),
        T(mac_lines_are_exact),
        T(headers_have_a_limit),
        T(a_line_without_end_is_not_gathered),
        T(header_open_says_what_it_took),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
