/*
 * What the daemon's files say, and whether it is in force: a fault that kept
 * the former policies, and hours that fit no number of ours. Who changed a file
 * looks at `status`, not into a log.
 */
#include "desk_private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct standing {
    pthread_mutex_t lock;
    struct error faults[DESK_FILES__MAX]; /* code ERR_NONE: none */
};

struct standing *standing_new(void)
{
    struct standing *s = calloc(1, sizeof(*s));

    if (s != NULL)
        (void)pthread_mutex_init(&s->lock, NULL);
    return s;
}

void standing_free(struct standing **s)
{
    if (*s == NULL)
        return;
    (void)pthread_mutex_destroy(&(*s)->lock);
    free(*s);
    *s = NULL;
}

void desk_reloaded(struct desk *desk, enum desk_files which,
                   const struct error *fault)
{
    struct standing *s = desk->standing;

    pthread_mutex_lock(&s->lock);
    s->faults[which] = fault != NULL ? *fault : (struct error){ 0 };
    pthread_mutex_unlock(&s->lock);
}

static int add(json_t *list, const char *what, json_t *say, const char *hint)
{
    return json_array_append_new(
        list,
        json_pack("{s:s, s:o, s:s}", "what", what, "say", say, "hint", hint));
}

/* ---- files that were not taken up --------------------------------------- */

static int add_faults(struct standing *s, json_t *list)
{
    static const struct {
        const char *what, *say, *hint;
    } files[DESK_FILES__MAX] = {
        [DESK_SECRETS] = { "secrets_not_taken",
                           "the secrets on disk were not taken up, the former "
                           "ones are in force",
                           "mend them, then: systemctl reload resguardod" },
        [DESK_POLICIES] = { "policies_not_taken",
                            "the policies on disk were not taken up, the "
                            "former ones are in force",
                            "mend it, try it with: resguardo policy check DIR, "
                            "then: systemctl reload resguardod" },
    };
    int ok = 0;

    if (s == NULL)
        return 0;
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < DESK_FILES__MAX; i++)
        if (s->faults[i].code != ERR_NONE)
            ok |= add(list, files[i].what,
                      json_sprintf("%s: %s", files[i].say, s->faults[i].text),
                      files[i].hint);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

/* ---- hours and numbers -------------------------------------------------- */

/* A table for a number that is none of ours is read by nobody. */
static int add_unknown(json_t *list, const struct config *config,
                       const struct policy *policy)
{
    int ok = 0;

    for (size_t i = 0; i < policy->nhours; i++)
        for (size_t k = 0; k < policy->hours[i].nnumbers; k++) {
            const char *id = policy->hours[i].numbers[k];
            const struct config_number *known = config_find_number(config, id);

            if (known != NULL && strcmp(known->policy, policy->id) == 0)
                continue;
            ok |= add(list, "hours_unknown_number",
                      json_sprintf("hours of policy %s name %s, which is no "
                                   "number of that policy in the configuration",
                                   policy->id, id),
                      "a mistyped phone_number_id? see hours: in policy.yaml");
        }
    return ok;
}

/* Where some numbers have hours, one without is open at night: that is seldom
 * meant. */
static int add_open(json_t *list, const struct config *config,
                    const struct policy *policy)
{
    int ok = 0;

    for (size_t i = 0; policy->nhours > 0 && i < config->nnumbers; i++) {
        const struct config_number *number = &config->numbers[i];

        if (strcmp(number->policy, policy->id) != 0 ||
            policy_hours(policy, number->phone_number_id) != NULL)
            continue;
        ok |= add(list, "hours_missing",
                  json_sprintf("number %s is in no table of the hours of "
                               "policy %s: it counts as open day and night",
                               number->phone_number_id, policy->id),
                  "name it in hours: of policy.yaml, or end with numbers: all");
    }
    return ok;
}

int desk_hours_faults(const struct config *config, const struct policy_set *set,
                      json_t *list)
{
    int ok = 0;

    for (size_t i = 0; i < set->n; i++)
        ok |= add_unknown(list, config, set->policies[i]) |
              add_open(list, config, set->policies[i]);
    return ok == 0 ? 0 : -1;
}

/* ---- both --------------------------------------------------------------- */

json_t *standing_list(const struct desk *desk)
{
    const struct desk_needs *needs = &desk->needs;
    json_t *list = json_array();

    if (list == NULL ||
        (add_faults(desk->standing, list) == 0 &&
         desk_hours_faults(needs->config, registrar_policies(needs->registrar),
                           list) == 0))
        return list;
    json_decref(list);
    return NULL;
}
