/* policy.yaml → checked structs; then its notices and texts. */
#include "policy_private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const media_kind_names[KIND__MAX] = {
    [KIND_IMAGE] = "image",
    [KIND_DOCUMENT] = "document",
    [KIND_AUDIO] = "audio",
    [KIND_VIDEO] = "video",
};
const char *const officer_action_names[ACTION__MAX] = {
    [ACTION_ERASE] = "erase",         [ACTION_STAFF_ADD] = "staff_add",
    [ACTION_REVEAL] = "reveal",       [ACTION_RELEASE] = "release",
    [ACTION_BULK_READ] = "bulk_read", [ACTION_LINK] = "link",
};

static const char *const root_keys[] = { "id",
                                         "jurisdiction",
                                         "notice_version",
                                         "languages",
                                         "contact",
                                         "dpo",
                                         "authority",
                                         "hosting_country",
                                         "other_channel",
                                         "withdrawal_word",
                                         "purposes",
                                         "types",
                                         "retention",
                                         "hold_time",
                                         "receipt_quiet",
                                         "receipt_max",
                                         "evidence_until",
                                         "two_officers",
                                         "retention_rules",
                                         "persons_after",
                                         "erasure",
                                         "block_for",
                                         "escalate",
                                         "handover_silence",
                                         "unanswered",
                                         "calendar",
                                         "hours",
                                         "clocks",
                                         "requests",
                                         "procedures",
                                         "minors",
                                         "templates",
                                         "contact_rules",
                                         "satisfaction",
                                         "storage_locations",
                                         "recipients",
                                         "party_type",
                                         "withdrawal_method",
                                         "personal_data",
                                         "substantial",
                                         "stop_word",
                                         "secure_link",
                                         "send_documents",
                                         "identity_check_lasts",
                                         NULL };
static const char *const contact_keys[] = { "address", "email", "phone", NULL };
static const char *const purpose_keys[] = {
    "id",        "class",       "legal_basis", "sensitive",
    "gates",     "acknowledge", "exemption",   "valid_for",
    "on_expiry", "ask",         NULL
};
static const char *const type_keys[] = { "media_type", "max_size", NULL };

struct loading {
    struct policy *policy;
    struct yaml_file *file;
    struct variables variables;
    struct error *err;
};

enum media_kind media_kind_of(const char *name)
{
    for (int i = 0; i < KIND__MAX; i++)
        if (strcmp(media_kind_names[i], name) == 0)
            return (enum media_kind)i;
    return KIND__MAX;
}

static int wrong(struct loading *l, struct yaml_node *node, const char *key,
                 const char *what)
{
    return yaml_error(l->file, node, key, l->err, "%s", what);
}

