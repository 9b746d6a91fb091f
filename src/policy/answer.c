/* stage, body, answers, procedure and promise of a template in policy.yaml:
 * what people may answer to it, and what that leads to (docs/reminders.md). */
#include "policy_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const template_stage_names[STAGE__MAX] = {
    [STAGE_NONE] = "",
    [STAGE_PREVENTIVE] = "preventive",
    [STAGE_ADMINISTRATIVE] = "administrative",
    [STAGE_PRELEGAL] = "prelegal",
};
const char *const answer_names[ANSWER__MAX] = {
    [ANSWER_STATUS] = "status", [ANSWER_PROMISE] = "promise",
    [ANSWER_PROOF] = "proof",   [ANSWER_PERSON] = "person",
    [ANSWER_STOP] = "stop",
};

bool template_offers(const struct policy_template *t, enum answer_kind kind)
{
    for (size_t i = 0; i < t->nanswers; i++)
        if (t->answers[i].kind == kind)
            return true;
    return false;
}

void answer_format(char out[static ANSWER_ID_SIZE], const char *outbound,
                   enum answer_kind kind)
{
    (void)snprintf(out, ANSWER_ID_SIZE, "answer/%s/%s", outbound,
                   answer_names[kind]);
}

void promise_format(char out[static ANSWER_ID_SIZE], const char *outbound,
                    civil_day day)
{
    char date[DATE_SIZE];

    date_format(date, day);
    (void)snprintf(out, ANSWER_ID_SIZE, "promise/%s/%s", outbound, date);
}

/* ---- words -------------------------------------------------------------- */

/* As text_fold leaves them. A question in other words passes: this keeps the
 * usual ones out, and is no lawyer. */
int template_asks_why(const char *text)
{
    static const char *const banned[] = { "por que no",
                                          "por que razon",
                                          "por que motivo",
                                          "por que esta en",
                                          "cual es el motivo",
                                          "cual es la razon",
                                          "cual fue el motivo",
                                          "motivo de no pago",
                                          "motivo del no pago",
                                          "motivo de su mora",
                                          "razon de no pago",
                                          "razon del no pago",
                                          "causa de no pago",
                                          "causa del no pago",
                                          "causa de la mora",
                                          "motivo de la mora",
                                          "motivo del incumplimiento",
                                          "razon del incumplimiento",
                                          "a que se debe",
                                          "que le impide",
                                          "que le impidio",
                                          "que le paso",
                                          "por que ainda nao",
                                          "por que nao",
                                          "qual o motivo",
                                          "qual e o motivo",
                                          "motivo do atraso",
                                          "motivo do nao pagamento",
                                          "why have you not",
                                          "why haven t you",
                                          "why did you not",
                                          "why didn t you",
                                          "why is it unpaid",
                                          "why you have",
                                          "reason for not paying",
                                          "reason for non payment",
                                          "reason for the delay" };
    struct buf folded = { 0 };
    int found = 0;

    if (text_fold(&folded, text) != 0)
        found = -1;
    for (size_t i = 0; found == 0 && i < sizeof(banned) / sizeof(banned[0]);
         i++)
        found = folded.p != NULL &&
                strstr((const char *)folded.p, banned[i]) != NULL;
    buf_free(&folded);
    return found;
}

/* How many {{n}} there are, where they are 1 to n in some order; else -1. */
static int places_in(const char *body)
{
    unsigned seen = 0;
    int n = 0;

    for (const char *s = strstr(body, "{{"); s != NULL; s = strstr(s, "{{")) {
        size_t digits = strspn(s += 2, "0123456789");
        int64_t place;

        if (decimal_parse(s, digits, LIMIT_PARAMETERS, &place) != 0 ||
            place == 0 || strncmp(s + digits, "}}", 2) != 0)
            return -1;
        seen |= 1u << place;
        n = place > n ? (int)place : n;
    }
    for (int i = 1; i <= n; i++)
        if ((seen & 1u << i) == 0)
            return -1;
    return n;
}

static int take_body(const struct reading *r, struct yaml_node *map,
                     struct policy_template *t)
{
    struct yaml_node *node = yaml_get(r->file, map, "body");
    const char *text = yaml_text(node);
    int why;

    if (node == NULL)
        return 0;
    if (text == NULL || text[strspn(text, " \n")] == '\0' ||
        utf8_count(text) > LIMIT_TEMPLATE_BODY)
        return reading_wrong(r, node, "body",
                             "is empty, or longer than 1024 characters");
    if (places_in(text) != (int)t->nparameters)
        return reading_wrong(r, node, "body",
                             "does not have {{1}}, {{2}} … for each parameter");
    why = t->class == CLASS_COLLECTION ? template_asks_why(text) : 0;
    if (why > 0)
        return reading_wrong(r, node, "body",
                             "asks why it is unpaid, which Ley 2300 de 2023 "
                             "forbids");
    if (why < 0 || (t->body = strdup(text)) == NULL)
        return error_set(r->err, ERR_NOMEM, "no memory for a template");
    return 0;
}

/* ---- a stage ------------------------------------------------------------ */

static int take_stage(const struct reading *r, struct yaml_node *map,
                      struct policy_template *t)
{
    struct yaml_node *node = yaml_get(r->file, map, "stage");
    int stage;

