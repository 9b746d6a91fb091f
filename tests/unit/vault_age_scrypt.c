/* Files that a passphrase opens. */
#include "vault_help.h"

#define WORK 4u

struct asked {
    const char *answer; /* NULL: nobody answers */
    int times;
    unsigned most; /* 0: LIMIT_AGE_WORK */
};

static struct secret *answer(void *arg, struct error *err)
{
    struct asked *a = arg;

    a->times++;
    if (a->answer == NULL) {
        (void)error_set(err, ERR_INPUT, "nobody there");
        return NULL;
    }
    return secret_copy(a->answer, strlen(a->answer));
}

static void seal_with(struct buf *file, const char *passphrase, unsigned work)
{
    struct error err;
    struct buf payload = { 0 };
    struct age_writer *w = NULL;
    struct secret *s = secret_copy(passphrase, strlen(passphrase));

    assert_non_null(s);
    assert_int_equal(age_writer_new_passphrase(&w, s, work, &random_system,
                                               file, sink_to_buf, &payload,
                                               &err),
                     0);
    secret_free(&s);
    assert_int_equal(age_writer_add(w, "abc", 3, &err), 0);
    assert_int_equal(age_writer_finish(w, &err), 0);
    assert_int_equal(buf_add(file, payload.p, payload.len), 0);
    age_writer_free(&w);
    buf_free(&payload);
}

static int open_asking(struct buf *out, struct asked *a, const struct buf *file,
                       struct error *err)
{
    struct age_opener *o = NULL;
    int ok;

    assert_int_equal(age_opener_new(&o, NULL, 0, sink_to_buf, out, err), 0);
    age_opener_ask(o, a->most != 0 ? a->most : LIMIT_AGE_WORK, answer, a);
    ok = age_opener_add(o, file->p, file->len, err);
    if (ok == 0)
        ok = age_opener_finish(o, err);
    age_opener_free(&o);
    return ok;
}

static void the_passphrase_opens(void **state)
{
    struct error err;
    struct buf file = { 0 }, out = { 0 };
    struct asked a = { "correct horse", 0, 0 };

    (void)state;
    seal_with(&file, "correct horse", WORK);
    assert_int_equal(open_asking(&out, &a, &file, &err), 0);
    assert_int_equal(a.times, 1);
    assert_int_equal(out.len, 3);
    assert_memory_equal(out.p, "abc", 3);
    buf_free(&file);
    buf_free(&out);
}

static void another_passphrase_does_not(void **state)
{
    static const char *const others[] = { "correct hors", "correct horse ", "",
                                          "Correct horse" };
    struct error err;
    struct buf file = { 0 }, out = { 0 };

    (void)state;
    seal_with(&file, "correct horse", WORK);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct asked a = { others[i], 0, 0 };

        assert_int_equal(open_asking(&out, &a, &file, &err), -1);
        assert_begins(err.text, "no identity matched");
        assert_int_equal(out.len, 0);
    }
    buf_free(&file);
}

static void nobody_is_asked_in_vain(void **state)
{
    struct error err;
    struct person p = person_new();
    struct buf file = { 0 }, out = { 0 };
    struct asked a = { "x", 0, 0 };

    (void)state;
    seal_for(&file, &p, "abc", 3);
    assert_int_equal(open_asking(&out, &a, &file, &err), -1);
    assert_string_equal(err.text, "no identity matched");
    assert_int_equal(a.times, 0);

    /* Nor where the header is broken after the stanza. */
    buf_reset(&file);
    seal_with(&file, "x", WORK);
    ((uint8_t *)memmem(file.p, file.len, "--- ", 4))[3] = '-';
    assert_int_equal(open_asking(&out, &a, &file, &err), -1);
    assert_begins(err.text, "header: malformed MAC");
    assert_int_equal(a.times, 0);
    buf_free(&file);
    person_free(&p);
}

static void identities_alone_do_not_open_it(void **state)
{
    struct person p = person_new();
    struct buf file = { 0 };

    (void)state;
    seal_with(&file, "x", WORK);
    assert_refused(&p, file.p, file.len, "no identity matched");
    buf_free(&file);
    person_free(&p);
}

