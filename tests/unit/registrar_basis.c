/* registrar: nothing is fetched before there is a basis for it, whatever it
 * is, and a basis that ends opens nothing more. */
#include "registrar_help.h"

#define ANA "34600000001"
#define TEL "8000"

#define PDF                                                                    \
    "\"type\":\"document\",\"document\":{\"id\":\"78\",\"mime_type\":"         \
    "\"application/pdf\"}"
#define VOICE                                                                  \
    "\"type\":\"audio\",\"audio\":{\"id\":\"79\",\"mime_type\":\"audio/ogg\"}"

static const char *const ids[] = { "banca-ejemplo", "co-habeas-data" };
static char folder[64];
static int n_wamids;

static void edit(const char *command)
{
    char all[512];

    (void)snprintf(all, sizeof(all), "cd %s/banca-ejemplo && %s", folder,
                   command);
    assert_int_equal(system(all), 0);
}

static int set_up(void **state)
{
    char command[160];
    char *made = unit_folder_new();

    n_wamids = 0;
    (void)snprintf(folder, sizeof(folder), "%s", made);
    free(made);
    (void)snprintf(command, sizeof(command),
                   "cp -r policies/. tests/policies/. %s", folder);
    assert_int_equal(system(command), 0);
    return help_setup_of(state, folder, ids);
}

/* ---- the ledger's own rule, of all that a test did ---------------------- */

static int see_leaf(void *arg, uint64_t index, const uint8_t *entry, size_t len,
                    const uint8_t *leaf)
{
    const char *violation;
    struct error e = { 0 };
    json_t *value = json_parse(entry, len, &e);

    (void)leaf;
    assert_non_null(value);
    assert_int_equal(ledger_gate_add(arg, value, &violation, &e), 0);
    if (violation != NULL)
        fail_msg("entry %d: %s", (int)index, violation);
    json_decref(value);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    struct ledger_gate *gate = ledger_gate_new();
    char *owned = strdup(folder);

    if (f->r == NULL)
        fail_msg("%s", f->e.text);

    assert_int_equal(
        ledger_row_list(f->r->store, 0, INT64_MAX, see_leaf, gate, &f->e), 0);
    ledger_gate_free(&gate);
    unit_folder_free(owned);
    return help_teardown(state);
}

struct search {
    const char *event;
    json_t *last;
    int n;
};

static int look_at(void *arg, uint64_t index, const uint8_t *entry, size_t len,
                   const uint8_t *leaf)
{
    struct search *s = arg;
    struct error e = { 0 };
    json_t *value = json_parse(entry, len, &e);

    (void)index, (void)leaf;
    if (strcmp(json_str(value, "event_type"), s->event) != 0) {
        json_decref(value);
        return 0;
    }
    json_decref(s->last);
    s->last = value;
    s->n++;
    return 0;
}

static struct search entries(struct fixture *f, const char *event)
{
    struct search s = { .event = event };

    assert_int_equal(
        ledger_row_list(f->r->store, 0, INT64_MAX, look_at, &s, &f->e), 0);
    return s;
}

static int count(struct fixture *f, const char *event)
{
    struct search s = entries(f, event);

    json_decref(s.last);
    return s.n;
}

/* A member of the last one's evidence, or of itself. */
static void says(struct fixture *f, const char *event, const char *key,
                 const char *value)
{
    struct search s = entries(f, event);
    const char *got = json_str(json_object_get(s.last, "evidence"), key);

    assert_true(s.n > 0);
    if (got == NULL)
        got = json_str(s.last, key);
    if (value == NULL)
        assert_null(got);
    else
        assert_string_equal(got, value);
    json_decref(s.last);
}

/* ---- what happens ------------------------------------------------------- */

static void sends(struct fixture *f, const char *message)
{
    char wamid[32];

    f->now += 3 * MSEC_S;
    (void)snprintf(wamid, sizeof(wamid), "wamid.IN%d", n_wamids++);
    help_message_to(f, TEL, ANA, wamid, message);
}

static void taps(struct fixture *f, const char *id)
{
    char message[256];

    (void)snprintf(message, sizeof(message),
                   "\"type\":\"interactive\",\"interactive\":{\"type\":"
                   "\"button_reply\",\"button_reply\":{\"id\":\"%s\","
                   "\"title\":\"x\"}}",
                   id);
    sends(f, message);
}

