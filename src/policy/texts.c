/* texts.LANG.yaml: what the customer reads, as finished messages. */
#include "policy_private.h"

#include <stdlib.h>
#include <string.h>

static const char *const text_keys[TEXT__MAX + 1] = {
    [TEXT_RECEIPT_STORED] = "receipt_stored",
    [TEXT_RECEIPT_REFUSED] = "receipt_refused",
    [TEXT_RECEIPT_QUARANTINED] = "receipt_quarantined",
    [TEXT_REASON_TYPE] = "reason_type",
    [TEXT_REASON_SIZE] = "reason_size",
    [TEXT_REASON_UNAVAILABLE] = "reason_unavailable",
    [TEXT_REASON_HASH] = "reason_hash",
    [TEXT_REASON_JUDGE] = "reason_judge",
    [TEXT_REASON_EXPIRED] = "reason_expired",
    [TEXT_REFUSED] = "refused",
    [TEXT_OTHER] = "other",
    [TEXT_WITHDRAWN] = "withdrawn",
    [TEXT_GRANTED] = "granted",
    [TEXT_PERSON_WAITING] = "person_waiting",
    [TEXT_PERSON_ESTIMATE] = "person_estimate",
    [TEXT_PERSON_NO_ESTIMATE] = "person_no_estimate",
    [TEXT_PERSON_CLOSED] = "person_closed",
    [TEXT_PERSON_BACK] = "person_back",
};
/* What is filled when it is sent. */
static const char *const sent_later[TEXT__MAX][3] = {
    [TEXT_RECEIPT_STORED] = { "stored", "case" },
    [TEXT_RECEIPT_REFUSED] = { "refused" },
    [TEXT_RECEIPT_QUARANTINED] = { "quarantined" },
    [TEXT_PERSON_WAITING] = { "position" },
    [TEXT_PERSON_ESTIMATE] = { "minutes" },
    [TEXT_PERSON_CLOSED] = { "opens" },
};
/* Characters of a receipt's numbers and its case code, at most. */
#define RECEIPT_ROOM 24
static const char *const buttons[] = { "grant", "refuse", "other", NULL };
static const char *const word_keys[] = { "yes",     "no",   "other", "withdraw",
                                         "person",  "back", "menu",  "status",
                                         "missing", "data", "stop",  NULL };
static const enum policy_word word_values[] = {
    WORD_YES,  WORD_NO,     WORD_OTHER,   WORD_WITHDRAW, WORD_PERSON, WORD_BACK,
    WORD_MENU, WORD_STATUS, WORD_MISSING, WORD_DATA,     WORD_STOP
};

struct loading {
    struct policy *policy;
    struct policy_language *language;
    struct variables *variables;
    const char *first_layer;
    struct yaml_file *file;
    struct error *err;
};

static char *filled(struct loading *l, struct yaml_node *map, const char *key,
                    const char *const *later)
{
    const char *text = yaml_need(l->file, map, key, l->err);
    char *out;

    if (text == NULL)
        return NULL;
    if (text[strspn(text, " \t\n")] == '\0') {
        yaml_error(l->file, yaml_get(l->file, map, key), key, l->err,
                   "is empty");
        return NULL;
    }
    out = fill_text(NULL, text, false, l->variables, later, l->err);
    if (out == NULL && l->err->code == ERR_CONFIG)
        yaml_error(l->file, yaml_get(l->file, map, key), key, l->err, "%s",
                   l->err->text);
    return out;
}

/* ---- prompts ------------------------------------------------------------ */

static json_t *button(struct loading *l, struct yaml_node *titles, int i,
                      const char *purpose)
{
    const char *title = yaml_need(l->file, titles, buttons[i], l->err);
    char id[BUTTON_ID_SIZE];

    if (title == NULL)
        return NULL;
    if (button_format(id, (enum button_verb)i, purpose,
                      l->policy->notice_version) != 0) {
        error_set(l->err, ERR_INTERNAL, "a button id is too long");
        return NULL;
    }
    return json_pack("{s:s,s:{s:s,s:s}}", "type", "reply", "reply", "id", id,
                     "title", title);
}

