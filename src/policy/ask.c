/*
 * ask: of a purpose: what is asked about by itself, because no file waits for
 * it. It is what people are written to for (docs/reminders.md), and is never
 * part of the first question.
 */
#include "policy_private.h"

#include <string.h>

static const char *const ask_names[ASK__MAX] = {
    [ASK_NOT] = "",
    [ASK_MENU] = "menu",
    [ASK_AFTER_COMPLETE] = "after_complete",
};

/* Is it a document's of some procedure? Then a file waits for it. */
static bool is_needed(const struct policy *p, int purpose)
{
    for (size_t i = 0; i < p->nprocedures; i++)
        for (size_t k = 0; k < p->procedures[i].nitems; k++)
            if ((p->procedures[i].items[k].purposes & (1u << purpose)) != 0)
                return true;
    return false;
}

/* NULL, or what speaks against it. */
static const char *objection(const struct policy *p, int i)
{
    const struct policy_purpose *purpose = &p->purposes[i];

    if (purpose->gates != 0 || is_needed(p, i))
        return "is for purposes that no file waits for";
    if (purpose->basis != BASIS_CONSENT)
        return "is for purposes that rest on consent";
    if (purpose->ask == ASK_MENU && p->nprocedures == 0)
        return "needs procedures: without them there is no menu";
    /* Ley 2300 de 2023, art. 3, par.: who wants to be written to at night says
     * so expressly, and not because we asked. */
    if (purpose->ask != ASK_MENU && i == p->contact.out_of_hours &&
        strcmp(p->jurisdiction, "CO") == 0)
        return "must be menu: Ley 2300 de 2023, art. 3, wants the person to "
               "ask for other hours by themselves";
    return NULL;
}

static int take_ask(const struct reading *r, struct yaml_node *map, int i)
{
    struct policy *p = r->policy;
    const char *what;
    int ask;

    if (yaml_get(r->file, map, "ask") == NULL)
        return 0;
    ask = reading_word(r, map, "ask", ask_names, ASK__MAX,
                       "is not menu or after_complete");
    if (ask <= ASK_NOT)
        return ask < 0 ? -1
                       : reading_wrong(r, yaml_get(r->file, map, "ask"), "ask",
                                       "is not menu or after_complete");
    p->purposes[i].ask = (enum purpose_ask)ask;
    p->asked |= 1u << i;
    what = objection(p, i);
    return what == NULL
               ? 0
               : reading_wrong(r, yaml_get(r->file, map, "ask"), "ask", what);
}

/* Where WhatsApp says that somebody wants no more advertising its purpose is
 * taken back; no document may hang on that. */
static int check_advertising(const struct reading *r, struct yaml_node *root)
{
    const struct policy *p = r->policy;
    struct yaml_node *list = yaml_get(r->file, root, "templates");

    for (size_t i = 0; i < p->ntemplates; i++) {
        const struct policy_template *t = &p->templates[i];
        struct yaml_node *map = yaml_item(r->file, list, i);

        if (t->class == CLASS_ADVERTISING &&
            (p->purposes[t->purpose].gates != 0 || is_needed(p, t->purpose)))
            return reading_wrong(r, yaml_get(r->file, map, "purpose"),
                                 "purpose",
                                 "of advertising must be one that no file "
                                 "waits for");
    }
    return 0;
}

/* What speaks of documents to customers, where none are sent. */
static int check_sending(const struct reading *r, struct yaml_node *root)
{
    struct yaml_node *lasts = yaml_get(r->file, root, "identity_check_lasts");
    struct yaml_node *list = yaml_get(r->file, root, "templates");
    const struct policy *p = r->policy;

    if (p->send_documents)
        return 0;
    if (lasts != NULL)
        return reading_wrong(r, lasts, "identity_check_lasts",
                             "says nothing without send_documents");
    for (size_t i = 0; i < p->ntemplates; i++)
        if (p->templates[i].carries)
            return reading_wrong(
                r, yaml_get(r->file, yaml_item(r->file, list, i), "header"),
                "header", "needs send_documents: the policy sends none");
    return 0;
}

static int warn_sending(const struct reading *r)
{
    struct policy *p = r->policy;

    if (!p->send_documents)
        return 0;
    if (policy_warn(p, r->err,
                    "policy.yaml: send_documents: documents go to customers "
                    "through WhatsApp; who is supervised by the "
                    "Superfinanciera (Circular Básica Jurídica) must not do "
                    "that") != 0)
        return -1;
    return p->identity_lasts <= LIMIT_CODE_GOOD
               ? 0
               : policy_warn(p, r->err,
                             "policy.yaml: identity_check_lasts: a document "
                             "goes to whoever has the phone by then; who "
                             "answers for the data has to want that");
}

/* Documents go back through a chat only where somebody decided that they may.
 */
static int send_load(const struct reading *r, struct yaml_node *root)
{
    if (reading_flag(r, root, "send_documents", &r->policy->send_documents) !=
        0)
        return -1;
    return check_sending(r, root) != 0 ? -1 : warn_sending(r);
}

int ask_load(const struct reading *r, struct yaml_node *root)
{
    struct yaml_node *list = yaml_get(r->file, root, "purposes");

    for (size_t i = 0; i < r->policy->npurposes; i++)
        if (take_ask(r, yaml_item(r->file, list, i), (int)i) != 0)
            return -1;
    if (r->policy->asked != 0 && yaml_get(r->file, root, "stop_word") == NULL)
        return reading_wrong(r, root, "stop_word",
                             "is missing: who agrees to notices must know how "
                             "to end them");
    return check_advertising(r, root) != 0 ? -1 : send_load(r, root);
}