static void writes(struct fixture *f, const char *body)
{
    char message[256];

    (void)snprintf(message, sizeof(message),
                   "\"type\":\"text\",\"text\":{\"body\":\"%s\"}", body);
    sends(f, message);
}

/* Meta says of what was sent last: first that it has it. */
static void status(struct fixture *f, const char *what)
{
    struct buf text = { 0 };
    struct webhook *webhook;

    assert_int_equal(
        buf_addf(&text,
                 "{\"object\":\"whatsapp_business_account\",\"entry\":[{"
                 "\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":"
                 "{\"phone_number_id\":\"" TEL "\"},\"statuses\":[{\"id\":"
                 "\"wamid.OUT%zu\",\"status\":\"%s\",\"timestamp\":\"%lld\","
                 "\"recipient_id\":\"" ANA "\"}]}}]}]}",
                 f->nsends - 1, what, (long long)(f->now / MSEC_S)),
        0);
    webhook = webhook_parse(text.p, text.len, &f->e);
    assert_non_null(webhook);
    assert_int_equal(registrar_post_webhook(f->r, 1, webhook), 0);
    assert_true(registrar_step(f->r) >= 1);
    buf_free(&text);
}

static const char *last(const struct fixture *f)
{
    assert_true(f->nsends > 0);
    return f->sends[f->nsends - 1].body;
}

static void is_state(struct fixture *f, const char *purpose, const char *state)
{
    struct search s = entries(f, "media_held");
    const char *subject = json_str(s.last, "subject");
    struct consent_row row = { .state = "none" };

    assert_true(
        consent_get(f->r->store, subject, ids[0], purpose, &row, &f->e) >= 0);
    assert_string_equal(row.state, state);
    json_decref(s.last);
}

/* A voice message is theirs to allow: they did, and it was kept. */
static void has_voice(struct fixture *f)
{
    sends(f, VOICE);
    help_accept_all(f, f->nsends - 1);
    taps(f, "grant/voice_notes/2026-11");
    assert_int_equal(f->nfetches, 1);
    help_judged(f, 0, "audio/ogg");
    f->now += 60 * MSEC_S;
    (void)registrar_step(f->r);
}

/* ---- delivery ----------------------------------------------------------- */

static void a_contract_waits_for_the_notice(void **state)
{
    struct fixture *f = *state;

    sends(f, PDF);
    assert_int_equal(f->nsends, 1);
    assert_non_null(strstr(last(f), "\"type\":\"text\""));
    assert_non_null(strstr(last(f), "no hace falta su consentimiento"));
    help_accept_all(f, 0);
    assert_int_equal(count(f, "notice_presented"), 1);
    assert_int_equal(count(f, "consent_requested"), 0);
    status(f, "sent");
    assert_int_equal(f->nfetches, 0);
    assert_int_equal(count(f, "notice_delivered"), 0);

    status(f, "delivered");
    assert_int_equal(f->nfetches, 1);
    /* Of each that rests on no consent, once. */
    assert_int_equal(count(f, "notice_delivered"), 3);
    says(f, "notice_delivered", "delivery", "delivered");
    status(f, "read");
    assert_int_equal(count(f, "notice_delivered"), 3);
    is_state(f, "contract_file", "informed");

    sends(f, PDF); /* and nobody is told again */
    assert_int_equal(f->nsends, 1);
    assert_int_equal(f->nfetches, 2);
}

static void a_failed_message_opens_nothing(void **state)
{
    struct fixture *f = *state;

    sends(f, PDF);
    help_accept_all(f, 0);
    status(f, "failed");
    assert_int_equal(f->nfetches, 0);
    sends(f, PDF);
    assert_int_equal(f->nsends, 2); /* again */
    help_accept_all(f, 1);
    status(f, "read");
    assert_int_equal(f->nfetches, 2);
    says(f, "notice_delivered", "delivery", "read");
}

static void a_reply_that_quotes_it_proves_it(void **state)
{
    struct fixture *f = *state;

    sends(f, PDF);
    help_accept_all(f, 0);
    writes(f, "hola");
    assert_int_equal(f->nfetches, 0);
    sends(f, "\"context\":{\"id\":\"wamid.OUT0\"},\"type\":\"text\","
             "\"text\":{\"body\":\"gracias\"}");
    assert_int_equal(f->nfetches, 1);
    says(f, "notice_delivered", "delivery", "reply");
}

