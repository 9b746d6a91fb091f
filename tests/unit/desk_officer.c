/* desk: holds, closing, release, the plan of retention, and what check says of
 * them. What is due by time is registrar_retain.c's. */
#include "desk_live_help.h"

#include "resguardo/registrar_person.h"

static int begin(void **state)
{
    if (set_up(state) != 0)
        return -1;
    open_desk();
    return 0;
}

/* ---- asking ------------------------------------------------------------- */

/* A signed request; takes the body. */
static long post(const char *path, json_t *o)
{
    long status;

    assert_non_null(o);
    sign_for(o, path, h.officer);
    status = ask_json(path, o);
    json_decref(o);
    return status;
}

static const char *path_of(const char *folder, const char *id, const char *verb)
{
    static char path[160];

    (void)snprintf(path, sizeof(path), "/%s/%s%s", folder, id, verb);
    return path;
}

static long close_case(void)
{
    return post(path_of("cases", h.document.case_id, "/close"), json_object());
}

static long place_hold(const char *folder, const char *id, json_t *o)
{
    return post(path_of(folder, id, "/hold"), o);
}

static json_t *reason(void)
{
    return json_pack("{s:s}", "reason", "a court asked");
}

/* The id in the last answer. */
static const char *answered_id(void)
{
    static char id[ID_SIZE];
    json_t *o = json_parse(body.p, body.len, &h.err);

    assert_non_null(json_str(o, "id"));
    (void)snprintf(id, sizeof(id), "%s", json_str(o, "id"));
    json_decref(o);
    return id;
}

/* With a daemon beside us. */
static void tamper(const char *sql)
{
    char path[192];
    sqlite3 *db = NULL;

    (void)snprintf(path, sizeof(path), "%s/resguardo.db", h.dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_busy_timeout(db, 10000), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sqlite3_errmsg(db), sql);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void assert_sound(void)
{
    assert_int_equal(ask("/check", NULL), 200);
    assert_true(body_has("\"faults\":[]"));
}

/* ---- cases and holds ---------------------------------------------------- */

static void case_is_closed_once_and_on_record(void **state)
{
    (void)state;
    assert_int_equal(ask(path_of("cases", h.document.case_id, "/close"), "{}"),
                     403);
    assert_int_equal(close_case(), 200);
    assert_int_equal(close_case(), 409);
    assert_int_equal(recorded("case_closed"), 1);
    assert_int_equal(ask(path_of("cases", h.document.case_id, ""), NULL), 200);
    assert_true(body_has("\"state\":\"closed\""));
    assert_sound();
}

static void hold_is_placed_listed_and_lifted(void **state)
{
    char id[ID_SIZE];

    (void)state;
    assert_int_equal(place_hold("subjects", h.document.subject, reason()), 200);
    (void)snprintf(id, sizeof(id), "%s", answered_id());
    assert_int_equal(place_hold("cases", h.document.case_id, reason()), 200);
    assert_int_equal(ask("/holds", NULL), 200);
    assert_true(body_has(id));
    assert_true(body_has(h.document.case_id));
    assert_true(body_has("\"placed_by\":\"ana\""));
    assert_false(body_has("court"));
    assert_int_equal(post(path_of("holds", id, "/lift"), reason()), 200);
    assert_int_equal(post(path_of("holds", id, "/lift"), reason()), 409);
    assert_int_equal(ask("/holds", NULL), 200);
    assert_false(body_has(id));
    assert_int_equal(ask("/holds?all=1", NULL), 200);
    assert_true(body_has(id));
    assert_int_equal(recorded("hold_placed"), 2);
    assert_int_equal(recorded("hold_lifted"), 1);
    assert_sound();
}

static void holds_that_make_no_sense_are_refused(void **state)
{
    const char *subject = h.document.subject;

    (void)state;
    assert_int_equal(place_hold("subjects", subject, json_object()), 400);
    assert_int_equal(
        place_hold("subjects", subject, json_pack("{s:s}", "reason", " \t")),
        400);
    assert_int_equal(
        place_hold("subjects", subject,
                   json_pack("{s:s, s:s}", "reason", "x", "until", "tomorrow")),
        400);
    assert_int_equal(place_hold("subjects", subject,
                                json_pack("{s:s, s:s}", "reason", "x", "until",
                                          "2020-01-01T00:00:00Z")),
                     400);
    assert_int_equal(place_hold("subjects", "snobody", reason()), 404);
    assert_int_equal(place_hold("cases", "ABC", reason()), 404);
    assert_int_equal(post(path_of("holds", "hnone", "/lift"), reason()), 404);
    assert_int_equal(recorded("hold_placed"), 0);
}

/* ---- release and approvals ---------------------------------------------- */

static json_t *demand(void)
{
    return json_pack("{s:s, s:s}", "reason", "a judge asks", "authority",
                     "J-12/2026");
}

static void release_asks_for_a_second_officer(void **state)
{
    const char *path = path_of("documents", h.document.id, "/release");
    char release[160], grant[160];

    (void)state;
    (void)snprintf(release, sizeof(release), "%s", path);
    assert_int_equal(post(release, reason()), 400);
    assert_int_equal(post(release, demand()), 409); /* not blocked */
    tamper("UPDATE document SET state = 'blocked', blocked = 5,"
           " block_cause = 'erase'");
    assert_int_equal(post(release, demand()), 403);
    assert_true(body_has("needs a second officer"));
    assert_int_equal(ask("/approvals", NULL), 200);
    assert_true(body_has("\"action\":\"release\""));
    assert_true(body_has("\"asked_by\":\"ana\""));
    assert_false(body_has("J-12"));
    {
        json_t *list = json_parse(body.p, body.len, &h.err);
        const char *id = json_str(json_array_get(list, 0), "id");

        (void)snprintf(grant, sizeof(grant), "/approvals/%s/grant", id);
        assert_int_equal(ask(path_of("approvals", id, ""), NULL), 200);
        json_decref(list);
    }
    assert_true(body_has("J-12/2026"));
    assert_int_equal(recorded("approval_shown"), 1);

    /* Neither alone, nor unseen. */
    assert_int_equal(post(grant, reason()), 400);
    assert_int_equal(
        post(grant, json_pack("{s:s, s:s}", "reason", "x", "what_sha256",
                              "0000000000000000000000000000000000000000000000"
                              "000000000000000000")),
        403);
    assert_int_equal(recorded("approval_granted"), 0);
    assert_int_equal(recorded("document_released"), 0);
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 403);

    /* Taken back. */
    strcpy(strrchr(grant, '/'), "/refuse");
    assert_int_equal(post(grant, json_object()), 200);
    assert_int_equal(post(grant, json_object()), 404);
    assert_int_equal(recorded("approval_refused"), 1);
}

