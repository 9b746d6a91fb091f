/* registrar: procedures over time: files that nobody explains, that nobody
 * asked for, that come by another channel. The clock is the test's. */
#include "keep_help.h"

#define HOUR (60 * 60 * MSEC_S)
#define PDF                                                                    \
    "\"type\":\"document\",\"document\":{\"id\":\"77\",\"mime_type\":"         \
    "\"application/pdf\"}"
#define RECIBO                                                                 \
    "\"type\":\"document\",\"document\":{\"id\":\"78\",\"mime_type\":"         \
    "\"application/pdf\",\"caption\":\"recibo\"}"

static int work_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_work_case(r, arg, err);
}

static void say(struct fixture *f, const char *body)
{
    static unsigned n;
    char wamid[48], message[256];

    (void)snprintf(wamid, sizeof(wamid), "wamid.say.%u", n++);
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"text\",\"text\":{\"body\":\"%s\"}", body);
    help_message_to(f, "8001", WHO, wamid, message);
}

static void tap(struct fixture *f, const char *id)
{
    static unsigned n;
    char wamid[48], message[256];

    (void)snprintf(wamid, sizeof(wamid), "wamid.tap.%u", n++);
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"interactive\",\"interactive\":{\"type\":"
                   "\"list_reply\",\"list_reply\":{\"id\":\"%s\",\"title\":"
                   "\"x\"}}",
                   id);
    help_message_to(f, "8001", WHO, wamid, message);
}

static void send(struct fixture *f, const char *wamid, const char *message)
{
    help_message_to(f, "8001", WHO, wamid, message);
    help_settle(f);
}

static bool said(const struct fixture *f, const char *words)
{
    for (size_t i = 0; i < f->nsends; i++)
        if (strstr(f->sends[i].body, words) != NULL)
            return true;
    return false;
}

/* Somebody in Colombia who said yes and came for their severance. */
static void come(struct fixture *f)
{
    size_t sends = f->nsends;

    say(f, "hola");
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
    say(f, "acepto");
    tap(f, "procedure/cesantias");
    help_settle(f);
    assert_int_equal(help_leaves(f, "case_opened"), 1);
}

static void an_answer_fixes_what_a_file_needs_before_it_is_fetched(void **state)
{
    struct fixture *f = *state;
    struct attachment_row row;
    char id[ID_SIZE], answer[96];

    come(f);
    send(f, "wamid.pdf", PDF);
    assert_int_equal(f->nfetches, 0);
    assert_int_equal(help_leaves(f, "media_held"), 0);
    assert_true(said(f, "no queremos equivocarnos"));
    help_word(f, "SELECT id FROM attachment", id, sizeof(id));

    /* A yes to everything fetches nothing that is unclear. */
    assert_int_equal(attachment_get(f->r->store, id, &row, &f->e), 1);
    assert_string_equal(row.item, ITEM_ASKED);
    assert_string_equal(row.purposes, "case_processing");

    (void)snprintf(answer, sizeof(answer), "item/%s/soporte", id);
    tap(f, answer);
    help_settle(f);
    assert_int_equal(f->nfetches, 1);
    assert_int_equal(help_leaves(f, "media_held"), 1);
    tap(f, answer); /* again: nothing more */
    help_settle(f);
    assert_int_equal(f->nfetches, 1);
    assert_int_equal(help_leaves(f, "media_held"), 1);

    /* What it really is must be the item's, too. */
    help_judged(f, 0, "image/jpeg");
    assert_int_equal(documents(f), 0);
    assert_int_equal(help_leaves(f, "media_refused"), 1);
}

/* The list is older than the policy: what the item takes now counts. */
static void an_answer_that_does_not_fit_fetches_nothing(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE], answer[96];

    come(f);
    send(f, "wamid.pdf", PDF);
    help_word(f, "SELECT id FROM attachment", id, sizeof(id));
    COLOMBIA(f)->procedures[0].items[1].kinds = 1u << KIND_IMAGE;
    (void)snprintf(answer, sizeof(answer), "item/%s/soporte", id);
    tap(f, answer);
    help_settle(f);
    assert_int_equal(f->nfetches, 0);
    assert_int_equal(help_leaves(f, "media_refused"), 1);
}

