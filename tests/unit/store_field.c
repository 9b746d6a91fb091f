/* store: sealed values, the keyed index, and that nothing plain is at rest. */
#include "store_help.h"

#include <sodium.h>

#define NONCE 24

static void key_of(struct fixture *f, const char *name, uint8_t out[static 32])
{
    struct buf bytes = { 0 };
    char path[256];

    help_path(f, name, path);
    OK(file_read(path, 32, &bytes, &f->e));
    assert_int_equal(bytes.len, 32);
    memcpy(out, bytes.p, 32);
    buf_free(&bytes);
}

/* Computed again from the description alone. */
static void a_value_is_sealed_as_described(void **state)
{
    struct fixture *f = *state;
    static const char domain[] = "note\0text", ad[] = "note\0text\0n1";
    uint8_t field[32], slot[32], key[32], message[32 + sizeof(domain) - 1];
    uint8_t plain[5];
    unsigned long long len;
    struct buf sealed = { 0 };

    OK(field_seal(f->s, 1, "note", "text", "n1", "hello", 5, &sealed, &f->e));
    assert_int_equal(sealed.len, NONCE + 5 + 16);
    key_of(f, "keys/field", field);
    OK(slot_key(f->s, 1, slot, &f->e));
    memcpy(message, slot, 32);
    memcpy(message + 32, domain, sizeof(domain) - 1);
    crypto_generichash(key, 32, message, sizeof(message), field, 32);
    assert_int_equal(crypto_aead_xchacha20poly1305_ietf_decrypt(
                         plain, &len, NULL, sealed.p + NONCE,
                         sealed.len - NONCE, (const uint8_t *)ad,
                         sizeof(ad) - 1, sealed.p, key),
                     0);
    assert_int_equal(len, 5);
    assert_memory_equal(plain, "hello", 5);
    buf_free(&sealed);
}

static void the_index_is_computed_as_described(void **state)
{
    struct fixture *f = *state;
    static const char message[] = "phone\0"
                                  "573001234567";
    uint8_t index_key[32], slot[32], key[32], expected[INDEX_LEN];
    uint8_t got[INDEX_LEN], other[INDEX_LEN];
    int64_t number;

    OK(field_index(f->s, 1, "phone", "573001234567", got, &f->e));
    key_of(f, "keys/index", index_key);
    assert_int_equal(meta_get_int(f->s, "index_slot", &number, &f->e), 1);
    OK(slot_key(f->s, (uint64_t)number, slot, &f->e));
    crypto_generichash(key, 32, slot, 32, index_key, 32);
    crypto_generichash(expected, INDEX_LEN, (const uint8_t *)message,
                       sizeof(message) - 1, key, 32);
    assert_memory_equal(got, expected, INDEX_LEN);
    OK(field_index(f->s, 1, "bsuid", "573001234567", other, &f->e));
    assert_memory_not_equal(got, other, INDEX_LEN);
}

/* Moved to another row, column, table or slot it opens nowhere. */
static void a_value_opens_only_where_it_belongs(void **state)
{
    struct fixture *f = *state;
    struct buf sealed = { 0 }, out = { 0 };

    OK(field_seal(f->s, 1, "note", "text", "n1", "hello", 5, &sealed, &f->e));
    OK(field_open(f->s, 1, "note", "text", "n1", sealed.p, sealed.len, &out,
                  &f->e));
    assert_string_equal((const char *)out.p, "hello");
    buf_reset(&out);
    FAILS(field_open(f->s, 1, "note", "text", "n2", sealed.p, sealed.len, &out,
                     &f->e),
          ERR_VERIFY);
    FAILS(field_open(f->s, 1, "note", "name", "n1", sealed.p, sealed.len, &out,
                     &f->e),
          ERR_VERIFY);
    FAILS(field_open(f->s, 1, "outbox", "text", "n1", sealed.p, sealed.len,
                     &out, &f->e),
          ERR_VERIFY);
    FAILS(field_open(f->s, 2, "note", "text", "n1", sealed.p, sealed.len, &out,
                     &f->e),
          ERR_VERIFY);
    sealed.p[NONCE] ^= 1;
    FAILS(field_open(f->s, 1, "note", "text", "n1", sealed.p, sealed.len, &out,
                     &f->e),
          ERR_VERIFY);
    FAILS(field_open(f->s, 1, "note", "text", "n1", sealed.p, 39, &out, &f->e),
          ERR_VERIFY);
    assert_int_equal(out.len, 0);
    buf_free(&sealed);
    buf_free(&out);
}

static void an_empty_value_is_a_value(void **state)
{
    struct fixture *f = *state;
    struct buf sealed = { 0 }, out = { 0 };

    OK(field_seal(f->s, 1, "note", "text", "n1", "", 0, &sealed, &f->e));
    OK(field_open(f->s, 1, "note", "text", "n1", sealed.p, sealed.len, &out,
                  &f->e));
    assert_int_equal(out.len, 0);
    buf_free(&sealed);
    buf_free(&out);
}

/* A wrapped header is bound to the document and to its payload. */
static void a_header_moved_to_another_document_does_not_open(void **state)
{
    struct fixture *f = *state;
    struct buf header = { 0 };
    struct subject_row who;
    struct document_row d;
    struct case_row c;

    help_begin(f);
    who = help_subject(f);
    c = help_case(f, who.id, T0);
    d = help_document(f, &who, &c, NULL, NULL);
    help_commit(f);
    OK(document_header(f->s, &d, &header, &f->e));
    assert_string_equal((const char *)header.p, HELP_HEADER);
    buf_reset(&header);
    d.payload_sha256[0] ^= 1;
    FAILS(document_header(f->s, &d, &header, &f->e), ERR_VERIFY);
    buf_free(&header);
}

