/* In which language a person is written to: what they chose, else the policy's
 * first. */
#include "consent_private.h"
#include "mail_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

/* Whoever cannot be read cannot be written to either: what is written next says
 * so. A policy of one language reads nobody. */
const struct policy_language *person_language(struct registrar *r,
                                              const struct policy *policy,
                                              const char *subject)
{
    struct subject_row row;
    struct error ignored = { 0 };

    if (policy->nlanguages == 1 ||
        subject_get(r->store, subject, &row, &ignored) != 1)
        return &policy->languages[0];
    return policy_language(policy, row.language);
}

const struct policy_language *language_of(struct registrar *r,
                                          const struct deciding *d)
{
    return person_language(r, d->policy, d->subject->id);
}

void language_day(char out[static DAY_SIZE], const struct policy_language *l,
                  civil_day day)
{
    date_words(out, l->tag, day);
}

int language_choose(struct registrar *r, const struct deciding *d, int which,
                    struct error *err)
{
    return subject_set_language(r->store, d->subject->id,
                                d->policy->languages[which].tag, err);
}

int language_changed(struct registrar *r, const struct deciding *d,
                     struct error *err)
{
    return mail_say(r, d->policy, d->subject->id, d->item->number, "say",
                    language_of(r, d)->choice[CHOICE_CHANGED], err);
}

/* The one they have is no choice. */
int language_ask(struct registrar *r, const struct deciding *d,
                 struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    struct list_message list = { json_array(), LIMIT_ROWS, false };

    for (size_t i = 0; i < d->policy->nlanguages; i++) {
        const struct policy_language *one = &d->policy->languages[i];
        char id[BUTTON_ID_SIZE];

        if (one == l || one->name == NULL)
            continue;
        (void)snprintf(id, sizeof(id), "language/%s", one->tag);
        list_row(&list, id, one->name, NULL);
    }
    return list_send(r, d, &list, NULL, l->choice[CHOICE_ASK],
                     l->choice[CHOICE_BUTTON], NULL, err);
}
