/* registrar: data that are kept and not used (GDPR, art. 18), and taken along
 * (art. 20). */
#include "keep_help.h"

#include "registrar/registrar_private.h"
#include "registrar/request_private.h"
#include "store/store_private.h"

#define NUMBER(sql) help_number(f, "SELECT count(*) FROM request WHERE " sql)

static int order_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_request(r, arg, err);
}

static struct request_order opened(struct fixture *f, const char *kind)
{
    struct request_order o = { .by = help_by(ANA),
                               .action = REQUEST_OPEN,
                               .kind = kind,
                               .policy = "es-gdpr" };

    o.by.reason = "llegó por correo";
    person_of(f, o.by.subject);
    CALLS(f, order_request, &o);
    return o;
}

static struct hold_order restriction(struct fixture *f)
{
    struct hold_order o = { .by = help_by(ANA), .kind = HOLD_RESTRICTION };

    o.by.reason = "impugna la exactitud";
    person_of(f, o.by.subject);
    return o;
}

static bool was_said(const struct fixture *f, const char *words)
{
    for (size_t i = 0; i < f->nsends; i++)
        if (strstr(f->sends[i].body, words) != NULL)
            return true;
    return false;
}

static void one_is_granted_once_it_is_there(void **state)
{
    struct fixture *f = *state;
    struct request_order first = opened(f, "restrict"), o = first;
    struct hold_order hold = restriction(f);

    assert_int_equal(NUMBER("type = 'restrict' AND clock = 'derechos'"), 1);
    o.action = REQUEST_CLOSE;
    o.outcome = "granted";
    o.told = "por carta";
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "rule not_restricted (GDPR, art. 18)"));
    o.outcome = "refused";
    o.ground = "unfounded";
    CALLS(f, order_request, &o);

    o = opened(f, "restrict");
    CALLS(f, hold_request, &hold);
    o.action = REQUEST_CLOSE;
    o.outcome = "granted";
    o.told = "por carta";
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("outcome = 'granted'"), 1);
}

/* No day ends it, and nobody who does not say how they were told. */
static void they_are_told_before_it_ends(void **state)
{
    struct fixture *f = *state;
    struct hold_order hold = restriction(f);

    hold.until = f->now + MSEC_D;
    REFUSES(f, hold_request, &hold, ERR_INPUT);
    hold.until = 0;
    CALLS(f, hold_request, &hold);

    /* Nobody asked for it in the chat. */
    REFUSES(f, lift_request, &hold, ERR_NOT_PERMITTED);
    assert_non_null(
        strstr(f->e.text, "rule notice_to_person (GDPR, art. 18.3)"));
    assert_int_equal(help_leaves(f, "hold_lifted"), 0);
    hold.told = "carta certificada";
    CALLS(f, lift_request, &hold);
    assert_int_equal(help_leaves(f, "hold_lifted"), 1);
    assert_int_equal(
        help_number(f, "SELECT count(*) FROM ledger WHERE json_extract("
                       "CAST(entry AS TEXT), '$.evidence.notice') ="
                       " 'elsewhere' AND json_extract(CAST(entry AS TEXT),"
                       " '$.event_type') = 'hold_lifted'"),
        1);
}

static void they_are_told_in_the_chat_while_it_is_open(void **state)
{
    struct fixture *f = *state;
    struct hold_order hold = restriction(f), again = restriction(f);

    (void)opened(f, "restrict");
    CALLS(f, hold_request, &hold);
    CALLS(f, hold_request, &again);
    hold.by.reason = "los datos eran exactos";
    CALLS(f, lift_request, &hold);
    help_settle(f);
    assert_true(was_said(f, "los datos eran exactos"));
    assert_true(was_said(f, "limitado el uso"));

    /* A day later no message can be written. */
    help_accept_all(f, 0);
    help_pass(f, 25 * MSEC_H);
    REFUSES(f, lift_request, &again, ERR_NOT_PERMITTED);
}

/* Other holds end as they did. */
static void who_is_held_otherwise_is_told_nothing(void **state)
{
    struct fixture *f = *state;
    struct hold_order o = hold(f, true, 0);

    CALLS(f, lift_request, &o);
    assert_int_equal(help_leaves(f, "hold_lifted"), 1);
}

static void what_is_restricted_is_kept(void **state)
{
    struct fixture *f = *state;
    struct hold_order hold = restriction(f);

    help_stored(f, WHO, "wamid.a", "image/jpeg");
    CALLS(f, hold_request, &hold);
    (void)erase(f);
    help_pass(f, 10 * MSEC_D);
    assert_int_equal(documents(f), 1);
    assert_int_equal(help_leaves(f, "subject_erased"), 0);
}

/* As a copy is: not by an export alone, of which they know nothing. */
static void what_is_taken_along_is_answered_as_a_copy(void **state)
{
    struct fixture *f = *state;
    struct staff_access by = help_by(ANA), whole;

    by.event_type = "subject_exported";
    by.reason = "lo pidió";
    person_of(f, by.subject);

    /* What their own no blocked is read while they ask for it, and else never:
     * the writer asks again, whatever the desk saw before. */
    whole = by;
    whole.for_subject = true;
    assert_int_not_equal(
        call(f, (help_request)(void (*)(void))registrar_record, &whole), 0);
    assert_int_equal(f->e.code, ERR_NOT_PERMITTED);
    assert_int_equal(help_leaves(f, "subject_exported"), 0);
    (void)opened(f, "portability");
    assert_int_equal(NUMBER("type = 'portability' AND closed IS NULL"), 1);
    assert_int_equal(
        call(f, (help_request)(void (*)(void))registrar_record, &whole), 0);
    assert_int_equal(
        call(f, (help_request)(void (*)(void))registrar_record, &by), 0);
    assert_int_equal(NUMBER("type = 'portability' AND closed IS NULL"), 1);
    assert_int_equal(request_to_see(f->r->store, by.subject, &f->e), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(one_is_granted_once_it_is_there),
        T(they_are_told_before_it_ends),
        T(they_are_told_in_the_chat_while_it_is_open),
        T(who_is_held_otherwise_is_told_nothing),
        T(what_is_restricted_is_kept),
        T(what_is_taken_along_is_answered_as_a_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