static void what_is_picked_about_ones_data_is_asked(void **state)
{
    struct fixture *f = *state;
    static const char running[] = "SELECT count(*) FROM request WHERE"
                                  " type = 'access' AND state = 'open' AND"
                                  " number = '8001'";

    come(f);
    say(f, "mis datos");
    help_settle(f);
    assert_true(said(f, "request/access"));
    assert_true(said(f, "request/complaint"));
    assert_int_equal(help_leaves(f, "request_opened"), 0);
    tap(f, "request/access");
    help_settle(f);
    assert_int_equal(help_number(f, running), 1);
    assert_int_equal(help_leaves(f, "request_opened"), 1);
    assert_false(said(f, "Copia de sus datos: le respondemos a más tardar"));

    /* Again: the one that runs is told. */
    tap(f, "request/access");
    help_settle(f);
    assert_int_equal(help_leaves(f, "request_opened"), 1);
    assert_true(said(f, "Copia de sus datos: le respondemos a más tardar"));

    /* The policy has no clock for it any more. */
    COLOMBIA(f)->requests[REQUEST_ERASE] = -1;
    tap(f, "request/erase");
    help_settle(f);
    assert_int_equal(help_leaves(f, "request_opened"), 1);
    assert_false(strstr(f->sends[f->nsends - 1].body, "request/erase"));
    assert_true(strstr(f->sends[f->nsends - 1].body, "request/access"));
}

static void what_nobody_explains_is_unrequested_and_short_lived(void **state)
{
    struct fixture *f = *state;

    come(f);
    send(f, "wamid.pdf", PDF);
    help_pass(f, 23 * HOUR);
    assert_int_equal(f->nfetches, 0);
    help_pass(f, 2 * HOUR);
    assert_int_equal(f->nfetches, 1);
    help_judged(f, 0, "application/pdf");
    assert_int_equal(documents(f), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM document"
                                    " WHERE item = '-'"),
                     1);
    help_pass(f, 2 * 60 * MSEC_S);
    assert_true(said(f, "este trámite no pide"));

    help_pass(f, 6 * 24 * HOUR);
    assert_int_equal(documents(f), 1);
    help_pass(f, 25 * HOUR);
    assert_int_equal(documents(f), 0);
}

static void a_case_is_complete_once_all_came_by_whatever_channel(void **state)
{
    struct fixture *f = *state;
    struct case_order o = { .by = help_by(ANA), .work = CASE_RECEIVED };

    come(f);
    help_word(f, "SELECT id FROM cases", o.by.case_id, sizeof(o.by.case_id));
    o.by.role = "agent";
    o.item = "certificado";
    REFUSES(f, work_request, &o, ERR_NOT_FOUND);
    o.item = "cedula";
    CALLS(f, work_request, &o);
    o.item = "certificado_bancario";
    CALLS(f, work_request, &o);
    CALLS(f, work_request, &o);
    assert_int_equal(help_leaves(f, "case_completed"), 0);
    assert_false(said(f, "está completo"));

    send(f, "wamid.pdf", PDF); /* only one item is left: no question */
    assert_int_equal(f->nfetches, 1);
    help_judged(f, 0, "application/pdf");
    help_pass(f, 2 * 60 * MSEC_S);
    assert_int_equal(help_leaves(f, "case_completed"), 1);
    assert_true(said(f, "está completo"));
    help_pass(f, HOUR);
    assert_int_equal(help_leaves(f, "case_completed"), 1);

    /* What was promised for it runs, and is told with the status. */
    assert_int_equal(help_leaves(f, "request_opened"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM request WHERE"
                                    " type = 'sla' AND closed IS NULL AND"
                                    " number = '8001' AND case_id ="
                                    " (SELECT id FROM cases)"),
                     1);
    assert_false(said(f, "Su trámite: le respondemos a más tardar el "));
    say(f, "estado");
    help_settle(f);
    assert_true(said(f, "Su trámite: le respondemos a más tardar el "));

    /* Picked again it is a new one. */
    tap(f, "procedure/cesantias");
    tap(f, "procedure/cesantias");
    assert_int_equal(help_leaves(f, "case_opened"), 2);
}