static const char *const files[] = { "resguardo.db",      "resguardo.db-wal",
                                     "resguardo.db-shm",  "keys/slots",
                                     "keys/slots.mirror", "keys/destroyed" };

static void fill(struct fixture *f, struct subject_row *who,
                 struct document_row *d)
{
    struct outbox_row o = {
        .policy = "p", .number = "1", .kind = "say", .state = "pending"
    };
    struct case_row c;

    help_begin(f);
    *who = help_subject(f);
    c = help_case(f, who->id, T0);
    *d = help_document(f, who, &c, "CANARY-name.jpg", "CANARY-caption");
    for (int kind = 0; kind < HANDLE__MAX; kind++)
        OK(subject_handle_put(f->s, who, (enum handle_kind)kind,
                              "CANARY-handle", T0, &f->e));
    id_new(o.id, 'o', &random_system);
    memcpy(o.subject, who->id, ID_SIZE);
    OK(outbox_add(f->s, &o, "CANARY-body", 11, &f->e));
    OK(outbox_update(f->s, &o, "wamid.CANARY", &f->e));
    assert_int_equal(seen_add(f->s, "wamid.CANARY", &f->e), 1);
    OK(note_add(f->s, "n1", who->id, "CANARY-note", 11, &f->e));
    OK(evidence_add(f->s, "e1", who, "person", HELP_HEADER "sealed",
                    strlen(HELP_HEADER) + 6, strlen(HELP_HEADER), T0, &f->e));
    OK(dead_letter_add(f->s, "l1", "CANARY-event", 12, "broken", T0, &f->e));
    help_commit(f);
}

static void nothing_of_a_customer_is_plain_at_rest(void **state)
{
    struct fixture *f = *state;
    struct subject_row who;
    struct document_row d;

    fill(f, &who, &d);
    assert_true(help_file_holds(f, "resguardo.db-wal", "co-habeas-data", 14));
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        assert_false(help_file_holds(f, files[i], "CANARY", 6));
    store_close(&f->s);
    assert_true(help_file_holds(f, "resguardo.db", "co-habeas-data", 14));
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        assert_false(help_file_holds(f, files[i], "CANARY", 6));
}

static void erasing_the_slots_takes_everything(void **state)
{
    struct fixture *f = *state;
    struct subject_row who;
    struct document_row d;
    uint8_t keys[3][SLOT_KEY_LEN];
    struct buf out = { 0 }, other = { 0 };
    uint64_t slots[3];
    bool one, two;

    fill(f, &who, &d);
    slots[0] = d.slot;
    slots[1] = who.content_slot;
    slots[2] = who.evidence_slot;
    for (int i = 0; i < 3; i++)
        OK(slot_key(f->s, slots[i], keys[i], &f->e));
    OK(slot_erase(f->s, slots, 3, &f->e));
    for (int i = 0; i < 3; i++)
        for (size_t j = 0; j < sizeof(files) / sizeof(files[0]); j++)
            assert_false(help_file_holds(f, files[j], keys[i], SLOT_KEY_LEN));
    FAILS(document_header(f->s, &d, &out, &f->e), ERR_NOT_FOUND);
    FAILS(document_words(f->s, &d, &out, &one, &other, &two, &f->e),
          ERR_NOT_FOUND);
    FAILS(subject_handle_get(f->s, who.id, HANDLE_PHONE, &out, &f->e),
          ERR_NOT_FOUND);
    FAILS(attachment_claims(f->s, d.attachment, &out, &f->e), ERR_NOT_FOUND);
    FAILS(note_get(f->s, "n1", &out, &f->e), ERR_NOT_FOUND);
    FAILS(evidence_get(f->s, "e1", &out, &f->e), ERR_NOT_FOUND);
    assert_int_equal(out.len, 0);
    buf_free(&out);
    buf_free(&other);
}

/* Error texts go to logs. */
static void errors_name_no_row_and_no_value(void **state)
{
    struct fixture *f = *state;
    struct subject_row who;
    struct document_row d;
    struct buf out = { 0 };

    fill(f, &who, &d);
    OK(slot_erase(f->s, &who.content_slot, 1, &f->e));
    FAILS(subject_handle_get(f->s, who.id, HANDLE_PHONE, &out, &f->e),
          ERR_NOT_FOUND);
    assert_null(strstr(f->e.text, who.id));
    assert_null(strstr(f->e.text, "CANARY"));
    help_begin(f);
    FAILS(subject_add(f->s, &who, &f->e), ERR_CONFLICT);
    store_rollback(f->s);
    assert_null(strstr(f->e.text, who.id));
    buf_free(&out);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, help_setup, help_teardown)
    const struct CMUnitTest tests[] = {
        T(a_value_is_sealed_as_described),
        T(the_index_is_computed_as_described),
        T(a_value_opens_only_where_it_belongs),
        T(an_empty_value_is_a_value),
        T(a_header_moved_to_another_document_does_not_open),
        T(nothing_of_a_customer_is_plain_at_rest),
        T(erasing_the_slots_takes_everything),
        T(errors_name_no_row_and_no_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
