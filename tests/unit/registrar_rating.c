/* registrar: the one question how it was. The clock is the test's. */
#include "family_help.h"

#include "store/store_private.h"

#define MINUTE (60 * MSEC_S)

static int take_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_take_conversation(r, arg, err);
}

static int back_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_hand_back(r, arg, err);
}

/* What texts.es-ES.yaml says, for a policy that asks. */
static void asks(struct policy *p)
{
    static const char *const texts[RATING_TEXT__MAX] = {
        [RATING_TEXT_ASK] = "Caso {case}: ¿qué tal?",
        [RATING_TEXT_ASK_PERSON] = "¿Qué tal con nosotros?",
        [RATING_TEXT_BUTTON] = "Valorar",
        [RATING_TEXT_FIVE] = "5",
        [RATING_TEXT_FOUR] = "4",
        [RATING_TEXT_THREE] = "3",
        [RATING_TEXT_TWO] = "2",
        [RATING_TEXT_ONE] = "1",
        [RATING_TEXT_THANKS] = "¿Por qué?",
        [RATING_TEXT_NOTED] = "Anotado",
        [RATING_TEXT_SORRY] = "Lo sentimos",
    };

    p->satisfaction.asked = true;
    p->satisfaction.ask_after = 10 * MINUTE;
    p->satisfaction.quiet = 30 * MSEC_D;
    for (int t = 0; t < RATING_TEXT__MAX; t++)
        assert_non_null(p->languages[0].rating[t] = strdup(texts[t]));
}

static int start(void **state)
{
    struct fixture *f;

    if (begin(state) != 0)
        return -1;
    f = *state;
    asks(SPAIN(f));
    help_stored(f, WHO, "wamid.file", "image/jpeg");
    help_pass(f, MINUTE);
    help_accept_all(f, 0);
    return 0;
}

static int64_t state_is(struct fixture *f, const char *name)
{
    char sql[96];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM rating WHERE state = '%s'", name);
    return help_number(f, sql);
}

static bool said(const struct fixture *f, const char *words)
{
    return f->nsends > 0 && strstr(f->sends[f->nsends - 1].body, words) != NULL;
}

static int64_t questions(const struct fixture *f)
{
    int64_t n = 0;

    for (size_t i = 0; i < f->nsends; i++)
        n += strstr(f->sends[i].body, "rate/") != NULL;
    return n;
}

static void writes(struct fixture *f, const char *from, const char *words)
{
    static int n;
    char wamid[32];

    (void)snprintf(wamid, sizeof(wamid), "wamid.w%d", n++);
    help_text(f, from, wamid, words);
}

static void taps(struct fixture *f, const char *from, const char *id)
{
    static int n;
    char wamid[32], message[256];

    (void)snprintf(wamid, sizeof(wamid), "wamid.t%d", n++);
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"interactive\",\"interactive\":{\"type\":"
                   "\"list_reply\",\"list_reply\":{\"id\":\"%s\",\"title\":"
                   "\"x\"}}",
                   id);
    help_message(f, from, wamid, message);
}

static void tap_score(struct fixture *f, const char *from, int score)
{
    char rating[ID_SIZE], id[ID_SIZE + 16];

    help_word(f, "SELECT id FROM rating ORDER BY rowid DESC LIMIT 1", rating,
              sizeof(rating));
    (void)snprintf(id, sizeof(id), "rate/%s/%d", rating, score);
    taps(f, from, id);
}

/* A case that was closed, and the question in front of them. */
static void asked(struct fixture *f)
{
    writes(f, WHO, "gracias");
    close_case(f);
    help_pass(f, 11 * MINUTE);
    assert_int_equal(questions(f), 1);
    help_accept_all(f, f->nsends - 1);
}

static struct conversation_order talk(struct fixture *f)
{
    struct conversation_order o = { .by = help_by(ANA) };

    o.by.role = "agent";
    help_word(f, "SELECT id FROM conversation ORDER BY rowid LIMIT 1", o.id,
              sizeof(o.id));
    return o;
}

/* ---- asked, answered, commented ----------------------------------------- */

/* Nobody is thanked with joy for a 1; and what they ask is kept, and answered
 * with the menu in place of thanks. */