/* A short text of a closed alphabet into a fixed field. */
static int take(struct loading *l, struct yaml_node *map, const char *key,
                char *out, size_t cap, const char *alphabet)
{
    const char *text = yaml_need(l->file, map, key, l->err);

    if (text == NULL)
        return -1;
    if (text[0] == '\0' || strlen(text) >= cap ||
        text[strspn(text, alphabet)] != '\0')
        return wrong(l, yaml_get(l->file, map, key), key,
                     "is empty, too long or has other characters");
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

#define MEGABYTE ((int64_t)1024 * 1024)

static int durations_load(struct loading *l, struct yaml_node *root)
{
    struct policy *p = l->policy;
    const struct {
        const char *key;
        msec missing, min, max, *out;
        const char *range;
    } table[] = {
        { "hold_time", 24 * MSEC_H, 1, LIMIT_HOLD_D * MSEC_D, &p->hold_time,
          "must be more than 0 and at most 30d" },
        { "receipt_quiet", 5 * MSEC_S, 0, LIMIT_RECEIPT_S * MSEC_S,
          &p->receipt_quiet, "must be at most 1h" },
        { "receipt_max", 60 * MSEC_S, 0, LIMIT_RECEIPT_S * MSEC_S,
          &p->receipt_max, "must be at most 1h" },
        { "evidence_until", 5 * 365 * MSEC_D, 1, LIMIT_EVIDENCE_D * MSEC_D,
          &p->evidence_until, "must be more than 0 and at most 36500d" },
        { "identity_check_lasts", LIMIT_CODE_GOOD, LIMIT_CODE_GOOD,
          LIMIT_CODE_LASTS_D * MSEC_D, &p->identity_lasts,
          "must be 1h to 90d" },
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct yaml_node *node = yaml_get(l->file, root, table[i].key);
        const char *text = yaml_text(node);

        *table[i].out = table[i].missing;
        if (node == NULL)
            continue;
        if (text == NULL || duration_parse(text, table[i].out) != 0)
            return wrong(l, node, table[i].key,
                         "is no duration such as 24h or 90s");
        if (*table[i].out < table[i].min || *table[i].out > table[i].max)
            return wrong(l, node, table[i].key, table[i].range);
    }
    return 0;
}

/* ---- purposes and types ------------------------------------------------- */

static int purpose_gates(struct loading *l, struct yaml_node *map,
                         struct policy_purpose *purpose)
{
    struct yaml_node *list = yaml_get(l->file, map, "gates");

    if (list == NULL || !yaml_is_list(list))
        return wrong(l, list != NULL ? list : map, "gates",
                     "needs a list of message kinds");
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *item = yaml_item(l->file, list, i);
        const char *name = yaml_text(item);
        enum media_kind kind = name == NULL ? KIND__MAX : media_kind_of(name);
        if (kind == KIND__MAX)
            return wrong(l, item, "gates",
                         "is not image, document, audio or video");
        purpose->gates |= 1u << kind;
    }
    return 0;
}

/* A misspelt "sensitive" must not load as something milder. */
static int purpose_class(struct loading *l, struct yaml_node *map,
                         struct policy_purpose *purpose)
{
    static const char *const classes[] = { "necessary", "accessory",
                                           "sensitive" };
    struct yaml_node *node = yaml_get(l->file, map, "sensitive");
    const char *class = yaml_need(l->file, map, "class", l->err);
    const char *sensitive = node == NULL ? "false" : yaml_text(node);
    bool known = false;

    if (class == NULL)
        return -1;
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        known |= strcmp(classes[i], class) == 0;
    if (!known)
        return wrong(l, yaml_get(l->file, map, "class"), "class",
                     "is not necessary, accessory or sensitive");
    if (sensitive == NULL ||
        (strcmp(sensitive, "true") != 0 && strcmp(sensitive, "false") != 0))
        return wrong(l, node, "sensitive", "is not true or false");
    purpose->sensitive = strcmp(sensitive, "true") == 0;
    if (purpose->sensitive != (strcmp(class, "sensitive") == 0))
        return wrong(l, yaml_get(l->file, map, "class"), "class",
                     "class and sensitive must agree");
    if ((purpose->data_class = strdup(class)) == NULL)
        return error_set(l->err, ERR_NOMEM, "no memory for a purpose");
    return 0;
}

static int purpose_load(struct loading *l, struct yaml_node *map,
                        struct policy_purpose *purpose)
{
    const struct reading r = { l->policy, l->file, l->err };

    if (yaml_check_keys(l->file, map, purpose_keys, l->err) != 0 ||
        take(l, map, "id", purpose->id, sizeof(purpose->id), LOWER DIGIT "_") !=
            0)
        return -1;
    if (strcmp(purpose->id, "all") == 0)
        return wrong(l, yaml_get(l->file, map, "id"), "id",
                     "\"all\" stands for every purpose");
    if (purpose_class(l, map, purpose) != 0 ||
        basis_load(&r, map, purpose) != 0)
        return -1;
    if (purpose->sensitive && purpose->basis != BASIS_EXPLICIT_CONSENT)
        return wrong(l, yaml_get(l->file, map, "legal_basis"), "legal_basis",
                     "a sensitive purpose needs explicit_consent");
    return purpose_gates(l, map, purpose);
}

