/* Reading anywhere in a sealed payload, and nowhere in a damaged one. */
#include "vault_help.h"

struct sealed {
    struct buf plain, payload;
    struct secret *key;
    unsigned reads;
};

static void sealed_new(struct sealed *s, size_t n)
{
    struct error err;
    struct buf header = { 0 };
    struct age_writer *writer = NULL;
    struct person p = person_new();

    memset(s, 0, sizeof(*s));
    s->plain = bytes_new(n);
    assert_int_equal(age_writer_new(&writer, KEYS(p.recipient), 1,
                                    &random_system, &header, sink_to_buf,
                                    &s->payload, &err),
                     0);
    assert_int_equal(age_writer_add(writer, s->plain.p, n, &err), 0);
    assert_int_equal(age_writer_finish(writer, &err), 0);
    s->key = age_writer_payload_key(writer);
    assert_non_null(s->key);
    age_writer_free(&writer);
    buf_free(&header);
    person_free(&p);
}

static void sealed_free(struct sealed *s)
{
    buf_free(&s->plain);
    buf_free(&s->payload);
    secret_free(&s->key);
}

static int read_at(void *arg, int64_t offset, uint8_t *out, size_t len,
                   struct error *err)
{
    struct sealed *s = arg;
    s->reads++;
    if (offset < 0 || (uint64_t)offset + len > s->payload.len)
        return error_set(err, ERR_IO, "short read");
    memcpy(out, s->payload.p + offset, len);
    return 0;
}

static struct age_reader *reader_new(struct sealed *s)
{
    struct error err;
    struct age_reader *r = NULL;
    assert_int_equal(
        age_reader_new(&r, s->key, (int64_t)s->payload.len, read_at, s, &err),
        0);
    return r;
}

static void check_range(struct age_reader *r, const struct sealed *s,
                        size_t offset, size_t len)
{
    struct error err;
    size_t got = 0;
    uint8_t *out = malloc(len + 1);
    assert_non_null(out);

    assert_int_equal(age_reader_read(r, (int64_t)offset, out, len, &got, &err),
                     0);
    size_t left = offset < s->plain.len ? s->plain.len - offset : 0;
    assert_int_equal(got, len < left ? len : left);
    if (got > 0)
        assert_memory_equal(out, s->plain.p + offset, got);
    free(out);
}

static void random_ranges_give_the_plain_bytes(void **state)
{
    (void)state;
    struct sealed s;
    sealed_new(&s, 1000000);
    struct age_reader *r = reader_new(&s);

    assert_int_equal(age_reader_size(r), 1000000);
    for (int i = 0; i < 400; i++)
        check_range(r, &s, randombytes_uniform(1000100),
                    randombytes_uniform(200000));
    check_range(r, &s, 0, 1000000);
    age_reader_free(&r);
    sealed_free(&s);
}

static void ranges_at_the_edges_of_chunks(void **state)
{
    (void)state;
    static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072 };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct sealed s;
        sealed_new(&s, sizes[i]);
        struct age_reader *r = reader_new(&s);
        assert_int_equal(age_reader_size(r), sizes[i]);
        check_range(r, &s, 0, sizes[i] + 10);
        check_range(r, &s, 65535, 2);
        check_range(r, &s, 65536, 1);
        check_range(r, &s, sizes[i], 1);
        check_range(r, &s, 1000000, 1);
        age_reader_free(&r);
        sealed_free(&s);
    }
}

static void a_chunk_is_fetched_once_for_reads_within_it(void **state)
{
    (void)state;
    struct sealed s;
    sealed_new(&s, 200000);
    struct age_reader *r = reader_new(&s);

    unsigned before = s.reads;
    for (size_t at = 0; at < 60000; at += 1000)
        check_range(r, &s, at, 1000);
    assert_int_equal(s.reads, before + 1);
    age_reader_free(&r);
    sealed_free(&s);
}

static void a_read_before_the_start_is_refused(void **state)
{
    (void)state;
    struct error err;
    uint8_t byte = 0;
    size_t got = 7;
    struct sealed s;
    sealed_new(&s, 10);
    struct age_reader *r = reader_new(&s);

    assert_int_equal(age_reader_read(r, -1, &byte, 1, &got, &err), -1);
    assert_int_equal(age_reader_read(r, INT64_MIN, &byte, 1, &got, &err), -1);
    assert_int_equal(got, 0);
    assert_int_equal(age_reader_read(r, INT64_MAX, &byte, 1, &got, &err), 0);
    assert_int_equal(got, 0);
    age_reader_free(&r);
    sealed_free(&s);
}

static void refused_at_once(struct sealed *s, int64_t size)
{
    struct error err;
    struct age_reader *r = NULL;
    assert_int_equal(age_reader_new(&r, s->key, size, read_at, s, &err), -1);
    assert_null(r);
    assert_int_equal(err.code, ERR_VERIFY);
    assert_begins(err.text, "payload: ");
}

