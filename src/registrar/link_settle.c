/*
 * What a person said last, under whichever of their references, counts: when an
 * officer links two of them, a yes that was followed by a no under the other
 * one ends, as if they had been linked then. Nothing is widened by it.
 */
#include "attachment_private.h"
#include "consent_private.h"
#include "link_private.h"
#include "people_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <stdlib.h>
#include <string.h>

struct settling {
    struct registrar *r;
    char group[LIMIT_LINKED][ID_SIZE];
    size_t n;
    const char *of;     /* whose rows are looked at */
    char told[ID_SIZE]; /* who hears of it: who wrote last; "" nobody … */
    msec contact;       /* … as far as is known … */
    const struct policy *by; /* … and under this policy */
    bool more;               /* something else ended than being written to */
    struct error *err;
};

static int last_said(struct settling *s, const struct consent_row *of,
                     int64_t *yes_s, int64_t *no_s)
{
    *yes_s = *no_s = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct consent_row row;
        int found = consent_get(s->r->store, s->group[i], of->policy,
                                of->purpose, &row, s->err);

        if (found < 0)
            return -1;
        if (found > 0 && row.yes_s > *yes_s)
            *yes_s = row.yes_s;
        if (found > 0 && row.no_s > *no_s)
            *no_s = row.no_s;
    }
    return 0;
}

static int note_ended(struct settling *s, const struct policy *policy,
                      int purpose)
{
    struct subject_row row;

    if (subject_get(s->r->store, s->of, &row, s->err) != 1)
        return error_set(s->err, ERR_INVARIANT, "a reference of nobody");
    s->more |= (policy->asked & 1u << purpose) == 0;
    if (s->told[0] != '\0' && row.contact < s->contact)
        return 0;
    SET(s->told, s->of);
    s->contact = row.contact;
    s->by = policy;
    return 0;
}

/* In the same second the no wins, as ever. */
static int settle_one(struct settling *s, const struct consent_row *row)
{
    const struct policy *policy = policy_find(s->r->policies, row->policy);
    int purpose = policy == NULL ? -1 : policy_purpose(policy, row->purpose);
    int64_t yes_s, no_s;

    if (purpose < 0 || !link_said_yes(row))
        return 0;
    if (last_said(s, row, &yes_s, &no_s) != 0)
        return -1;
    if (no_s == 0 || no_s < yes_s)
        return 0;
    if (decision_by_itself(s->r, policy, s->of, purpose, "linked", no_s,
                           s->err) != 0 ||
        attachment_drop(s->r, policy, s->of, row->purpose, s->err) != 0 ||
        document_block(s->r, policy, s->of, row->purpose, s->err) != 0)
        return -1;
    return note_ended(s, policy, purpose);
}

static int settle_of(struct settling *s, struct consent_row *rows)
{
    size_t n = 0;

    if (person_consents(s->r->store, s->of, rows, CONSENTS, &n, s->err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (settle_one(s, &rows[i]) != 0)
            return -1;
    return 0;
}

/* Once, however much ended and under however many of theirs. */
static int tell(const struct settling *s)
{
    struct unasked u;
    int open;

    if (s->told[0] == '\0')
        return 0;
    open = unasked_open(s->r, s->by, s->told, &u, s->err);
    if (open <= 0 || u.silent)
        return open < 0 ? -1 : 0;
    return plan_say_withdrawn(s->r, &u.d, !s->more, s->err);
}

int link_settle(struct registrar *r, const char *subject, struct error *err)
{
    struct settling s = { .r = r, .err = err };
    struct consent_row *rows;
    int ok = 0;

    if (link_group(r->store, subject, s.group, &s.n, err) != 0)
        return -1;
    if ((rows = calloc(CONSENTS, sizeof(*rows))) == NULL)
        return error_set(err, ERR_NOMEM, "no memory for a link");
    for (size_t i = 0; ok == 0 && i < s.n; i++) {
        s.of = s.group[i];
        ok = settle_of(&s, rows);
    }
    free(rows);
    return ok != 0 ? -1 : tell(&s);
}
