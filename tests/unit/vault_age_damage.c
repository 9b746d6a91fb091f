/* Damaged, cut, extended and forged age files: nothing of them opens. */
#include "vault_help.h"

/* Flips, cuts and extends every place of a small file. */
static void every_flipped_bit_is_refused(void **state)
{
    (void)state;
    struct person p = person_new();
    struct buf file = { 0 };

    seal_for(&file, &p, "a small file", 12);
    for (size_t bit = 0; bit < 8 * file.len; bit++) {
        file.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_refused(&p, file.p, file.len, "");
        file.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    buf_free(&file);
    person_free(&p);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct person p = person_new();
    struct buf file = { 0 };

    seal_for(&file, &p, "a small file", 12);
    for (size_t n = 0; n < file.len; n++)
        assert_refused(&p, file.p, n, "");
    buf_free(&file);
    person_free(&p);
}

static void every_extension_is_refused(void **state)
{
    (void)state;
    struct person p = person_new();
    struct buf file = { 0 }, twice = { 0 };

    seal_for(&file, &p, "a small file", 12);
    size_t len = file.len;
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t b = (uint8_t)byte;
        assert_int_equal(buf_add(&file, &b, 1), 0);
        assert_refused(&p, file.p, len + 1, "payload");
        file.len = len;
    }
    assert_int_equal(buf_add(&twice, file.p, len), 0);
    assert_int_equal(buf_add(&twice, file.p, len), 0);
    assert_refused(&p, twice.p, twice.len, "payload");
    buf_free(&twice);
    buf_free(&file);
    person_free(&p);
}

static void an_empty_file_is_authenticated_too(void **state)
{
    (void)state;
    struct person p = person_new();
    struct buf file = { 0 };

    seal_for(&file, &p, "", 0);
    file.p[file.len - 1] ^= 1;
    assert_refused(&p, file.p, file.len, "payload");
    assert_refused(&p, file.p, file.len - AGE_TAG_LEN, "payload");
    buf_free(&file);
    person_free(&p);
}

/* A file of three chunks, the last short. */
static size_t three_chunks(struct buf *file, const struct person *p)
{
    struct buf plain = bytes_new(2 * AGE_CHUNK + 100);
    seal_for(file, p, plain.p, plain.len);
    buf_free(&plain);
    return header_size(file) + AGE_NONCE_LEN;
}

static void swapped_chunks_are_refused(void **state)
{
    (void)state;
    struct person p = person_new();
    struct buf file = { 0 };
    size_t at = three_chunks(&file, &p);

    for (size_t i = 0; i < AGE_SEALED_CHUNK; i++) {
        uint8_t byte = file.p[at + i];
        file.p[at + i] = file.p[at + AGE_SEALED_CHUNK + i];
        file.p[at + AGE_SEALED_CHUNK + i] = byte;
    }
    assert_refused(&p, file.p, file.len, "payload: chunk 0");
    buf_free(&file);
    person_free(&p);
}

static void a_dropped_or_doubled_chunk_is_refused(void **state)
{
    (void)state;
    struct person p = person_new();
    struct buf file = { 0 }, other = { 0 };
    size_t at = three_chunks(&file, &p);
    size_t rest = at + AGE_SEALED_CHUNK;

    /* Without the first; then with the first twice. */
    assert_int_equal(buf_add(&other, file.p, at), 0);
    assert_int_equal(buf_add(&other, file.p + rest, file.len - rest), 0);
    assert_refused(&p, other.p, other.len, "payload: chunk 0");
    buf_reset(&other);
    assert_int_equal(buf_add(&other, file.p, rest), 0);
    assert_int_equal(buf_add(&other, file.p + at, file.len - at), 0);
    assert_refused(&p, other.p, other.len, "payload: chunk 1");
    buf_free(&file);
    buf_free(&other);
    person_free(&p);
}

static void a_file_cut_between_chunks_is_refused(void **state)
{
    (void)state;
    struct person p = person_new();
    struct buf file = { 0 };
    size_t at = three_chunks(&file, &p);

    assert_refused(&p, file.p, at, "payload: ends early");
    assert_refused(&p, file.p, at + AGE_SEALED_CHUNK, "payload: ends early");
    assert_refused(&p, file.p, at + 2 * AGE_SEALED_CHUNK,
                   "payload: ends early");
    buf_free(&file);
    person_free(&p);
}

static void bytes_after_a_full_last_chunk_are_refused(void **state)
{
    (void)state;
    struct person p = person_new();
    struct buf plain = bytes_new(AGE_CHUNK), file = { 0 };

    seal_for(&file, &p, plain.p, plain.len);
    assert_int_equal(buf_add(&file, "x", 1), 0);
    assert_refused(&p, file.p, file.len, "payload: goes on after its end");
    buf_free(&plain);
    buf_free(&file);
    person_free(&p);
}

