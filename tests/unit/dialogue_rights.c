/* dialogue: what the law lets people ask for, in their own words, and another
 * channel at any time. */
#include "dialogue_help.h"

static struct dialogue_state decided(void)
{
    struct dialogue_state s = fresh();

    s.guide.procedure = -1;
    s.purposes[CASE].state = CONSENT_GIVEN;
    s.purposes[CASE].yes_s = NOW_S - 100;
    return s;
}

static struct dialogue_plan said(const struct dialogue_state *s,
                                 const char *text)
{
    return decide(s, INPUT_TEXT, text, NOW_S, 0);
}

static void only(const struct dialogue_plan *p, enum dialogue_action_kind kind)
{
    assert_int_equal(p->n, 1);
    assert_int_equal(p->actions[0].kind, kind);
}

static void a_word_asks_for_what_its_row_asks_for(void **state)
{
    static const struct {
        const char *word, *id;
        enum request_type type;
    } all[] = {
        { "Pedir una copia", "request/access", REQUEST_ACCESS },
        { "¡Quiero una copia de mis datos!", "request/access", REQUEST_ACCESS },
        { "Corregir un dato", "request/correct", REQUEST_CORRECT },
        { "BORRAR MIS DATOS", "request/erase", REQUEST_ERASE },
        { "delete my data", "request/erase", REQUEST_ERASE },
        { "apagar meus dados", "request/erase", REQUEST_ERASE },
        { "Poner un reclamo", "request/complaint", REQUEST_COMPLAINT },
        { "queja", "request/complaint", REQUEST_COMPLAINT },
    };
    struct dialogue_state decided_one = decided(), stranger = fresh();
    const struct dialogue_state *who[] = { &decided_one, &stranger };

    (void)state;
    stranger.guide.procedure = -1;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        for (size_t k = 0; k < 2; k++) {
            struct dialogue_plan word = said(who[k], all[i].word);
            struct dialogue_plan row =
                decide(who[k], INPUT_BUTTON, all[i].id, NOW_S, 0);

            only(&word, DO_REQUEST);
            only(&row, DO_REQUEST);
            assert_int_equal(word.actions[0].value, all[i].type);
            assert_int_equal(row.actions[0].value, all[i].type);
            assert_true(word.actions[0].typed);
            assert_false(row.actions[0].typed);
        }
}

/* What is typed to an agent is the agent's; a machine that says it over and
 * over is answered no more; what the policy does not offer is no word. */
static void a_typed_one_has_its_limits(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p;
    const int erase = policy->requests[REQUEST_ERASE];

    (void)state;
    s.mode = MODE_PERSON;
    p = said(&s, "borrar mis datos");
    only(&p, DO_KEEP);
    s.mode = MODE_BOT;
    s.answers = 10;
    assert_int_equal(said(&s, "borrar mis datos").n, 0);
    s.answers = 0;
    policy->requests[REQUEST_ERASE] = -1;
    p = said(&s, "borrar mis datos");
    policy->requests[REQUEST_ERASE] = erase;
    only(&p, DO_MENU);
}

static void a_text_that_speaks_of_rights_gets_the_list_at_once(void **state)
{
    static const char *const speak[] = {
        "Buenas tardes, quiero que borren todos mis datos por favor",
        "Presento DERECHO DE PETICION: solicito copia de todo",
        "necesito saber qué hacen con mis datos personales",
        "¿y la protección de datos?",
        "please remove all my data from your system",
    };
    static const char *const others[] = {
        "quiero actualizar mi dirección",
        "los borrenes no existen", /* no word of its own */
        "¿cómo retiro mis cesantías?",
    };
    struct dialogue_state s = decided(), stranger = fresh();
    struct dialogue_plan p;

    (void)state;
    stranger.guide.procedure = -1;
    s.menu = NOW - 60 * MSEC_S; /* the menu was there a minute ago */
    for (size_t i = 0; i < sizeof(speak) / sizeof(speak[0]); i++) {
        p = said(&s, speak[i]);
        only(&p, DO_DATA);
        p = said(&stranger, speak[i]);
        only(&p, DO_DATA);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(said(&s, others[i]).n, 0);
        p = said(&stranger, others[i]);
        only(&p, DO_PROMPT);
    }
    s.answers = 10;
    assert_int_equal(said(&s, speak[0]).n, 0);
    s.answers = 0;
    s.mode = MODE_WAITING; /* whom they wait for reads it */
    p = said(&s, speak[0]);
    only(&p, DO_KEEP);
}