/* A question that went without the notice brings no news of it, and a no that
 * was typed proves nothing. */
static void only_the_notice_tells(void **state)
{
    struct fixture *f = *state;

    sends(f, VOICE);
    help_accept_all(f, 0);
    writes(f, "no");
    is_state(f, "voice_notes", "refused");
    help_accept_all(f, 1);
    sends(f, VOICE);
    assert_null(strstr(last(f), "Ejemplo"));
    assert_non_null(strstr(last(f), "grant/voice_notes"));
    help_accept_all(f, 2);
    status(f, "read");
    assert_int_equal(count(f, "notice_delivered"), 0);
    sends(f, PDF);
    assert_int_equal(f->nfetches, 0);
}

/* ---- having read it ----------------------------------------------------- */

static void what_the_law_asks_for_waits_until_it_is_read(void **state)
{
    struct fixture *f = *state;

    sends(f, HELP_PHOTO);
    assert_non_null(strstr(last(f), "ack/identity_check/2026-11"));
    assert_null(strstr(last(f), "grant/"));
    help_accept_all(f, 0);
    status(f, "read");
    assert_int_equal(f->nfetches, 0);
    is_state(f, "identity_check", "informed");
    taps(f, "grant/identity_check/2026-11");
    writes(f, "sí");
    assert_int_equal(f->nfetches, 0);

    taps(f, "ack/identity_check/2026-11");
    assert_int_equal(f->nfetches, 1);
    assert_int_equal(count(f, "notice_acknowledged"), 1);
    says(f, "notice_acknowledged", "legal_basis", "legal_obligation");
    says(f, "notice_acknowledged", "decision", "button");
    is_state(f, "identity_check", "acknowledged");
}

/* The tap is there before any status is. */
static void a_tap_proves_that_the_notice_came(void **state)
{
    struct fixture *f = *state;

    sends(f, HELP_PHOTO);
    sends(f, PDF);
    assert_int_equal(f->nsends, 1);
    taps(f, "ack/identity_check/2026-11");
    assert_int_equal(f->nfetches, 2);
    assert_int_equal(count(f, "notice_delivered"), 3);
    says(f, "notice_delivered", "delivery", "reply");
}

static void a_word_does_it_too(void **state)
{
    struct fixture *f = *state;

    writes(f, "hola");
    help_accept_all(f, 0);
    writes(f, "Leído y entendido");
    assert_int_equal(count(f, "notice_acknowledged"), 1);
    says(f, "notice_acknowledged", "decision", "text");
    assert_non_null(strstr(last(f), "Gracias por confirmarlo"));
    sends(f, HELP_PHOTO);
    assert_int_equal(f->nfetches, 1);
}

/* ---- what stays --------------------------------------------------------- */

static void baja_ends_what_is_theirs_to_end(void **state)
{
    struct fixture *f = *state;
    struct attachment_row row;
    struct document_row document;
    int64_t stored = 0, blocked = 0;

    has_voice(f);
    sends(f, PDF);
    assert_int_equal(f->nfetches, 2); /* the question had the notice */
    help_judged(f, 1, "application/pdf");
    sends(f, PDF);
    row = help_attachment(f, f->fetches[2].attachment);
    writes(f, "baja");
    assert_non_null(strstr(last(f), "Esto sigue"));
    assert_non_null(strstr(last(f), "Documentos de su contrato (lo necesita"));
    assert_null(strstr(last(f), "Mensajes de voz"));
    assert_string_equal(help_attachment(f, row.id).state, "fetching");
    help_judged(f, 2, "application/pdf");
    assert_string_equal(help_attachment(f, row.id).state, "stored");

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(document_by_attachment(f->r->store,
                                                f->fetches[i].attachment,
                                                &document, &f->e),
                         1);
        stored += strcmp(document.state, "stored") == 0;
        blocked += strcmp(document.state, "blocked") == 0;
    }
    assert_int_equal(stored, 2);
    assert_int_equal(blocked, 1);
    is_state(f, "contract_file", "informed");

    /* Refusing it is on record, and refuses nothing. */
    taps(f, "refuse/contract_file/2026-11");
    says(f, "consent_ignored", "reason", "not_consent");
    is_state(f, "contract_file", "informed");
}