static void only_sound_chunks_reach_the_sink(void **state)
{
    (void)state;
    struct error err;
    struct person p = person_new();
    const struct secret *identities[] = { p.identity };
    struct buf file = { 0 }, out = { 0 };
    struct age_opener *opener = NULL;
    size_t at = three_chunks(&file, &p);

    /* However many are opened at once. */
    file.p[at + AGE_SEALED_CHUNK + 5] ^= 0x40;
    for (size_t chunks = 1; chunks <= AGE_BATCH; chunks++) {
        buf_reset(&out);
        assert_int_equal(age_opener_begin(&opener, chunks, identities, 1,
                                          sink_to_buf, &out, &err),
                         0);
        int added = age_opener_add(opener, file.p, file.len, &err);
        assert_true(added != 0 || age_opener_finish(opener, &err) != 0);
        assert_int_equal(err.code, ERR_VERIFY);
        assert_int_equal(out.len, AGE_CHUNK);
        assert_int_equal(age_opener_finish(opener, &err), -1);
        age_opener_free(&opener);
    }
    buf_free(&file);
    buf_free(&out);
    person_free(&p);
}

/* ---- forged payloads: the right key, but against the rules -------------- */

struct forged {
    struct person p;
    struct secret *key;
    struct buf file;
};

static void forge(struct forged *f)
{
    struct error err;
    uint8_t nonce[AGE_NONCE_LEN] = { 7 };
    struct secret *file_key = secret_new(AGE_FILE_KEY_LEN);

    memset(f, 0, sizeof(*f));
    assert_non_null(file_key);
    f->p = person_new();
    assert_int_equal(age_header_seal(&f->file, KEYS(f->p.recipient), 1,
                                     file_key, &random_system, &err),
                     0);
    assert_int_equal(buf_add(&f->file, nonce, sizeof(nonce)), 0);
    f->key = age_payload_key(file_key, nonce);
    assert_non_null(f->key);
    secret_free(&file_key);
}

static void forge_chunk(struct forged *f, size_t len, uint64_t chunk, bool last)
{
    static uint8_t plain[AGE_CHUNK], sealed[AGE_SEALED_CHUNK];
    age_payload_seal(sealed, plain, len, f->key, chunk, last);
    assert_int_equal(buf_add(&f->file, sealed, len + AGE_TAG_LEN), 0);
}

static void forged_free(struct forged *f)
{
    secret_free(&f->key);
    buf_free(&f->file);
    person_free(&f->p);
}

static void a_full_chunk_may_be_the_last(void **state)
{
    (void)state;
    struct error err;
    struct buf out = { 0 };
    struct forged f;

    forge(&f);
    forge_chunk(&f, AGE_CHUNK, 0, false);
    forge_chunk(&f, AGE_CHUNK, 1, true);
    assert_int_equal(open_with(&out, &f.p, f.file.p, f.file.len, &err), 0);
    assert_int_equal(out.len, 2 * AGE_CHUNK);
    buf_free(&out);
    forged_free(&f);
}

static void an_empty_last_chunk_after_others_is_refused(void **state)
{
    (void)state;
    struct forged f;
    forge(&f);
    forge_chunk(&f, AGE_CHUNK, 0, false);
    forge_chunk(&f, 0, 1, true);
    assert_refused(&f.p, f.file.p, f.file.len, "payload: an empty last");
    forged_free(&f);
}

static void a_short_chunk_in_the_middle_is_refused(void **state)
{
    (void)state;
    struct forged f;
    forge(&f);
    forge_chunk(&f, 1000, 0, false);
    forge_chunk(&f, 1000, 1, true);
    assert_refused(&f.p, f.file.p, f.file.len, "payload: chunk 0");
    forged_free(&f);
}

static void a_stream_without_last_flag_is_refused(void **state)
{
    (void)state;
    struct forged f;
    forge(&f);
    forge_chunk(&f, 1000, 0, false);
    assert_refused(&f.p, f.file.p, f.file.len, "payload: chunk 0");
    forged_free(&f);
}

static void a_counter_that_starts_at_one_is_refused(void **state)
{
    (void)state;
    struct forged f;
    forge(&f);
    forge_chunk(&f, 1000, 1, true);
    assert_refused(&f.p, f.file.p, f.file.len, "payload: chunk 0");
    forged_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_extension_is_refused),
        cmocka_unit_test(an_empty_file_is_authenticated_too),
        cmocka_unit_test(swapped_chunks_are_refused),
        cmocka_unit_test(a_dropped_or_doubled_chunk_is_refused),
        cmocka_unit_test(a_file_cut_between_chunks_is_refused),
        cmocka_unit_test(bytes_after_a_full_last_chunk_are_refused),
        cmocka_unit_test(only_sound_chunks_reach_the_sink),
        cmocka_unit_test(a_full_chunk_may_be_the_last),
        cmocka_unit_test(an_empty_last_chunk_after_others_is_refused),
        cmocka_unit_test(a_short_chunk_in_the_middle_is_refused),
        cmocka_unit_test(a_stream_without_last_flag_is_refused),
        cmocka_unit_test(a_counter_that_starts_at_one_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
