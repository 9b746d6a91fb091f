/* Values of a template's parameters, and the message they make. */
#include "resguardo/contact.h"

#include <string.h>

const char *const template_category_names[CATEGORY__MAX] = {
    [CATEGORY_AUTHENTICATION] = "authentication",
    [CATEGORY_UTILITY] = "utility",
    [CATEGORY_MARKETING] = "marketing",
};
const char *const contact_class_names[CLASS__MAX] = {
    [CLASS_REQUESTED_INFO] = "requested_info",
    [CLASS_PROACTIVE] = "proactive",
    [CLASS_COLLECTION] = "collection",
    [CLASS_ADVERTISING] = "advertising",
};
const char *const parameter_type_names[PARAMETER__MAX] = {
    [PARAMETER_AMOUNT] = "amount",
    [PARAMETER_DATE] = "date",
    [PARAMETER_TEXT] = "text",
};

/* Digits in a row that could be an account's or a card's (WhatsApp forbids to
 * send them); what parts them does not count. */
#define NUMBER_MAX 11
/* Meta refuses more spaces than four in a row. */
#define SPACES_MAX 4

static const char *amount_fault(const char *value)
{
    size_t digits = 0;

    for (const char *p = value; *p != '\0'; p++) {
        digits += *p >= '0' && *p <= '9';
        if ((unsigned char)*p < 0x80 &&
            strchr("0123456789.,' $ABCDEFGHIJKLMNOPQRSTUVWXYZ", *p) == NULL)
            return "is no amount such as $ 1.250.000 or COP 90,50";
    }
    return digits > 0 ? NULL : "is no amount: it has no digit";
}

static const char *text_fault(const char *value)
{
    size_t spaces = 0, digits = 0, n;
    uint32_t code;

    for (const char *p = value; (n = utf8_next(p, strlen(p), &code)) > 0;
         p += n) {
        if (text_is_dangerous(code))
            return "has a character that cannot be seen, or more lines";
        spaces = code == ' ' ? spaces + 1 : 0;
        if (code >= '0' && code <= '9')
            digits++;
        else if (code != ' ' && code != '-' && code != '.')
            digits = 0;
        if (spaces > SPACES_MAX)
            return "has more than four spaces in a row";
        if (digits > NUMBER_MAX)
            return "has a number as long as a card's or an account's";
    }
    return NULL;
}

const char *template_fault(const struct template_parameter *p,
                           const char *value)
{
    civil_day day;

    if (value == NULL || value[strspn(value, " ")] == '\0')
        return "is empty";
    if (!utf8_valid(value, strlen(value)))
        return "is no UTF-8";
    if (utf8_count(value) > (size_t)p->max)
        return "is longer than it may be";
    if (p->type == PARAMETER_DATE)
        return date_parse(value, &day) == 0 ? NULL
                                            : "is no day such as 2026-12-24";
    if (p->type == PARAMETER_AMOUNT) {
        const char *fault = amount_fault(value);

        if (fault != NULL)
            return fault;
    }
    return p->type == PARAMETER_TEXT ? text_fault(value) : NULL;
}

/* Days in the words of the language. */
static json_t *say(const struct policy_template *t, size_t i, const char *value)
{
    char words[DATE_WORDS_SIZE];
    civil_day day;

    if (t->parameters[i].type != PARAMETER_DATE || date_parse(value, &day) != 0)
        return json_string(value);
    date_words(words, t->language, day);
    return json_string(words);
}

const char *template_sort(const struct policy_template *t,
                          const struct template_given *given,
                          const char *out[static LIMIT_PARAMETERS],
                          const char **which)
{
    for (size_t k = 0; k < given->n; k++) {
        size_t i = 0;

        *which = given->names[k];
        while (i < t->nparameters &&
               strcmp(t->parameters[i].name, given->names[k]) != 0)
            i++;
        if (i == t->nparameters)
            return "is no parameter of the template";
        for (size_t j = 0; j < k; j++)
            if (strcmp(given->names[j], given->names[k]) == 0)
                return "is given twice";
    }
    for (size_t i = 0; i < t->nparameters; i++) {
        const char *fault;

        *which = t->parameters[i].name;
        out[i] = NULL;
        for (size_t k = 0; k < given->n; k++)
            if (strcmp(t->parameters[i].name, given->names[k]) == 0)
                out[i] = given->values[k];
        if (out[i] == NULL)
            return "is missing";
        fault = template_fault(&t->parameters[i], out[i]);
        if (fault != NULL)
            return fault;
    }
    return NULL;
}

static json_t *header_of(const struct template_document *document)
{
    return json_pack("{s:s, s:[{s:s, s:{s:s, s:s}}]}", "type", "header",
                     "parameters", "type", "document", "document", "id",
                     document->media_id, "filename", document->name);
}

/* Each button brings back whose it was and what it leads to. */
static int add_buttons(json_t *components, const struct policy_template *t,
                       const char *outbound)
{
    int ok = 0;

    for (size_t i = 0; ok == 0 && i < t->nanswers; i++) {
        char id[ANSWER_ID_SIZE], place[24];

        answer_format(id, outbound, t->answers[i].kind);
        (void)snprintf(place, sizeof(place), "%zu", i);
        ok = json_array_append_new(
            components,
            json_pack("{s:s, s:s, s:s, s:[{s:s, s:s}]}", "type", "button",
                      "sub_type", "quick_reply", "index", place, "parameters",
                      "type", "payload", "payload", id));
    }
    return ok;
}

int template_message(const struct policy_template *t, const char *const *values,
                     const struct template_document *document,
                     const char *outbound, struct buf *out)
{
    json_t *list = json_array(), *components = json_array(), *message;
    int ok = 0;

    if (document != NULL)
        ok = json_array_append_new(components, header_of(document));
    for (size_t i = 0; ok == 0 && i < t->nparameters; i++)
        ok = json_array_append_new(list,
                                   json_pack("{s:s, s:o}", "type", "text",
                                             "text", say(t, i, values[i])));
    if (ok == 0 && t->nparameters > 0)
        ok = json_array_append_new(
            components,
            json_pack("{s:s, s:O}", "type", "body", "parameters", list));
    if (ok == 0)
        ok = add_buttons(components, t, outbound);
    message = json_pack("{s:s, s:{s:s, s:{s:s}, s:O}}", "type", "template",
                        "template", "name", t->name, "language", "code",
                        t->language, "components", components);
    if (ok != 0 || message == NULL || json_canonical(message, out) != 0)
        ok = -1;
    json_decref(message);
    json_decref(components);
    json_decref(list);
    return ok;
}
