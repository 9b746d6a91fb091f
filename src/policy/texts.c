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
    [TEXT_REASON_VOICE] = "reason_voice",
    [TEXT_REFUSED] = "refused",
    [TEXT_OTHER] = "other",
    [TEXT_WITHDRAWN] = "withdrawn",
    [TEXT_GRANTED] = "granted",
    [TEXT_PERSON_WAITING] = "person_waiting",
    [TEXT_PERSON_ESTIMATE] = "person_estimate",
    [TEXT_PERSON_NO_ESTIMATE] = "person_no_estimate",
    [TEXT_PERSON_CLOSED] = "person_closed",
    [TEXT_PERSON_CLOSED_FAR] = "person_closed_far",
    [TEXT_PERSON_BACK] = "person_back",
    [TEXT_ACKNOWLEDGED] = "acknowledged",
    [TEXT_STAYS] = "stays",
};
/* What is filled when it is sent. */
static const char *const sent_later[TEXT__MAX][3] = {
    [TEXT_RECEIPT_STORED] = { "stored", "case" },
    [TEXT_RECEIPT_REFUSED] = { "refused" },
    [TEXT_RECEIPT_QUARANTINED] = { "quarantined" },
    [TEXT_PERSON_WAITING] = { "position" },
    [TEXT_PERSON_ESTIMATE] = { "minutes" },
    [TEXT_PERSON_CLOSED] = { "opens" },
    [TEXT_PERSON_CLOSED_FAR] = { "opens" },
    [TEXT_STAYS] = { "stays" },
};
/* Characters of a receipt's numbers and its case code, at most. */
#define RECEIPT_ROOM 24
/* As enum button_verb, as far as buttons have it. */
enum { TITLE_GRANT, TITLE_REFUSE, TITLE_OTHER, TITLE_ACK, TITLE__MAX };
static const char *const buttons[] = { "grant", "refuse", "other", "ack",
                                       NULL };
static const enum button_verb button_verbs[TITLE__MAX] = {
    BUTTON_GRANT, BUTTON_REFUSE, BUTTON_OTHER, BUTTON_ACK
};
static const char *const word_keys[] = {
    "yes",     "no",     "other",   "withdraw", "person", "back",
    "menu",    "status", "missing", "data",     "ack",    "stop",
    "promise", "proof",  "another", NULL
};
/* In persons: they go with what is said then. */
static const char *const person_keys[] = { "for_other", "minor", NULL };
static const enum policy_word person_values[] = { WORD_BEHALF, WORD_MINOR };
/* In requests, likewise. */
static const char *const request_keys[] = {
    "access",   "correct",     "erase",  "complaint", "object",
    "restrict", "portability", "rights", NULL
};
static const enum policy_word request_values[] = {
    WORD_ACCESS, WORD_CORRECT,  WORD_ERASE,       WORD_COMPLAINT,
    WORD_OBJECT, WORD_RESTRICT, WORD_PORTABILITY, WORD_RIGHTS
};
static const enum policy_word word_values[] = {
    WORD_YES,  WORD_NO,   WORD_OTHER,   WORD_WITHDRAW, WORD_PERSON,
    WORD_BACK, WORD_MENU, WORD_STATUS,  WORD_MISSING,  WORD_DATA,
    WORD_ACK,  WORD_STOP, WORD_PROMISE, WORD_PROOF,    WORD_ANOTHER
};
/* In spoken. */
static const char *const spoken_keys[] = { "end", "help", "place", "where",
                                           NULL };
static const enum policy_word spoken_values[] = { WORD_END, WORD_HELP,
                                                  WORD_PLACE, WORD_WHERE };

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

/* What is asked about a purpose, and what changed since they were asked. */
struct question {
    struct yaml_node *node;
    char *words, *changes;
};

