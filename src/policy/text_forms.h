/* The form of each text about procedures, as tables; the loader of them is
 * procedure_texts.c. */
#ifndef RESGUARDO_POLICY_TEXT_FORMS_H
#define RESGUARDO_POLICY_TEXT_FORMS_H

#include "policy_private.h"

#include <stddef.h>

struct text_form {
    const char *key;
    unsigned limit; /* characters */
    bool needed, long_text;
    const char *later[4]; /* what it is filled with when it is said */
};
extern const struct text_form text_of_procedure[PROCEDURE_TEXT__MAX];
extern const struct text_form text_of_item[ITEM_TEXT__MAX];
extern const struct text_form text_of_clock;

/* The maps of texts.LANG.yaml, by what they are about. */
enum text_section_of {
    TEXTS_MENU,
    TEXTS_CHAT,
    TEXTS_REQUESTS,
    TEXTS_REQUEST_TITLES,
    TEXTS_PERSONS,
    TEXTS_RATING,
    TEXTS_CONTACT,
    TEXTS_DELIVERY,
    TEXTS_CHOICE,
    TEXTS_PROMISE,
    TEXTS_SPOKEN,
    TEXTS__MAX
};
struct text_section {
    const char *key;
    const struct text_form *forms;
    int n;
    size_t at; /* of its texts in a struct policy_language */
    bool (*there)(const struct policy *); /* has the policy a use for it? */
    const char *also[3]; /* keys of the same map that others read */
};
extern const struct text_section text_sections[TEXTS__MAX];
/* The section's texts in a language, as many as it has forms. */
char **text_slots(struct policy_language *, const struct text_section *);

#endif