    if (node == NULL)
        return 0;
    stage = reading_word(r, map, "stage", template_stage_names, STAGE__MAX,
                         "is not preventive, administrative or prelegal");
    if (stage < 0)
        return -1;
    if (stage == STAGE_NONE)
        return reading_wrong(r, node, "stage",
                             "is not preventive, administrative or prelegal");
    t->stage = (enum template_stage)stage;
    return t->stage != STAGE_PRELEGAL || t->class == CLASS_COLLECTION
               ? 0
               : reading_wrong(r, node, "stage",
                               "prelegal is for the class collection");
}

/* ---- buttons ------------------------------------------------------------ */

static int take_answer(const struct reading *r, struct yaml_node *map,
                       struct policy_template *t)
{
    static const char *const keys[] = { "title", "leads_to", NULL };
    struct template_answer *a = &t->answers[t->nanswers];
    int kind;

    if (!yaml_is_map(map))
        return reading_wrong(r, map, "answers", "needs title and leads_to");
    a->title[0] = '\0';
    if (yaml_check_keys(r->file, map, keys, r->err) != 0 ||
        reading_line(r, map, "title", a->title, sizeof(a->title),
                     "is not one line of at most 25 characters") != 0)
        return -1;
    if (a->title[strspn(a->title, " ")] == '\0' ||
        utf8_count(a->title) > LIMIT_TEMPLATE_BUTTON)
        return reading_wrong(r, map, "title",
                             "is not one line of at most 25 characters");
    kind = reading_word(r, map, "leads_to", answer_names, ANSWER__MAX,
                        "is not status, promise, proof, person or stop");
    if (kind < 0)
        return -1;
    if (template_offers(t, (enum answer_kind)kind))
        return reading_wrong(r, yaml_get(r->file, map, "leads_to"), "leads_to",
                             "is what another button leads to");
    a->kind = (enum answer_kind)kind;
    t->nanswers++;
    return 0;
}

static int take_answers(const struct reading *r, struct yaml_node *map,
                        struct policy_template *t)
{
    struct yaml_node *list =
        reading_list(r, map, "answers", ANSWER__MAX, false,
                     "needs a list of one to five buttons");

    if (list == NULL)
        return yaml_get(r->file, map, "answers") == NULL ? 0 : -1;
    for (size_t i = 0; i < yaml_count(list); i++)
        if (take_answer(r, yaml_item(r->file, list, i), t) != 0)
            return -1;
    if (r->policy->nprocedures == 0)
        return reading_wrong(r, list, "answers",
                             "need procedures: without them there is no "
                             "status, and nothing to hand in");
    if (template_offers(t, ANSWER_STOP) && r->policy->asked == 0)
        return reading_wrong(r, list, "answers",
                             "stop takes back what is asked about by itself, "
                             "and no purpose here has ask");
    return 0;
}

/* ---- where two of them lead --------------------------------------------- */

static int take_proof(const struct reading *r, struct yaml_node *map,
                      struct policy_template *t)
{
    struct yaml_node *node = yaml_get(r->file, map, "procedure");
    char id[PURPOSE_SIZE];

    if ((node != NULL) != template_offers(t, ANSWER_PROOF))
        return reading_wrong(r, node != NULL ? node : map, "procedure",
                             node != NULL ? "is for an answer that leads to "
                                            "proof"
                                          : "is missing: what proof is for");
    if (node == NULL)
        return 0;
    if (reading_id(r, map, "procedure", id) != 0)
        return -1;
    t->procedure = policy_procedure(r->policy, id);
    return t->procedure >= 0 ? 0
                             : reading_wrong(r, node, "procedure",
                                             "is no procedure of this policy");
}

static int take_promise(const struct reading *r, struct yaml_node *map,
                        struct policy_template *t)
{
    static const char *const keys[] = { "days", NULL };
    struct yaml_node *node = yaml_get(r->file, map, "promise");

    if ((node != NULL) != template_offers(t, ANSWER_PROMISE))
        return reading_wrong(r, node != NULL ? node : map, "promise",
                             node != NULL
                                 ? "is for an answer that leads to promise"
                                 : "is missing: how many days there are");
    if (node == NULL)
        return 0;
    if (!yaml_is_map(node))
        return reading_wrong(r, node, "promise", "needs days");
    if (t->class == CLASS_ADVERTISING || t->class == CLASS_REQUESTED_INFO)
        return reading_wrong(r, node, "promise",
                             "is for collection or proactive templates");
    if (r->policy->calendar.zone == NULL)
        return reading_wrong(r, node, "promise", "needs a calendar");
    if (yaml_check_keys(r->file, node, keys, r->err) != 0 ||
        reading_number(r, node, "days", 1, LIMIT_PROMISE_DAYS, &t->promise_days,
                       "is not 1 to 9 business days") != 0)
        return -1;
    r->policy->promises = true;
    return t->promise_days > 0 ? 0
                               : reading_wrong(r, node, "days", "is missing");
}

int answers_load(const struct reading *r, struct yaml_node *root)
{
    struct yaml_node *list = yaml_get(r->file, root, "templates");

    for (size_t i = 0; i < r->policy->ntemplates; i++) {
        struct policy_template *t = &r->policy->templates[i];
        struct yaml_node *map = yaml_item(r->file, list, i);

        if (take_stage(r, map, t) != 0 || take_body(r, map, t) != 0 ||
            take_answers(r, map, t) != 0 || take_proof(r, map, t) != 0 ||
            take_promise(r, map, t) != 0)
            return -1;
    }
    return 0;
}