/* One officer alone takes nobody out who is blocked. */
static void blocked_person_is_not_exported(void **state)
{
    const char *path = path_of("subjects", h.document.subject, "/export");
    struct staff_access access = { .uid = (uint32_t)getuid(),
                                   .name = "ana",
                                   .role = "officer",
                                   .event_type = "subject_exported",
                                   .whole = true };
    char export[160];

    (void)state;
    (void)snprintf(export, sizeof(export), "%s", path);
    memcpy(access.subject, h.document.subject, ID_SIZE);
    tamper("UPDATE subject SET blocked = 5");
    assert_int_equal(post(export, reason()), 403);
    assert_true(body_has("the person is blocked"));

    /* Blocked since the desk looked, or released no more. (The writer remembers
     * the last person until something is undone; this row changed behind it.)
     */
    access.uid = 99;
    assert_int_equal(registrar_record(registrar, &access, &h.err), -1);
    assert_int_equal(h.err.code, ERR_NOT_PERMITTED);
    access.uid = (uint32_t)getuid();
    assert_int_equal(registrar_record(registrar, &access, &h.err), -1);
    assert_int_equal(h.err.code, ERR_CONFLICT);
    access.authority = "J-12/2026";
    assert_int_equal(registrar_record(registrar, &access, &h.err), -1);
    assert_int_equal(h.err.code, ERR_CONFLICT);
    assert_int_equal(recorded("subject_exported"), 0);
}

static void others_than_officers_see_none_of_it(void **state)
{
    struct secret *other;

    if (set_up(state) != 0)
        fail();
    other = we_are_only(ROLE_AGENT);
    open_desk();
    assert_int_equal(ask("/holds", NULL), 403);
    assert_int_equal(ask("/approvals", NULL), 403);
    assert_int_equal(ask("/retention", NULL), 403);
    assert_int_equal(place_hold("subjects", h.document.subject, reason()), 403);
    secret_free(&other);
}

