/* vault: an age file that was sealed in need of memory opens, or is none. */
#include "fault.h"

#include "resguardo/vault.h"

#define PLAIN_LEN (AGE_CHUNK + 100)

static struct secret *identity;
static uint8_t recipient[1][AGE_KEY_LEN];
static uint8_t plain[PLAIN_LEN];
static struct buf sealed, opened;
static int ended;

static int seal(struct error *err)
{
    return age_seal(&sealed, (const uint8_t(*)[AGE_KEY_LEN])recipient, 1,
                    &random_system, plain, sizeof(plain), err);
}

static int unseal(struct error *err)
{
    const struct secret *const identities[] = { identity };

    return age_open(&opened, identities, 1, sealed.p, sealed.len, err);
}

static void forget(void *arg)
{
    (void)arg;
    buf_free(&sealed);
    buf_free(&opened);
}

static void seal_act(void *arg)
{
    struct error err = { 0 };

    (void)arg;
    ended = seal(&err);
    assert_true(ended == 0 || err.code == ERR_NOMEM);
}

static void verify(void *arg)
{
    struct error err = { 0 };

    (void)arg;
    if (ended != 0) {
        assert_int_equal(sealed.len, 0);
        assert_int_equal(seal(&err), 0);
    }
    assert_int_equal(unseal(&err), 0);
    assert_int_equal(opened.len, sizeof(plain));
    assert_memory_equal(opened.p, plain, sizeof(plain));
}

static void open_prepare(void *arg)
{
    struct error err = { 0 };

    forget(arg);
    assert_int_equal(seal(&err), 0);
}

static void open_act(void *arg)
{
    struct error err = { 0 };

    (void)arg;
    ended = unseal(&err);
    assert_true(ended == 0 || err.code == ERR_NOMEM);
    assert_true(ended == 0 || opened.len == 0);
    buf_free(&opened);
    ended = 0;
}

/* ---- on several threads ------------------------------------------------- */

/* Past the start of threads at 2 MiB, and past as much again. */
#define LARGE ((size_t)5 * 1024 * 1024)
static uint8_t *large;

static int into_buf(void *arg, const uint8_t *p, size_t n, struct error *err)
{
    return buf_add(arg, p, n) == 0 ? 0 : error_set(err, ERR_NOMEM, "memory");
}

static int seal_large(struct error *err)
{
    struct age_writer *w = NULL;
    struct buf payload = { 0 };
    int ok = -1;

    if (age_writer_new(&w, (const uint8_t(*)[AGE_KEY_LEN])recipient, 1,
                       &random_system, &sealed, into_buf, &payload, err) != 0)
        goto out;
    age_writer_threads(w, 3);
    if (age_writer_add(w, large, LARGE, err) == 0 &&
        age_writer_finish(w, err) == 0)
        ok = into_buf(&sealed, payload.p, payload.len, err);
out:
    if (ok != 0)
        buf_free(&sealed);
    age_writer_free(&w);
    buf_free(&payload);
    return ok;
}

static int unseal_large(struct error *err)
{
    const struct secret *const identities[] = { identity };
    struct age_opener *o = NULL;
    int ok = -1;

    if (age_opener_new(&o, identities, 1, into_buf, &opened, err) != 0)
        return -1;
    age_opener_threads(o, 3);
    if (age_opener_add(o, sealed.p, sealed.len, err) == 0)
        ok = age_opener_finish(o, err);
    age_opener_free(&o);
    return ok;
}

static void check_large(void *arg)
{
    struct error err = { 0 };

    (void)arg;
    buf_free(&opened);
    if (ended != 0)
        assert_int_equal(seal_large(&err), 0);
    assert_int_equal(unseal_large(&err), 0);
    assert_int_equal(opened.len, LARGE);
    assert_memory_equal(opened.p, large, LARGE);
}

static void seal_large_act(void *arg)
{
    struct error err = { 0 };

    (void)arg;
    ended = seal_large(&err);
    assert_true(ended == 0 || err.code == ERR_NOMEM);
}

static void open_large_prepare(void *arg)
{
    struct error err = { 0 };

    forget(arg);
    assert_int_equal(seal_large(&err), 0);
    ended = 0;
}

/* What was released when it failed is the beginning of it. */
static void open_large_act(void *arg)
{
    struct error err = { 0 };
    int ok;

    (void)arg;
    ok = unseal_large(&err);
    assert_true(ok == 0 || err.code == ERR_NOMEM);
    assert_true(ok != 0 || opened.len == LARGE);
    if (opened.len > 0)
        assert_memory_equal(opened.p, large, opened.len);
}

static void sealing_on_threads(void **state)
{
    const struct fault_walk walk = { .name = "seal, large",
                                     .prepare = forget,
                                     .act = seal_large_act,
                                     .verify = check_large,
                                     .slow = true };

    (void)state;
    assert_true(fault_walk(&walk) > 0);
}

static void opening_on_threads(void **state)
{
    const struct fault_walk walk = { .name = "open, large",
                                     .prepare = open_large_prepare,
                                     .act = open_large_act,
                                     .verify = check_large,
                                     .slow = true };

    (void)state;
    assert_true(fault_walk(&walk) > 0);
}

static void sealing(void **state)
{
    const struct fault_walk walk = {
        .name = "seal", .prepare = forget, .act = seal_act, .verify = verify
    };

    (void)state;
    assert_true(fault_walk(&walk) > 0);
}

static void opening(void **state)
{
    const struct fault_walk walk = { .name = "open",
                                     .prepare = open_prepare,
                                     .act = open_act,
                                     .verify = verify };

    (void)state;
    assert_true(fault_walk(&walk) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealing),
        cmocka_unit_test(opening),
        cmocka_unit_test(sealing_on_threads),
        cmocka_unit_test(opening_on_threads),
    };
    int failed;

    identity = age_identity_new(&random_system);
    if (identity == NULL || age_identity_recipient(recipient[0], identity) != 0)
        return 1;
    large = malloc(LARGE);
    if (large == NULL)
        return 1;
    random_fill(&random_system, large, LARGE);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    forget(NULL);
    free(large);
    secret_free(&identity);
    return failed;
}