/* Two bases carry one document: what is left of them carries it still, but for
 * what is sensitive. */
static void a_document_of_two_bases_stays(void **state)
{
    static const char *const edits[] = {
        "sed -i 's/\\[audio, video\\]/[audio, video, document]/' policy.yaml",
        ("sed -i '/id: voice_notes/,/valid_for/{s/accessory/sensitive/;"
         "s/legal_basis: consent/legal_basis: explicit_consent\\n    "
         "sensitive: "
         "true/}' policy.yaml && sed -i 's/¿Da su "
         "consentimiento/{optional_note} "
         "{other_channel} &/;s/^bases:/optional_note: Es opcional.\\n&/' "
         "texts.es-ES.yaml"),
    };
    struct fixture *f = *state;
    struct document_row document;
    size_t sent;

    for (int i = 0; i < 2; i++) {
        edit(edits[i]);
        assert_int_equal(help_teardown(state), 0);
        assert_int_equal(help_setup_of(state, folder, ids), 0);
        f = *state;
        sent = f->nsends;
        sends(f, PDF);
        assert_int_equal(f->nsends, sent + 1); /* one message for both */
        help_accept_all(f, sent);
        taps(f, "grant/voice_notes/2026-11");
        assert_int_equal(f->nfetches, 1);
        help_judged(f, 0, "application/pdf");
        writes(f, "baja");
        assert_int_equal(document_by_attachment(f->r->store,
                                                f->fetches[0].attachment,
                                                &document, &f->e),
                         1);
        assert_string_equal(document.state, i == 0 ? "stored" : "blocked");
    }
}

static void an_objection_is_put_before_a_person(void **state)
{
    struct fixture *f = *state;

    has_voice(f);
    taps(f, "request/object");
    assert_int_equal(count(f, "request_opened"), 1);
    says(f, "request_opened", "type", "object");
}

/* ---- yeses that end ----------------------------------------------------- */

static void a_yes_ends_by_itself(void **state)
{
    struct fixture *f = *state;
    struct document_row document;
    char until[TIME_SIZE];

    has_voice(f);
    time_format(until, (T0 / MSEC_S + 6) * MSEC_S + 365 * MSEC_D);
    says(f, "consent_given", "valid_until", until);
    f->now += 365 * MSEC_D - 5 * 60 * MSEC_S;
    (void)registrar_step(f->r);
    assert_int_equal(count(f, "consent_expired"), 0);
    f->now += 5 * 60 * MSEC_S;
    help_reopen(f); /* it is the row that knows */
    (void)registrar_step(f->r);
    assert_int_equal(count(f, "consent_expired"), 1);
    says(f, "consent_expired", "valid_until", until);
    is_state(f, "voice_notes", "expired");
    (void)registrar_step(f->r);
    assert_int_equal(count(f, "consent_expired"), 1);
    assert_int_equal(document_by_attachment(f->r->store,
                                            f->fetches[0].attachment, &document,
                                            &f->e),
                     1);
    assert_string_equal(document.state, "stored");

    sends(f, VOICE);
    assert_int_equal(f->nfetches, 1);
    assert_non_null(strstr(last(f), "grant/voice_notes"));
    help_accept_all(f, f->nsends - 1);
    writes(f, "consiento");
    assert_int_equal(f->nfetches, 2);
    says(f, "consent_given", "renews", "expired");
}

/* In the very batch that it ends in, before anybody looked. */
static void the_gate_minds_the_end_itself(void **state)
{
    struct fixture *f = *state;

    has_voice(f);
    f->now += 366 * MSEC_D;
    f->r->last_upkeep = f->now + 3 * MSEC_S; /* it looks later */
    sends(f, VOICE);
    assert_int_equal(count(f, "consent_expired"), 0);
    assert_int_equal(f->nfetches, 1);
    assert_non_null(strstr(last(f), "grant/voice_notes"));
    writes(f, "baja");
    says(f, "consent_withdrawn", "purpose", "voice_notes");
}