/* We asked them something about a request: what they say to that is kept with
 * it, whatever it speaks of. A word of its own is the word. */
static void what_answers_a_question_of_ours_is_an_answer(void **state)
{
    struct dialogue_state s = decided(), stranger = fresh();
    struct dialogue_plan p;

    (void)state;
    s.lacks = stranger.lacks = true;
    stranger.guide.procedure = -1;
    p = said(&stranger, "la del contrato de 2019");
    only(&p, DO_ANSWER);
    p = said(&stranger, "gracias");
    only(&p, DO_PROMPT);
    p = said(&s, "sí"); /* "is it the new address?" */
    assert_int_equal(count(&p, DO_ANSWER), 1);
    assert_int_equal(count(&p, DO_IGNORE), 1);
    p = said(&s, "no");
    assert_int_equal(count(&p, DO_ANSWER), 1);
    open_prompt(&s, SENSITIVE, NOW_S - 10);
    p = said(&s, "no"); /* to the newer question */
    assert_int_equal(count(&p, DO_ANSWER), 0);
    assert_int_equal(count(&p, DO_REFUSE), 1);
    s.nprompts = 0;
    p = said(&s, "Es un reclamo por el cobro de marzo, el dato es la cuota");
    only(&p, DO_ANSWER);
    p = said(&s, "borren la dirección vieja");
    only(&p, DO_ANSWER);
    p = said(&s, "gracias");
    assert_int_equal(p.n, 0);
    p = said(&s, "borrar mis datos");
    only(&p, DO_REQUEST);
}

/* The first answer is the notice; with it in front of them, what we have of
 * them is no secret. */
static void who_was_asked_may_ask_what_there_is_of_them(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    s.guide.procedure = -1;
    p = said(&s, "mis datos");
    only(&p, DO_PROMPT);
    open_prompt(&s, CASE, NOW_S - 5);
    p = said(&s, "mis datos");
    only(&p, DO_DATA);
    p = said(&s, "estado"); /* that the question goes first, once */
    only(&p, DO_SPOKEN);
    s.lined = NOW;
    assert_int_equal(said(&s, "estado").n, 0);
    s.mode = MODE_WAITING;
    p = said(&s, "mis datos");
    only(&p, DO_KEEP);
}

static void a_long_letter_is_looked_at_as_far_as_the_limit(void **state)
{
    static char letter[LIMIT_TEXT_BODY];
    const char *phrase = " datos personales ";
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    s.menu = NOW - 60 * MSEC_S;
    memset(letter, 'a', sizeof(letter) - 1);
    memcpy(letter + LIMIT_RIGHTS_LOOK - strlen(phrase), phrase, strlen(phrase));
    p = said(&s, letter);
    only(&p, DO_DATA);
    memset(letter, 'a', sizeof(letter) - 1);
    memcpy(letter + LIMIT_RIGHTS_LOOK - strlen(phrase) + 2, phrase,
           strlen(phrase));
    assert_int_equal(said(&s, letter).n, 0);
}

