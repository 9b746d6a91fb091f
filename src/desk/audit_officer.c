/* Cases, holds, approvals and who is blocked: rows against leaves, so that none
 * of them is slipped in or taken away behind the ledger's back. */
#include "audit_private.h"

#include <string.h>

int audit_officers_new(struct audit *a)
{
    a->rows = json_pack("{s:{}, s:{}, s:{}, s:{}}", "case", "hold", "approval",
                        "subject");
    a->said = json_pack("{s:{}, s:{}, s:{}, s:{}}", "case", "hold", "approval",
                        "subject");
    return a->rows == NULL || a->said == NULL ? -1 : 0;
}

/* ---- looking ------------------------------------------------------------ */

static int put(struct audit *a, json_t *maps, const char *kind, const char *id,
               const char *state)
{
    return audit_put(a, json_object_get(maps, kind), id, json_string(state));
}

/* Open or complete is the same here: nobody closed it. */
static int see_case(void *arg, const struct case_row *row)
{
    struct audit *a = arg;

    return put(a, a->rows, "case", row->id,
               strcmp(row->state, "closed") == 0 ? "closed" : "open");
}

/* Whose it is; and of which kind, where it is more than one that keeps. */
#define HELD_SIZE (ID_SIZE + STORE_NAME_SIZE + 2)
static const char *held(char out[static HELD_SIZE], const char *subject,
                        const char *kind)
{
    bool plain = kind == NULL || strcmp(kind, "legal") == 0;

    (void)snprintf(out, HELD_SIZE, "%.*s%s%.*s", ID_SIZE - 1, subject,
                   plain ? "" : ", ", STORE_NAME_SIZE - 1, plain ? "" : kind);
    return out;
}

static int see_hold(void *arg, const struct hold_row *row)
{
    struct audit *a = arg;
    char whose[HELD_SIZE];

    return put(a, a->rows, "hold", row->id,
               held(whose, row->subject, row->kind));
}

static int see_approval(void *arg, const struct approval_row *row)
{
    struct audit *a = arg;

    return put(a, a->rows, "approval", row->id, row->state);
}

static int see_blocked(void *arg, const char *subject)
{
    struct audit *a = arg;

    return put(a, a->rows, "subject", subject, "blocked");
}

int audit_look_officers(struct audit *a)
{
    return case_list(a->store, NULL, see_case, a, a->err) != 0 ||
                   hold_list(a->store, false, see_hold, a, a->err) != 0 ||
                   approval_list(a->store, see_approval, a, a->err) != 0 ||
                   person_blocked_list(a->store, see_blocked, a, a->err) != 0
               ? -1
               : 0;
}

/* ---- learning ----------------------------------------------------------- */

static void forget(struct audit *a, const char *kind, const char *id)
{
    if (id != NULL)
        (void)json_object_del(json_object_get(a->said, kind), id);
}

/* What an event makes of a thing; state NULL: it is there no more. */
static int learn(struct audit *a, const char *kind, const char *id,
                 const char *state)
{
    if (id == NULL)
        return 0;
    if (state != NULL)
        return put(a, a->said, kind, id, state);
    forget(a, kind, id);
    return 0;
}

int audit_learn_officers(struct audit *a, const json_t *leaf)
{
    const char *event = json_str(leaf, "event_type");
    const char *subject = json_str(leaf, "subject");
    const json_t *evidence = json_object_get(leaf, "evidence");
    char whose[HELD_SIZE];
    const struct {
        const char *event, *kind, *id, *state;
    } events[] = {
        { "case_opened", "case", json_str(leaf, "case_id"), "open" },
        { "case_closed", "case", json_str(leaf, "case_id"), "closed" },
        { "hold_placed", "hold", json_str(evidence, "hold_id"),
          subject == NULL ? NULL
                          : held(whose, subject, json_str(evidence, "kind")) },
        { "hold_lifted", "hold", json_str(evidence, "hold_id"), NULL },
        { "approval_requested", "approval", json_str(leaf, "approval_id"),
          "asked" },
        { "approval_granted", "approval", json_str(leaf, "approval_id"),
          "granted" },
        { "approval_refused", "approval", json_str(leaf, "approval_id"), NULL },
        { "approval_expired", "approval", json_str(leaf, "approval_id"), NULL },
        { "subject_blocked", "subject", subject, "blocked" },
        { "evidence_erased", "subject", subject, NULL },
    };

    /* An action that was approved names its approval, which is used by it. */
    forget(a, "approval", json_str(evidence, "approval_id"));
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (strcmp(event, events[i].event) == 0)
            return learn(a, events[i].kind, events[i].id, events[i].state);
    return 0;
}

bool audit_said_blocked(const struct audit *a, const char *subject)
{
    return json_object_get(json_object_get(a->said, "subject"), subject) !=
           NULL;
}

/* ---- judging ------------------------------------------------------------ */

static int differs(struct audit *a, const char *kind, const char *id,
                   const char *row, const char *said)
{
    return audit_fault(a, "%s %s: the database says %s, the ledger %s", kind,
                       id, row != NULL ? row : "nothing",
                       said != NULL ? said : "nothing");
}

/* A case goes with its person; everything else goes by a leaf of its own. */
static int judge_kind(struct audit *a, const char *kind)
{
    json_t *rows = json_object_get(a->rows, kind), *value;
    json_t *said = json_object_get(a->said, kind);
    const char *id;

    json_object_foreach(rows, id, value)
    {
        const char *state = json_string_value(value);
        const char *leaf = json_str(said, id);

        if (leaf == NULL && strcmp(kind, "case") == 0 &&
            strcmp(state, "open") == 0)
            continue;
        if ((leaf == NULL || strcmp(leaf, state) != 0) &&
            differs(a, kind, id, state, leaf) != 0)
            return -1;
    }
    json_object_foreach(said, id, value)
    {
        if (strcmp(kind, "case") != 0 && json_object_get(rows, id) == NULL &&
            differs(a, kind, id, NULL, json_string_value(value)) != 0)
            return -1;
    }
    return 0;
}

int audit_judge_officers(struct audit *a)
{
    return judge_kind(a, "case") != 0 || judge_kind(a, "hold") != 0 ||
                   judge_kind(a, "approval") != 0 ||
                   judge_kind(a, "subject") != 0
               ? -1
               : 0;
}
