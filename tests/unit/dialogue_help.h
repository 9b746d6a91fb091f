/* A dialogue's state by hand, and what is decided in it. */
#ifndef RESGUARDO_DIALOGUE_HELP_H
#define RESGUARDO_DIALOGUE_HELP_H

#include "unit.h"

#include "resguardo/dialogue.h"

#define NOW       ((msec)1795430000 * MSEC_S)
#define NOW_S     ((int64_t)1795430000)
#define CASE      0
#define SENSITIVE 1

static struct policy *policy;

static inline int setup(void **state)
{
    struct error err = { 0 };

    (void)state;
    policy = policy_load("policies/co-habeas-data", "Ejemplo S. A.",
                         "https://x.example", &err);
    if (policy == NULL)
        fail_msg("%s", err.text);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    policy_free(&policy);
    return 0;
}

static inline struct dialogue_state fresh(void)
{
    return (struct dialogue_state){ .policy = policy };
}

static inline void open_prompt(struct dialogue_state *s, int purpose,
                               int64_t handed_s)
{
    struct dialogue_prompt *p = &s->prompts[s->nprompts++];

    p->purpose = purpose;
    p->handed_s = handed_s;
    strcpy(p->version, policy->notice_version);
}

static inline void hold(struct dialogue_state *s, unsigned mask)
{
    s->held[s->nheld++] = mask;
}

static inline struct dialogue_plan decide(const struct dialogue_state *s,
                                          enum dialogue_input_kind kind,
                                          const char *text, int64_t second,
                                          unsigned needs)
{
    struct dialogue_input input = { kind, text, second, needs, false };
    struct dialogue_plan plan;

    dialogue_decide(s, &input, NOW, &plan);
    return plan;
}

static inline int count(const struct dialogue_plan *p,
                        enum dialogue_action_kind kind)
{
    int n = 0;

    for (size_t i = 0; i < p->n; i++)
        n += p->actions[i].kind == kind;
    return n;
}

static inline const struct dialogue_action *first(
    const struct dialogue_plan *p, enum dialogue_action_kind kind)
{
    static const struct dialogue_action none = { .purpose = -1, .why = "" };

    for (size_t i = 0; i < p->n; i++)
        if (p->actions[i].kind == kind)
            return &p->actions[i];
    fail_msg("no such action");
    return &none;
}

static inline const char *button(enum button_verb verb, int purpose)
{
    static char id[BUTTON_ID_SIZE];

    assert_int_equal(button_format(id, verb, policy->purposes[purpose].id,
                                   policy->notice_version),
                     0);
    return id;
}

#endif
