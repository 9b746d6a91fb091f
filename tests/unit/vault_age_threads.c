/* Large payloads on several threads: the same bytes, the same refusals. */
#include "vault_help.h"

#include <dirent.h>

/* Past the start of threads, and past one round of the batches. */
#define LARGE ((size_t)12 * 1024 * 1024 + 12345)

struct hall {
    struct person p;
    struct buf plain, file;
};

static int seal_on(struct buf *file, const struct hall *h, unsigned threads,
                   size_t len)
{
    struct error err;
    struct buf payload = { 0 };
    struct age_writer *w = NULL;
    int ok;

    assert_int_equal(age_writer_new(&w, KEYS(h->p.recipient), 1, &random_system,
                                    file, sink_to_buf, &payload, &err),
                     0);
    age_writer_threads(w, threads);
    ok = age_writer_add(w, h->plain.p, len, &err);
    if (ok == 0)
        ok = age_writer_finish(w, &err);
    assert_int_equal(buf_add(file, payload.p, payload.len), 0);
    age_writer_free(&w);
    buf_free(&payload);
    return ok;
}

static int open_on(struct buf *out, const struct hall *h, unsigned threads,
                   size_t len, struct error *err)
{
    const struct secret *identities[] = { h->p.identity };
    struct age_opener *o = NULL;
    int ok = 0;

    buf_reset(out);
    assert_int_equal(age_opener_new(&o, identities, 1, sink_to_buf, out, err),
                     0);
    age_opener_threads(o, threads);
    for (size_t at = 0; ok == 0 && at < len; at += 100000)
        ok = age_opener_add(o, h->file.p + at,
                            len - at < 100000 ? len - at : 100000, err);
    if (ok == 0)
        ok = age_opener_finish(o, err);
    else
        assert_int_equal(age_opener_finish(o, &(struct error){ 0 }), -1);
    age_opener_free(&o);
    return ok;
}

static int hall_new(void **state)
{
    struct hall *h = calloc(1, sizeof(*h));

    assert_non_null(h);
    h->p = person_new();
    h->plain = bytes_new(LARGE);
    assert_int_equal(seal_on(&h->file, h, 4, LARGE), 0);
    *state = h;
    return 0;
}

static int hall_free(void **state)
{
    struct hall *h = *state;

    person_free(&h->p);
    buf_free(&h->plain);
    buf_free(&h->file);
    free(h);
    return 0;
}

static void what_many_sealed_one_opens(void **state)
{
    struct hall *h = *state;
    struct buf out = { 0 };

    assert_int_equal(h->file.len - header_size(&h->file),
                     age_payload_size((int64_t)LARGE));
    assert_int_equal(
        open_with(&out, &h->p, h->file.p, h->file.len, &(struct error){ 0 }),
        0);
    assert_int_equal(out.len, LARGE);
    assert_memory_equal(out.p, h->plain.p, LARGE);
    buf_free(&out);
}

static void any_number_of_threads_opens_it(void **state)
{
    static const unsigned threads[] = { 0, 1, 2, 3, 8, 100 };
    struct hall *h = *state;
    struct buf out = { 0 };
    struct error err;

    for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
        assert_int_equal(open_on(&out, h, threads[i], h->file.len, &err), 0);
        assert_int_equal(out.len, LARGE);
        assert_memory_equal(out.p, h->plain.p, LARGE);
    }
    buf_free(&out);
}

/* Around the place where threads begin, to the byte. */
static void sizes_around_the_first_thread_come_back(void **state)
{
    static const size_t batch = AGE_BATCH * AGE_CHUNK;
    struct hall *h = *state;
    struct buf whole = h->file, out = { 0 };
    struct error err;

    for (size_t n = 7; n < 20; n += 1 + n / 10)
        for (size_t off = 0; off < 3; off++) {
            size_t len = n * batch - 1 + off;

            h->file = (struct buf){ 0 };
            assert_int_equal(seal_on(&h->file, h, 3, len), 0);
            assert_int_equal(open_on(&out, h, 3, h->file.len, &err), 0);
            assert_int_equal(out.len, len);
            assert_memory_equal(out.p, h->plain.p, len);
            buf_free(&h->file);
        }
    h->file = whole;
    buf_free(&out);
}

/* What comes out is all before the damage, and never a byte after it. */
static void damage_is_met_in_order(void **state)
{
    struct hall *h = *state;
    struct buf out = { 0 };
    struct error err;
    size_t at = header_size(&h->file) + AGE_NONCE_LEN;

    for (size_t chunk = 0; chunk <= LARGE / AGE_CHUNK; chunk += 23) {
        uint8_t *byte = h->file.p + at + chunk * AGE_SEALED_CHUNK + 7;
        char text[64];

        *byte ^= 4;
        assert_int_equal(open_on(&out, h, 4, h->file.len, &err), -1);
        (void)snprintf(text, sizeof(text), "payload: chunk %zu ", chunk);
        assert_begins(err.text, text);
        assert_int_equal(err.code, ERR_VERIFY);
        assert_int_equal(out.len, chunk * AGE_CHUNK);
        assert_memory_equal(out.p, h->plain.p, out.len);
        *byte ^= 4;
    }
    buf_free(&out);
}

