/* registrar: what people write of their requests is kept with them, and nothing
 * is answered, or erased, that nobody told them of. */
#include "request_help.h"

/* Silence is what ends a request: who talks to a person is not silent, nor who
 * sends a file; courtesies are. */
static void who_talks_to_a_person_is_not_silent(void **state)
{
    struct fixture *f = *state;
    struct request_order o;

    write_to(f, "wamid.hola", "hola");
    write_to(f, "wamid.si", "acepto");
    assert_int_equal(asks(f, COLOMBIA(f), REQUEST_CORRECT), 0);
    o = order(f, REQUEST_ASK);
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("due_at = give_up_at AND due_early = due"), 1);
    write_to(f, "wamid.asesor", "asesor");
    write_to(f, "wamid.thanks", "gracias");
    assert_int_equal(help_leaves(f, "request_replied"), 0);
    write_to(f, "wamid.reply", "la calle es la 44");
    write_to(f, "wamid.more", "y el barrio es Belén");
    assert_int_equal(help_leaves(f, "request_replied"), 1);
    assert_false(was_said(f, "lo sumamos a su solicitud"));
    assert_int_equal(NUMBER("give_up_at IS NULL AND state = 'incomplete'"), 1);
}

/* Who waits for a person, or has one, and complains by a tap is asked what it
 * is about all the same: then it is added to it, as that says, and the agent
 * thanks. What comes much later is the agent's alone. */
static void what_it_is_about_may_be_said_to_a_person(void **state)
{
    static const char words[] =
        "SELECT coalesce(sum(length(words_sealed)), 0) FROM request";
    struct fixture *f = *state;
    int64_t kept;

    write_to(f, "wamid.hola", "hola");
    write_to(f, "wamid.si", "acepto");
    write_to(f, "wamid.asesor", "asesor");
    assert_int_equal(asks(f, COLOMBIA(f), REQUEST_CORRECT), 0);
    help_settle(f);
    assert_true(was_said(f, "Cuéntenos aquí"));
    kept = help_number(f, words);
    write_to(f, "wamid.thanks", "gracias");
    assert_int_equal(help_number(f, words), kept);
    write_to(f, "wamid.what", "mi apellido es Gómez con z");
    assert_true(help_number(f, words) > kept + 25);
    assert_false(was_said(f, "lo sumamos a su solicitud"));
    kept = help_number(f, words);
    f->now += 3600 * MSEC_S;
    write_to(f, "wamid.late", "y otra cosa");
    assert_int_equal(help_number(f, words), kept);
}

/* What it is about is theirs to say, once they asked: kept, and thanked for
 * once; what comes later is no part of it. */
static void what_it_is_about_is_kept_with_it(void **state)
{
    static const char words[] =
        "SELECT coalesce(sum(length(words_sealed)), 0) FROM request";
    static const char says[] = "SELECT count(*) FROM outbox";
    struct fixture *f = *state;
    int64_t said, kept;

    write_to(f, "wamid.hola", "hola");
    write_to(f, "wamid.si", "acepto");
    assert_int_equal(asks(f, COLOMBIA(f), REQUEST_CORRECT), 0);
    help_settle(f);
    assert_true(was_said(f, "Cuéntenos aquí"));
    help_accept_all(f, f->nsends - 1);
    said = help_number(f, says);
    kept = help_number(f, words);
    write_to(f, "wamid.what", "mi apellido es Gómez con z");
    write_to(f, "wamid.more", "y mi nombre es Rosa");
    assert_true(help_number(f, words) > kept + 50);
    assert_int_equal(help_number(f, says), said + 1);
    assert_true(
        was_said(f, "lo sumamos a su solicitud (Corrección de un dato"));
    kept = help_number(f, words);
    f->now += 20 * 60 * MSEC_S;
    write_to(f, "wamid.else", "cuánto se demora");
    assert_int_equal(help_number(f, words), kept);

    /* Asked for again it is the same one, and they may say more of it. */
    assert_int_equal(asks(f, COLOMBIA(f), REQUEST_CORRECT), 3);
    kept = help_number(f, words);
    write_to(f, "wamid.again", "la calle también");
    assert_true(help_number(f, words) > kept);
    assert_int_equal(NUMBER("1"), 1);
}

