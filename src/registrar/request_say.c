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
    const bool theirs = strcmp(by, "subject") == 0;
    const size_t most =
        theirs ? LIMIT_REQUEST_SAID : (size_t)LIMIT_REQUEST_WORDS;
    char at[TIME_SIZE];
    struct buf plain = { 0 };
    json_t *list;
    int ok = -1;

    if (text == NULL)
        return 0;
    if ((list = words_of(r, row, err)) == NULL)
        return -1;
    time_format(at, r->now);
    if (json_array_size(list) >= most)
        (void)error_set(err, ERR_NOT_PERMITTED,
                        "rule request_words: over %zu things are noted of it",
                        most);
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
    char id[ID_SIZE];

    return request_tell_as(r, row, text, due, reason, id, err);
}

int request_tell_as(struct registrar *r, const struct request_row *row,
                    enum request_text text, const char *due, const char *reason,
                    char id[static ID_SIZE], struct error *err)
{
    struct request_of of;
    struct buf said = { 0 };
    int ok = -1;

    id[0] = '\0';
    if (row->number[0] == '\0' || row->subject[0] == '\0')
        return 0;
    if (request_policy(r, row, &of, err) != 0)
        return -1;
    if (of.language->requests[text] == NULL)
        return 0;
    if (fill(&said, &of, text, due, reason) != 0 ||
        (text == REQUEST_TEXT_RECEIVED && row->hears != 0 &&
         buf_addf(&said, "\n\n%s", of.language->requests[REQUEST_TEXT_TELL]) !=
             0))
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
    else
        ok = mail_write(r, of.policy->id, row->subject, row->number, "say",
                        (const char *)said.p, id, err);
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

/* What is true of it now. A policy may have no words for that. */
static enum request_text line_of(const struct request_of *of,
                                 const struct request_row *row, msec now)
{
    enum request_text text = REQUEST_TEXT_RUNNING;

    if (strcmp(row->state, "deemed_accepted") == 0)
        text = REQUEST_TEXT_ACCEPTED;
    else if (strcmp(row->state, "incomplete") == 0 && row->give_up_at != 0)
        text = REQUEST_TEXT_AWAITED;
    else if (now >= row->due_at)
        text = strcmp(row->type, request_type_names[REQUEST_SLA]) == 0
                   ? REQUEST_TEXT_LATE_CASE
                   : REQUEST_TEXT_LATE;
    return of->language->requests[text] != NULL ? text : REQUEST_TEXT_RUNNING;
}

/* Of a text in UTF-8 as many characters as there is room for in a line. */
static int add_line(struct buf *out, const char *text, size_t most)
{
    for (; *text != '\0'; text++) {
        bool begins = ((unsigned char)*text & 0xc0) != 0x80;
        char c = (unsigned char)*text < ' ' ? ' ' : *text;

        if (begins && most-- == 0)
            return buf_adds(out, "…");
        if (buf_add(out, &c, 1) != 0)
            return -1;
    }
    return buf_add(out, "", 1);
}

/* What staff asked them last, in one line of at most so many characters. */
#define ASKED_SHOWN 200u
static int asked_of_them(struct registrar *r, const struct request_row *row,
                         struct buf *out, struct error *err)
{
    json_t *list = words_of(r, row, err);
    const json_t *one;
    const char *text = "";
    size_t i;
    int ok;

    if (list == NULL)
        return -1;
    json_array_foreach(list, i, one)
    {
        const char *what = json_str(one, "what"), *by = json_str(one, "by");

        if (what != NULL && by != NULL && strcmp(what, "asked") == 0 &&
            strcmp(by, "subject") != 0 && json_str(one, "text") != NULL)
            text = json_str(one, "text");
    }
    ok = add_line(out, text, ASKED_SHOWN);
    json_decref(list);
    return ok == 0 ? 0 : error_set(err, ERR_NOMEM, "no memory for a message");
}

struct telling {
    struct registrar *r;
    const struct policy *policy;
    const char *case_id;
    struct buf *out;
    struct error *err;
};

/* They know it now. */
static int told(struct registrar *r, const struct request_row *row,
                struct error *err)
{
    struct request_row known = *row;

    if (!row->untold)
        return 0;
    known.untold = false;
    return request_update(r->store, &known, err);
}

static int tell_one(void *arg, const struct request_row *row)
{
    struct telling *t = arg;
    struct request_of of;
    struct error gone = { 0 };
    struct buf asked = { 0 };
    enum request_text text;
    int ok = -1;

    if (strcmp(row->policy, t->policy->id) != 0 ||
        strcmp(row->case_id, t->case_id) != 0 || request_by_other(row) ||
        request_policy(t->r, row, &of, &gone) != 0 ||
        of.language->requests[REQUEST_TEXT_RUNNING] == NULL)
        return 0;
    text = line_of(&of, row, t->r->now);
    if (text == REQUEST_TEXT_AWAITED &&
        asked_of_them(t->r, row, &asked, t->err) != 0)
        goto out;
    if ((t->out->len > 0 && buf_adds(t->out, "\n") != 0) ||
        fill(t->out, &of, text, row->due,
             asked.len > 0 ? (const char *)asked.p : NULL) != 0)
        (void)error_set(t->err, ERR_NOMEM, "no memory for a message");
    else
        ok = text == REQUEST_TEXT_ACCEPTED ? told(t->r, row, t->err) : 0;
out:
    buf_free(&asked);
    return ok;
}

int request_words(struct registrar *r, const struct policy *policy,
                  const char *subject, const char *case_id, struct buf *out,
                  struct error *err)
{
    struct telling t = { r, policy, case_id, out, err };

    return request_of_person(r->store, subject, true, tell_one, &t, err);
}

/* ---- what they have to be told, and were not yet ------------------------ */

struct owing {
    struct registrar *r;
    const struct deciding *d;
    struct error *err;
};

static int say_owed(void *arg, const struct request_row *row)
{
    struct owing *o = arg;
    struct request_row here = *row;

    if (!row->untold || strcmp(row->policy, o->d->policy->id) != 0)
        return 0;
    SET(here.number, o->d->item->number);
    return request_tell(o->r, &here, REQUEST_TEXT_ACCEPTED, row->due, NULL,
                        o->err) != 0
               ? -1
               : told(o->r, row, o->err);
}

int request_say_owed(struct registrar *r, const struct deciding *d,
                     struct error *err)
{
    struct owing o = { r, d, err };

    return request_asked_of(r->store, d->subject->id, say_owed, &o, err);
}