/* The receipt is about the last one; the other is complete all the same. */
static void files_of_two_cases_in_one_burst_complete_both(void **state)
{
    struct fixture *f = *state;

    come(f);
    tap(f, "procedure/actualizacion");
    send(f, "wamid.recibo", RECIBO);
    f->now += MSEC_S;
    tap(f, "procedure/cesantias");
    send(f, "wamid.soporte",
         "\"type\":\"document\",\"document\":{\"id\":\"79\",\"mime_type\":"
         "\"application/pdf\",\"caption\":\"soporte\"}");
    assert_int_equal(help_number(f, "SELECT count(DISTINCT case_id) FROM"
                                    " attachment"),
                     2);
    assert_int_equal(f->nfetches, 2);
    help_judged(f, 0, "application/pdf");
    help_judged(f, 1, "application/pdf");
    help_pass(f, 2 * 60 * MSEC_S);
    assert_int_equal(help_leaves(f, "case_completed"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases WHERE state ="
                                    " 'complete' AND procedure ="
                                    " 'actualizacion'"),
                     1);
    assert_true(said(f, "«Cambiar mi dirección» está completo"));
}

/* It held the case back, and ends without a receipt. */
static void what_is_dropped_holds_its_case_back_no_more(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    come(f);
    tap(f, "procedure/actualizacion");
    sends = f->nsends;
    send(f, "wamid.foto",
         "\"type\":\"image\",\"image\":{\"id\":\"78\",\"mime_type\":"
         "\"image/jpeg\"}");
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
    send(f, "wamid.recibo", RECIBO);
    assert_int_equal(f->nfetches, 1);
    help_judged(f, 0, "application/pdf");
    help_pass(f, 2 * 60 * MSEC_S);
    assert_int_equal(help_leaves(f, "case_completed"), 0);
    say(f, "no acepto");
    assert_int_equal(help_leaves(f, "media_dropped"), 1);
    help_pass(f, 2 * 60 * MSEC_S);
    assert_int_equal(help_leaves(f, "case_completed"), 1);
    assert_true(said(f, "está completo"));
    help_pass(f, HOUR);
    assert_int_equal(help_leaves(f, "case_completed"), 1);
}

static void answers_are_counted_and_a_choice_begins_anew(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    come(f);
    for (int i = 0; i < 10; i++)
        say(f, "estado");
    help_settle(f);
    sends = f->nsends;
    say(f, "estado");
    say(f, "menu");
    help_settle(f);
    assert_int_equal(f->nsends, sends);
    tap(f, "procedure/beneficiario");
    say(f, "estado");
    help_settle(f);
    assert_int_equal(f->nsends, sends + 2);
}

static void nothing_of_it_is_left_of_who_is_erased(void **state)
{
    struct fixture *f = *state;
    struct case_order o = { .by = help_by(ANA),
                            .work = CASE_RECEIVED,
                            .item = "cedula" };

    COLOMBIA(f)->erasure_blocks = false;
    come(f);
    say(f, "estado");
    help_word(f, "SELECT id FROM cases", o.by.case_id, sizeof(o.by.case_id));
    o.by.role = "agent";
    CALLS(f, work_request, &o);
    assert_int_equal(help_number(f, "SELECT (SELECT count(*) FROM guide) +"
                                    " (SELECT count(*) FROM case_item)"),
                     2);
    (void)erase(f);
    help_settle(f);
    assert_int_equal(help_number(f, "SELECT (SELECT count(*) FROM guide) +"
                                    " (SELECT count(*) FROM case_item)"),
                     0);
}

/* ---- which document of which case --------------------------------------- */

/* A photo or a PDF with these words, that comes now. */
static void send_called(struct fixture *f, bool photo, const char *caption)
{
    static unsigned n;
    char wamid[48], message[256];
    const char *kind = photo ? "image" : "document";

    n++;
    (void)snprintf(wamid, sizeof(wamid), "wamid.called.%u", n);
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"%s\",\"%s\":{\"id\":\"9%04u\",\"mime_type\":"
                   "\"%s\",\"caption\":\"%s\"}",
                   kind, kind, n, photo ? "image/jpeg" : "application/pdf",
                   caption);
    send(f, wamid, message);
}

/* How many files are for an item of a procedure's case. */
static int64_t files_for(struct fixture *f, const char *procedure,
                         const char *item)
{
    char question[256];

    (void)snprintf(question, sizeof(question),
                   "SELECT count(*) FROM attachment a JOIN cases c"
                   " ON c.id = a.case_id WHERE c.procedure = '%s'"
                   " AND a.item = '%s'",
                   procedure, item);
    return help_number(f, question);
}

static void judge_all(struct fixture *f, size_t from, const char *type)
{
    for (size_t i = from; i < f->nfetches; i++)
        help_judged(f, i, type);
    help_pass(f, 2 * 60 * MSEC_S);
}