static int purposes_load(struct loading *l, struct yaml_node *root)
{
    struct yaml_node *list = yaml_get(l->file, root, "purposes");
    unsigned gated = 0;

    if (list == NULL || !yaml_is_list(list) || yaml_count(list) == 0 ||
        yaml_count(list) > LIMIT_PURPOSES)
        return wrong(l, list != NULL ? list : root, "purposes",
                     "needs a list of one to eight purposes");
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct policy_purpose *purpose = &l->policy->purposes[i];
        struct yaml_node *map = yaml_item(l->file, list, i);

        l->policy->npurposes = i + 1;
        if (!yaml_is_map(map))
            return wrong(l, map, "purposes", "is not a purpose");
        if (purpose_load(l, map, purpose) != 0)
            return -1;
        for (size_t k = 0; k < i; k++)
            if (strcmp(l->policy->purposes[k].id, purpose->id) == 0)
                return wrong(l, yaml_get(l->file, map, "id"), "id",
                             "names a purpose twice");
        gated |= purpose->gates;
    }

    /* Fail closed: every kind of file must wait for something. */
    if (gated != (1u << KIND__MAX) - 1)
        return wrong(l, list, "purposes",
                     "leave a kind of file without a gate");
    if (l->policy->purposes[0].gates == 0)
        return wrong(l, list, "purposes", "the first must gate files");
    return 0;
}

static int type_load(struct loading *l, struct yaml_node *map,
                     struct policy_type *type)
{
    const char *size, *slash;
    int64_t megabytes;
    size_t digits;

    if (yaml_check_keys(l->file, map, type_keys, l->err) != 0 ||
        take(l, map, "media_type", type->media_type, sizeof(type->media_type),
             LOWER DIGIT "/.+-") != 0 ||
        (size = yaml_need(l->file, map, "max_size", l->err)) == NULL)
        return -1;
    slash = strchr(type->media_type, '/');
    if (slash == NULL || slash == type->media_type || slash[1] == '\0' ||
        strchr(slash + 1, '/') != NULL)
        return wrong(l, yaml_get(l->file, map, "media_type"), "media_type",
                     "is not of the form type/subtype");
    for (size_t i = 0; i < l->policy->ntypes; i++)
        if (strcmp(l->policy->types[i].media_type, type->media_type) == 0)
            return wrong(l, yaml_get(l->file, map, "media_type"), "media_type",
                         "is accepted twice");

    digits = strspn(size, DIGIT);
    if (strcmp(size + digits, "MB") != 0 ||
        decimal_parse(size, digits, LIMIT_MEDIA_BYTES / MEGABYTE, &megabytes) !=
            0 ||
        megabytes == 0)
        return wrong(l, yaml_get(l->file, map, "max_size"), "max_size",
                     "is not 1MB to 100MB");
    type->max_bytes = megabytes * MEGABYTE;
    return 0;
}

static int types_load(struct loading *l, struct yaml_node *root)
{
    struct yaml_node *list = yaml_get(l->file, root, "types");

    if (list == NULL || !yaml_is_list(list) || yaml_count(list) == 0 ||
        yaml_count(list) > LIMIT_TYPES)
        return wrong(l, list != NULL ? list : root, "types",
                     "needs a list of accepted media types");
    for (size_t i = 0; i < yaml_count(list); i++) {
        if (type_load(l, yaml_item(l->file, list, i), &l->policy->types[i]) !=
            0)
            return -1;
        l->policy->ntypes = i + 1;
    }
    return 0;
}

/* ---- two officers ------------------------------------------------------- */

/* A misspelt action must not load as none. */
static int officers_load(struct loading *l, struct yaml_node *root)
{
    struct yaml_node *list = yaml_get(l->file, root, "two_officers");

    if (list == NULL)
        return 0;
    if (!yaml_is_list(list))
        return wrong(l, list, "two_officers", "needs a list of actions");
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *item = yaml_item(l->file, list, i);
        const char *name = yaml_text(item);
        int a = 0;

        while (a < ACTION__MAX &&
               (name == NULL || strcmp(officer_action_names[a], name) != 0))
            a++;
        if (a == ACTION__MAX)
            return wrong(l, item, "two_officers",
                         "is not erase, staff_add, reveal, release, "
                         "bulk_read or link");
        l->policy->two_officers |= 1u << a;
    }
    return 0;
}

