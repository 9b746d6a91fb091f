/* Papers of somebody else, children, and children who write. */
#include "dialogue_help.h"

#define BENEFICIARY 1

/* Somebody who said yes to both, with a case to which a file came. */
static struct dialogue_state parent(enum mandate mandate)
{
    struct dialogue_state s = fresh();

    s.purposes[CASE].state = s.purposes[SENSITIVE].state = CONSENT_GIVEN;
    s.guide.procedure = BENEFICIARY;
    s.guide.mandate = mandate;
    (void)strcpy(s.guide.case_id, "AAAA-0000");
    return s;
}

static const struct dialogue_action *only(const struct dialogue_plan *p,
                                          enum dialogue_action_kind kind)
{
    assert_int_equal(p->n, 1);
    assert_int_equal(p->actions[0].kind, kind);
    return &p->actions[0];
}

static struct dialogue_plan tap(const struct dialogue_state *s, const char *id)
{
    return decide(s, INPUT_BUTTON, id, NOW_S, 0);
}

static void a_childs_document_is_asked_about_once_and_after_consent(
    void **state)
{
    struct dialogue_state s = parent(MANDATE_NEEDED);
    struct dialogue_plan p;

    (void)state;
    p = decide(&s, INPUT_FILE, NULL, NOW_S, 3);
    assert_int_equal(only(&p, DO_ASK_RELATION)->value, ABOUT_CASE);
    assert_string_equal(p.actions[0].ref, "AAAA-0000");

    /* The law's order: consent first, then this; an open question is enough. */
    s.purposes[SENSITIVE].state = CONSENT_NONE;
    hold(&s, 3);
    p = decide(&s, INPUT_FILE, NULL, NOW_S, 3);
    only(&p, DO_PROMPT);
    open_prompt(&s, SENSITIVE, NOW_S - 10);
    p = tap(&s, button(BUTTON_GRANT, SENSITIVE));
    assert_int_equal(count(&p, DO_GRANT), 1);
    assert_int_equal(count(&p, DO_ASK_RELATION), 1);

    s = parent(MANDATE_ASKED);
    s.guide.mandated = NOW - 60 * MSEC_S;
    assert_int_equal(decide(&s, INPUT_FILE, NULL, NOW_S, 3).n, 0);
    s.guide.mandated = NOW - 2 * MSEC_H;
    p = decide(&s, INPUT_FILE, NULL, NOW_S, 3);
    only(&p, DO_ASK_RELATION);
    s = parent(MANDATE_NONE);
    assert_int_equal(decide(&s, INPUT_FILE, NULL, NOW_S, 3).n, 0);
}

static void a_parent_declares_when_the_child_was_heard(void **state)
{
    struct dialogue_state s = parent(MANDATE_ASKED);
    struct dialogue_plan p;

    (void)state;
    p = tap(&s, "child/AAAA-0000/parent_guardian");
    assert_int_equal(only(&p, DO_ASK_HEARD)->relation,
                     RELATION_PARENT_GUARDIAN);
    p = tap(&s, "child/AAAA-0000/parent_guardian/not_heard");
    assert_int_equal(only(&p, DO_SAY_OF)->value, PERSONS_UNHEARD);
    p = tap(&s, "child/AAAA-0000/legal_representative/heard");
    assert_int_equal(only(&p, DO_DECLARE)->heard, HEARD_YES);
    assert_int_equal(p.actions[0].relation, RELATION_LEGAL_REPRESENTATIVE);
    p = tap(&s, "child/AAAA-0000/parent_guardian/too_young");
    assert_int_equal(only(&p, DO_DECLARE)->heard, HEARD_YOUNG);
}

static void nobody_else_declares_for_a_child(void **state)
{
    struct dialogue_state s = parent(MANDATE_ASKED);
    static const char *const ids[] = { "child/AAAA-0000/other",
                                       "child/AAAA-0000/heir/heard",
                                       "child/AAAA-0000/attorney/heard",
                                       "child/AAAA-0000/",
                                       "child/AAAA-0000/x" };
    struct dialogue_plan p;

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        p = tap(&s, ids[i]);
        assert_int_equal(count(&p, DO_DECLARE), 0);
        assert_int_equal(count(&p, DO_ASK_PERSON), 1);
    }
}

