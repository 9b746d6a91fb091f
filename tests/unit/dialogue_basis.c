/* Purposes that rest on something else than consent, and yeses that end. */
#include "dialogue_help.h"

enum { CONTRACT, IDENTITY, VOICE, QUALITY };
#define BIT(purpose) (1u << (purpose))

static int open_bank(void **state)
{
    struct error err = { 0 };

    (void)state;
    policy = policy_load("tests/policies/banca-ejemplo", "Ejemplo S. A.",
                         "https://x.example", &err);
    if (policy == NULL)
        fail_msg("%s", err.text);
    return 0;
}

static struct dialogue_plan on(const struct dialogue_state *s,
                               enum dialogue_input_kind kind, const char *text,
                               unsigned needs)
{
    return decide(s, kind, text, NOW_S, needs);
}

static void is_prompt(const struct dialogue_plan *p, size_t i, int purpose,
                      bool with_notice)
{
    assert_true(i < p->n);
    assert_int_equal(p->actions[i].kind, DO_PROMPT);
    assert_int_equal(p->actions[i].purpose, purpose);
    assert_int_equal(p->actions[i].with_notice, with_notice);
}

static void told(struct dialogue_state *s)
{
    for (int i = 0; i < (int)policy->npurposes; i++)
        if ((policy->informs & BIT(i)) != 0)
            s->purposes[i].state = CONSENT_INFORMED;
}

static void with_notice(struct dialogue_state *s, int purpose)
{
    open_prompt(s, purpose, NOW_S - 10);
    s->prompts[s->nprompts - 1].with_notice = true;
}

/* ---- what is on record -------------------------------------------------- */

static enum consent_state standing(int purpose, const char *state, msec expires,
                                   bool superseded)
{
    struct dialogue_record record = { state, expires, superseded };

    return dialogue_standing(policy, purpose, &record, NOW);
}

static void a_record_means_what_the_basis_makes_of_it(void **state)
{
    (void)state;
    assert_int_equal(standing(VOICE, "given", 0, false), CONSENT_GIVEN);
    assert_int_equal(standing(VOICE, "given", NOW + 1, false), CONSENT_GIVEN);
    assert_int_equal(standing(VOICE, "given", NOW, false), CONSENT_EXPIRED);
    assert_int_equal(standing(VOICE, "given", 0, true), CONSENT_RENEWAL);
    assert_int_equal(standing(VOICE, "withdrawn", 0, true), CONSENT_WITHDRAWN);
    assert_int_equal(standing(CONTRACT, "informed", 0, false),
                     CONSENT_INFORMED);
    assert_int_equal(standing(CONTRACT, "informed", 0, true), CONSENT_RENEWAL);
    assert_int_equal(standing(IDENTITY, "acknowledged", 0, true),
                     CONSENT_RENEWAL);

    /* What was said while it rested on something else. */
    assert_int_equal(standing(CONTRACT, "given", 0, false), CONSENT_NONE);
    assert_int_equal(standing(VOICE, "informed", 0, false), CONSENT_NONE);
    assert_int_equal(standing(VOICE, "acknowledged", 0, false), CONSENT_NONE);
}