static void who_was_badly_served_reads_that_we_are_sorry(void **state)
{
    struct fixture *f = *state;

    writes(f, WHO, "gracias");
    close_case(f);
    help_pass(f, 10 * MINUTE);
    help_accept_all(f, f->nsends - 1);
    tap_score(f, WHO, 2);
    assert_true(said(f, "Lo sentimos"));
    writes(f, WHO, "¿cuándo me responden?");
    assert_true(said(f, "person/ask"));
    assert_int_equal(help_number(f, "SELECT count(*) FROM chat WHERE kind ="
                                    " 'comment'"),
                     1);
}

static void a_closed_case_is_asked_about_once_and_rated_once(void **state)
{
    struct fixture *f = *state;
    char leaf[1024];

    writes(f, WHO, "gracias");
    close_case(f);
    help_pass(f, 9 * MINUTE);
    assert_int_equal(questions(f), 0);
    help_pass(f, MINUTE);
    assert_int_equal(questions(f), 1);
    assert_true(said(f, "¿qué tal?"));
    help_accept_all(f, f->nsends - 1);
    assert_int_equal(help_number(f, "SELECT asks > 0 FROM subject"), 1);

    tap_score(f, WHO, 4);
    assert_true(said(f, "¿Por qué?"));
    assert_int_equal(help_leaves(f, "case_rated"), 1);
    help_word(f,
              "SELECT CAST(entry AS TEXT) FROM ledger WHERE json_extract("
              "CAST(entry AS TEXT), '$.event_type') = 'case_rated'",
              leaf, sizeof(leaf));
    assert_non_null(strstr(leaf, "\"rating\":4"));
    assert_non_null(strstr(leaf, "\"case_id\":"));

    /* Another mind does not count, and the next text says why. */
    tap_score(f, WHO, 1);
    assert_int_equal(help_number(f, "SELECT score FROM rating"), 4);
    writes(f, WHO, "fueron muy amables");
    assert_true(said(f, "Anotado"));
    assert_int_equal(help_number(f, "SELECT count(*) FROM chat WHERE kind ="
                                    " 'comment' AND case_id IS NOT NULL"),
                     1);
    assert_int_equal(help_number(f, "SELECT asks IS NULL FROM subject"), 1);
    assert_int_equal(help_leaves(f, "case_rated"), 1);
    help_pass(f, MSEC_D);
    assert_int_equal(questions(f), 1);
}

static void a_typed_number_counts_and_a_comment_has_its_time(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    asked(f);
    writes(f, WHO, "5");
    assert_int_equal(help_number(f, "SELECT score FROM rating"), 5);
    help_pass(f, 31 * MINUTE);
    assert_int_equal(help_number(f, "SELECT due IS NULL FROM rating"), 1);
    sends = f->nsends;
    writes(f, WHO, "ya no es un comentario");
    assert_int_equal(help_number(f, "SELECT count(*) FROM chat"), 0);
    assert_true(f->nsends > sends); /* the menu, as ever */
}

static void nobody_answers_for_another(void **state)
{
    struct fixture *f = *state;

    help_consenting(f, "34699");
    asked(f);
    tap_score(f, "34699", 1);
    writes(f, "34699", "1");
    assert_int_equal(state_is(f, "asked"), 1);
    assert_int_equal(help_leaves(f, "case_rated"), 0);
    tap_score(f, WHO, 3);
    assert_int_equal(help_number(f, "SELECT score FROM rating"), 3);
}

static void what_was_asked_is_over_after_a_week(void **state)
{
    struct fixture *f = *state;

    asked(f);
    help_pass(f, 7 * MSEC_D);
    assert_int_equal(state_is(f, "ended"), 1);
    tap_score(f, WHO, 5);
    assert_int_equal(help_leaves(f, "case_rated"), 0);
    assert_int_equal(help_number(f, "SELECT asks IS NULL FROM subject"), 1);
}

/* ---- not asked ---------------------------------------------------------- */