/* Said once an hour, if a file of it waits, and not while an agent talks. */
static void an_ended_mandate_waits_for_a_person(void **state)
{
    struct dialogue_state s = parent(MANDATE_ENDED);
    struct dialogue_plan p;

    (void)state;
    s.guide.relation = RELATION_PARENT_GUARDIAN;
    assert_int_equal(decide(&s, INPUT_FILE, NULL, NOW_S, 3).n, 0);
    s.guide.waits = true;
    p = decide(&s, INPUT_FILE, NULL, NOW_S, 3);
    assert_int_equal(p.n, 2);
    assert_int_equal(count(&p, DO_UNMANDATED), 1);
    assert_int_equal(count(&p, DO_ASK_PERSON), 1);
    assert_string_equal(p.actions[0].ref, "AAAA-0000");
    s.guide.mandated = NOW - 60 * MSEC_S;
    assert_int_equal(decide(&s, INPUT_FILE, NULL, NOW_S, 3).n, 0);
    s.guide.mandated = NOW - 2 * MSEC_H;
    s.mode = MODE_PERSON;
    assert_int_equal(decide(&s, INPUT_FILE, NULL, NOW_S, 3).n, 0);

    /* No word of theirs takes it up again. */
    s.mode = MODE_BOT;
    p = tap(&s, "child/AAAA-0000/parent_guardian/heard");
    assert_int_equal(count(&p, DO_DECLARE), 0);
}

static void a_grown_ups_document_is_said_to_be_one(void **state)
{
    struct dialogue_state s = parent(MANDATE_ASKED);
    struct dialogue_plan p = tap(&s, "child/AAAA-0000/adult");

    (void)state;
    assert_int_equal(only(&p, DO_DECLARE)->relation, RELATION_ADULT);

    /* Not where it is always a child's. */
    policy->procedures[BENEFICIARY].items[1].minors = MINORS_ALWAYS;
    p = tap(&s, "child/AAAA-0000/adult");
    assert_int_equal(count(&p, DO_DECLARE), 0);
    policy->procedures[BENEFICIARY].items[1].minors = MINORS_MAYBE;
}

static void an_answer_about_another_case_declares_nothing(void **state)
{
    struct dialogue_state s = parent(MANDATE_ASKED);
    static const char *const ids[] = { "child/BBBB-0000/adult",
                                       "child/AAAA-000/adult", "child/adult",
                                       "child/", "child//adult" };

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        struct dialogue_plan p = tap(&s, ids[i]);

        assert_int_equal(count(&p, DO_DECLARE), 0);
    }
    s.guide.mandate = MANDATE_DECLARED; /* twice: no */
    only(
        &(struct dialogue_plan){
            .n = 1,
            .actions = { tap(&s, "child/AAAA-0000/adult").actions[0] } },
        DO_MISSING);
}

static void an_item_that_was_unclear_is_asked_about_too(void **state)
{
    struct dialogue_state s = parent(MANDATE_NONE);
    struct dialogue_plan p;

    (void)state;
    s.nunclear = 1;
    s.unclear[0].procedure = s.guide.procedure;
    (void)strcpy(s.unclear[0].attachment, "aone");
    p = tap(&s, "item/aone/registro_civil");
    assert_int_equal(p.n, 2);
    assert_int_equal(p.actions[0].kind, DO_ITEM);
    assert_int_equal(p.actions[1].kind, DO_ASK_RELATION);
}

