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
    };
    int failed;

    identity = age_identity_new(&random_system);
    if (identity == NULL || age_identity_recipient(recipient[0], identity) != 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    forget(NULL);
    secret_free(&identity);
    return failed;
}