static void what_was_on_its_way_is_asked_about_again(void **state)
{
    struct fixture *f = *state;
    const char *id;

    has_voice(f);
    f->now += 365 * MSEC_D - 120 * MSEC_S;
    sends(f, VOICE);
    assert_int_equal(f->nfetches, 2);
    id = f->fetches[1].attachment;
    help_end(f, 1, INTAKE_RETRY, "meta");
    f->now += 120 * MSEC_S;
    (void)registrar_step(f->r);
    assert_int_equal(f->nfetches, 2);
    assert_string_equal(help_attachment(f, id).state, "held");
    (void)registrar_step(f->r);
    assert_non_null(strstr(last(f), "grant/voice_notes"));
    taps(f, "grant/voice_notes/2026-11");
    assert_int_equal(f->nfetches, 3);
    assert_string_equal(f->fetches[2].attachment, id);

    /* What arrives after the end is not kept, but asked about. */
    f->now += 365 * MSEC_D;
    help_judged(f, 2, "audio/ogg");
    assert_int_equal(count(f, "media_discarded"), 1);
    assert_int_equal(count(f, "media_stored"), 1);
}

static void a_policy_may_block_what_a_yes_carried(void **state)
{
    struct fixture *f = *state;
    struct document_row document;

    edit("sed -i 's/valid_for: 365d/&\\n    on_expiry: block/' policy.yaml");
    policy_set_free(&f->policies);
    f->policies = policy_set_load(folder, ids, 2, "Example S. A.",
                                  "https://intake.example.org", &f->e);
    assert_non_null(f->policies);
    help_reopen(f);
    has_voice(f);
    f->now += 365 * MSEC_D;
    (void)registrar_step(f->r);
    assert_int_equal(document_by_attachment(f->r->store,
                                            f->fetches[0].attachment, &document,
                                            &f->e),
                     1);
    assert_string_equal(document.state, "blocked");
}

/* ---- notices that change ------------------------------------------------ */

static int restart_with(struct fixture *f, const char *command)
{
    struct registrar_needs needs = { .config = &f->config,
                                     .keyring = f->keyring,
                                     .effects = &f->effects,
                                     .clock = &f->clock,
                                     .random = &random_system };

    edit(command);
    registrar_close(&f->r);
    policy_set_free(&f->policies);
    f->policies = policy_set_load(folder, ids, 2, "Example S. A.",
                                  "https://intake.example.org", &f->e);
    if (f->policies == NULL)
        fail_msg("%s", f->e.text);
    needs.policies = f->policies;
    assert_int_equal(store_open(&needs.store, f->dir, NULL, STORE_WRITER,
                                &random_system, &f->e),
                     0);
    if (registrar_open(&f->r, &needs, &f->e) == 0)
        return 0;
    store_close(&needs.store);
    return -1;
}

#define NEXT                                                                   \
    "sed -i 's/\"2026-11\"/\"2027-01\"/' policy.yaml && cp -r "                \
    "notices/2026-11 notices/2027-01"
#define CHANGED                                                                \
    NEXT " && sed -i 's/^notice_version/substantial: [voice_notes]\\n&/'"      \
         " policy.yaml"                                                        \
         " && sed -i 's/    title: Mensajes de voz/&\\n    changes: Ahora "    \
         "también "                                                           \
         "los transcribimos./' texts.es-ES.yaml"

static void a_new_version_asks_nobody_by_itself(void **state)
{
    struct fixture *f = *state;

    has_voice(f);
    assert_int_equal(restart_with(f, NEXT), 0);
    sends(f, VOICE);
    assert_int_equal(f->nfetches, 2);
    sends(f, PDF);
    assert_int_equal(f->nfetches, 3);
}

