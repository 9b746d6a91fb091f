/* What is said of a request: in the ledger, sealed beside it, to the person. */
#include "leaf_private.h"
#include "mail_private.h"
#include "registrar_private.h"
#include "request_private.h"
#include "talk_private.h"

#include <stdlib.h>

/* ---- the ledger --------------------------------------------------------- */

json_t *request_evidence(const struct request_row *row)
{
    json_t *evidence = json_object();

    leaf_text(evidence, "request_id", row->id);
    leaf_text(evidence, "type", row->type);
    leaf_text(evidence, "clock", row->clock);
    leaf_text(evidence, "due", row->due);
    leaf_text(evidence, "due_early", row->due_early);
    leaf_text(evidence, "calendar", row->calendar);
    leaf_text(evidence, "outcome", row->outcome);
    leaf_text(evidence, "ground", row->ground);
    leaf_text(evidence, "requester_role", row->requester);
    leaf_text(evidence, "identity_assurance", row->assurance);
    return evidence;
}

int request_leaf(struct registrar *r, const struct request_row *row,
                 const char *event, const char *actor, json_t *evidence,
                 struct error *err)
{
    json_t *leaf = leaf_new(r, event, row->subject, row->policy);
    json_t *said = request_evidence(row);

    if (evidence != NULL && json_object_update(said, evidence) != 0) {
        json_decref(said);
        said = NULL;
    }
    json_decref(evidence);
    leaf_text(leaf, "actor", actor);
    leaf_text(leaf, "case_id", row->case_id);
    leaf_object(leaf, "evidence", said);
    return leaf_append(r, leaf, NULL, err);
}

/* ---- sealed ------------------------------------------------------------- */

static json_t *words_of(struct registrar *r, const struct request_row *row,
                        struct error *err)
{
    struct buf text = { 0 };
    json_t *list = NULL;
    int found = request_words_get(r->store, row, &text, err);

    if (found > 0)
        list = json_parse(text.p, text.len, err);
    else if (found == 0 && (list = json_array()) == NULL)
        (void)error_set(err, ERR_NOMEM, "no memory for a request");
    buf_free(&text);
    return list;
}

int request_note(struct registrar *r, const struct request_row *row,
                 const char *by, const char *what, const char *text,
                 struct error *err)
{
    char at[TIME_SIZE];
    struct buf plain = { 0 };
    json_t *list;
    int ok = -1;

    if (text == NULL)
        return 0;
    if ((list = words_of(r, row, err)) == NULL)
        return -1;
    time_format(at, r->now);
    if (json_array_size(list) >= LIMIT_REQUEST_WORDS)
        (void)error_set(err, ERR_NOT_PERMITTED,
                        "rule request_words: over %u things are noted of it",
                        LIMIT_REQUEST_WORDS);
    else if (json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "at",
                                                   at, "by", by, "what", what,
                                                   "text", text)) != 0 ||
             json_canonical(list, &plain) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a request");
    else
        ok = request_words_put(r->store, row, plain.p, plain.len, err);
    json_decref(list);
    buf_free(&plain);
    return ok < 0 ? -1 : 0;
}

/* ---- to the person ------------------------------------------------------ */

static int fill(struct buf *out, const struct request_of *of,
                enum request_text text, const char *due, const char *reason)
{
    const struct policy_language *language = of->language;
    char when[DAY_SIZE] = "";
    const char *const pairs[] = { "kind",   of->title,
                                  "due",    when,
                                  "reason", reason != NULL ? reason : "",
                                  NULL };
    civil_day day;

    if (date_parse(due, &day) == 0)
        language_day(when, language, day);
    return language->requests[text] == NULL
               ? -1
               : policy_fill(out, language->requests[text], pairs);
}

int request_tell(struct registrar *r, const struct request_row *row,
                 enum request_text text, const char *due, const char *reason,
                 struct error *err)
{
    struct request_of of;
    struct buf said = { 0 };
    int ok = -1;

    if (row->number[0] == '\0' || row->subject[0] == '\0')
        return 0;
    if (request_policy(r, row, &of, err) != 0)
        return -1;
    if (of.language->requests[text] == NULL)
        return 0;
    if (fill(&said, &of, text, due, reason) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
    else
        ok = mail_say(r, of.policy, row->subject, row->number, "say",
                      (const char *)said.p, err);
    buf_free(&said);
    return ok;
}

/* `contact` is a time at which they wrote, and at most a day before the last
 * one: within a day of it the window is open for certain. */
int request_window(struct registrar *r, const struct request_row *row,
                   bool *open, struct error *err)
{
    struct subject_row subject;
    int found = subject_get(r->store, row->subject, &subject, err);

    *open = false;
    if (found <= 0 || request_by_other(row) || row->number[0] == '\0' ||
        subject.blocked != 0)
        return found < 0 ? -1 : 0;
    return window_open(r, &subject, row->policy, row->number, open, err);
}

/* ---- what runs, in words ------------------------------------------------ */

struct telling {
    struct registrar *r;
    const struct policy *policy;
    const char *case_id;
    struct buf *out;
    struct error *err;
};

static int tell_one(void *arg, const struct request_row *row)
{
    struct telling *t = arg;
    struct request_of of;
    struct error gone = { 0 };

    if (strcmp(row->policy, t->policy->id) != 0 ||
        strcmp(row->case_id, t->case_id) != 0 || request_by_other(row) ||
        request_policy(t->r, row, &of, &gone) != 0 ||
        of.language->requests[REQUEST_TEXT_RUNNING] == NULL)
        return 0;
    if ((t->out->len > 0 && buf_adds(t->out, "\n") != 0) ||
        fill(t->out, &of, REQUEST_TEXT_RUNNING, row->due, NULL) != 0)
        return error_set(t->err, ERR_NOMEM, "no memory for a message");
    return 0;
}

int request_words(struct registrar *r, const struct policy *policy,
                  const char *subject, const char *case_id, struct buf *out,
                  struct error *err)
{
    struct telling t = { r, policy, case_id, out, err };

    return request_of_person(r->store, subject, true, tell_one, &t, err);
}