static void only_some_states_open(void **state)
{
    static const struct {
        int purpose;
        unsigned opens; /* 1 << state */
    } cases[] = {
        { VOICE, 1u << CONSENT_GIVEN },
        { CONTRACT, 1u << CONSENT_INFORMED | 1u << CONSENT_ACKNOWLEDGED },
        { IDENTITY, 1u << CONSENT_ACKNOWLEDGED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int k = 0; k < CONSENT__MAX; k++)
            assert_int_equal(dialogue_stands(policy, cases[i].purpose,
                                             (enum consent_state)k),
                             (cases[i].opens & 1u << k) != 0);
}

/* ---- the notice --------------------------------------------------------- */

static void a_file_brings_the_message_of_its_basis(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    p = on(&s, INPUT_FILE, "", BIT(CONTRACT));
    is_prompt(&p, 0, CONTRACT, true);
    assert_int_equal(p.n, 1);

    /* Two messages for one file: the one to be answered tells the other. */
    p = on(&s, INPUT_FILE, "", BIT(CONTRACT) | BIT(IDENTITY));
    is_prompt(&p, 0, IDENTITY, true);
    assert_int_equal(p.n, 1);
    p = on(&s, INPUT_FILE, "", BIT(CONTRACT) | BIT(VOICE));
    is_prompt(&p, 0, VOICE, true);
    assert_int_equal(p.n, 1);

    told(&s);
    p = on(&s, INPUT_FILE, "", BIT(CONTRACT));
    assert_int_equal(p.n, 0);
    p = on(&s, INPUT_FILE, "", BIT(CONTRACT) | BIT(VOICE));
    is_prompt(&p, 0, VOICE, false);
}

static void the_notice_does_not_go_out_twice(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    with_notice(&s, CONTRACT);
    p = on(&s, INPUT_FILE, "", BIT(CONTRACT));
    assert_int_equal(p.n, 0);
    p = on(&s, INPUT_TEXT, "hola", 0);
    assert_int_equal(p.n, 0);

    /* It asks nothing, so it holds back nothing. */
    p = on(&s, INPUT_FILE, "", BIT(IDENTITY));
    is_prompt(&p, 0, IDENTITY, true);

    /* Nobody knows that it came, and its files have expired. */
    s.prompts[0].handed_s = NOW_S - policy->hold_time / MSEC_S;
    p = on(&s, INPUT_FILE, "", BIT(CONTRACT));
    is_prompt(&p, 0, CONTRACT, true);
}

static void a_stranger_is_told_first(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    p = on(&s, INPUT_TEXT, "hola", 0);
    is_prompt(&p, 0, IDENTITY, true);
    assert_int_equal(p.n, 1);
}

/* ---- they read it ------------------------------------------------------- */

static void it_is_read_by_tap_or_word(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    with_notice(&s, IDENTITY);
    hold(&s, BIT(IDENTITY) | BIT(CONTRACT));
    p = on(&s, INPUT_BUTTON, "ack/identity_check/2026-11", 0);
    assert_int_equal(p.actions[0].kind, DO_ACK);
    assert_int_equal(p.actions[0].purpose, IDENTITY);
    assert_int_equal(p.actions[0].prompt, 0);
    /* The answer proves that the notice came: the contract is open, too. */
    assert_int_equal(p.n, 1);
    p = on(&s, INPUT_TEXT, "Leído", 0);
    assert_int_equal(p.actions[0].kind, DO_ACK);

    s.nheld = 0;
    p = on(&s, INPUT_TEXT, "entendido", 0);
    assert_int_equal(p.actions[0].kind, DO_ACK);
    assert_int_equal(p.actions[1].kind, DO_SAY);
    assert_int_equal(p.actions[1].say, TEXT_ACKNOWLEDGED);
}

static void what_does_not_say_that_they_read_it(void **state)
{
    static const struct {
        enum dialogue_input_kind kind;
        const char *text, *why;
    } cases[] = {
        { INPUT_TEXT, "sí", "no_open_prompt" },
        { INPUT_BUTTON, "grant/identity_check/2026-11", "not_consent" },
        { INPUT_BUTTON, "ack/identity_check/2020-01", "no_open_prompt" },
        { INPUT_BUTTON, "ack/contract_file/2026-11", "not_asked" },
        { INPUT_BUTTON, "ack/voice_notes/2026-11", "not_asked" },
    };
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    with_notice(&s, IDENTITY);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        p = on(&s, cases[i].kind, cases[i].text, 0);
        assert_int_equal(p.actions[0].kind, DO_IGNORE);
        assert_string_equal(p.actions[0].why, cases[i].why);
        for (size_t k = 1; k < p.n; k++)
            assert_int_not_equal(p.actions[k].kind, DO_ACK);
    }

    /* Before they can have seen it; of a notice that is in force no more. */
    s.prompts[0].handed_s = 0;
    p = on(&s, INPUT_TEXT, "leído", 0);
    assert_string_equal(p.actions[0].why, "before_prompt");
    strcpy(s.prompts[0].version, "2020-01");
    p = on(&s, INPUT_BUTTON, "ack/identity_check/2020-01", 0);
    assert_string_equal(p.actions[0].why, "notice_changed");
}

/* A word of consent and a word of having read answer each their own. */
static void a_word_answers_its_own_question(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    open_prompt(&s, VOICE, NOW_S - 20);
    with_notice(&s, IDENTITY);
    p = on(&s, INPUT_TEXT, "sí", 0);
    assert_int_equal(p.actions[0].kind, DO_GRANT);
    assert_int_equal(p.actions[0].purpose, VOICE);
    p = on(&s, INPUT_TEXT, "leído", 0);
    assert_int_equal(p.actions[0].kind, DO_ACK);
    p = on(&s, INPUT_TEXT, "no", 0);
    assert_int_equal(p.actions[0].kind, DO_REFUSE);
    assert_int_equal(p.actions[0].purpose, VOICE);
}

/* ---- what stays --------------------------------------------------------- */