/* ---- the file ----------------------------------------------------------- */

static int variable(struct loading *l, struct yaml_node *map, const char *key,
                    const char *name)
{
    const struct reading r = { l->policy, l->file, l->err };

    return reading_variable(&r, map, key, name, &l->variables);
}

static int words_about(struct loading *l, struct yaml_node *root)
{
    struct yaml_node *contact = yaml_get(l->file, root, "contact");

    if (contact == NULL)
        return wrong(l, root, "contact", "is missing");
    if (yaml_check_keys(l->file, contact, contact_keys, l->err) != 0 ||
        variable(l, contact, "address", "contact_address") != 0 ||
        variable(l, contact, "email", "contact_email") != 0 ||
        variable(l, contact, "phone", "contact_phone") != 0 ||
        variable(l, root, "dpo", "dpo") != 0 ||
        variable(l, root, "authority", "authority") != 0 ||
        variable(l, root, "hosting_country", "hosting_country") != 0 ||
        variable(l, root, "other_channel", "other_channel") != 0 ||
        variable(l, root, "withdrawal_word", "withdrawal_word") != 0 ||
        variable(l, root, "retention", "retention") != 0 ||
        variable(l, root, "notice_version", "notice_version") != 0)
        return -1;
    return yaml_get(l->file, root, "stop_word") == NULL
               ? 0
               : variable(l, root, "stop_word", "stop_word");
}

static int languages_take(struct loading *l, struct yaml_node *root)
{
    struct yaml_node *list = yaml_get(l->file, root, "languages");

    if (list == NULL || !yaml_is_list(list) || yaml_count(list) == 0 ||
        yaml_count(list) > LIMIT_LANGUAGES)
        return wrong(l, list != NULL ? list : root, "languages",
                     "needs a list, the default first");
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *item = yaml_item(l->file, list, i);
        const char *tag = yaml_text(item);

        if (tag == NULL || strlen(tag) >= LANGUAGE_SIZE || tag[0] == '\0' ||
            tag[strspn(tag, LOWER UPPER DIGIT "-")] != '\0')
            return wrong(l, item, "languages", "is not a language tag");
        for (size_t k = 0; k < i; k++)
            if (strcasecmp(l->policy->languages[k].tag, tag) == 0)
                return wrong(l, item, "languages", "names a language twice");
        memcpy(l->policy->languages[i].tag, tag, strlen(tag) + 1);
        l->policy->nlanguages = i + 1;
    }
    return 0;
}

/* ---- minors ------------------------------------------------------------- */

/* The law's age, or an older one (Ley 1581 de 2012, art. 7; RGPD, art. 8 and
 * LOPDGDD, art. 7). */
static int minors_load(struct loading *l, struct yaml_node *root)
{
    static const char *const keys[] = { "age", NULL };
    static const struct {
        const char *jurisdiction;
        int age;
        const char *wrong;
    } laws[] = { { "CO", 18, "is not 18, as the law of CO has it" },
                 { "ES", 14, "is not 14 to 18: the law of ES has 14" } };
    const struct reading r = { l->policy, l->file, l->err };
    struct yaml_node *map = yaml_get(l->file, root, "minors");
    size_t i = 0;

    while (i < 1 && strcmp(laws[i].jurisdiction, l->policy->jurisdiction) != 0)
        i++;
    l->policy->minor_age = laws[i].age;
    if (map == NULL)
        return 0;
    if (!yaml_is_map(map))
        return wrong(l, map, "minors", "has no key age");
    if (yaml_check_keys(l->file, map, keys, l->err) != 0)
        return -1;
    return reading_number(&r, map, "age", laws[i].age, 18,
                          &l->policy->minor_age, laws[i].wrong);
}

/* What customers come for, and by when they are answered. */
static int service_load(struct loading *l, struct yaml_node *root,
                        const char *folder)
{
    const struct reading r = { l->policy, l->file, l->err };

    if (substantial_load(&r, root) != 0)
        return -1;
    if (calendar_load(&r, root, folder) != 0 || hours_load(&r, root) != 0 ||
        clocks_load(&r, root) != 0 || requests_load(&r, root) != 0 ||
        satisfaction_load(&r, root) != 0)
        return -1;
    return procedures_load(&r, root) != 0 || contact_load(&r, root) != 0 ||
                   ask_load(&r, root) != 0
               ? -1
               : answers_load(&r, root);
}