static void a_case_for_another_is_three_taps_away(void **state)
{
    struct dialogue_state s = parent(MANDATE_NONE);
    struct dialogue_plan p =
        decide(&s, INPUT_TEXT, "Es para otra persona", NOW_S, 0);

    (void)state;
    assert_int_equal(only(&p, DO_ASK_RELATION)->value, ABOUT_OTHER);
    p = tap(&s, "for/another");
    only(&p, DO_ASK_RELATION);
    p = tap(&s, "for/heir");
    assert_int_equal(only(&p, DO_PICK_FOR)->relation, RELATION_HEIR);
    p = tap(&s, "for/heir/cesantias");
    assert_int_equal(only(&p, DO_FOR)->relation, RELATION_HEIR);
    assert_int_equal(p.actions[0].value, 0);
    p = tap(&s, "for/other");
    assert_int_equal(count(&p, DO_ASK_PERSON), 1);
    p = tap(&s, "for/adult/cesantias");
    assert_int_equal(count(&p, DO_FOR), 0);

    /* A stranger is told the notice first, and an agent is not talked over. */
    s = fresh();
    p = decide(&s, INPUT_TEXT, "es para otra persona", NOW_S, 0);
    only(&p, DO_PROMPT);
    assert_int_equal(tap(&s, "for/heir/cesantias").n, 0);
    s = parent(MANDATE_NONE);
    s.mode = MODE_PERSON;
    assert_int_equal(tap(&s, "for/heir/cesantias").n, 0);
}

static void no_yes_of_a_child_counts(void **state)
{
    struct dialogue_state s = parent(MANDATE_NONE);
    struct dialogue_plan p =
        decide(&s, INPUT_TEXT, "soy menor de edad", NOW_S, 0);

    (void)state;
    assert_int_equal(p.actions[0].kind, DO_MINOR);
    assert_int_equal(count(&p, DO_WITHDRAW), 2);
    assert_string_equal(first(&p, DO_WITHDRAW)->why, "minor");
    assert_int_equal(first(&p, DO_ASK_RELATION)->value, ABOUT_SELF);
    assert_int_equal(count(&p, DO_ASK_PERSON), 1);

    s = fresh();
    s.minor = MINOR_SAID;
    open_prompt(&s, CASE, NOW_S - 10);
    hold(&s, 1);
    p = tap(&s, button(BUTTON_GRANT, CASE));
    assert_string_equal(only(&p, DO_IGNORE)->why, "minor");
    p = decide(&s, INPUT_FILE, NULL, NOW_S, 1); /* held, and no question */
    assert_int_equal(only(&p, DO_ASK_RELATION)->value, ABOUT_SELF);
    s.menu = NOW - MSEC_S;
    assert_int_equal(decide(&s, INPUT_FILE, NULL, NOW_S, 1).n, 0);
    assert_int_equal(decide(&s, INPUT_TEXT, "acepto", NOW_S, 0).n, 0);
    p = decide(&s, INPUT_TEXT, "baja", NOW_S, 0); /* a no counts always */
    assert_int_equal(count(&p, DO_REFUSE), 1);

    /* Whoever is with a person is heard all the same. */
    s = parent(MANDATE_NONE);
    s.mode = MODE_PERSON;
    p = decide(&s, INPUT_TEXT, "soy menor de edad", NOW_S, 0);
    assert_int_equal(count(&p, DO_MINOR), 1);
    assert_int_equal(count(&p, DO_KEEP), 1);
}

/* Of who says how old they are (Ley 1581 de 2012, art. 7), in any words that
 * the policy has for it; and no yes of theirs counts after it. */
static void an_age_says_it_too(void **state)
{
    static const char *const young[] = { "tengo 11 años",
                                         "Buenas. Tengo quince años.", "I'm 13",
                                         "tenho 13 anos", "i am 17 years old" };
    static const char *const others[] = { "tengo 18 años", "tengo 45 años",
                                          "tengo 15 documentos",
                                          "i'm 17 minutes away" };
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    for (size_t i = 0; i < sizeof(young) / sizeof(young[0]); i++) {
        s = parent(MANDATE_NONE);
        p = decide(&s, INPUT_TEXT, young[i], NOW_S, 0);
        assert_int_equal(p.actions[0].kind, DO_MINOR);
        assert_int_equal(count(&p, DO_WITHDRAW), 2);
        s = fresh(); /* a stranger, too */
        assert_int_equal(
            count((p = decide(&s, INPUT_TEXT, young[i], NOW_S, 0), &p),
                  DO_MINOR),
            1);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        s = parent(MANDATE_NONE);
        p = decide(&s, INPUT_TEXT, others[i], NOW_S, 0);
        assert_int_equal(count(&p, DO_MINOR), 0);
    }
    policy->minor_age = 14; /* as in Spain */
    s = parent(MANDATE_NONE);
    p = decide(&s, INPUT_TEXT, "tengo 14 años", NOW_S, 0);
    assert_int_equal(count(&p, DO_MINOR), 0);
    p = decide(&s, INPUT_TEXT, "tengo 13 años", NOW_S, 0);
    assert_int_equal(count(&p, DO_MINOR), 1);
    policy->minor_age = 18;
}