/* Titles fit, differ, and mean nothing else when they are typed. */
static int buttons_check(struct loading *l, struct yaml_node *titles)
{
    static const enum policy_word meant[] = { WORD_YES, WORD_NO, WORD_OTHER };
    const char *seen[LIMIT_BUTTONS];

    if (yaml_check_keys(l->file, titles, buttons, l->err) != 0)
        return -1;
    for (int i = 0; buttons[i] != NULL; i++) {
        const char *title = yaml_need(l->file, titles, buttons[i], l->err);
        struct yaml_node *node = yaml_get(l->file, titles, buttons[i]);
        enum policy_word word;

        if (title == NULL)
            return -1;
        if (title[strspn(title, " ")] == '\0' ||
            utf8_count(title) > LIMIT_BUTTON_TITLE ||
            strpbrk(title, "\r\n\t") != NULL)
            return yaml_error(l->file, node, buttons[i], l->err,
                              "is empty, not one line or longer than %u "
                              "characters",
                              LIMIT_BUTTON_TITLE);
        seen[i] = title;
        for (int k = 0; k < i; k++)
            if (strcmp(seen[k], title) == 0)
                return yaml_error(l->file, node, buttons[i], l->err,
                                  "is the title of another button");
        word = policy_word_of(l->policy, title);
        if (word != WORD_NONE && word != meant[i])
            return yaml_error(l->file, node, buttons[i], l->err,
                              "means something else when it is typed");
    }
    return 0;
}

static int prompt_make(struct loading *l, struct yaml_node *titles,
                       struct yaml_node *node, const char *question,
                       size_t purpose, bool with_notice)
{
    struct policy_prompt *prompt =
        &l->language->prompts[purpose][with_notice ? 1 : 0];
    struct buf text = { 0 }, bytes = { 0 };
    json_t *list = json_array(), *interactive = NULL;
    int ok = -1;

    if ((with_notice && (buf_adds(&text, l->first_layer) != 0 ||
                         buf_adds(&text, "\n\n") != 0)) ||
        buf_adds(&text, question) != 0) {
        error_set(l->err, ERR_NOMEM, "no memory for a prompt");
        goto out;
    }
    if (utf8_count((char *)text.p) > LIMIT_INTERACTIVE_BODY) {
        yaml_error(l->file, node, "prompt", l->err,
                   "%zu characters%s, at most %u fit into a message",
                   utf8_count((char *)text.p),
                   with_notice ? " with the first layer" : "",
                   LIMIT_INTERACTIVE_BODY);
        goto out;
    }
    for (int i = 0; buttons[i] != NULL; i++) {
        json_t *one = button(l, titles, i, l->policy->purposes[purpose].id);
        if (one == NULL || json_array_append_new(list, one) != 0)
            goto out;
    }
    interactive = json_pack("{s:s,s:{s:s},s:{s:O}}", "type", "button", "body",
                            "text", (char *)text.p, "action", "buttons", list);
    if (interactive == NULL || json_canonical(interactive, &bytes) != 0) {
        error_set(l->err, ERR_NOMEM, "no memory for a prompt");
        goto out;
    }
    sha256_of(prompt->sha256, bytes.p, bytes.len);
    prompt->interactive = (char *)bytes.p; /* NUL-terminated */
    bytes = (struct buf){ 0 };
    ok = 0;
out:
    json_decref(list);
    json_decref(interactive);
    buf_free(&text);
    buf_free(&bytes);
    return ok;
}

/* A sensitive purpose says that answering is optional and where else to go. */
static int purpose_check(struct loading *l, struct yaml_node *map,
                         const struct policy_purpose *purpose)
{
    static const char *const needed[] = { "{optional_note}",
                                          "{other_channel}" };
    const char *text = yaml_need(l->file, map, "prompt", l->err);

    if (text == NULL)
        return -1;
    for (int i = 0; purpose->sensitive && i < 2; i++)
        if (strstr(text, needed[i]) == NULL)
            return yaml_error(l->file, yaml_get(l->file, map, "prompt"),
                              "prompt", l->err,
                              "a sensitive purpose must say %s", needed[i]);
    return 0;
}

/* Can this purpose be the first that a file asks for? */
static bool comes_first(const struct policy *policy, size_t purpose)
{
    unsigned before = 0;

    for (size_t i = 0; i < purpose; i++)
        before |= policy->purposes[i].gates;
    return (policy->purposes[purpose].gates & ~before) != 0;
}

/* What people call a purpose, on receipts; it may lack. */
static int title_take(struct loading *l, struct yaml_node *map, size_t i)
{
    char *title;

    if (yaml_get(l->file, map, "title") == NULL)
        return 0;
    title = filled(l, map, "title", NULL);
    if (title == NULL)
        return -1;
    l->language->titles[i] = title;
    if (utf8_count(title) <= LIMIT_PURPOSE_TITLE)
        return 0;
    return yaml_error(l->file, map, "title", l->err, "has over %u characters",
                      LIMIT_PURPOSE_TITLE);
}