static void an_answer_that_fails_is_the_error(void **state)
{
    struct error err;
    struct buf file = { 0 }, out = { 0 };
    struct asked a = { NULL, 0, 0 };

    (void)state;
    seal_with(&file, "x", WORK);
    assert_int_equal(open_asking(&out, &a, &file, &err), -1);
    assert_string_equal(err.text, "nobody there");
    buf_free(&file);
}

/* The stanza's line, replaced by another. */
static void refused_as(const char *line, const char *text)
{
    struct error err = { 0 };
    struct buf file = { 0 }, other = { 0 }, out = { 0 };
    struct asked a = { "x", 0, 0 };
    uint8_t *from, *to;

    seal_with(&file, "x", WORK);
    from = memmem(file.p, file.len, "-> ", 3);
    to = memchr(from, '\n', 100);
    assert_int_equal(buf_add(&other, file.p, (size_t)(from - file.p)), 0);
    assert_int_equal(buf_adds(&other, line), 0);
    assert_int_equal(buf_add(&other, to, file.len - (size_t)(to - file.p)), 0);
    assert_int_equal(open_asking(&out, &a, &other, &err), -1);
    assert_begins(err.text, text);
    assert_int_equal(out.len, 0);
    buf_free(&file);
    buf_free(&other);
}

#define SALT "AAAAAAAAAAAAAAAAAAAAAA"

static void stanzas_that_break_the_rules_are_refused(void **state)
{
    static const char *const bad[] = {
        "-> scrypt",
        "-> scrypt " SALT,
        "-> scrypt " SALT " 4 5",
        "-> scrypt " SALT " 04",
        "-> scrypt " SALT " 0",
        "-> scrypt " SALT " +4",
        "-> scrypt " SALT " -4",
        "-> scrypt " SALT " 4x",
        "-> scrypt " SALT " 0x4",
        "-> scrypt " SALT " 18446744073709551620",
        "-> scrypt " SALT "A 4",
        "-> scrypt AAAAAAAAAAAAAAAAAAAAAB 4", /* not canonical */
        "-> scrypt AAAAAAAAAAAAAAAAAAAA 4",
        "-> X25519 " SALT "\nAAAA\n-> scrypt " SALT " 4",
        "-> scrypt " SALT " 4\nAAAA\n-> grease",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refused_as(bad[i], "header: ");
    refused_as("-> scrypt " SALT " 23", "header: work factor 23");
    refused_as("-> scrypt " SALT " 4", "no identity matched");
    refused_as("-> SCRYPT " SALT " 4", "no identity matched");
}

/* Nobody is asked, and no memory taken, for more than the caller allows. */
static void larger_work_than_allowed_is_not_begun(void **state)
{
    struct error err;
    struct buf file = { 0 }, out = { 0 };
    struct asked a = { "correct horse", 0, WORK - 1 };

    (void)state;
    seal_with(&file, "correct horse", WORK);
    assert_int_equal(open_asking(&out, &a, &file, &err), -1);
    assert_int_equal(a.times, 0);
    assert_non_null(strstr(err.text, "header: work factor"));
    a.most = WORK;
    assert_int_equal(open_asking(&out, &a, &file, &err), 0);
    assert_int_equal(a.times, 1);
    buf_free(&file);
    buf_free(&out);
}

static void work_factors_have_bounds_when_sealing(void **state)
{
    struct error err;
    struct age_writer *w = NULL;
    struct buf header = { 0 };
    struct secret *s = secret_copy("x", 1);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(
            age_writer_new_passphrase(&w, s, i == 0 ? 0 : LIMIT_AGE_WORK + 1,
                                      &random_system, &header, sink_to_buf,
                                      &header, &err),
            -1);
        assert_null(w);
        assert_int_equal(header.len, 0);
    }
    secret_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_passphrase_opens),
        cmocka_unit_test(another_passphrase_does_not),
        cmocka_unit_test(nobody_is_asked_in_vain),
        cmocka_unit_test(identities_alone_do_not_open_it),
        cmocka_unit_test(an_answer_that_fails_is_the_error),
        cmocka_unit_test(stanzas_that_break_the_rules_are_refused),
        cmocka_unit_test(larger_work_than_allowed_is_not_begun),
        cmocka_unit_test(work_factors_have_bounds_when_sealing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