static void another_channel_is_told_at_any_time(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p = said(&s, "otro canal");

    (void)state;
    /* That it decided nothing is on record, as before. */
    assert_int_equal(p.n, 2);
    assert_string_equal(first(&p, DO_IGNORE)->why, "no_open_prompt");
    assert_int_equal(count(&p, DO_CHANNEL), 1);
    p = said(&s, "no"); /* which asks for nothing */
    assert_int_equal(count(&p, DO_CHANNEL), 0);

    s.answers = 10;
    assert_int_equal(
        count(&(struct dialogue_plan[]){ said(&s, "otro canal") }[0],
              DO_CHANNEL),
        0);
    s.answers = 0;
    open_prompt(&s, SENSITIVE, NOW_S - 10); /* it answers the question */
    p = said(&s, "otro canal");
    assert_int_equal(count(&p, DO_OTHER), 1);
    assert_int_equal(count(&p, DO_CHANNEL), 0);
    s = fresh();
    s.guide.procedure = -1;
    p = said(&s, "otro canal"); /* a stranger gets the notice, which says it */
    assert_int_equal(count(&p, DO_PROMPT), 1);
    assert_int_equal(count(&p, DO_CHANNEL), 0);
}

static void who_writes_again_waits_for_a_person_where_the_policy_says_so(
    void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    s.menu = NOW - 60 * MSEC_S;
    assert_int_equal(said(&s, "no entiendo nada").n, 0);
    policy->unanswered_person = true;
    p = said(&s, "no entiendo nada");
    assert_int_equal(p.n, 2);
    assert_int_equal(p.actions[0].kind, DO_ASK_PERSON);
    assert_int_equal(p.actions[1].kind, DO_KEEP);
    assert_int_equal(said(&s, "gracias").n, 0);
    s.menu = 0; /* the first text gets the menu, as ever */
    p = said(&s, "no entiendo nada");
    only(&p, DO_MENU);
    s.menu = NOW - 60 * MSEC_S;
    s.answers = 10; /* a machine */
    assert_int_equal(said(&s, "no entiendo nada").n, 0);
    policy->unanswered_person = false;
}

static void what_does_not_arrive_is_said_once_a_day(void **state)
{
    struct dialogue_state s = decided(), stranger = fresh();
    struct dialogue_plan p = decide(&s, INPUT_LOST, NULL, NOW_S, 0);

    (void)state;
    stranger.guide.procedure = -1;
    only(&p, DO_HINT);
    s.hinted = NOW - 23 * MSEC_H;
    assert_int_equal(decide(&s, INPUT_LOST, NULL, NOW_S, 0).n, 0);
    s.hinted = NOW - 24 * MSEC_H;
    p = decide(&s, INPUT_LOST, NULL, NOW_S, 0);
    only(&p, DO_HINT);
    s.answers = 10;
    assert_int_equal(decide(&s, INPUT_LOST, NULL, NOW_S, 0).n, 0);
    s.answers = 0;
    s.mode = MODE_PERSON;
    assert_int_equal(decide(&s, INPUT_LOST, NULL, NOW_S, 0).n, 0);

    /* The question in front of them is what they see last. */
    s.mode = MODE_BOT;
    open_prompt(&s, SENSITIVE, NOW_S - 10);
    assert_int_equal(decide(&s, INPUT_LOST, NULL, NOW_S, 0).n, 0);

    /* A stranger is told what this is for, once. */
    p = decide(&stranger, INPUT_LOST, NULL, NOW_S, 0);
    only(&p, DO_PROMPT);
    open_prompt(&stranger, CASE, NOW_S - 10);
    assert_int_equal(decide(&stranger, INPUT_LOST, NULL, NOW_S, 0).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_asks_for_what_its_row_asks_for),
        cmocka_unit_test(a_typed_one_has_its_limits),
        cmocka_unit_test(a_text_that_speaks_of_rights_gets_the_list_at_once),
        cmocka_unit_test(what_answers_a_question_of_ours_is_an_answer),
        cmocka_unit_test(who_was_asked_may_ask_what_there_is_of_them),
        cmocka_unit_test(a_long_letter_is_looked_at_as_far_as_the_limit),
        cmocka_unit_test(another_channel_is_told_at_any_time),
        cmocka_unit_test(what_does_not_arrive_is_said_once_a_day),
        cmocka_unit_test(
            who_writes_again_waits_for_a_person_where_the_policy_says_so),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
