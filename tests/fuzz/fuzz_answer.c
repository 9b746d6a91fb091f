/*
 * What comes back from a template's button, or a row of the list of days: of a
 * reminder that is not theirs nothing is on record, a day is one of the choice,
 * and a procedure is the one that the template names.
 */
#include "fuzz.h"

#include "policy/policy_private.h"
#include "resguardo/dialogue.h"

#define NOW ((msec)1795430000 * MSEC_S) /* a Monday */

static const char theirs[] = "answer/nreminder/";

static struct policy *policy_made(void)
{
    static struct policy_words words;
    static struct policy policy = { .words = &words };
    struct policy_template *t = &policy.templates[0];

    policy.npurposes = 1;
    policy.purposes[0].gates = 1u << KIND_DOCUMENT;
    policy.nprocedures = 2;
    policy.ntemplates = 1;
    t->procedure = 1;
    t->promise_days = 5;
    t->nanswers = ANSWER__MAX;
    for (int k = 0; k < ANSWER__MAX; k++)
        t->answers[k].kind = (enum answer_kind)k;
    return &policy;
}

static void check(const struct dialogue_state *s, const char *id,
                  const struct dialogue_action *a)
{
    const struct calendar *c = &s->policy->calendar;
    const civil_day today = contact_day(c, NOW);
    bool ours = strncmp(id, theirs, sizeof(theirs) - 1) == 0;

    if (a->kind == DO_ANSWERED)
        FUZZ_CHECK(ours && a->value >= 0 && a->value < ANSWER__MAX);
    if (a->kind == DO_PROCEDURE && strncmp(id, "answer/", 7) == 0)
        FUZZ_CHECK(ours && a->value == s->policy->templates[0].procedure);
    if (a->kind == DO_PROMISE)
        FUZZ_CHECK(strncmp(id, "promise/nreminder/", 18) == 0 &&
                   calendar_business(c, a->value) && a->value >= today &&
                   a->value <= calendar_add(c, today, 5));
    if (a->kind == DO_ASK_PROMISE)
        FUZZ_CHECK(ours || strncmp(id, "promise/nreminder/", 18) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dialogue_state state;
    char *id = fuzz_string(data, size);
    struct dialogue_input input = { INPUT_BUTTON, id, NOW / MSEC_S, 0, false };
    struct dialogue_plan plan;

    state.policy = policy_made();
    state.guide.procedure = -1;
    state.purposes[0].state = CONSENT_GIVEN;
    memcpy(state.reminder.id, "nreminder", sizeof("nreminder"));
    dialogue_decide(&state, &input, NOW, &plan);
    for (size_t i = 0; i < plan.n; i++)
        check(&state, id, &plan.actions[i]);
    free(id);
    return 0;
}