/* The case that was picked last does not ask for it, another one of theirs
 * does: its item, its purposes, its mandate. Nobody's rows are read where the
 * words name nothing that any procedure asks for. */
static void a_file_goes_to_the_open_case_that_asks_for_it(void **state)
{
    struct fixture *f = *state;

    come(f);
    f->now += MSEC_S;
    tap(f, "procedure/actualizacion");
    send_called(f, false, "el soporte del retiro");
    assert_int_equal(files_for(f, "cesantias", "soporte"), 1);
    judge_all(f, 0, "application/pdf");
    assert_true(said(f, "Sobre su trámite «Retiro de cesantías»:"));

    /* What is not for the chat there is said so, of that case. */
    send_called(f, false, "certificado bancario");
    assert_int_equal(files_for(f, "cesantias", "-"), 1);
    judge_all(f, 1, "application/pdf");
    assert_true(said(f, "«Certificado bancario» no lo recibimos por el chat"));
    assert_false(said(f, "este trámite no pide"));

    /* Words that name nothing stay with what is in hand; so does what both ask
     * for. */
    send_called(f, false, "lo que me pidieron");
    assert_int_equal(files_for(f, "actualizacion", "?") +
                         files_for(f, "actualizacion", "!"),
                     1);
    send_called(f, false, "recibo");
    assert_int_equal(files_for(f, "actualizacion", "recibo_servicio"), 1);
}

/* A complete case still takes what may lack; a closed one nothing. */
static void closed_cases_are_not_looked_at(void **state)
{
    static const char *const items[] = { "cedula", "registro_civil" };
    struct fixture *f = *state;
    struct case_order o = { .by = help_by(ANA), .work = CASE_RECEIVED };

    come(f);
    tap(f, "procedure/beneficiario");
    help_word(f, "SELECT id FROM cases WHERE procedure = 'beneficiario'",
              o.by.case_id, sizeof(o.by.case_id));
    o.by.role = "agent";
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        o.item = items[i];
        CALLS(f, work_request, &o);
    }
    assert_int_equal(help_leaves(f, "case_completed"), 1);
    f->now += MSEC_S;
    tap(f, "procedure/actualizacion");
    send_called(f, false, "certificado de estudio");
    assert_int_equal(files_for(f, "beneficiario", "certificado_estudio"), 1);
    judge_all(f, 0, "application/pdf");
    assert_true(said(f, "«Afiliar beneficiario» sigue completo"));

    help_word(f, "SELECT id FROM cases WHERE procedure = 'cesantias'",
              o.by.case_id, sizeof(o.by.case_id));
    CALLS(f, close_request, &o.by);
    send_called(f, false, "soporte");
    assert_int_equal(files_for(f, "cesantias", "soporte"), 0);
}

/* A case was closed while its file was on its way: the file is kept in another
 * one, and is no item of that, by whatever name. */
static void what_outlives_its_case_is_no_item_of_another(void **state)
{
    struct fixture *f = *state;
    struct staff_access by = help_by(ANA);

    come(f);
    send_called(f, false, "soporte");
    assert_int_equal(files_for(f, "cesantias", "soporte"), 1);
    help_word(f, "SELECT id FROM cases", by.case_id, sizeof(by.case_id));
    by.role = "agent";
    CALLS(f, close_request, &by);
    f->now += MSEC_S;
    tap(f, "procedure/cesantias");
    help_settle(f);
    assert_int_equal(help_leaves(f, "case_opened"), 2);
    judge_all(f, 0, "application/pdf");
    assert_int_equal(help_number(f, "SELECT count(*) FROM document d JOIN cases"
                                    " c ON c.id = d.case_id WHERE d.item = ''"
                                    " AND c.state = 'open'"),
                     1);
    assert_int_equal(files_for(f, "cesantias", "soporte"), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM case_item"), 0);
    assert_false(said(f, "está completo"));
}

/* A child's paper waits for who they are to the child, whichever case is in
 * hand; the case that asks for it is then. */
static void a_childs_paper_waits_in_another_case_too(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    come(f);
    tap(f, "procedure/beneficiario");
    f->now += MSEC_S;
    tap(f, "procedure/actualizacion");
    f->now += MSEC_S;
    sends = f->nsends;
    send_called(f, true, "registro civil de mi nieta");
    assert_int_equal(files_for(f, "beneficiario", "registro_civil"), 1);
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
    say(f, "acepto");
    help_settle(f);
    assert_int_equal(f->nfetches, 0);
    assert_true(said(f, "puede ser de alguien menor de edad"));
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases WHERE procedure"
                                    " = 'beneficiario' AND mandate = 'asked'"),
                     1);
}