/* ---- the plan ----------------------------------------------------------- */

#define LATER "/retention?until=2099-01-01T00:00:00Z"

static int lines(void)
{
    int n = 0;

    for (size_t i = 0; i < body.len; i++)
        n += body.p[i] == '\n';
    return n;
}

static struct policy_rule *stored_after(msec days)
{
    struct policy *p = policies->policies[0];
    struct policy_rule *rule = &p->rules[p->nrules++];

    *rule = (struct policy_rule){ .trigger = TRIGGER_STORED,
                                  .after = days * MSEC_D,
                                  .ground = "purpose_ended" };
    return rule;
}

static void plan_tells_each_document_once_by_what_comes_first(void **state)
{
    (void)state;
    assert_string_equal(policies->policies[0]->id, "co-habeas-data");
    assert_int_equal(ask(LATER, NULL), 200);
    assert_int_equal(lines(), 0); /* the case is open */
    assert_int_equal(close_case(), 200);
    assert_int_equal(ask("/retention", NULL), 200);
    assert_int_equal(lines(), 0);
    assert_int_equal(ask(LATER, NULL), 200);
    assert_int_equal(lines(), 2);
    assert_true(body_has("\"trigger\":\"case_closed\""));
    assert_true(body_has("\"count\":1"));
    assert_true(body_has(h.document.id));

    /* It came in 1970: a hundred years are over later than five from now. */
    stored_after(36500);
    assert_int_equal(ask(LATER, NULL), 200);
    assert_int_equal(lines(), 2);
    assert_true(body_has("\"trigger\":\"case_closed\""));
    policies->policies[0]->rules[2].after = 21900 * MSEC_D; /* 2029 */
    assert_int_equal(ask(LATER, NULL), 200);
    assert_int_equal(lines(), 2);
    assert_true(body_has("\"trigger\":\"stored\""));
    assert_true(body_has("\"due_at\":\"2029-12-17T"));
}

static void plan_says_what_is_held_and_what_is_blocked_until_when(void **state)
{
    struct policy_rule *rule;

    (void)state;
    rule = stored_after(21900);
    rule->block = true;
    rule->block_for = 10 * MSEC_D;
    assert_int_equal(place_hold("cases", h.document.case_id, reason()), 200);
    assert_int_equal(ask(LATER, NULL), 200);
    assert_true(body_has("\"action\":\"block\""));
    assert_true(body_has("\"held\":1"));
    assert_true(body_has("\"held\":true"));
    assert_true(body_has("\"blocked_until\":\"2029-12-27T"));
    assert_int_equal(ask("/documents", NULL), 200);
    assert_true(body_has("\"state\":\"stored\""));
    assert_int_equal(ask("/retention?until=soon", NULL), 400);
}

static void receipt_of_who_is_blocked_is_for_officers(void **state)
{
    const char *const path = "/consent/receipt?subject=";
    char receipt[80];
    struct secret *other;

    for (int officer = 0; officer < 2; officer++) {
        if (officer > 0 && tear_down(state) != 0)
            fail();
        if (set_up(state) != 0)
            fail();
        other = we_are_only(ROLE_AUDITOR | (officer ? ROLE_OFFICER : 0u));
        open_desk();
        (void)snprintf(receipt, sizeof(receipt), "%s%s", path,
                       h.document.subject);
        assert_int_equal(ask(receipt, NULL), 200);
        tamper("UPDATE subject SET blocked = 5");
        assert_int_equal(ask(receipt, NULL), officer ? 200 : 404);
        assert_int_equal(recorded("receipt_issued"), officer ? 2 : 1);
        secret_free(&other);
    }
}

/* Of what is blocked others than officers hear how much, and not whose. */
static void plan_names_nobody_blocked_to_an_auditor(void **state)
{
    static const struct {
        unsigned roles;
        bool shown;
    } callers[] = { { ROLE_AUDITOR, false },
                    { ROLE_AUDITOR | ROLE_OFFICER, true } };

    for (size_t i = 0; i < 2; i++) {
        struct secret *other;

        if (i > 0 && tear_down(state) != 0)
            fail();
        if (set_up(state) != 0)
            fail();
        other = we_are_only(callers[i].roles);
        open_desk();
        tamper("UPDATE subject SET blocked = 5;"
               "UPDATE document SET state = 'blocked', blocked = 5,"
               " block_cause = 'erase', block_until = 4e12");
        assert_int_equal(ask(LATER, NULL), 200);
        assert_true(body_has("\"trigger\":\"blocking_over\""));
        assert_true(body_has("\"count\":1"));
        assert_int_equal(body_has(h.document.subject), callers[i].shown);
        assert_int_equal(body_has(h.document.id), callers[i].shown);
        secret_free(&other);
    }
}