static int root_load(struct loading *l, const char *folder)
{
    struct policy *p = l->policy;
    struct yaml_node *root = yaml_root(l->file);
    const char *name = strrchr(folder, '/');

    name = name == NULL ? folder : name + 1;
    if (yaml_check_keys(l->file, root, root_keys, l->err) != 0 ||
        take(l, root, "id", p->id, sizeof(p->id), LOWER DIGIT "-") != 0 ||
        take(l, root, "jurisdiction", p->jurisdiction, sizeof(p->jurisdiction),
             UPPER) != 0 ||
        take(l, root, "notice_version", p->notice_version,
             sizeof(p->notice_version), LOWER DIGIT ".-") != 0)
        return -1;
    if (strcmp(p->id, name) != 0)
        return wrong(l, yaml_get(l->file, root, "id"), "id",
                     "is not the name of its folder");
    if (strcmp(p->jurisdiction, "CO") != 0 &&
        strcmp(p->jurisdiction, "ES") != 0)
        return wrong(l, yaml_get(l->file, root, "jurisdiction"), "jurisdiction",
                     "is not CO or ES");
    if (strspn(p->notice_version, ".") == strlen(p->notice_version))
        return wrong(l, yaml_get(l->file, root, "notice_version"),
                     "notice_version", "is no name for a folder");
    p->blocked_is_not_found = strcmp(p->jurisdiction, "ES") == 0;
    if (words_about(l, root) != 0 || languages_take(l, root) != 0 ||
        purposes_load(l, root) != 0 || types_load(l, root) != 0 ||
        officers_load(l, root) != 0 || minors_load(l, root) != 0 ||
        record_load(p, l->file, root, l->err) != 0)
        return -1;
    if (durations_load(l, root) != 0 ||
        handover_load(p, l->file, root, l->err) != 0 ||
        retention_load(p, l->file, root, l->err) != 0)
        return -1;
    return service_load(l, root, folder);
}

/* What a language is filled with, behind the values that are its own: the first
 * of a name counts. Each has its own address of the full notice. */
static int variables_of(const struct loading *l, const char *tag,
                        const char *public_url, struct variables *all)
{
    const struct variables *v = &l->variables;
    struct buf url = { 0 };
    char age[12];
    int ok = buf_addf(&url, "%s/notice/%s/%s/%s", public_url, l->policy->id,
                      l->policy->notice_version, tag);

    (void)snprintf(age, sizeof(age), "%d", l->policy->minor_age);
    for (size_t i = 0; ok == 0 && i < v->n; i++)
        ok = variables_add(all, v->pairs[2 * i], v->pairs[2 * i + 1]);
    if (ok == 0)
        ok = variables_add(all, "notice_url", (char *)url.p);
    if (ok == 0)
        ok = variables_add(all, "age", age);
    buf_free(&url);
    return ok == 0 ? 0 : error_set(l->err, ERR_NOMEM, "no memory for a notice");
}

static int language_load(struct loading *l, struct policy_language *language,
                         const char *folder, const struct variables *variables)
{
    char *first = NULL;
    int ok =
        notice_load(l->policy, language, folder, variables, &first, l->err);

    if (ok == 0)
        ok = texts_load(l->policy, language, folder, variables, first, l->err);
    free(first);
    return ok;
}

/* The heads of all before the first of them: each offers the others. */
static int languages_load(struct loading *l, const char *folder,
                          const char *public_url)
{
    struct policy *p = l->policy;
    struct variables all[LIMIT_LANGUAGES] = { 0 };
    int ok = 0;

    for (size_t i = 0; ok == 0 && i < p->nlanguages; i++)
        ok = language_head_load(p, &p->languages[i], folder, &all[i], l->err);
    for (size_t i = 0; ok == 0 && i < p->nlanguages; i++)
        ok = variables_of(l, p->languages[i].tag, public_url, &all[i]);
    for (size_t i = 0; ok == 0 && i < p->nlanguages; i++)
        ok = language_load(l, &p->languages[i], folder, &all[i]);
    for (size_t i = 0; i < LIMIT_LANGUAGES; i++)
        variables_free(&all[i]);
    return ok;
}