/* What names a document that has all is one more of it, to a bound, and never
 * what nobody asked for. */
static void a_better_one_is_kept_to_a_bound(void **state)
{
    struct fixture *f = *state;
    size_t before;

    come(f);
    for (size_t i = 0; i < 5 + LIMIT_ITEM_MORE; i++) {
        send_called(f, false, "soporte, otra hoja");
        assert_int_equal(f->nfetches, i + 1);
        help_judged(f, i, "application/pdf");
    }
    help_pass(f, 2 * 60 * MSEC_S);
    assert_int_equal(documents(f), 5 + LIMIT_ITEM_MORE);
    assert_true(said(f, "Ya teníamos Soporte del retiro; guardamos también"));
    assert_false(said(f, "este trámite no pide"));

    before = f->nfetches;
    send_called(f, false, "soporte");
    help_pass(f, 2 * 60 * MSEC_S);
    assert_int_equal(f->nfetches, before);
    assert_int_equal(help_number(f, "SELECT count(*) FROM attachment WHERE"
                                    " state = 'refused' AND reason = 'full'"),
                     1);
    assert_true(said(f, "De Soporte del retiro ya tenemos suficientes"));
    help_pass(f, 8 * 24 * HOUR);
    assert_int_equal(documents(f), 5 + LIMIT_ITEM_MORE);
}

/* What was guessed is said, and taken back by a word: its item is missing, a
 * complete case is open again. What they named themselves it does not touch. */
static void what_was_guessed_can_be_taken_back(void **state)
{
    struct fixture *f = *state;
    struct case_order o = { .by = help_by(ANA), .work = CASE_RECEIVED };

    come(f);
    help_word(f, "SELECT id FROM cases", o.by.case_id, sizeof(o.by.case_id));
    o.by.role = "agent";
    o.item = "cedula";
    CALLS(f, work_request, &o);
    o.item = "certificado_bancario";
    CALLS(f, work_request, &o);
    send_called(f, false, "aquí está");
    judge_all(f, 0, "application/pdf");
    assert_int_equal(help_leaves(f, "case_completed"), 1);
    assert_true(said(f, "lo tomamos como: Soporte del retiro. Si es otro, "
                        "escriba OTRO DOCUMENTO"));

    say(f, "otro documento");
    help_settle(f);
    assert_int_equal(help_leaves(f, "document_denied"), 1);
    assert_int_equal(help_leaves(f, "case_reopened"), 1);
    assert_true(said(f, "Envíelo otra vez, por favor, y en el mismo mensaje"));
    assert_int_equal(help_number(f, "SELECT count(*) FROM document WHERE item"
                                    " = '-' AND apart_until IS NOT NULL"),
                     1);
    say(f, "otro documento");
    help_settle(f);
    assert_int_equal(help_leaves(f, "document_denied"), 1);

    send_called(f, false, "soporte");
    judge_all(f, 1, "application/pdf");
    assert_int_equal(help_leaves(f, "case_completed"), 2);
    say(f, "otro documento");
    help_settle(f);
    assert_int_equal(help_leaves(f, "document_denied"), 1);
    assert_int_equal(
        help_number(f, "SELECT count(*) FROM happened JOIN ledger USING (idx)"
                       " WHERE instr(entry, 'document_denied')"),
        1);
    help_pass(f, 8 * 24 * HOUR);
    assert_int_equal(documents(f), 1);
}

/* Days later it is what they want to send, and what is there stays. */
static void a_guess_of_days_ago_stands(void **state)
{
    struct fixture *f = *state;
    struct case_order o = { .by = help_by(ANA), .work = CASE_RECEIVED };

    come(f);
    help_word(f, "SELECT id FROM cases", o.by.case_id, sizeof(o.by.case_id));
    o.by.role = "agent";
    o.item = "cedula";
    CALLS(f, work_request, &o);
    send_called(f, false, "aquí está");
    judge_all(f, 0, "application/pdf");
    assert_true(said(f, "escriba OTRO DOCUMENTO"));
    help_pass(f, 25 * HOUR);
    say(f, "otro documento");
    help_settle(f);
    assert_int_equal(help_leaves(f, "document_denied"), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM document WHERE"
                                    " apart_until IS NOT NULL"),
                     0);
}