static json_t *button(struct loading *l, struct yaml_node *titles, int i,
                      const char *purpose)
{
    const char *title = yaml_need(l->file, titles, buttons[i], l->err);
    char id[BUTTON_ID_SIZE];

    if (title == NULL)
        return NULL;
    if (button_format(id, button_verbs[i], purpose,
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
    static const enum policy_word meant[TITLE__MAX] = { WORD_YES, WORD_NO,
                                                        WORD_OTHER, WORD_ACK };
    const char *seen[TITLE__MAX];
    int n = l->policy->acknowledges != 0 ? TITLE__MAX : TITLE_ACK;

    if (yaml_check_keys(l->file, titles, buttons, l->err) != 0)
        return -1;
    for (int i = 0; i < n; i++) {
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

/* How the other languages are asked for, in a line: it costs no message, but
 * goes without where the message has no room for it. Who got here by choosing
 * knows of them; a stranger does not. */
static int add_offers(struct loading *l, const struct question *q,
                      struct buf *text)
{
    const struct policy *p = l->policy;
    struct buf line = { 0 };
    size_t used = utf8_count((char *)text->p) + utf8_count(q->words) + 4;
    int ok = 0;

    for (size_t i = 0; ok == 0 && i < p->nlanguages; i++)
        if (&p->languages[i] != l->language && p->languages[i].offer != NULL)
            ok = buf_addf(&line, "%s%s", line.len > 0 ? " · " : "",
                          p->languages[i].offer);
    if (ok == 0 && line.len > 0 &&
        used + utf8_count((char *)line.p) <= LIMIT_INTERACTIVE_BODY)
        ok = buf_addf(text, "\n\n%s", (char *)line.p);
    else if (ok == 0 && line.len > 0 && l->language == &p->languages[0])
        ok = policy_warn(l->policy, l->err,
                         "texts.%s.yaml: the first message has no room to name "
                         "the other languages",
                         l->language->tag);
    buf_free(&line);
    return ok;
}

/* What is said: the first layer, what changed, the question. */
static int prompt_body(struct loading *l, const struct question *q,
                       enum prompt_form form, struct buf *text)
{
    const char *const parts[] = { form != PROMPT_SHORT ? l->first_layer : NULL,
                                  form == PROMPT_RENEWED ? q->changes : NULL,
                                  q->words };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i] != NULL &&
            ((text->len > 0 && buf_adds(text, "\n\n") != 0) ||
             buf_adds(text, parts[i]) != 0 ||
             (i == 0 && form == PROMPT_FIRST && add_offers(l, q, text) != 0)))
            return error_set(l->err, ERR_NOMEM, "no memory for a prompt");
    if (utf8_count((char *)text->p) <= LIMIT_INTERACTIVE_BODY)
        return 0;
    return yaml_error(l->file, q->node, "prompt", l->err,
                      "%zu characters%s%s, at most %u fit into a message",
                      utf8_count((char *)text->p),
                      form != PROMPT_SHORT ? " with the first layer" : "",
                      form == PROMPT_RENEWED ? " and the changes" : "",
                      LIMIT_INTERACTIVE_BODY);
}

/* Its buttons: the three of a question, one where nothing is asked but whether
 * they read it. */
static json_t *prompt_buttons(struct loading *l, struct yaml_node *titles,
                              const struct policy_purpose *purpose)
{
    bool asks = basis_asks(purpose->basis);
    int first = asks ? TITLE_GRANT : TITLE_ACK;
    int last = asks ? TITLE_OTHER : TITLE_ACK;
    json_t *list = json_array();

    for (int i = first; list != NULL && i <= last; i++) {
        json_t *one = button(l, titles, i, purpose->id);

        if (one == NULL || json_array_append_new(list, one) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

/* The message object: interactive, or plain words where nothing is asked. */
static json_t *prompt_object(struct loading *l, struct yaml_node *titles,
                             size_t i, const char *text)
{
    const struct policy_purpose *purpose = &l->policy->purposes[i];
    json_t *list;

    if (!basis_asks(purpose->basis) && !purpose->acknowledge)
        return json_pack("{s:s,s:b}", "body", text, "preview_url", 0);
    if ((list = prompt_buttons(l, titles, purpose)) == NULL)
        return NULL;
    return json_pack("{s:s,s:{s:s},s:{s:o}}", "type", "button", "body", "text",
                     text, "action", "buttons", list);
}

static int prompt_make(struct loading *l, struct yaml_node *titles,
                       const struct question *q, size_t i,
                       enum prompt_form form)
{
    struct policy_prompt *prompt = &l->language->prompts[i][form];
    struct buf text = { 0 }, bytes = { 0 };
    json_t *object = NULL;
    int ok = -1;

    if (prompt_body(l, q, form, &text) != 0)
        goto out;
    object = prompt_object(l, titles, i, (const char *)text.p);
    if (object == NULL || json_canonical(object, &bytes) != 0) {
        if (l->err->code == ERR_NONE)
            error_set(l->err, ERR_NOMEM, "no memory for a prompt");
        goto out;
    }
    sha256_of(prompt->sha256, bytes.p, bytes.len);
    prompt->interactive = (char *)bytes.p; /* NUL-terminated */
    bytes = (struct buf){ 0 };
    ok = 0;
out:
    json_decref(object);
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

/* What people call a purpose, on receipts; it may lack, unless a withdrawal has
 * to name it as what stays. */
static int title_take(struct loading *l, struct yaml_node *map, size_t i)
{
    char *title;

    if (yaml_get(l->file, map, "title") == NULL &&
        basis_asks(l->policy->purposes[i].basis))
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

/* Does it need the notice before it: can it be the first message, or does it
 * fit there, so that one message does for two? */
static bool needs_first(const struct loading *l, const struct question *q,
                        size_t i)
{
    const struct policy *p = l->policy;

    if (!basis_asks(p->purposes[i].basis) || comes_first(p, i))
        return true;
    return p->informs != 0 &&
           (strcmp(p->purposes[i].data_class, "necessary") == 0 ||
            utf8_count(l->first_layer) + 2 + utf8_count(q->words) <=
                LIMIT_INTERACTIVE_BODY);
}

/* In all the forms that can go out. */
static int prompts_make(struct loading *l, struct yaml_node *titles,
                        const struct question *q, size_t i)
{
    const struct policy_purpose *purpose = &l->policy->purposes[i];
    bool asks = basis_asks(purpose->basis);

    if (asks && prompt_make(l, titles, q, i, PROMPT_SHORT) != 0)
        return -1;
    if (needs_first(l, q, i) && prompt_make(l, titles, q, i, PROMPT_FIRST) != 0)
        return -1;
    return purpose->substantial ? prompt_make(l, titles, q, i, PROMPT_RENEWED)
                                : 0;
}

static int purpose_take(struct loading *l, struct yaml_node *titles,
                        struct yaml_node *map, size_t i)
{
    static const char *const keys[] = { "prompt", "title", "changes", NULL };
    const struct policy_purpose *purpose = &l->policy->purposes[i];
    struct question q = { .node = yaml_get(l->file, map, "prompt") };
    int ok = -1;

    if (yaml_check_keys(l->file, map, keys, l->err) == 0 &&
        purpose_check(l, map, purpose) == 0 && title_take(l, map, i) == 0 &&
        (q.words = filled(l, map, "prompt", NULL)) != NULL &&
        (!purpose->substantial ||
         (q.changes = filled(l, map, "changes", NULL)) != NULL))
        ok = prompts_make(l, titles, &q, i);
    free(q.words);
    free(q.changes);
    return ok;
}

static int prompts_load(struct loading *l, struct yaml_node *root)
{
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
        struct yaml_node *map = yaml_get(l->file, purposes, ids[i]);

        if (map == NULL)
            return yaml_error(l->file, purposes, ids[i], l->err, "has no text");
        if (purpose_take(l, titles, map, i) != 0)
            return -1;
    }
    return 0;
}

/* The button that withdraws this one alone; where it lacks, all can be. */
static int end_take(struct loading *l, struct yaml_node *map, size_t i)
{
    const char *id = l->policy->purposes[i].id;
    char *end;

    if (yaml_get(l->file, map, id) == NULL)
        return 0;
    if ((end = filled(l, map, id, NULL)) == NULL)
        return -1;
    l->language->ends[i] = end;
    if (utf8_count(end) <= LIMIT_BUTTON_TITLE && strpbrk(end, "\r\n\t") == NULL)
        return 0;
    return yaml_error(l->file, yaml_get(l->file, map, id), id, l->err,
                      "is not one line of at most %u characters",
                      LIMIT_BUTTON_TITLE);
}

static int ends_load(struct loading *l, struct yaml_node *root)
{
    const char *ids[LIMIT_PURPOSES + 1] = { NULL };
    struct yaml_node *map = yaml_get(l->file, root, "ends");

    for (size_t i = 0; i < l->policy->npurposes; i++)
        ids[i] = l->policy->purposes[i].id;
    if (map == NULL)
        return 0;
    if (!yaml_is_map(map))
        return yaml_error(l->file, map, "ends", l->err,
                          "needs a button for each purpose");
    if (yaml_check_keys(l->file, map, ids, l->err) != 0)
        return -1;
    for (size_t i = 0; i < l->policy->npurposes; i++)
        if (end_take(l, map, i) != 0)
            return -1;
    return 0;
}

/* Of each basis that something rests on: why, in words. */
static int bases_load(struct loading *l, struct yaml_node *root)
{
    struct yaml_node *map = yaml_get(l->file, root, "bases");
    const char *keys[BASIS__MAX + 1] = { NULL };

    memcpy(keys, legal_basis_names, sizeof(legal_basis_names));
    if (l->policy->informs == 0 && map == NULL)
        return 0;
    if (map == NULL || !yaml_is_map(map))
        return yaml_error(l->file, map != NULL ? map : root, "bases", l->err,
                          "needs words for each basis but consent");
    if (yaml_check_keys(l->file, map, keys, l->err) != 0)
        return -1;
    for (size_t i = 0; i < l->policy->npurposes; i++) {
        enum legal_basis basis = l->policy->purposes[i].basis;
        char **words = &l->language->bases[basis];

        if (basis_asks(basis) || *words != NULL)
            continue;
        if ((*words = filled(l, map, keys[basis], NULL)) == NULL)
            return -1;
        if (utf8_count(*words) > LIMIT_PURPOSE_TITLE)
            return yaml_error(l->file, yaml_get(l->file, map, keys[basis]),
                              keys[basis], l->err, "has over %u characters",
                              LIMIT_PURPOSE_TITLE);
    }
    return 0;
}

/* ---- words and the rest ------------------------------------------------- */

/* Without procedures there is no menu, nothing to have read where nobody is
 * asked whether they did, and nothing to stop where nothing is asked about. */
static bool word_may_lack(const struct policy *policy, enum policy_word word)
{
    return word == WORD_ACK    ? policy->acknowledges == 0
           : word == WORD_STOP ? policy->asked == 0
           : word == WORD_PROMISE || word == WORD_PROOF || word == WORD_ANOTHER
               ? true
               : word >= WORD_MENU && policy->nprocedures == 0;
}

static int words_take(struct loading *l, struct yaml_node *list,
                      const char *key, enum policy_word word)
{
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *item = yaml_item(l->file, list, i);
        const char *text = yaml_text(item);
        const char *why = text == NULL
                              ? "is not text"
                              : words_add(l->policy->words, text, word);

        if (why != NULL)
            return yaml_error(l->file, item, key, l->err, "\"%.40s\" %s",
                              text == NULL ? "" : text, why);
    }
    return 0;
}

/* What it has may lack, where the words are of persons or requests. */
static int words_read(struct loading *l, struct yaml_node *map,
                      const char *const *keys, const enum policy_word *values,
                      bool may_lack)
{
    if (yaml_check_keys(l->file, map, keys, l->err) != 0)
        return -1;
    for (int k = 0; keys[k] != NULL; k++) {
        struct yaml_node *list = yaml_get(l->file, map, keys[k]);

        if (list == NULL && (may_lack || word_may_lack(l->policy, values[k])))
            continue;
        if (list == NULL || !yaml_is_list(list) || yaml_count(list) == 0)
            return yaml_error(l->file, list != NULL ? list : map, keys[k],
                              l->err, "needs a list of words");
        if (words_take(l, list, keys[k], values[k]) != 0)
            return -1;
    }
    return 0;
}

/* Does it say so: write the first of those words, and it is done? */
static int offer_check(struct loading *l, struct yaml_node *map)
{
    const char *offer = l->language->offer;
    struct buf said = { 0 }, wanted = { 0 };
    int found = -1;

    if (offer == NULL)
        return 0;
    if (text_fold(&said, offer) == 0 &&
        text_fold(&wanted, l->language->name) == 0)
        found = strstr((char *)said.p, (char *)wanted.p) != NULL;
    buf_free(&said);
    buf_free(&wanted);
    if (found < 0)
        return error_set(l->err, ERR_NOMEM, "no memory for texts");
    return found > 0
               ? 0
               : yaml_error(l->file, yaml_get(l->file, map, "offer"), "offer",
                            l->err, "does not say \"%s\"", l->language->name);
}

/* Those that ask for this language; the first is what a list calls it. Where
 * the first language has none nobody chooses. */
static int words_language(struct loading *l, struct yaml_node *map)
{
    struct yaml_node *list = yaml_get(l->file, map, "words");
    const struct policy_language *first = &l->policy->languages[0];
    size_t place = (size_t)(l->language - first);
    const char *name;

    if (list == NULL)
        return 0;
    if (!yaml_is_list(list) || yaml_count(list) == 0)
        return yaml_error(l->file, list, "words", l->err,
                          "needs a list of words");
    if (l->language != first && first->name == NULL)
        return yaml_error(l->file, list, "words", l->err,
                          "is of no use: texts.%s.yaml, the first language, "
                          "has no such words",
                          first->tag);
    if (words_take(l, list, "words",
                   (enum policy_word)(WORD_LANGUAGE + place)) != 0)
        return -1;
    name = yaml_text(yaml_item(l->file, list, 0));
    if (utf8_count(name) > LIMIT_ROW_TITLE || strpbrk(name, "\r\n\t") != NULL)
        return yaml_error(l->file, list, "words", l->err,
                          "\"%.40s\" is not one line of at most %u characters",
                          name, LIMIT_ROW_TITLE);
    l->language->name = strdup(name);
    return l->language->name != NULL
               ? offer_check(l, map)
               : error_set(l->err, ERR_NOMEM, "no memory for texts");
}

/* The word that this language promises in place of policy.yaml's has to do what
 * is promised. */
static int word_of_its_own(struct loading *l, struct yaml_node *root)
{
    struct yaml_node *values = yaml_get(l->file, root, "values");
    struct yaml_node *node = yaml_get(l->file, values, "withdrawal_word");

    if (node == NULL ||
        policy_word_of(l->policy, yaml_text(node)) == WORD_WITHDRAW)
        return 0;
    return yaml_error(l->file, node, "withdrawal_word", l->err,
                      "is not among the words that withdraw");
}

static int words_load(struct loading *l, struct yaml_node *root)
{
    struct yaml_node *words = yaml_get(l->file, root, "words");
    struct yaml_node *persons = yaml_get(l->file, root, "persons");
    struct yaml_node *requests = yaml_get(l->file, root, "requests");
    struct yaml_node *spoken = yaml_get(l->file, root, "spoken");

    if (words == NULL)
        return yaml_error(l->file, root, "words", l->err, "is missing");
    if (words_read(l, words, word_keys, word_values, false) != 0 ||
        words_language(l, yaml_get(l->file, root, "language")) != 0)
        return -1;
    if (word_of_its_own(l, root) != 0)
        return -1;
    persons = yaml_get(l->file, persons, "words");
    requests = yaml_get(l->file, requests, "words");
    spoken = yaml_get(l->file, spoken, "words");
    if (spoken != NULL &&
        words_read(l, spoken, spoken_keys, spoken_values, true) != 0)
        return -1;
    if (persons != NULL &&
        words_read(l, persons, person_keys, person_values, true) != 0)
        return -1;
    return requests == NULL
               ? 0
               : words_read(l, requests, request_keys, request_values, true);
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
        { TEXT_PERSON_CLOSED_FAR, "{opens}" },
        { TEXT_STAYS, "{stays}" },
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

    for (int i = TEXT_RECEIPT_STORED; i <= TEXT_REASON_VOICE; i++)
        if (l->language->texts[i] != NULL)
            all += utf8_count(l->language->texts[i]) + RECEIPT_ROOM;
    if (all <= LIMIT_TEXT_BODY)
        return 0;
    return yaml_error(l->file, root, text_keys[TEXT_RECEIPT_STORED], l->err,
                      "receipts and reasons have %zu characters together, at "
                      "most %u fit into a message",
                      all, LIMIT_TEXT_BODY);
}

static bool text_may_lack(const struct policy *policy, int i)
{
    return (i == TEXT_ACKNOWLEDGED && policy->acknowledges == 0) ||
           (i == TEXT_STAYS && policy->informs == 0);
}

/* Whoever asks for a person before a weekend cannot be written to when it is
 * over: without that text they are told nothing of when. */
static int far_warn(struct loading *l)
{
    if (l->policy->nhours == 0 ||
        l->language->texts[TEXT_PERSON_CLOSED_FAR] != NULL)
        return 0;
    return policy_warn(
        l->policy, l->err,
        "texts.%s.yaml: has no person_closed_far: who asks for a "
        "person more than a day before the desk opens is not "
        "told when, nor to write again",
        l->language->tag);
}

static int texts_take(struct loading *l, struct yaml_node *root)
{
    for (int i = 0; i < TEXT__MAX; i++) {
        char *text;

        if (text_may_lack(l->policy, i) ||
            ((i == TEXT_REASON_VOICE || i == TEXT_PERSON_CLOSED_FAR) &&
             yaml_get(l->file, root, text_keys[i]) == NULL))
            continue;
        text = filled(l, root, text_keys[i], sent_later[i]);
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
    return receipt_check(l, root) != 0 ? -1 : far_warn(l);
}

static int all_load(struct loading *l)
{
    static const char *const others[] = {
        "optional_note", "purposes", "buttons",  "words",
        "procedures",    "clocks",   "menu",     "chat",
        "prepared",      "requests", "bases",    "persons",
        "satisfaction",  "contact",  "delivery", "language",
        "promise",       "values",   "spoken",   "phrases",
        "courtesies",    "ends",     NULL
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
        words_load(l, root) != 0 || phrases_load(&r, root) != 0 ||
        prompts_load(l, root) != 0 || ends_load(l, root) != 0 ||
        bases_load(l, root) != 0 ||
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
