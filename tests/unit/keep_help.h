/* What stays how long: a policy of the test's own, and what officers ask for.
 */
#ifndef RESGUARDO_UNIT_KEEP_HELP_H
#define RESGUARDO_UNIT_KEEP_HELP_H

#include "retain_help.h"

#include "resguardo/registrar_person.h"
#include "resguardo/registrar_work.h"

#define WHO "34600000001"

static struct secret *bob;

/* Nothing goes by itself but what a test says. */
static inline int begin(void **state)
{
    struct fixture *f;

    if (help_setup(state) != 0)
        return -1;
    f = *state;
    bob = help_bob(f, ROLE__ALL);
    SPAIN(f)->nrules = 0;
    SPAIN(f)->persons_after = 0;
    SPAIN(f)->erasure_blocks = false;
    SPAIN(f)->block_for = 0;
    help_consenting(f, WHO);
    return 0;
}

static inline int end(void **state)
{
    secret_free(&bob);
    return help_teardown(state);
}

static inline void rule(struct fixture *f, const char *type,
                        enum retention_trigger trigger, msec after,
                        msec block_for)
{
    struct policy_rule *r = &SPAIN(f)->rules[SPAIN(f)->nrules++];

    *r = (struct policy_rule){ .trigger = trigger,
                               .after = after,
                               .block = block_for > 0,
                               .block_for = block_for,
                               .ground = "purpose_ended" };
    if (type != NULL)
        (void)snprintf(r->types[r->ntypes++], sizeof(r->types[0]), "%s", type);
}

static inline int64_t documents(struct fixture *f)
{
    return help_number(f, "SELECT count(*) FROM document");
}

static inline int64_t blocked(struct fixture *f)
{
    return help_number(f, "SELECT count(*) FROM document WHERE state ="
                          " 'blocked' AND blocked IS NOT NULL");
}

/* ---- requests ----------------------------------------------------------- */

static inline int hold_request(struct registrar *r, void *arg,
                               struct error *err)
{
    return registrar_place_hold(r, arg, err);
}

static inline int lift_request(struct registrar *r, void *arg,
                               struct error *err)
{
    return registrar_lift_hold(r, arg, err);
}

static inline int close_request(struct registrar *r, void *arg,
                                struct error *err)
{
    return registrar_close_case(r, arg, err);
}

static inline int erase_request(struct registrar *r, void *arg,
                                struct error *err)
{
    return registrar_erase(r, arg, err);
}

static inline int release_request(struct registrar *r, void *arg,
                                  struct error *err)
{
    return registrar_release(r, arg, err);
}

static inline int decide_request(struct registrar *r, void *arg,
                                 struct error *err)
{
    return registrar_decide_approval(r, arg, err);
}

static inline void person_of(struct fixture *f, char out[static ID_SIZE])
{
    help_word(f, "SELECT id FROM subject ORDER BY created LIMIT 1", out,
              ID_SIZE);
}

static inline struct hold_order hold(struct fixture *f, bool whole, msec until)
{
    struct hold_order o = { .by = help_by(ANA),
                            .until = until,
                            .kind = whole ? HOLD_LEGAL : HOLD_JUDICIAL };

    person_of(f, o.by.subject);
    if (!whole)
        help_word(f, "SELECT id FROM cases ORDER BY opened LIMIT 1",
                  o.by.case_id, sizeof(o.by.case_id));
    o.by.reason = "a court asked";
    CALLS(f, hold_request, &o);
    return o;
}

static inline void close_case(struct fixture *f)
{
    struct staff_access by = help_by(ANA);

    help_word(f, "SELECT id FROM cases WHERE state = 'open'", by.case_id,
              sizeof(by.case_id));
    CALLS(f, close_request, &by);
}

static inline struct erase_order erase(struct fixture *f)
{
    struct erase_order o = { .by = help_by(ANA), .ground = "request" };

    person_of(f, o.by.subject);
    CALLS(f, erase_request, &o);
    return o;
}

#endif