/* A no is remembered by the list of what is missing, and so is what waits. */
static void what_is_missing_remembers_a_no_and_what_waits(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    come(f);
    sends = f->nsends;
    send_called(f, true, "cedula");
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
    say(f, "qué falta");
    help_settle(f);
    assert_true(said(f, "Nos falta: Su cédula, Soporte del retiro."));
    assert_true(said(f, "esperan su respuesta a lo que le preguntamos: 1."));
    say(f, "no acepto");
    sends = f->nsends;
    say(f, "qué falta");
    help_settle(f);
    assert_non_null(
        strstr(f->sends[f->nsends - 1].body, "Nos falta: Soporte del retiro."));
    assert_non_null(strstr(f->sends[f->nsends - 1].body,
                           "Por otro canal: Su cédula, Certificado bancario."));
    assert_null(strstr(f->sends[f->nsends - 1].body, "sin flash"));
    assert_null(strstr(f->sends[f->nsends - 1].body, "esperan su respuesta"));
}

/* One was good, one was not: nothing is to be done better. What comes for a
 * complete case changes nothing. */
static void a_receipt_says_one_truth(void **state)
{
    struct fixture *f = *state;

    come(f);
    tap(f, "procedure/actualizacion");
    send_called(f, false, "recibo");
    send_called(f, true, "recibo");
    judge_all(f, 0, "application/pdf");
    assert_true(said(f, "Archivos que no pudimos recibir: 1."));
    assert_false(said(f, "no nos sirvió"));
    assert_true(said(f, "está completo"));
    assert_false(said(f, "sigue completo"));
    send_called(f, false, "recibo, otra vez");
    judge_all(f, 1, "application/pdf");
    assert_true(said(f, "«Cambiar mi dirección» sigue completo"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

/* With the procedure, and when they ask what is missing; with their code. */
static void the_link_is_told_where_it_is_of_use(void **state)
{
    struct fixture *f = *state;
    struct policy *p = COLOMBIA(f);
    char code[STORE_CASE_SIZE], link[128];

    assert_false(said(f, "https://a.example.co"));
    (void)snprintf(p->secure_link, sizeof(p->secure_link),
                   "https://a.example.co/{procedure}/{case}");
    assert_non_null(p->languages[0].chat[CHAT_LINK] =
                        strdup("Por enlace: {items}, {link}."));
    come(f);
    help_word(f, "SELECT id FROM cases", code, sizeof(code));
    (void)snprintf(link, sizeof(link),
                   "Por enlace: Certificado bancario, "
                   "https://a.example.co/cesantias/%s.",
                   code);
    assert_non_null(strstr(f->sends[f->nsends - 1].body, link));
    say(f, "qué falta");
    assert_non_null(strstr(f->sends[f->nsends - 1].body, link));
    say(f, "estado");
    assert_null(strstr(f->sends[f->nsends - 1].body, link));
    tap(f, "procedure/actualizacion"); /* which has none */
    assert_null(strstr(f->sends[f->nsends - 1].body, "a.example.co"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_answer_fixes_what_a_file_needs_before_it_is_fetched),
        T(an_answer_that_does_not_fit_fetches_nothing),
        T(what_nobody_explains_is_unrequested_and_short_lived),
        T(what_is_picked_about_ones_data_is_asked),
        T(a_case_is_complete_once_all_came_by_whatever_channel),
        T(files_of_two_cases_in_one_burst_complete_both),
        T(what_is_dropped_holds_its_case_back_no_more),
        T(answers_are_counted_and_a_choice_begins_anew),
        T(nothing_of_it_is_left_of_who_is_erased),
        T(the_link_is_told_where_it_is_of_use),
        T(a_file_goes_to_the_open_case_that_asks_for_it),
        T(closed_cases_are_not_looked_at),
        T(what_outlives_its_case_is_no_item_of_another),
        T(a_childs_paper_waits_in_another_case_too),
        T(a_better_one_is_kept_to_a_bound),
        T(what_was_guessed_can_be_taken_back),
        T(a_guess_of_days_ago_stands),
        T(what_is_missing_remembers_a_no_and_what_waits),
        T(a_receipt_says_one_truth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