static void a_cut_is_met_at_its_place(void **state)
{
    struct hall *h = *state;
    struct buf out = { 0 };
    struct error err;
    size_t at = header_size(&h->file) + AGE_NONCE_LEN;

    for (size_t chunk = 1; chunk < LARGE / AGE_CHUNK; chunk += 17) {
        size_t len = at + chunk * AGE_SEALED_CHUNK;

        assert_int_equal(open_on(&out, h, 4, len, &err), -1);
        assert_begins(err.text, "payload: ends early");
        assert_int_equal(out.len, chunk * AGE_CHUNK);
        assert_int_equal(open_on(&out, h, 4, len + 20, &err), -1);
        assert_int_equal(err.code, ERR_VERIFY);
        assert_int_equal(out.len, chunk * AGE_CHUNK);
        assert_memory_equal(out.p, h->plain.p, out.len);
    }
    buf_free(&out);
}

static int threads_now(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int n = 0;

    assert_non_null(tasks);
    for (const struct dirent *e; (e = readdir(tasks)) != NULL;)
        n += e->d_name[0] != '.';
    (void)closedir(tasks);
    return n;
}

/* The most threads that were seen while it was sealed. */
static int watch(void *arg, const uint8_t *p, size_t n, struct error *err)
{
    int *most = arg, now = threads_now();

    (void)p;
    (void)n;
    (void)err;
    *most = now > *most ? now : *most;
    return 0;
}

static int most_threads(const struct hall *h, unsigned threads, size_t len)
{
    struct error err;
    struct age_writer *w = NULL;
    struct buf header = { 0 };
    int before = threads_now(), most = 0;

    assert_int_equal(age_writer_new(&w, KEYS(h->p.recipient), 1, &random_system,
                                    &header, watch, &most, &err),
                     0);
    age_writer_threads(w, threads);
    assert_int_equal(age_writer_add(w, h->plain.p, len, &err), 0);
    assert_int_equal(age_writer_finish(w, &err), 0);
    age_writer_free(&w);
    buf_free(&header);
    return most - before;
}

static void small_ones_stay_on_one(void **state)
{
    struct hall *h = *state;

    assert_int_equal(most_threads(h, 4, 2 * 1024 * 1024), 0);
    assert_int_equal(most_threads(h, 1, LARGE), 0);
    assert_int_equal(most_threads(h, 3, LARGE), 2);
    assert_int_equal(most_threads(h, 1000, LARGE), 3);
}

/* A sink that breaks somewhere on the way, while others are at work. */
static int break_at(void *arg, const uint8_t *p, size_t n, struct error *err)
{
    size_t *left = arg;

    (void)p;
    if (n > *left)
        return error_set(err, ERR_FULL, "no room");
    *left -= n;
    return 0;
}

static void a_full_disk_ends_it_at_once(void **state)
{
    struct hall *h = *state;
    struct error err;

    for (size_t room = 0; room < LARGE; room += 999999) {
        struct age_writer *w = NULL;
        struct buf header = { 0 };
        size_t left = room + AGE_NONCE_LEN;

        assert_int_equal(age_writer_new(&w, KEYS(h->p.recipient), 1,
                                        &random_system, &header, break_at,
                                        &left, &err),
                         0);
        age_writer_threads(w, 4);
        int ok = age_writer_add(w, h->plain.p, LARGE, &err);
        assert_true(ok != 0 || age_writer_finish(w, &err) != 0);
        assert_int_equal(err.code, ERR_FULL);
        assert_null(age_writer_payload_key(w));
        assert_int_equal(age_writer_finish(w, &err), -1);
        age_writer_free(&w);
        buf_free(&header);
    }
}

static void one_that_is_given_up_halfway_is_freed(void **state)
{
    struct hall *h = *state;
    struct error err;
    struct age_writer *w = NULL;
    struct buf header = { 0 }, payload = { 0 };

    assert_int_equal(age_writer_new(&w, KEYS(h->p.recipient), 1, &random_system,
                                    &header, sink_to_buf, &payload, &err),
                     0);
    age_writer_threads(w, 3);
    assert_int_equal(age_writer_add(w, h->plain.p, LARGE, &err), 0);
    age_writer_free(&w);
    assert_null(w);
    buf_free(&header);
    buf_free(&payload);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_many_sealed_one_opens),
        cmocka_unit_test(any_number_of_threads_opens_it),
        cmocka_unit_test(sizes_around_the_first_thread_come_back),
        cmocka_unit_test(damage_is_met_in_order),
        cmocka_unit_test(a_cut_is_met_at_its_place),
        cmocka_unit_test(small_ones_stay_on_one),
        cmocka_unit_test(a_full_disk_ends_it_at_once),
        cmocka_unit_test(one_that_is_given_up_halfway_is_freed),
    };
    return cmocka_run_group_tests(tests, hall_new, hall_free);
}
