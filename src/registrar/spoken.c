/* What is said to who writes in their own words; and what may end, to pick from
 * by a tap, because no words inside a sentence end anything. */
#include "case_private.h"
#include "consent_private.h"
#include "mail_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

int spoken_say(struct registrar *r, const struct deciding *d,
               enum spoken_text which, struct error *err)
{
    const char *text = language_of(r, d)->spoken[which];

    return text == NULL ? 0
                        : mail_say(r, d->policy, d->subject->id,
                                   d->item->number, "say", text, err);
}

/* ---- what may end -------------------------------------------------------- */

static bool stands(const struct policy *policy,
                   const struct dialogue_state *state, size_t i, bool notices)
{
    return ((policy->asked & 1u << i) != 0) == notices &&
           basis_asks(policy->purposes[i].basis) &&
           (state->purposes[i].state == CONSENT_GIVEN ||
            state->purposes[i].state == CONSENT_EXPIRED ||
            state->purposes[i].state == CONSENT_RENEWAL);
}

void spoken_end_rows(struct list_message *list, const struct policy *policy,
                     const struct policy_language *l,
                     const struct dialogue_state *state)
{
    char id[BUTTON_ID_SIZE];
    int n = 0;

    for (size_t i = 0; i < policy->npurposes; i++)
        n += stands(policy, state, i, false);
    for (size_t i = 0; n > 1 && i < policy->npurposes; i++)
        if (stands(policy, state, i, false) && l->ends[i] != NULL &&
            button_format(id, BUTTON_WITHDRAW, policy->purposes[i].id,
                          policy->notice_version) == 0)
            list_row(list, id, l->ends[i], NULL);
}

/* As many as three stand in sight, as buttons. */
static int send_buttons(struct registrar *r, const struct deciding *d,
                        json_t *rows, const char *body, struct error *err)
{
    json_t *buttons = json_array(), *row, *message;
    bool failed = buttons == NULL;
    size_t i;

    json_array_foreach(rows, i, row) failed |=
        json_array_append_new(buttons, json_pack("{s:s,s:O}", "type", "reply",
                                                 "reply", row)) != 0;
    json_decref(rows);
    message = json_pack("{s:s,s:{s:s},s:{s:o}}", "type", "button", "body",
                        "text", body, "action", "buttons", buttons);
    if (message != NULL && !failed)
        return mail_interactive(r, d->policy, d->subject->id, d->item->number,
                                message, NULL, err);
    json_decref(message);
    return error_set(err, ERR_NOMEM, "no memory for buttons");
}

int spoken_ask_end(struct registrar *r, const struct deciding *d,
                   const struct dialogue_state *state, struct error *err)
{
    const struct policy *policy = d->policy;
    const struct policy_language *l = language_of(r, d);
    struct list_message list = { json_array(), LIMIT_ROWS, false };
    bool notices = false, rest = false;
    char all[BUTTON_ID_SIZE];

    for (size_t i = 0; i < policy->npurposes; i++) {
        notices |= stands(policy, state, i, true);
        rest |= stands(policy, state, i, false);
    }
    if (notices)
        list_row(&list, "notices/stop", l->spoken[SPOKEN_END_NOTICES], NULL);
    list.room -= 2;
    spoken_end_rows(&list, policy, l, state);
    list.room += 2;
    if (rest &&
        button_format(all, BUTTON_WITHDRAW, "all", policy->notice_version) == 0)
        list_row(&list, all, l->spoken[SPOKEN_END_ALL], NULL);
    list_row(&list, "person/ask", l->spoken[SPOKEN_END_PERSON], NULL);
    if (json_array_size(list.rows) > LIMIT_BUTTONS || list.failed)
        return list_send(r, d, &list, NULL, l->spoken[SPOKEN_END],
                         l->spoken[SPOKEN_END_LIST], NULL, err);
    return send_buttons(r, d, list.rows, l->spoken[SPOKEN_END], err);
}