/* Who is no one's parent or representative declares nothing. */
static void a_grown_child_who_helps_gets_a_person(void **state)
{
    struct dialogue_state s = parent(MANDATE_NONE);
    struct dialogue_plan p =
        decide(&s, INPUT_TEXT, "es para mi mamá", NOW_S, 0);

    (void)state;
    assert_int_equal(only(&p, DO_ASK_RELATION)->value, ABOUT_OTHER);
    p = tap(&s, "for/son_daughter");
    assert_int_equal(p.n, 2);
    assert_int_equal(first(&p, DO_SAY_OF)->value, PERSONS_HELPS);
    assert_int_equal(count(&p, DO_ASK_PERSON), 1);
}

static void a_representative_is_asked_anew(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    s.minor = MINOR_SAID;
    hold(&s, 1);
    p = tap(&s, "minor/parent_guardian");
    assert_int_equal(only(&p, DO_ASK_HEARD)->value, ABOUT_SELF);
    p = tap(&s, "minor/heir/heard");
    assert_int_equal(count(&p, DO_DECLARE), 0);
    p = tap(&s, "minor/parent_guardian/heard");
    assert_int_equal(p.n, 2);
    assert_int_equal(p.actions[0].kind, DO_DECLARE);
    assert_int_equal(p.actions[1].kind, DO_PROMPT);
    assert_true(p.actions[1].with_notice);

    s.minor = MINOR_REPRESENTED;
    open_prompt(&s, CASE, NOW_S - 10);
    p = tap(&s, button(BUTTON_GRANT, CASE));
    assert_int_equal(count(&p, DO_GRANT), 1);
    s.minor = MINOR_NO;
    assert_int_equal(tap(&s, "minor/parent_guardian/heard").n, 0);
}

/* They said so at another number of ours, where there are words about it. */
static void where_nobody_represents_a_child_gets_a_person(void **state)
{
    static const char *const taps[] = { "minor/heir", "minor/parent_guardian",
                                        "minor/parent_guardian/not_heard",
                                        "minor/parent_guardian/heard" };
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    s.minor = MINOR_SAID;
    policy->represents = false;
    for (size_t i = 0; i < 4; i++) {
        p = tap(&s, taps[i]);
        only(&p, DO_ASK_PERSON);
    }
    policy->represents = true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_childs_document_is_asked_about_once_and_after_consent),
        cmocka_unit_test(a_parent_declares_when_the_child_was_heard),
        cmocka_unit_test(nobody_else_declares_for_a_child),
        cmocka_unit_test(an_ended_mandate_waits_for_a_person),
        cmocka_unit_test(a_grown_ups_document_is_said_to_be_one),
        cmocka_unit_test(an_answer_about_another_case_declares_nothing),
        cmocka_unit_test(an_item_that_was_unclear_is_asked_about_too),
        cmocka_unit_test(a_case_for_another_is_three_taps_away),
        cmocka_unit_test(no_yes_of_a_child_counts),
        cmocka_unit_test(an_age_says_it_too),
        cmocka_unit_test(a_grown_child_who_helps_gets_a_person),
        cmocka_unit_test(a_representative_is_asked_anew),
        cmocka_unit_test(where_nobody_represents_a_child_gets_a_person),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