static void nobody_refuses_what_asks_nothing(void **state)
{
    static const char *const buttons[] = { "refuse/identity_check/2026-11",
                                           "withdraw/identity_check/2026-11" };
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    told(&s);
    with_notice(&s, IDENTITY);
    hold(&s, BIT(IDENTITY));
    for (size_t i = 0; i < 3; i++) {
        p = i < 2 ? on(&s, INPUT_BUTTON, buttons[i], 0)
                  : on(&s, INPUT_TEXT, "no", 0);
        assert_int_equal(p.n, 2);
        assert_int_equal(p.actions[0].kind, DO_IGNORE);
        assert_string_equal(p.actions[0].why, "not_consent");
        assert_int_equal(p.actions[1].say, TEXT_STAYS);
        assert_true(p.actions[1].stays);
    }
    p = on(&s, INPUT_TEXT, "otro canal", 0);
    assert_int_equal(p.actions[1].say, TEXT_OTHER);
}

static void a_withdrawal_says_what_stays(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    s.purposes[VOICE] = (struct dialogue_purpose){ .state = CONSENT_GIVEN,
                                                   .yes_s = NOW_S - 99 };
    p = on(&s, INPUT_TEXT, "baja", 0);
    assert_int_equal(p.actions[0].kind, DO_WITHDRAW);
    assert_int_equal(p.actions[0].purpose, VOICE);
    assert_int_equal(p.actions[1].say, TEXT_WITHDRAWN);
    assert_false(p.actions[1].stays); /* nothing is open that could */

    told(&s);
    hold(&s, BIT(CONTRACT));
    p = on(&s, INPUT_TEXT, "baja", 0);
    assert_int_equal(p.n, 2);
    assert_int_equal(p.actions[0].purpose, VOICE);
    assert_int_equal(p.actions[1].say, TEXT_WITHDRAWN);
    assert_true(p.actions[1].stays);
}

/* ---- yeses that end ----------------------------------------------------- */

static void a_yes_that_ended_is_asked_for_again(void **state)
{
    static const enum consent_state ends[] = { CONSENT_EXPIRED,
                                               CONSENT_RENEWAL };
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    told(&s);
    for (size_t i = 0; i < 2; i++) {
        s.purposes[VOICE] =
            (struct dialogue_purpose){ .state = ends[i], .yes_s = NOW_S - 99 };
        p = on(&s, INPUT_FILE, "", BIT(VOICE));
        is_prompt(&p, 0, VOICE, ends[i] == CONSENT_RENEWAL);
        assert_int_equal(p.actions[0].renewed, ends[i] == CONSENT_RENEWAL);

        p = on(&s, INPUT_TEXT, "hola", 0); /* not with text */
        for (size_t k = 0; k < p.n; k++)
            assert_int_not_equal(p.actions[k].kind, DO_PROMPT);

        /* A no takes back a yes that opens nothing any more. */
        p = on(&s, INPUT_TEXT, "baja", 0);
        assert_int_equal(p.actions[0].kind, DO_WITHDRAW);
    }
}

static void a_question_of_a_notice_that_changed_is_asked_again(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    s.purposes[VOICE].state = CONSENT_RENEWAL;
    hold(&s, BIT(VOICE));
    open_prompt(&s, VOICE, NOW_S - 10);
    strcpy(s.prompts[0].version, "2020-01");
    s.prompts[0].superseded = true;
    p = on(&s, INPUT_BUTTON, "grant/voice_notes/2020-01", 0);
    assert_int_equal(p.actions[0].kind, DO_IGNORE);
    assert_string_equal(p.actions[0].why, "notice_changed");
    is_prompt(&p, 1, VOICE, true);
    assert_true(p.actions[1].renewed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_means_what_the_basis_makes_of_it),
        cmocka_unit_test(only_some_states_open),
        cmocka_unit_test(a_file_brings_the_message_of_its_basis),
        cmocka_unit_test(the_notice_does_not_go_out_twice),
        cmocka_unit_test(a_stranger_is_told_first),
        cmocka_unit_test(it_is_read_by_tap_or_word),
        cmocka_unit_test(what_does_not_say_that_they_read_it),
        cmocka_unit_test(a_word_answers_its_own_question),
        cmocka_unit_test(nobody_refuses_what_asks_nothing),
        cmocka_unit_test(a_withdrawal_says_what_stays),
        cmocka_unit_test(a_yes_that_ended_is_asked_for_again),
        cmocka_unit_test(a_question_of_a_notice_that_changed_is_asked_again),
    };

    return cmocka_run_group_tests(tests, open_bank, teardown);
}