static void without_the_policys_word_nobody_is_asked(void **state)
{
    struct fixture *f = *state;

    SPAIN(f)->satisfaction.asked = false;
    writes(f, WHO, "gracias");
    close_case(f);
    help_pass(f, MSEC_H);
    assert_int_equal(questions(f), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM rating"), 0);
}

static void outside_the_window_nothing_is_asked(void **state)
{
    struct fixture *f = *state;

    /* Not a minute before it shuts, as far as it is known. */
    help_pass(f, help_number(f, "SELECT contact FROM subject") + 24 * MSEC_H -
                     11 * MINUTE - f->now);
    close_case(f);
    help_pass(f, 11 * MINUTE);
    assert_int_equal(questions(f), 0);
    assert_int_equal(state_is(f, "ended"), 1);
}

static void a_question_that_waited_too_long_to_go_does_not_go(void **state)
{
    struct fixture *f = *state;

    writes(f, WHO, "gracias");
    close_case(f);
    f->r->token_refused = true; /* nothing goes out */
    help_pass(f, 11 * MINUTE);
    assert_int_equal(state_is(f, "asked"), 1);
    help_pass(f, MSEC_D);
    f->r->token_refused = false;
    help_pass(f, MINUTE);
    assert_int_equal(questions(f), 0);
    assert_int_equal(state_is(f, "ended"), 1);
    assert_int_equal(help_number(f, "SELECT asked IS NULL FROM rating"), 1);
}

static void who_took_it_back_is_not_asked(void **state)
{
    struct fixture *f = *state;

    close_case(f);
    f->now += 2 * MSEC_S;
    writes(f, WHO, "BAJA");
    assert_int_equal(help_leaves(f, "consent_withdrawn"), 1);
    assert_int_equal(state_is(f, "ended"), 1);
    help_pass(f, MSEC_H);
    assert_int_equal(questions(f), 0);
}

/* Also a purpose that the case does not need, and also long before. */
static void who_took_another_purpose_back_is_not_asked(void **state)
{
    struct fixture *f = *state;
    struct policy *p = SPAIN(f);

    p->purposes[p->npurposes++] = (struct policy_purpose){ .id = "extra" };
    assert_int_equal(sqlite3_exec(f->r->store->db,
                                  "INSERT INTO consent (subject, policy,"
                                  " purpose, state) SELECT id, 'es-gdpr',"
                                  " 'extra', 'withdrawn' FROM subject",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    writes(f, WHO, "gracias");
    close_case(f);
    help_pass(f, MSEC_H);
    assert_int_equal(questions(f), 0);
    assert_int_equal(state_is(f, "ended"), 1);
}

static void after_it_a_late_answer_does_not_count(void **state)
{
    struct fixture *f = *state;

    asked(f);
    f->now += 2 * MSEC_S;
    writes(f, WHO, "BAJA");
    tap_score(f, WHO, 5);
    writes(f, WHO, "5");
    assert_int_equal(help_leaves(f, "case_rated"), 0);
    assert_int_equal(state_is(f, "ended"), 1);
}

static void who_is_erased_is_not_asked_and_their_words_go(void **state)
{
    struct fixture *f = *state;

    asked(f);
    writes(f, WHO, "2");
    writes(f, WHO, "tardaron mucho");
    assert_int_equal(help_number(f, "SELECT count(*) FROM chat"), 1);
    (void)erase(f);
    help_pass(f, MINUTE);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM chat"), 0);
    /* The number is nobody's word, and stays for the statistics. */
    assert_int_equal(help_number(f, "SELECT score FROM rating"), 2);
    help_pass(f, MSEC_H);
    assert_int_equal(questions(f), 1);
}

static void one_that_waits_is_not_asked_of_who_is_erased(void **state)
{
    struct fixture *f = *state;

    writes(f, WHO, "gracias");
    close_case(f);
    (void)erase(f);
    help_pass(f, MINUTE);
    assert_int_equal(state_is(f, "waiting"), 0);
    help_pass(f, MSEC_H);
    assert_int_equal(questions(f), 0);
    assert_int_equal(state_is(f, "ended"), 1);
}

static void between_two_questions_are_so_many_days(void **state)
{
    struct fixture *f = *state;

    asked(f);
    tap_score(f, WHO, 5);
    for (int day = 1; day <= 31; day++) {
        char wamid[32];

        help_pass(f, MSEC_D);
        if (day != 29 && day != 31)
            continue;
        (void)snprintf(wamid, sizeof(wamid), "wamid.d%d", day);
        help_stored(f, WHO, wamid, "image/jpeg");
        close_case(f);
        help_pass(f, 11 * MINUTE);
        assert_int_equal(questions(f), day == 29 ? 1 : 2);
    }
}

static void a_person_goes_before_the_question(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o;

    close_case(f);
    writes(f, WHO, "persona");
    o = talk(f);
    CALLS(f, take_request, &o);
    help_pass(f, 3 * MSEC_H);
    assert_int_equal(questions(f), 0);
    assert_int_equal(state_is(f, "waiting"), 1);
    CALLS(f, back_request, &o);
    help_pass(f, 21 * MINUTE);
    assert_int_equal(questions(f), 1);

    /* About the case; the hand-over is not asked about beside it. */
    assert_true(said(f, "Caso "));
    assert_int_equal(help_number(f, "SELECT count(*) FROM rating"), 1);
}

/* Whoever has two numbers is one person. */
static void a_person_under_another_number_goes_before_it_too(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];

    help_consenting(f, "34699");
    writes(f, "34699", "persona");
    (void)link_of_two(f, "34699", WHO, NULL, former);
    close_case(f);
    help_pass(f, 3 * MSEC_H);
    assert_int_equal(questions(f), 0);
    writes(f, "34699", "asistente");
    help_pass(f, 21 * MINUTE);
    assert_int_equal(questions(f), 1);
}

static void a_tap_while_an_agent_writes_gets_no_word_of_ours(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o;
    size_t sends;

    asked(f);
    writes(f, WHO, "persona");
    o = talk(f);
    CALLS(f, take_request, &o);
    sends = f->nsends;
    tap_score(f, WHO, 2);
    writes(f, WHO, "no me contestaron");
    assert_int_equal(f->nsends, sends);
    assert_int_equal(help_number(f, "SELECT score FROM rating"), 2);
    assert_int_equal(help_number(f, "SELECT count(*) FROM chat WHERE kind ="
                                    " 'in'"),
                     1);
}

static void a_hand_over_is_asked_about_where_there_is_no_case(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o;

    /* Somebody who has one, and somebody whom nobody took: neither. */
    writes(f, WHO, "persona");
    o = talk(f);
    CALLS(f, take_request, &o);
    CALLS(f, back_request, &o);
    help_consenting(f, "34699");
    writes(f, "34699", "persona");
    writes(f, "34699", "asistente");
    help_pass(f, MSEC_H);
    assert_int_equal(help_number(f, "SELECT count(*) FROM rating"), 0);

    writes(f, "34699", "persona");
    help_word(f, "SELECT v.id FROM conversation v WHERE v.mode = 'waiting'",
              o.id, sizeof(o.id));
    CALLS(f, take_request, &o);
    writes(f, "34699", "asistente");
    help_pass(f, 11 * MINUTE);
    assert_int_equal(questions(f), 1);
    assert_true(said(f, "¿Qué tal con nosotros?"));
    help_accept_all(f, f->nsends - 1);
    tap_score(f, "34699", 1);
    writes(f, "34699", "muy despacio");
    assert_int_equal(help_number(f, "SELECT count(*) FROM chat c JOIN"
                                    " conversation v ON v.id = c.conversation"
                                    " WHERE c.kind = 'comment'"),
                     1);
}

/* ---- rules of contact --------------------------------------------------- */

/* A week of the test's: Wednesdays from ten to eleven in Spain. */
static void it_keeps_the_hours_of_contact(void **state)
{
    struct fixture *f = *state;
    struct contact_rules *rules = &SPAIN(f)->contact;
    msec of_day;

    (void)zone_day(SPAIN(f)->calendar.zone, f->now, &of_day);
    rules->any = true;
    rules->per_day = 1;
    rules->out_of_hours = -1;
    for (int d = 0; d < 7; d++) {
        int from = (int)(of_day / MINUTE) + 120;

        rules->hours.week[d].n = 1;
        rules->hours.week[d].openings[0] = (struct opening){ from, from + 60 };
    }
    writes(f, WHO, "gracias");
    close_case(f);
    help_pass(f, 110 * MINUTE);
    assert_int_equal(questions(f), 0);
    assert_int_equal(state_is(f, "waiting"), 1);
    help_pass(f, 15 * MINUTE);
    assert_int_equal(questions(f), 1);
}

/* ---- whatever happens --------------------------------------------------- */

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (*seed >> 33) % below;
}

/* Every question that went: allowed at that moment, and apart from the last. */
static void check_question(struct fixture *f, msec *last)
{
    int64_t busy = help_number(f, "SELECT count(*) FROM conversation WHERE"
                                  " mode <> 'bot'");
    int64_t back = help_number(f, "SELECT count(*) FROM consent WHERE state ="
                                  " 'withdrawn'");

    assert_int_equal(busy, 0);
    assert_int_equal(back, 0);
    assert_true(*last == 0 || f->now - *last >= 30 * MSEC_D);
    *last = f->now;
}

static void one_event(struct fixture *f, uint64_t *seed, msec *wrote)
{
    static const char *const words[] = { "hola",     "5",      "asistente",
                                         "gracias",  "acepto", "BAJA",
                                         "todo bien" };
    struct conversation_order o;
    char wamid[32];
    static int n;

    switch (draw(seed, 8)) {
    case 0:
    case 1:
    case 2:
        *wrote = f->now;
        writes(f, WHO, words[draw(seed, 64) == 0 ? 5 : draw(seed, 5)]);
        break;
    case 3:
        *wrote = f->now;
        (void)snprintf(wamid, sizeof(wamid), "wamid.p%d", n++);
        help_photo(f, WHO, wamid);
        for (size_t order = f->nfetches; order-- > 0;)
            if (help_attachment(f, f->fetches[order].attachment).state[0] ==
                'f') {
                help_judged(f, order, "image/jpeg");
                break;
            }
        break;
    case 4:
        if (help_number(f, "SELECT count(*) FROM cases WHERE state = 'open'") >
            0)
            close_case(f);
        break;
    case 5:
        if (draw(seed, 6) == 0) {
            *wrote = f->now;
            writes(f, WHO, "persona");
        }
        if (help_number(f, "SELECT count(*) FROM conversation WHERE mode ="
                           " 'waiting'") > 0) {
            o = talk(f);
            CALLS(f, take_request, &o);
        }
        break;
    case 6:
        if (help_number(f, "SELECT count(*) FROM rating WHERE state ="
                           " 'asked'") > 0)
            tap_score(f, WHO, 1 + (int)draw(seed, 5));
        break;
    default:
        help_pass(f, (msec)draw(seed, 2) == 0 ? (msec)draw(seed, 40) * MINUTE
                                              : (msec)draw(seed, 5) * MSEC_D);
    }
}

/* What went since then; it is let go, so that there is room for more. */
static int64_t new_questions(struct fixture *f)
{
    int64_t n = questions(f);

    help_accept_all(f, 0);
    for (size_t i = 0; i < f->nsends; i++)
        free(f->sends[i].body);
    f->nsends = 0;
    return n;
}

static void nobody_is_asked_twice_or_when_they_must_not_be(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 7;
    msec last = 0, wrote = f->now;
    int seen = 0;

    (void)new_questions(f);
    for (int i = 0; i < 1500 && f->nfetches < MAX_EFFECTS - 8; i++) {
        int64_t n;

        one_event(f, &seed, &wrote);
        help_pass(f, MSEC_S);
        if ((n = new_questions(f)) == 0)
            continue;
        assert_int_equal(n, 1);
        assert_true(f->now - wrote < 24 * MSEC_H);
        check_question(f, &last);
        seen++;
    }
    assert_true(seen >= 5); /* it does ask */
    assert_int_equal(help_number(f, "SELECT count(*) FROM (SELECT case_id FROM"
                                    " rating WHERE case_id IS NOT NULL GROUP"
                                    " BY case_id HAVING count(*) > 1)"),
                     0);
    assert_int_equal(help_leaves(f, "case_rated"),
                     help_number(f, "SELECT count(*) FROM rating WHERE score"
                                    " IS NOT NULL"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(who_was_badly_served_reads_that_we_are_sorry),
        T(a_closed_case_is_asked_about_once_and_rated_once),
        T(a_typed_number_counts_and_a_comment_has_its_time),
        T(nobody_answers_for_another),
        T(what_was_asked_is_over_after_a_week),
        T(without_the_policys_word_nobody_is_asked),
        T(outside_the_window_nothing_is_asked),
        T(a_question_that_waited_too_long_to_go_does_not_go),
        T(who_took_it_back_is_not_asked),
        T(who_took_another_purpose_back_is_not_asked),
        T(after_it_a_late_answer_does_not_count),
        T(who_is_erased_is_not_asked_and_their_words_go),
        T(one_that_waits_is_not_asked_of_who_is_erased),
        T(between_two_questions_are_so_many_days),
        T(a_person_goes_before_the_question),
        T(a_person_under_another_number_goes_before_it_too),
        T(a_tap_while_an_agent_writes_gets_no_word_of_ours),
        T(a_hand_over_is_asked_about_where_there_is_no_case),
        T(it_keeps_the_hours_of_contact),
        T(nobody_is_asked_twice_or_when_they_must_not_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