static int prompts_load(struct loading *l, struct yaml_node *root)
{
    static const char *const keys[] = { "prompt", "title", NULL };
    const char *ids[LIMIT_PURPOSES + 1] = { NULL };
    struct yaml_node *purposes = yaml_get(l->file, root, "purposes");
    struct yaml_node *titles = yaml_get(l->file, root, "buttons");

    if (purposes == NULL || titles == NULL)
        return yaml_error(l->file, root, purposes ? "buttons" : "purposes",
                          l->err, "is missing");
    for (size_t i = 0; i < l->policy->npurposes; i++)
        ids[i] = l->policy->purposes[i].id;
    if (yaml_check_keys(l->file, purposes, ids, l->err) != 0 ||
        buttons_check(l, titles) != 0)
        return -1;
    for (size_t i = 0; i < l->policy->npurposes; i++) {
        const struct policy_purpose *purpose = &l->policy->purposes[i];
        struct yaml_node *map = yaml_get(l->file, purposes, purpose->id);
        struct yaml_node *node;
        char *question;
        int ok;

        if (map == NULL)
            return yaml_error(l->file, purposes, purpose->id, l->err,
                              "has no text");
        if (yaml_check_keys(l->file, map, keys, l->err) != 0 ||
            purpose_check(l, map, purpose) != 0 || title_take(l, map, i) != 0 ||
            (question = filled(l, map, "prompt", NULL)) == NULL)
            return -1;
        node = yaml_get(l->file, map, "prompt");
        ok = prompt_make(l, titles, node, question, i, false);
        if (ok == 0 && comes_first(l->policy, i))
            ok = prompt_make(l, titles, node, question, i, true);
        free(question);
        if (ok != 0)
            return -1;
    }
    return 0;
}

/* ---- words and the rest ------------------------------------------------- */

/* Without procedures there is no menu, and nothing to stop where nothing is
 * asked about. */
static bool word_may_lack(const struct policy *policy, enum policy_word word)
{
    return word == WORD_STOP ? policy->asked == 0
                             : word >= WORD_MENU && policy->nprocedures == 0;
}

static int words_load(struct loading *l, struct yaml_node *root)
{
    struct yaml_node *words = yaml_get(l->file, root, "words");

    if (words == NULL)
        return yaml_error(l->file, root, "words", l->err, "is missing");
    if (yaml_check_keys(l->file, words, word_keys, l->err) != 0)
        return -1;
    for (int k = 0; word_keys[k] != NULL; k++) {
        struct yaml_node *list = yaml_get(l->file, words, word_keys[k]);
        if (list == NULL && word_may_lack(l->policy, word_values[k]))
            continue;
        if (list == NULL || !yaml_is_list(list) || yaml_count(list) == 0)
            return yaml_error(l->file, list != NULL ? list : words,
                              word_keys[k], l->err, "needs a list of words");
        for (size_t i = 0; i < yaml_count(list); i++) {
            struct yaml_node *item = yaml_item(l->file, list, i);
            const char *text = yaml_text(item);
            const char *why = text == NULL ? "is not text"
                                           : words_add(l->policy->words, text,
                                                       word_values[k]);
            if (why != NULL)
                return yaml_error(l->file, item, word_keys[k], l->err,
                                  "\"%.40s\" %s", text == NULL ? "" : text,
                                  why);
        }
    }
    return 0;
}

/* What a text cannot do without: a receipt its numbers, a no the way out. */
static int text_check(struct loading *l, struct yaml_node *root, int i)
{
    static const struct {
        enum policy_text text;
        const char *needs;
    } needed[] = {
        { TEXT_RECEIPT_STORED, "{stored}" },
        { TEXT_RECEIPT_STORED, "{case}" },
        { TEXT_RECEIPT_REFUSED, "{refused}" },
        { TEXT_RECEIPT_QUARANTINED, "{quarantined}" },
        { TEXT_REFUSED, "{other_channel}" },
        { TEXT_OTHER, "{other_channel}" },
        { TEXT_WITHDRAWN, "{authority}" },
        { TEXT_PERSON_WAITING, "{position}" },
        { TEXT_PERSON_WAITING, "{notice_url}" },
        { TEXT_PERSON_ESTIMATE, "{minutes}" },
        { TEXT_PERSON_CLOSED, "{opens}" },
    };
    struct yaml_node *node = yaml_get(l->file, root, text_keys[i]);

    for (size_t k = 0; k < sizeof(needed) / sizeof(needed[0]); k++)
        if ((int)needed[k].text == i &&
            strstr(yaml_text(node), needed[k].needs) == NULL)
            return yaml_error(l->file, node, text_keys[i], l->err,
                              "does not say %s", needed[k].needs);
    return 0;
}