static void truncation_is_known_before_anything_is_read(void **state)
{
    (void)state;
    struct sealed s;
    sealed_new(&s, 3 * AGE_CHUNK + 5);

    /* Between chunks, within one, and by a byte. */
    refused_at_once(&s, AGE_NONCE_LEN + 3 * (int64_t)AGE_SEALED_CHUNK);
    refused_at_once(&s, AGE_NONCE_LEN + (int64_t)AGE_SEALED_CHUNK);
    refused_at_once(&s, AGE_NONCE_LEN + 1000);
    refused_at_once(&s, (int64_t)s.payload.len - 1);
    refused_at_once(&s, AGE_NONCE_LEN);
    refused_at_once(&s, 0);
    sealed_free(&s);
}

static void extension_is_known_before_anything_is_read(void **state)
{
    (void)state;
    struct sealed s;
    sealed_new(&s, AGE_CHUNK);
    struct buf more = bytes_new(AGE_SEALED_CHUNK);

    assert_int_equal(buf_add(&s.payload, more.p, more.len), 0);
    refused_at_once(&s, (int64_t)s.payload.len);
    refused_at_once(&s, AGE_NONCE_LEN + (int64_t)AGE_SEALED_CHUNK + 100);
    buf_free(&more);
    sealed_free(&s);
}

static void a_damaged_chunk_gives_nothing_of_a_read_through_it(void **state)
{
    (void)state;
    static uint8_t out[3 * AGE_CHUNK];
    static const uint8_t zeros[3 * AGE_CHUNK];
    struct error err;
    size_t got = 7;
    struct sealed s;
    sealed_new(&s, 3 * AGE_CHUNK);
    s.payload.p[AGE_NONCE_LEN + AGE_SEALED_CHUNK + 9] ^= 1;
    struct age_reader *r = reader_new(&s);

    memset(out, 0, sizeof(out));
    assert_int_equal(age_reader_read(r, 0, out, sizeof(out), &got, &err), -1);
    assert_int_equal(err.code, ERR_VERIFY);
    assert_int_equal(got, 0);
    assert_memory_equal(out, zeros, sizeof(out));

    /* The chunks beside it can still be read. */
    check_range(r, &s, 0, AGE_CHUNK);
    check_range(r, &s, 2 * AGE_CHUNK, AGE_CHUNK);
    age_reader_free(&r);
    sealed_free(&s);
}

static void swapped_chunks_are_refused(void **state)
{
    (void)state;
    struct error err;
    uint8_t byte = 0;
    size_t got = 0;
    struct sealed s;
    sealed_new(&s, 3 * AGE_CHUNK);
    uint8_t *first = s.payload.p + AGE_NONCE_LEN;
    memcpy(first, first + AGE_SEALED_CHUNK, AGE_SEALED_CHUNK);
    struct age_reader *r = reader_new(&s);

    assert_int_equal(age_reader_read(r, 0, &byte, 1, &got, &err), -1);
    assert_int_equal(err.code, ERR_VERIFY);
    age_reader_free(&r);
    sealed_free(&s);
}

static void the_key_of_another_payload_opens_nothing(void **state)
{
    (void)state;
    struct sealed a, b;
    sealed_new(&a, 10);
    sealed_new(&b, 10);
    struct secret *key = a.key;
    a.key = b.key;
    refused_at_once(&a, (int64_t)a.payload.len);
    a.key = key;
    sealed_free(&a);
    sealed_free(&b);
}

static int read_fails(void *arg, int64_t offset, uint8_t *out, size_t len,
                      struct error *err)
{
    (void)arg;
    (void)offset;
    (void)out;
    (void)len;
    return error_set(err, ERR_IO, "gone");
}

static void an_error_of_the_source_is_passed_on(void **state)
{
    (void)state;
    struct error err;
    struct age_reader *r = NULL;
    struct sealed s;
    sealed_new(&s, 10);
    assert_int_equal(age_reader_new(&r, s.key, (int64_t)s.payload.len,
                                    read_fails, NULL, &err),
                     -1);
    assert_int_equal(err.code, ERR_IO);
    sealed_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_ranges_give_the_plain_bytes),
        cmocka_unit_test(ranges_at_the_edges_of_chunks),
        cmocka_unit_test(a_chunk_is_fetched_once_for_reads_within_it),
        cmocka_unit_test(a_read_before_the_start_is_refused),
        cmocka_unit_test(truncation_is_known_before_anything_is_read),
        cmocka_unit_test(extension_is_known_before_anything_is_read),
        cmocka_unit_test(a_damaged_chunk_gives_nothing_of_a_read_through_it),
        cmocka_unit_test(swapped_chunks_are_refused),
        cmocka_unit_test(the_key_of_another_payload_opens_nothing),
        cmocka_unit_test(an_error_of_the_source_is_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