/* Who is responsible, and how they are reached, for receipts. */
static int about_keep(struct loading *l)
{
    const struct variables *v = &l->variables;

    l->policy->about = json_object();
    for (size_t i = 0; i < v->n; i++)
        if (json_object_set_new(l->policy->about, v->pairs[2 * i],
                                json_string(v->pairs[2 * i + 1])) != 0)
            return error_set(l->err, ERR_NOMEM, "no memory for a policy");
    return 0;
}

/* The words that notices and answers promise must be such as do it. */
static int words_check(struct loading *l)
{
    struct yaml_node *root = yaml_root(l->file);
    struct yaml_node *node = yaml_get(l->file, root, "withdrawal_word");
    struct yaml_node *stop = yaml_get(l->file, root, "stop_word");

    if (policy_word_of(l->policy, yaml_text(node)) != WORD_WITHDRAW)
        return wrong(l, node, "withdrawal_word",
                     "is not among the words that withdraw");
    if (stop != NULL && policy_word_of(l->policy, yaml_text(stop)) != WORD_STOP)
        return wrong(l, stop, "stop_word", "is not among the words that stop");
    return 0;
}

struct policy *policy_load(const char *folder, const char *controller,
                           const char *public_url, struct error *err)
{
    struct loading l = { .err = err };
    struct buf path = { 0 };
    int ok = -1;

    if ((l.policy = calloc(1, sizeof(*l.policy))) == NULL ||
        (l.policy->words = calloc(1, sizeof(*l.policy->words))) == NULL ||
        (l.policy->phrases = calloc(1, sizeof(*l.policy->phrases))) == NULL ||
        buf_addf(&path, "%s/policy.yaml", folder) != 0 ||
        variables_add(&l.variables, "controller", controller) != 0) {
        error_set(err, ERR_NOMEM, "no memory for a policy");
        goto out;
    }
    if ((l.file = yaml_load((char *)path.p, err)) == NULL ||
        root_load(&l, folder) != 0 || about_keep(&l) != 0 ||
        languages_load(&l, folder, public_url) != 0 ||
        procedure_texts_fall_back(l.policy, err) != 0 || words_check(&l) != 0 ||
        phrases_titles(l.policy, err) != 0)
        goto out;
    ok = 0;
out:
    variables_free(&l.variables);
    yaml_close(&l.file);
    buf_free(&path);
    if (ok != 0)
        policy_free(&l.policy);
    return l.policy;
}

void policy_free(struct policy **policy)
{
    struct policy *p = *policy;

    if (p == NULL)
        return;
    for (size_t i = 0; i < LIMIT_PURPOSES; i++)
        free(p->purposes[i].data_class);
    for (size_t i = 0; i < LIMIT_LANGUAGES; i++) {
        struct policy_language *l = &p->languages[i];
        free(l->notice);
        free(l->notice_path);
        free(l->offer);
        for (size_t k = 0; k < LIMIT_PURPOSES; k++) {
            for (int v = 0; v < PROMPT__MAX; v++)
                free(l->prompts[k][v].interactive);
            free(l->titles[k]);
            free(l->ends[k]);
        }
        for (int b = 0; b < BASIS__MAX; b++)
            free(l->bases[b]);
        for (int t = 0; t < TEXT__MAX; t++)
            free(l->texts[t]);
        for (size_t k = 0; k < LIMIT_PREPARED; k++)
            free(l->prepared[k].text);
        procedure_texts_free(l);
    }
    for (size_t i = 0; i < LIMIT_TEMPLATES; i++)
        free(p->templates[i].body);
    calendar_free(&p->calendar);
    json_decref(p->warnings);
    words_free(&p->words);
    phrases_free(&p->phrases);
    json_decref(p->about);
    json_decref(p->record);
    free(p);
    *policy = NULL;
}
