/*
 * What people answer to a reminder: which one this message is about, if any,
 * and that they answered. Nothing is read for who never got one that can be
 * answered, and for them only with a button of one or a word for it.
 */
#include "consent_private.h"
#include "leaf_private.h"
#include "outward_private.h"
#include "registrar_private.h"

#include <string.h>

/* May this person answer this row, and by which template? */
static int take(const struct deciding *d, const struct outbound_row *row,
                struct dialogue_state *state)
{
    const struct policy_template *t = policy_template(d->policy, row->template);

    /* Another's, one that never went, or that the policy has no more. */
    if (t == NULL || t->nanswers == 0 ||
        strcmp(row->subject, d->subject->id) != 0 ||
        strcmp(row->policy, d->policy->id) != 0 ||
        strcmp(row->state, "queued") != 0)
        return 0;
    SET(state->reminder.id, row->id);
    state->reminder.template = (int)(t - d->policy->templates);
    state->reminder.answered = row->answered;
    return 1;
}

/* "answer/OUTBOUND/…", "promise/OUTBOUND/…" */
static int by_button(struct registrar *r, const struct deciding *d,
                     struct dialogue_state *state, struct error *err)
{
    static const char *const prefixes[] = { "answer/", "promise/" };
    const char *text = d->item->text;
    struct outbound_row row;
    char id[ID_SIZE];
    int found;

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t before = strlen(prefixes[i]), len = strcspn(text + before, "/");

        if (strncmp(text, prefixes[i], before) != 0)
            continue;
        len = len < ID_SIZE ? len : 0;
        memcpy(id, text + before, len);
        id[len] = '\0';
        found = id_valid(id, 'n') ? outbound_get(r->store, id, &row, err) : 0;
        if (found > 0)
            (void)take(d, &row, state);
        return found < 0 ? -1 : 0;
    }
    return 0;
}

/* The newest, of a few days, whose buttons say what the word does. */
static int by_word(struct registrar *r, const struct deciding *d,
                   enum answer_kind kind, struct dialogue_state *state,
                   struct error *err)
{
    struct outbound_row rows[LIMIT_ANSWER_ROWS];
    civil_day since =
        contact_day(&d->policy->calendar, r->now) - LIMIT_ANSWER_D;
    size_t n;

    if (outbound_recent(r->store, d->subject->id, d->policy->id, since, rows,
                        LIMIT_ANSWER_ROWS, &n, err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct policy_template *t =
            policy_template(d->policy, rows[i].template);

        if (t != NULL && template_offers(t, kind) && take(d, &rows[i], state))
            return 0;
    }
    return 0;
}

static enum answer_kind kind_of(enum policy_word word)
{
    return word == WORD_PROMISE  ? ANSWER_PROMISE
           : word == WORD_PROOF  ? ANSWER_PROOF
           : word == WORD_PERSON ? ANSWER_PERSON
           : word == WORD_STOP   ? ANSWER_STOP
                                 : ANSWER__MAX;
}

int answer_state(struct registrar *r, const struct deciding *d,
                 struct dialogue_state *state, struct error *err)
{
    enum answer_kind kind;

    if ((d->subject->has & PERSON_REMINDED) == 0 || d->item->text == NULL)
        return 0;
    if (d->item->kind == WEBHOOK_BUTTON)
        return strcmp(d->item->text, "person/ask") == 0
                   ? by_word(r, d, ANSWER_PERSON, state, err)
                   : by_button(r, d, state, err);
    if (d->item->kind != WEBHOOK_TEXT)
        return 0;
    kind = kind_of(policy_word_of(d->policy, d->item->text));
    return kind == ANSWER__MAX ? 0 : by_word(r, d, kind, state, err);
}

int answer_record(struct registrar *r, const struct deciding *d,
                  const struct dialogue_state *state, enum answer_kind kind,
                  struct error *err)
{
    const struct policy_template *t =
        &d->policy->templates[state->reminder.template];
    struct outbound_row row;
    json_t *leaf, *evidence;
    int found = outbound_get(r->store, state->reminder.id, &row, err);

    if (found <= 0)
        return found < 0 ? -1
                         : error_set(err, ERR_INVARIANT, "no such reminder");
    row.answered |= 1u << kind;
    if (outbound_answer(r->store, &row, err) != 0)
        return -1;
    leaf = leaf_new(r, "outbound_answered", row.subject, row.policy);
    evidence = json_object();
    leaf_text(leaf, "actor", "subject");
    leaf_text(leaf, "channel", "whatsapp");
    leaf_time(leaf, "provider_time", d->item->provider_s * MSEC_S);
    leaf_text(evidence, "outbound_id", row.id);
    leaf_text(evidence, "template", row.template);
    leaf_text(evidence, "class", row.class);
    outbound_stage(evidence, t);
    leaf_text(evidence, "answer", answer_names[kind]);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}
