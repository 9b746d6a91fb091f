/* registrar: questions whose message waits to go, and what ended them
 * meanwhile. The clock is the test's. */
#include "retain_help.h"

#include "notices_help.h"

#define WHO "573000000009"

static void message(struct fixture *f, const char *body)
{
    static unsigned n;
    char wamid[48];

    (void)snprintf(wamid, sizeof(wamid), "wamid.q.%u", n++);
    help_message_to(f, "8001", WHO, wamid, body);
    help_settle(f);
}

static void say(struct fixture *f, const char *text)
{
    char body[256];

    (void)snprintf(body, sizeof(body),
                   "\"type\":\"text\",\"text\":{\"body\":\"%s\"}", text);
    message(f, body);
}

static void tap(struct fixture *f, const char *id)
{
    char body[256];

    (void)snprintf(body, sizeof(body),
                   "\"type\":\"interactive\",\"interactive\":{\"button_reply\":"
                   "{\"id\":\"%s\"}}",
                   id);
    message(f, body);
}

static size_t asked(const struct fixture *f, const char *purpose)
{
    char id[96];
    size_t n = 0;

    (void)snprintf(id, sizeof(id), "\"grant/%s/", purpose);
    for (size_t i = 0; i < f->nsends; i++)
        n += strstr(f->sends[i].body, id) != NULL;
    return n;
}

/* Meta does not take what was sent last: it is to go again. */
static void refused(struct fixture *f)
{
    assert_int_equal(registrar_post_sent(f->r, f->sends[f->nsends - 1].outbox,
                                         SEND_RETRY, 0, NULL),
                     0);
    (void)registrar_step(f->r);
}

static void ends_where_they_said_no(void **state)
{
    struct fixture *f = *state;

    say(f, "hola");
    assert_int_equal(asked(f, "case_processing"), 1);
    refused(f);
    say(f, "BAJA");
    help_reopen(f);
    help_pass(f, MSEC_H);
    assert_int_equal(asked(f, "case_processing"), 1);
    /* A no by itself: what did not arrive was shown to nobody. */
    assert_int_equal(help_leaves(f, "consent_requested"), 0);
    assert_int_equal(help_leaves(f, "notice_presented"), 0);
    assert_true(help_leaves(f, "consent_refused") > 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbox WHERE kind ="
                                    " 'prompt' AND state = 'failed'"),
                     1);
}

static void goes_again_while_it_is_open(void **state)
{
    struct fixture *f = *state;

    say(f, "hola");
    refused(f);
    help_reopen(f);
    help_pass(f, 5 * MSEC_S);
    assert_int_equal(asked(f, "case_processing"), 2);
}

static void a_tap_proves_that_it_came(void **state)
{
    struct fixture *f = *state;

    say(f, "hola");
    refused(f);
    tap(f, "grant/case_processing/2026-11");
    help_pass(f, MSEC_H);
    assert_int_equal(asked(f, "case_processing"), 1);
    assert_int_equal(help_leaves(f, "consent_requested"), 1);
    assert_int_equal(help_leaves(f, "consent_given"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbox WHERE kind ="
                                    " 'prompt' AND state = 'sent'"),
                     1);
}

static void a_child_is_asked_nothing(void **state)
{
    struct fixture *f = *state;

    say(f, "hola");
    refused(f);
    say(f, "soy menor de edad");
    help_pass(f, MSEC_H);
    assert_int_equal(asked(f, "case_processing"), 1);
    assert_int_equal(help_leaves(f, "consent_requested"), 0);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, help_setup, help_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ends_where_they_said_no),
        TEST(goes_again_while_it_is_open),
        TEST(a_tap_proves_that_it_came),
        TEST(a_child_is_asked_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