static void plan_tells_of_people_without_anything(void **state)
{
    (void)state;
    tamper(
        "DELETE FROM document; DELETE FROM attachment;"
        "UPDATE cases SET state = 'closed'; UPDATE subject SET review = 9e15,"
        " contact = 9e11");
    assert_int_equal(ask(LATER, NULL), 200);
    assert_int_equal(lines(), 0);
    tamper(
        "UPDATE subject SET review = 4e12"); /* 2096: none is looked at yet */
    assert_int_equal(ask(LATER, NULL), 200);
    assert_int_equal(lines(), 2);
    assert_true(body_has("\"trigger\":\"persons_after\""));
    assert_true(body_has(h.document.subject));
}

/* ---- check -------------------------------------------------------------- */

/* One change behind the ledger's back, what is said of it, and back again. */
struct slip {
    const char *sql, *says, *undo;
};

static void check_knows_what_officers_did(void **state)
{
    static const struct slip slips[] = {
        { "UPDATE hold SET lifted = 1", "hold h",
          "UPDATE hold SET lifted ="
          " NULL" },
        { "UPDATE hold SET subject = 'snobody'", "the database says snobody",
          "UPDATE hold SET subject = (SELECT id FROM subject)" },
        { "INSERT INTO hold VALUES ('hx', 's', NULL, 1, 1, NULL, NULL, NULL,"
          " 'legal')",
          "hold hx: the database says s, the ledger nothing",
          "DELETE FROM hold WHERE id = 'hx'" },
        { "UPDATE hold SET kind = 'impersonation'", ", impersonation, the",
          "UPDATE hold SET kind = 'legal'" },
        { "UPDATE cases SET state = 'open'", "says open, the ledger closed",
          "UPDATE cases SET state = 'closed'" },
        { "UPDATE subject SET blocked = 1",
          "the database says blocked, the ledger nothing",
          "UPDATE subject SET blocked = NULL" },
        { "UPDATE approval SET state = 'granted', approved_by = 0,"
          " approved = 1",
          "says granted, the ledger asked",
          "UPDATE approval SET state = 'asked', approved_by = NULL,"
          " approved = NULL" },
    };
    struct erase_order order = { .ground = "request" };

    (void)state;
    policies->policies[0]->two_officers = 1u << ACTION_ERASE;
    assert_int_equal(close_case(), 200);
    assert_int_equal(place_hold("subjects", h.document.subject, reason()), 200);
    order.by = (struct staff_access){ .uid = (uint32_t)getuid(),
                                      .name = "ana",
                                      .role = "officer" };
    memcpy(order.by.subject, h.document.subject, ID_SIZE);
    assert_int_equal(registrar_erase(registrar, &order, &h.err), -1);
    assert_int_equal(h.err.code, ERR_WAITS);
    assert_sound();
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
        tamper(slips[i].sql);
        assert_int_equal(ask("/check", NULL), 200);
        if (!body_has(slips[i].says))
            fail_msg("%s: not %s: %.*s", slips[i].sql, slips[i].says,
                     (int)body.len, (const char *)body.p);
        tamper(slips[i].undo);
        assert_sound();
    }
}

#define TEST(f)  cmocka_unit_test_setup_teardown(f, begin, tear_down)
#define ALONE(f) cmocka_unit_test_teardown(f, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(case_is_closed_once_and_on_record),
        TEST(hold_is_placed_listed_and_lifted),
        TEST(holds_that_make_no_sense_are_refused),
        TEST(release_asks_for_a_second_officer),
        TEST(blocked_person_is_not_exported),
        ALONE(others_than_officers_see_none_of_it),
        TEST(plan_tells_each_document_once_by_what_comes_first),
        TEST(plan_says_what_is_held_and_what_is_blocked_until_when),
        ALONE(receipt_of_who_is_blocked_is_for_officers),
        ALONE(plan_names_nobody_blocked_to_an_auditor),
        TEST(plan_tells_of_people_without_anything),
        TEST(check_knows_what_officers_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
