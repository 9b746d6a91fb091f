/* Lists to pick from: the menu, and which document a file is. */
#include "attachment_private.h"
#include "case_private.h"
#include "consent_private.h"
#include "mail_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

/* Where there is a choice. */
static void add_language(struct list_message *list, const struct policy *policy,
                         const struct policy_language *l)
{
    if (policy->nlanguages > 1 && policy->languages[0].name != NULL)
        list_row(list, "language/show", l->choice[CHOICE_ROW], NULL);
}

int guide_send_menu(struct registrar *r, const struct deciding *d,
                    struct error *err)
{
    const struct policy *policy = d->policy;
    const struct policy_language *l = language_of(r, d);
    const bool others =
        policy->represents && policy->nprocedures < LIMIT_ROWS - 1;
    const size_t last = others ? 2 : 1;
    const bool notices =
        policy->asked != 0 && policy->nprocedures + last < LIMIT_ROWS;
    struct list_message list = { json_array(), LIMIT_ROWS, false };
    static const struct {
        const char *id;
        enum menu_text title;
    } fixed[] = { { "menu/status", MENU_STATUS },
                  { "menu/missing", MENU_MISSING },
                  { "menu/data", MENU_DATA } };

    /* The last row is a person's, whatever else has no room; before it that of
     * who writes for another, and notices, for which there is no word. */
    list.room -= last + notices;
    for (size_t i = 0; i < policy->nprocedures; i++) {
        char id[BUTTON_ID_SIZE];

        (void)snprintf(id, sizeof(id), "procedure/%s",
                       policy->procedures[i].id);
        list_row(&list, id, l->procedures[i].own[PROCEDURE_TITLE],
                 l->procedures[i].own[PROCEDURE_DESCRIPTION]);
    }
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        list_row(&list, fixed[i].id, l->menu[fixed[i].title], NULL);
    list.room += notices;
    if (notices)
        list_row(&list, "menu/notices", l->contact[CONTACT_ROW], NULL);
    add_language(&list, policy, l);
    list.room += last;
    if (others)
        list_row(&list, "for/another", l->persons[PERSONS_ROW], NULL);
    list_row(&list, "person/ask", l->menu[MENU_PERSON], NULL);
    return list_send(r, d, &list, l->menu[MENU_HEADER], l->menu[MENU_BODY],
                     l->menu[MENU_BUTTON], NULL, err);
}

int guide_send_data(struct registrar *r, const struct deciding *d,
                    const struct dialogue_state *state, const char *text,
                    struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    struct list_message list = { json_array(), LIMIT_ROWS, false };
    static const struct {
        enum request_type type;
        enum chat_text title;
    } rows[] = { { REQUEST_ACCESS, CHAT_DATA_ACCESS },
                 { REQUEST_CORRECT, CHAT_DATA_CORRECT },
                 { REQUEST_ERASE, CHAT_DATA_ERASE },
                 { REQUEST_COMPLAINT, CHAT_DATA_COMPLAINT },
                 { REQUEST_OBJECT, CHAT_DATA_OBJECT },
                 { REQUEST_RESTRICT, CHAT_DATA_RESTRICT },
                 { REQUEST_PORTABILITY, CHAT_DATA_PORTABILITY } };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char id[BUTTON_ID_SIZE];

        if (d->policy->requests[rows[i].type] < 0)
            continue;
        (void)snprintf(id, sizeof(id), "request/%s",
                       request_type_names[rows[i].type]);
        list_row(&list, id, l->chat[rows[i].title], NULL);
    }
    spoken_end_rows(&list, d->policy, l, state);
    if (list.room < LIMIT_ROWS)
        add_language(&list, d->policy, l);
    if (list.room < LIMIT_ROWS)
        return list_send(r, d, &list, NULL, text, l->chat[CHAT_DATA_BUTTON],
                         NULL, err);
    json_decref(list.rows);
    return mail_say(r, d->policy, d->subject->id, d->item->number, "say", text,
                    err);
}

/* Those that are missing first, as many as there are rows. */
static void add_items(struct list_message *list, const struct policy *policy,
                      const struct policy_language *l,
                      const struct dialogue_guide *guide,
                      const struct attachment_row *file, bool empty)
{
    const struct policy_procedure *p = &policy->procedures[guide->procedure];
    const struct procedure_texts *texts = &l->procedures[guide->procedure];

    for (int i = 0; i < (int)p->nitems; i++) {
        char id[BUTTON_ID_SIZE];

        if (!dialogue_item_open(policy, guide, i) ||
            (guide->files[i] == 0) != empty ||
            !dialogue_item_takes(policy, &p->items[i],
                                 media_kind_of(file->kind),
                                 file->announced_type))
            continue;
        (void)snprintf(id, sizeof(id), "item/%s/%s", file->id, p->items[i].id);
        list_row(list, id, texts->items[i][ITEM_TITLE],
                 texts->items[i][ITEM_WHY]);
    }
}

int guide_ask_item(struct registrar *r, const struct deciding *d,
                   const char *attachment, struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    struct list_message list = { NULL, LIMIT_ROWS - 1, false };
    struct procedure_look look;
    struct attachment_row row;
    struct case_row of;
    char id[BUTTON_ID_SIZE];
    json_t *claims;
    int found = attachment_get(r->store, attachment, &row, err), ok;

    if (found <= 0 || (found = case_get(r->store, row.case_id, &of, err)) <= 0)
        return found;
    if (procedure_look(r, d->policy, &of, &look, err) != 0)
        return -1;
    if (look.guide.procedure < 0)
        return 0; /* the policy dropped it; the file waits for its end */
    SET(row.item, ITEM_ASKED);
    if (attachment_update(r->store, &row, err) != 0 ||
        (claims = claims_read(r, row.id, err)) == NULL)
        return -1;

    list.rows = json_array();
    add_items(&list, d->policy, l, &look.guide, &row, true);
    add_items(&list, d->policy, l, &look.guide, &row, false);
    list.room++;
    (void)snprintf(id, sizeof(id), "item/%s/" ITEM_UNREQUESTED, row.id);
    list_row(&list, id, l->chat[CHAT_WHICH_OTHER], NULL);
    ok = list_send(r, d, &list, NULL, l->chat[CHAT_WHICH],
                   l->chat[CHAT_WHICH_BUTTON], json_str(claims, "wamid"), err);
    json_decref(claims);
    return ok;
}