/* A sentence of its own, because each prompt of a sensitive purpose has it. */
static int optional_note(struct loading *l, struct yaml_node *root)
{
    char *note;
    int ok;

    if (yaml_get(l->file, root, "optional_note") == NULL)
        return 0;
    if ((note = filled(l, root, "optional_note", NULL)) == NULL)
        return -1;
    ok = variables_add(l->variables, "optional_note", note);
    free(note);
    return ok == 0 ? 0 : error_set(l->err, ERR_NOMEM, "no memory for texts");
}

/* A receipt may have to say everything at once. */
static int receipt_check(struct loading *l, struct yaml_node *root)
{
    size_t all = 0;

    for (int i = TEXT_RECEIPT_STORED; i <= TEXT_REASON_EXPIRED; i++)
        all += utf8_count(l->language->texts[i]) + RECEIPT_ROOM;
    if (all <= LIMIT_TEXT_BODY)
        return 0;
    return yaml_error(l->file, root, text_keys[TEXT_RECEIPT_STORED], l->err,
                      "receipts and reasons have %zu characters together, at "
                      "most %u fit into a message",
                      all, LIMIT_TEXT_BODY);
}

static int texts_take(struct loading *l, struct yaml_node *root)
{
    for (int i = 0; i < TEXT__MAX; i++) {
        char *text = filled(l, root, text_keys[i], sent_later[i]);
        if (text == NULL)
            return -1;
        l->language->texts[i] = text;
        if (text_check(l, root, i) != 0)
            return -1;
        if (utf8_count(text) > LIMIT_TEXT_BODY / 4)
            return yaml_error(l->file, yaml_get(l->file, root, text_keys[i]),
                              text_keys[i], l->err, "longer than %u characters",
                              LIMIT_TEXT_BODY / 4);
    }
    return receipt_check(l, root);
}

static int all_load(struct loading *l)
{
    static const char *const others[] = {
        "optional_note", "purposes", "buttons", "words",    "procedures",
        "clocks",        "menu",     "chat",    "prepared", "requests",
        "contact",       "delivery", NULL
    };
    const char *keys[TEXT__MAX + sizeof(others) / sizeof(others[0])];
    const struct reading r = { l->policy, l->file, l->err };
    struct yaml_node *root = yaml_root(l->file);
    size_t n = 0;

    for (int i = 0; i < TEXT__MAX; i++)
        keys[n++] = text_keys[i];
    memcpy(keys + n, others, sizeof(others));
    if (yaml_check_keys(l->file, root, keys, l->err) != 0)
        return -1;
    if (optional_note(l, root) != 0 || texts_take(l, root) != 0 ||
        words_load(l, root) != 0 || prompts_load(l, root) != 0 ||
        prepared_load(l->language, l->file, root, l->variables, l->err) != 0)
        return -1;
    return procedure_texts_load(&r, l->language, l->variables);
}

int texts_load(struct policy *policy, struct policy_language *language,
               const char *folder, const struct variables *variables,
               const char *first_layer, struct error *err)
{
    struct variables all = { 0 };
    struct loading l = { policy, language, &all, first_layer, NULL, err };
    struct buf path = { 0 };
    int ok = -1;

    if (buf_addf(&path, "%s/texts.%s.yaml", folder, language->tag) != 0) {
        error_set(err, ERR_NOMEM, "no memory for texts");
        goto out;
    }
    if ((l.file = yaml_load((char *)path.p, err)) == NULL)
        goto out;
    for (size_t i = 0; i < variables->n; i++)
        if (variables_add(&all, variables->pairs[2 * i],
                          variables->pairs[2 * i + 1]) != 0)
            goto out;
    ok = all_load(&l);
out:
    if (ok != 0 && err->code == ERR_NONE)
        error_set(err, ERR_NOMEM, "no memory for texts");
    variables_free(&all);
    yaml_close(&l.file);
    buf_free(&path);
    return ok;
}
