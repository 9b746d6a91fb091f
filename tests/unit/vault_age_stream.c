/* Sealing and opening whole files of every awkward size. */
#include "vault_help.h"

static const size_t sizes[] = { 0,      1,      15,     16,     17,
                                65519,  65520,  65535,  65536,  65537,
                                131071, 131072, 131073, 196608, 3000001 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static void round_trip_at_every_size(void **state)
{
    (void)state;
    struct person p = person_new();
    for (size_t i = 0; i < SIZES; i++) {
        struct error err;
        struct buf plain = bytes_new(sizes[i]), file = { 0 }, out = { 0 };
        seal_for(&file, &p, plain.p, plain.len);
        assert_int_equal(file.len - header_size(&file),
                         age_payload_size((int64_t)sizes[i]));
        assert_int_equal(open_with(&out, &p, file.p, file.len, &err), 0);
        assert_int_equal(out.len, plain.len);
        if (plain.len > 0)
            assert_memory_equal(out.p, plain.p, plain.len);
        buf_free(&plain);
        buf_free(&file);
        buf_free(&out);
    }
    person_free(&p);
}

/* Two libraries, one cipher: what one seals is what the other would have. */
static void chunks_are_byte_for_byte_those_of_libsodium(void **state)
{
    static const size_t lens[] = { 0, 1, 15, 16, 17, 63, 64, 65, 65535, 65536 };
    struct secret *key = secret_new(HKDF_LEN);
    struct buf plain = bytes_new(AGE_CHUNK);
    uint8_t *ours = malloc(AGE_SEALED_CHUNK), *theirs;
    uint8_t nonce[12] = { 0 };

    (void)state;
    theirs = malloc(AGE_SEALED_CHUNK);
    assert_true(key != NULL && ours != NULL && theirs != NULL);
    randombytes_buf(key->p, key->len);
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
        for (int last = 0; last < 2; last++) {
            nonce[9] = 1;
            nonce[10] = (uint8_t)i;
            nonce[11] = (uint8_t)last;
            age_payload_seal(ours, plain.p, lens[i], key, 256 + i, last == 1);
            crypto_aead_chacha20poly1305_ietf_encrypt(
                theirs, NULL, plain.p, lens[i], NULL, 0, NULL, nonce, key->p);
            assert_memory_equal(ours, theirs, lens[i] + AGE_TAG_LEN);

            /* And back; one bit off, nothing is left in sight. */
            size_t sealed = lens[i] + AGE_TAG_LEN;
            assert_int_equal(
                age_payload_open(ours, theirs, sealed, key, 256 + i, last == 1),
                0);
            assert_memory_equal(ours, plain.p, lens[i]);
            theirs[i] ^= 1;
            assert_int_equal(
                age_payload_open(ours, theirs, sealed, key, 256 + i, last == 1),
                -1);
            assert_true(sodium_is_zero(ours, lens[i]));
            assert_int_equal(age_payload_open(ours, theirs, AGE_TAG_LEN - 1,
                                              key, 256 + i, last == 1),
                             -1);
        }
    free(ours);
    free(theirs);
    buf_free(&plain);
    secret_free(&key);
}

/* Random pieces, mostly small, sometimes over a chunk. */
static size_t piece(size_t left)
{
    size_t n = 1 + randombytes_uniform(randombytes_uniform(8) ? 5000 : 150000);
    return n < left ? n : left;
}

static void pieces_of_any_size_give_the_same_file(void **state)
{
    (void)state;
    struct error err;
    struct person p = person_new();
    struct buf plain = bytes_new(400000), file = { 0 }, payload = { 0 };
    struct buf out = { 0 };
    struct age_writer *writer = NULL;
    struct age_opener *opener = NULL;
    const struct secret *identities[] = { p.identity };

    assert_int_equal(age_writer_new(&writer, KEYS(p.recipient), 1,
                                    &random_system, &file, sink_to_buf,
                                    &payload, &err),
                     0);
    for (size_t at = 0, n; at < plain.len; at += n) {
        n = piece(plain.len - at);
        assert_int_equal(age_writer_add(writer, plain.p + at, n, &err), 0);
    }
    assert_int_equal(age_writer_finish(writer, &err), 0);
    assert_int_equal(buf_add(&file, payload.p, payload.len), 0);

    assert_int_equal(
        age_opener_new(&opener, identities, 1, sink_to_buf, &out, &err), 0);
    for (size_t at = 0, n; at < file.len; at += n) {
        n = at < 300 ? 1 : piece(file.len - at);
        assert_int_equal(age_opener_add(opener, file.p + at, n, &err), 0);
    }
    assert_int_equal(age_opener_finish(opener, &err), 0);
    assert_int_equal(out.len, plain.len);
    assert_memory_equal(out.p, plain.p, plain.len);

    age_writer_free(&writer);
    age_opener_free(&opener);
    buf_free(&plain);
    buf_free(&file);
    buf_free(&payload);
    buf_free(&out);
    person_free(&p);
}

static void every_recipient_opens_and_nobody_else(void **state)
{
    (void)state;
    struct error err;
    struct person people[3] = { person_new(), person_new(), person_new() };
    struct person stranger = person_new();
    uint8_t recipients[3][AGE_KEY_LEN];
    struct buf file = { 0 };

    for (size_t i = 0; i < 3; i++)
        memcpy(recipients[i], people[i].recipient[0], AGE_KEY_LEN);
    assert_int_equal(
        age_seal(&file, KEYS(recipients), 3, &random_system, "abc", 3, &err),
        0);
    for (size_t i = 0; i < 3; i++) {
        struct buf out = { 0 };
        assert_int_equal(open_with(&out, &people[i], file.p, file.len, &err),
                         0);
        assert_int_equal(out.len, 3);
        buf_free(&out);
    }
    assert_refused(&stranger, file.p, file.len, "no identity matched");
    buf_free(&file);
    for (size_t i = 0; i < 3; i++)
        person_free(&people[i]);
    person_free(&stranger);
}

static void several_identities_open_one_file(void **state)
{
    (void)state;
    struct error err;
    struct person a = person_new(), b = person_new();
    const struct secret *identities[] = { a.identity, b.identity };
    uint8_t recipients[2][AGE_KEY_LEN];
    struct buf file = { 0 }, out = { 0 };

    memcpy(recipients[0], b.recipient[0], AGE_KEY_LEN);
    memcpy(recipients[1], a.recipient[0], AGE_KEY_LEN);
    assert_int_equal(
        age_seal(&file, KEYS(recipients), 2, &random_system, "abc", 3, &err),
        0);
    assert_int_equal(age_open(&out, identities, 2, file.p, file.len, &err), 0);
    assert_memory_equal(out.p, "abc", 3);
    buf_reset(&out);
    assert_int_equal(age_open(&out, NULL, 0, file.p, file.len, &err), -1);
    assert_begins(err.text, "no identity matched");
    buf_free(&file);
    buf_free(&out);
    person_free(&a);
    person_free(&b);
}

static void two_files_of_the_same_bytes_have_nothing_in_common(void **state)
{
    (void)state;
    struct person p = person_new();
    struct buf plain = bytes_new(100), one = { 0 }, two = { 0 };

    seal_for(&one, &p, plain.p, plain.len);
    seal_for(&two, &p, plain.p, plain.len);
    size_t at = header_size(&one);
    assert_int_equal(one.len, two.len);
    assert_memory_not_equal(one.p + at, two.p + at, AGE_NONCE_LEN);
    assert_memory_not_equal(one.p + at + AGE_NONCE_LEN,
                            two.p + at + AGE_NONCE_LEN, 100);
    assert_null(memmem(one.p, one.len, plain.p, 16));
    buf_free(&plain);
    buf_free(&one);
    buf_free(&two);
    person_free(&p);
}

static void the_number_of_recipients_is_limited(void **state)
{
    (void)state;
    struct error err;
    struct person p = person_new();
    uint8_t many[LIMIT_AGE_RECIPIENTS + 1][AGE_KEY_LEN];
    struct buf file = { 0 }, out = { 0 };

    for (size_t i = 0; i <= LIMIT_AGE_RECIPIENTS; i++)
        memcpy(many[i], p.recipient[0], AGE_KEY_LEN);
    assert_int_equal(
        age_seal(&file, KEYS(many), 0, &random_system, "x", 1, &err), -1);
    assert_int_equal(age_seal(&file, KEYS(many), LIMIT_AGE_RECIPIENTS + 1,
                              &random_system, "x", 1, &err),
                     -1);
    assert_int_equal(file.len, 0);
    assert_int_equal(age_seal(&file, KEYS(many), LIMIT_AGE_RECIPIENTS,
                              &random_system, "x", 1, &err),
                     0);
    assert_int_equal(open_with(&out, &p, file.p, file.len, &err), 0);
    buf_free(&file);
    buf_free(&out);
    person_free(&p);
}

static void a_low_order_recipient_seals_nothing(void **state)
{
    (void)state;
    static const uint8_t zero[1][AGE_KEY_LEN];
    struct error err;
    struct buf file = { 0 };

    assert_int_equal(age_seal(&file, zero, 1, &random_system, "x", 1, &err),
                     -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_int_equal(file.len, 0);
}

static void writer_takes_nothing_after_the_end(void **state)
{
    (void)state;
    struct error err;
    struct person p = person_new();
    struct buf header = { 0 }, payload = { 0 };
    struct age_writer *writer = NULL;

    assert_int_equal(age_writer_new(&writer, KEYS(p.recipient), 1,
                                    &random_system, &header, sink_to_buf,
                                    &payload, &err),
                     0);
    assert_null(age_writer_payload_key(writer));
    assert_int_equal(age_writer_finish(writer, &err), 0);
    size_t len = payload.len;
    assert_int_equal(age_writer_add(writer, "x", 1, &err), -1);
    assert_int_equal(age_writer_finish(writer, &err), -1);
    assert_int_equal(payload.len, len);
    age_writer_free(&writer);
    buf_free(&header);
    buf_free(&payload);
    person_free(&p);
}

static int sink_breaks(void *arg, const uint8_t *p, size_t n, struct error *err)
{
    int *calls = arg;
    (void)p;
    (void)n;
    return ++*calls > 1 ? error_set(err, ERR_FULL, "no room") : 0;
}

static void writer_is_dead_after_its_sink_failed(void **state)
{
    (void)state;
    int calls = 0;
    struct error err;
    struct person p = person_new();
    struct buf header = { 0 }, plain = bytes_new(4 * AGE_CHUNK + 1);
    struct age_writer *writer = NULL;

    assert_int_equal(age_writer_new(&writer, KEYS(p.recipient), 1,
                                    &random_system, &header, sink_breaks,
                                    &calls, &err),
                     0);
    assert_int_equal(age_writer_add(writer, plain.p, plain.len, &err), -1);
    assert_int_equal(err.code, ERR_FULL);
    assert_int_equal(age_writer_add(writer, "x", 1, &err), -1);
    assert_int_equal(age_writer_finish(writer, &err), -1);
    assert_null(age_writer_payload_key(writer));
    assert_int_equal(calls, 2);
    age_writer_free(&writer);
    buf_free(&header);
    buf_free(&plain);
    person_free(&p);
}

static void opener_takes_nothing_after_an_error(void **state)
{
    (void)state;
    struct error err;
    struct person p = person_new();
    const struct secret *identities[] = { p.identity };
    struct buf file = { 0 }, out = { 0 };
    struct age_opener *opener = NULL;

    seal_for(&file, &p, "abc", 3);
    assert_int_equal(
        age_opener_new(&opener, identities, 1, sink_to_buf, &out, &err), 0);
    assert_int_equal(age_opener_add(opener, "--- x\n", 6, &err), -1);
    assert_int_equal(age_opener_add(opener, file.p, file.len, &err), -1);
    assert_int_equal(age_opener_finish(opener, &err), -1);
    assert_int_equal(out.len, 0);
    age_opener_free(&opener);
    buf_free(&file);
    buf_free(&out);
    person_free(&p);
}

static int sink_breaks_once(void *arg, const uint8_t *p, size_t n,
                            struct error *err)
{
    int *calls = arg;
    (void)p;
    (void)n;
    return ++*calls == 1 ? error_set(err, ERR_FULL, "no room") : 0;
}

static void opener_leaves_no_gap_after_its_sink_failed(void **state)
{
    (void)state;
    int calls = 0;
    struct error err;
    struct person p = person_new();
    const struct secret *identities[] = { p.identity };
    struct buf plain = bytes_new(3 * AGE_CHUNK), file = { 0 };
    struct age_opener *opener = NULL;

    seal_for(&file, &p, plain.p, plain.len);
    size_t cut = header_size(&file) + AGE_NONCE_LEN + AGE_SEALED_CHUNK + 1;
    assert_int_equal(age_opener_begin(&opener, 1, identities, 1,
                                      sink_breaks_once, &calls, &err),
                     0);
    assert_int_equal(age_opener_add(opener, file.p, cut, &err), -1);
    assert_int_equal(err.code, ERR_FULL);
    assert_int_equal(
        age_opener_add(opener, file.p + cut - 1, file.len - cut + 1, &err), -1);
    assert_int_equal(age_opener_finish(opener, &err), -1);
    assert_int_equal(calls, 1);
    age_opener_free(&opener);
    buf_free(&plain);
    buf_free(&file);
    person_free(&p);
}

static void sizes_of_plain_and_payload_are_inverse(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        int64_t n = (int64_t)sizes[i];
        assert_int_equal(age_plain_size(age_payload_size(n)), n);
    }
    assert_int_equal(age_payload_size(0), 32);
    assert_int_equal(age_payload_size(65536), 16 + 65552);
    assert_int_equal(age_payload_size(65537), 16 + 65552 + 17);
}

static void sizes_that_no_file_has_are_refused(void **state)
{
    (void)state;
    assert_int_equal(age_payload_size(-1), -1);
    assert_int_equal(age_payload_size(INT64_MAX), -1);
    assert_int_equal(age_plain_size(-1), -1);
    assert_int_equal(age_plain_size(0), -1);
    assert_int_equal(age_plain_size(31), -1);
    for (int64_t extra = 1; extra <= AGE_TAG_LEN; extra++)
        assert_int_equal(age_plain_size(16 + 65552 + extra), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip_at_every_size),
        cmocka_unit_test(chunks_are_byte_for_byte_those_of_libsodium),
        cmocka_unit_test(pieces_of_any_size_give_the_same_file),
        cmocka_unit_test(every_recipient_opens_and_nobody_else),
        cmocka_unit_test(several_identities_open_one_file),
        cmocka_unit_test(two_files_of_the_same_bytes_have_nothing_in_common),
        cmocka_unit_test(the_number_of_recipients_is_limited),
        cmocka_unit_test(a_low_order_recipient_seals_nothing),
        cmocka_unit_test(writer_takes_nothing_after_the_end),
        cmocka_unit_test(writer_is_dead_after_its_sink_failed),
        cmocka_unit_test(opener_takes_nothing_after_an_error),
        cmocka_unit_test(opener_leaves_no_gap_after_its_sink_failed),
        cmocka_unit_test(sizes_of_plain_and_payload_are_inverse),
        cmocka_unit_test(sizes_that_no_file_has_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