static void a_version_that_changes_a_purpose_asks_anew(void **state)
{
    struct fixture *f = *state;
    size_t sent;

    has_voice(f);
    assert_int_equal(restart_with(f, CHANGED), 0);
    sent = f->nsends;
    writes(f, "hola");
    for (size_t i = sent; i < f->nsends; i++)
        assert_null(strstr(f->sends[i].body, "grant/"));
    sends(f, PDF); /* what did not change goes on */
    assert_int_equal(f->nfetches, 2);

    sends(f, VOICE);
    assert_int_equal(f->nfetches, 2);
    assert_non_null(strstr(last(f), "también los transcribimos"));
    assert_non_null(strstr(last(f), "grant/voice_notes/2027-01"));
    help_accept_all(f, f->nsends - 1);
    taps(f, "grant/voice_notes/2026-11");
    assert_int_equal(f->nfetches, 2);
    taps(f, "grant/voice_notes/2027-01");
    assert_int_equal(f->nfetches, 3);
    says(f, "consent_given", "renews", "notice");

    /* Those words are gone for good. */
    assert_int_equal(
        restart_with(f, "sed -i 's/\"2027-01\"/\"2026-11\"/;/^substantial/d' "
                        "policy.yaml"),
        -1);
    assert_non_null(strstr(f->e.text, "a later notice changed"));
    assert_int_equal(
        restart_with(f, "sed -i 's/^notice_version: .*/substantial: "
                        "[voice_notes]\\nnotice_version: \"2027-01\"/' "
                        "policy.yaml"),
        0);
}

static void a_version_fixes_bases_and_validity(void **state)
{
    static const char *const edits[] = {
        "sed -i.bak 's/valid_for: 365d/valid_for: 730d/' policy.yaml",
        "sed -i.bak '/acknowledge: true/d' policy.yaml",
        ("sed -i.bak 's/legal_basis: contract/legal_basis: "
         "legal_obligation/' policy.yaml"),
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        assert_int_equal(restart_with(f, edits[i]), -1);
        assert_int_equal(f->e.code, ERR_CONFIG);
        assert_non_null(strstr(f->e.text, "other bases, validity or changes"));
        assert_int_equal(restart_with(f, "mv policy.yaml.bak policy.yaml"), 0);
    }
}

/* A message of before the notice in force opens nothing of it. */
static void a_former_notice_that_arrives_opens_nothing(void **state)
{
    struct fixture *f = *state;

    sends(f, PDF);
    help_accept_all(f, 0);
    assert_int_equal(restart_with(f, NEXT), 0);
    status(f, "delivered");
    assert_int_equal(f->nfetches, 0);
    assert_int_equal(count(f, "notice_delivered"), 0);
}

/* It lasts as long as the question said that was answered. */
static void a_yes_lasts_as_long_as_was_said(void **state)
{
    struct fixture *f = *state;
    char until[TIME_SIZE];

    sends(f, VOICE);
    help_accept_all(f, 0);
    assert_int_equal(
        restart_with(f, NEXT " && sed -i 's/365d/730d/' policy.yaml"), 0);
    taps(f, "grant/voice_notes/2026-11");
    time_format(until, (T0 / MSEC_S + 6) * MSEC_S + 365 * MSEC_D);
    says(f, "consent_given", "valid_until", until);
}

/* What they had said yes to rests on the contract by now. */
static void another_basis_needs_its_own_notice(void **state)
{
    struct fixture *f = *state;

    has_voice(f);
    assert_int_equal(
        restart_with(f, NEXT " && sed -i '/valid_for/d;s/legal_basis: consent$/"
                             "legal_basis: contract/' policy.yaml"),
        0);
    sends(f, VOICE);
    assert_int_equal(f->nfetches, 1);
    help_accept_all(f, f->nsends - 1);
    status(f, "delivered");
    assert_int_equal(f->nfetches, 2);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_contract_waits_for_the_notice),
        T(a_failed_message_opens_nothing),
        T(a_reply_that_quotes_it_proves_it),
        T(only_the_notice_tells),
        T(what_the_law_asks_for_waits_until_it_is_read),
        T(a_tap_proves_that_the_notice_came),
        T(a_word_does_it_too),
        T(baja_ends_what_is_theirs_to_end),
        T(a_document_of_two_bases_stays),
        T(an_objection_is_put_before_a_person),
        T(a_yes_ends_by_itself),
        T(the_gate_minds_the_end_itself),
        T(what_was_on_its_way_is_asked_about_again),
        T(a_policy_may_block_what_a_yes_carried),
        T(a_new_version_asks_nobody_by_itself),
        T(a_version_that_changes_a_purpose_asks_anew),
        T(a_version_fixes_bases_and_validity),
        T(a_former_notice_that_arrives_opens_nothing),
        T(a_yes_lasts_as_long_as_was_said),
        T(another_basis_needs_its_own_notice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