/* However much they write, staff can still close it. */
static void the_persons_words_leave_room_for_staff(void **state)
{
    struct fixture *f = *state;
    struct request_order o;
    char wamid[32], text[32];

    write_to(f, "wamid.hola", "hola");
    write_to(f, "wamid.si", "acepto");
    assert_int_equal(asks(f, COLOMBIA(f), REQUEST_CORRECT), 0);
    help_accept_all(f, 0);
    for (int i = 0; i < 45; i++) {
        (void)snprintf(wamid, sizeof(wamid), "wamid.w%d", i);
        (void)snprintf(text, sizeof(text), "la calle %d", i);
        f->now += MSEC_S;
        write_to(f, wamid, text);
    }
    o = order(f, REQUEST_CLOSE);
    o.outcome = "granted";
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("outcome = 'granted'"), 1);
}

/* Granted is what was erased. */
static void nothing_is_granted_that_was_not_erased(void **state)
{
    struct fixture *f = *state;
    struct request_order o;

    help_stored(f, WHO, "wamid.a", "image/jpeg");
    (void)asks(f, SPAIN(f), REQUEST_ERASE);
    o = order(f, REQUEST_CLOSE);
    o.outcome = "granted";
    o.told = "por carta";
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "rule not_erased"));
    assert_int_equal(NUMBER("closed IS NULL"), 1);
    help_change(f, "UPDATE document SET state = 'erased'");
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("outcome = 'granted'"), 1);
}

/* The window is closed: somebody has to say how they were told. */
static void nobody_is_erased_whom_nobody_told(void **state)
{
    struct fixture *f = *state;
    struct erase_order o = { .by = help_by(ANA), .ground = "request" };

    (void)asks(f, SPAIN(f), REQUEST_ERASE);
    pass_days(f, 2);
    person_of(f, o.by.subject);
    REFUSES(f, erase_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "rule notice_to_person"));
    assert_int_equal(help_leaves(f, "erasure_ordered"), 0);
    o.told = "carta certificada";
    CALLS(f, erase_request, &o);
    help_settle(f);
    assert_int_equal(NUMBER("outcome = 'granted'"), 1);
}

/* Graph takes nothing: it waits, whatever restarts, until staff say how. */
static void an_erasure_waits_for_its_message(void **state)
{
    static const char failed[] = "SELECT count(*) FROM erasure WHERE"
                                 " notice = 'failed' AND untold IS NOT NULL";
    struct fixture *f = *state;
    struct erase_order o;

    (void)asks(f, SPAIN(f), REQUEST_ERASE);
    o = erase(f);
    help_settle(f);
    assert_int_equal(help_number(f, failed), 0);
    f->now += 61 * MSEC_S;
    help_reopen(f);
    help_settle(f);
    assert_int_equal(help_number(f, failed), 1);
    assert_int_equal(NUMBER("closed IS NULL"), 1);
    assert_int_equal(help_leaves(f, "subject_erased"), 0);
    o.told = "carta certificada";
    CALLS(f, erase_request, &o);
    help_settle(f);
    assert_int_equal(help_leaves(f, "erasure_told"), 1);
    assert_int_equal(NUMBER("outcome = 'granted'"), 1);
    assert_int_equal(help_number(f, failed), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(who_talks_to_a_person_is_not_silent),
        T(what_it_is_about_is_kept_with_it),
        T(what_it_is_about_may_be_said_to_a_person),
        T(the_persons_words_leave_room_for_staff),
        T(nothing_is_granted_that_was_not_erased),
        T(nobody_is_erased_whom_nobody_told),
        T(an_erasure_waits_for_its_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
