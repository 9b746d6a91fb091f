/*
 * A policy's folder: policy.yaml, a notice, a language's texts, a list of
 * holidays and one of days, parted in the input by the byte 0x1c. What loads
 * can be used as it is: every prompt is a message that WhatsApp takes, every
 * kind of file waits for a purpose, durations can be added to a time, nothing
 * is left to fill but what is filled when sent, and the hashes are those of the
 * bytes.
 */
#include "fuzz.h"

#include "resguardo/policy.h"

static struct fuzz_input policy_file, notice_file, texts_file, holidays_file,
    days_file;

static bool ends(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);

    return n >= m && strcmp(path + n - m, end) == 0;
}

int __real_file_read(const char *path, size_t max, struct buf *out,
                     struct error *e);
int __wrap_file_read(const char *path, size_t max, struct buf *out,
                     struct error *e);
int __wrap_file_read(const char *path, size_t max, struct buf *out,
                     struct error *e)
{
    const struct fuzz_input *f = ends(path, "/policy.yaml")     ? &policy_file
                                 : ends(path, ".md")            ? &notice_file
                                 : ends(path, "/holidays.yaml") ? &holidays_file
                                 : ends(path, "/days.yaml")     ? &days_file
                                                                : &texts_file;

    /* Zones are the system's, and have a target of their own. */
    if (strncmp(path, "/usr/share/zoneinfo/", 20) == 0)
        return __real_file_read(path, max, out, e);
    if (f->len > max)
        return error_set(e, ERR_INPUT, "%s is too long", path);
    return buf_add(out, f->p, f->len) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory");
}

/* Three buttons of a question, one of what is to be read, none of what is only
 * told. */
static void check_buttons(const struct policy *p, const json_t *buttons,
                          const struct policy_purpose *about)
{
    bool asks = basis_asks(about->basis);
    const json_t *button;
    size_t i;

    FUZZ_CHECK(json_array_size(buttons) == (asks                 ? LIMIT_BUTTONS
                                            : about->acknowledge ? 1
                                                                 : 0));
    json_array_foreach(buttons, i, button)
    {
        const json_t *reply = json_object_get(button, "reply");
        char purpose[PURPOSE_SIZE], version[VERSION_SIZE];
        enum button_verb verb;

        FUZZ_CHECK(utf8_count(json_str(reply, "title")) <= LIMIT_BUTTON_TITLE);
        FUZZ_CHECK(
            button_parse(json_str(reply, "id"), &verb, purpose, version) == 0);
        FUZZ_CHECK(verb == (asks ? (enum button_verb)i : BUTTON_ACK) &&
                   strcmp(purpose, about->id) == 0 &&
                   strcmp(version, p->notice_version) == 0);
    }
}

static void check_prompt(const struct policy *p,
                         const struct policy_prompt *prompt,
                         const struct policy_purpose *about)
{
    bool told = !basis_asks(about->basis) && !about->acknowledge;
    uint8_t hash[SHA256_LEN];
    struct error e = { 0 };
    json_t *o;
    const char *body;

    if (prompt->interactive == NULL)
        return;
    sha256_of(hash, prompt->interactive, strlen(prompt->interactive));
    FUZZ_CHECK(memcmp(hash, prompt->sha256, sizeof(hash)) == 0);
    o = json_parse(prompt->interactive, strlen(prompt->interactive), &e);
    body = told ? json_str(o, "body")
                : json_str(json_object_get(o, "body"), "text");
    FUZZ_CHECK(body != NULL && utf8_count(body) <= LIMIT_INTERACTIVE_BODY);
    check_buttons(p, json_object_get(json_object_get(o, "action"), "buttons"),
                  about);
    json_decref(o);
}

static void check_language(const struct policy *p,
                           const struct policy_language *l)
{
    uint8_t hash[SHA256_LEN];

    sha256_of(hash, l->notice, l->notice_len);
    FUZZ_CHECK(memcmp(hash, l->notice_sha256, sizeof(hash)) == 0);
    FUZZ_CHECK(utf8_valid(l->notice, l->notice_len));
    FUZZ_CHECK(strstr(l->notice, "{controller}") == NULL);
    for (int i = 0; i < TEXT__MAX; i++) {
        bool may_lack = (i == TEXT_ACKNOWLEDGED && p->acknowledges == 0) ||
                        (i == TEXT_STAYS && p->informs == 0) ||
                        i == TEXT_REASON_VOICE;

        FUZZ_CHECK(l->texts[i] != NULL ? strlen(l->texts[i]) <= LIMIT_TEXT_BODY
                                       : may_lack);
    }
    for (size_t i = 0; i < p->npurposes; i++) {
        bool asks = basis_asks(p->purposes[i].basis);

        FUZZ_CHECK(
            l->prompts[i][asks ? PROMPT_SHORT : PROMPT_FIRST].interactive !=
            NULL);
        FUZZ_CHECK(asks || (l->bases[p->purposes[i].basis] != NULL &&
                            l->titles[i] != NULL));
        for (int k = 0; k < PROMPT__MAX; k++)
            check_prompt(p, &l->prompts[i][k], &p->purposes[i]);
    }
    FUZZ_CHECK(l->prompts[0][PROMPT_FIRST].interactive != NULL);
}

static void check_duration(msec d)
{
    int64_t sum;

    FUZZ_CHECK(d >= 0);
    FUZZ_CHECK(!__builtin_add_overflow(clock_now(&clock_system), d, &sum));
    FUZZ_CHECK(!__builtin_add_overflow(sum, d, &sum));
}

/* Every rule is reached by some type, and only blocking has a time to block. */
static void check_retention(const struct policy *p)
{
    FUZZ_CHECK(p->nrules <= LIMIT_RULES);
    for (size_t i = 0; i < p->nrules; i++) {
        const struct policy_rule *rule = &p->rules[i];
        bool reached = rule->ntypes == 0;

        FUZZ_CHECK(rule->trigger < TRIGGER__MAX &&
                   rule->ntypes <= LIMIT_RULE_TYPES);
        FUZZ_CHECK(rule->ground[0] != '\0' &&
                   strlen(rule->citation) <= LIMIT_CITATION);
        FUZZ_CHECK(rule->block == (rule->block_for > 0));
        check_duration(rule->after);
        check_duration(rule->block_for);
        check_duration(rule->after + rule->block_for);
        for (size_t k = 0; k < rule->ntypes; k++)
            reached |=
                policy_rule_for(p, rule->trigger, rule->types[k]) == rule;
        FUZZ_CHECK(reached);
    }
    FUZZ_CHECK(p->erasure_blocks == (p->block_for > 0));
    FUZZ_CHECK(p->erasure_blocks || strcmp(p->jurisdiction, "ES") != 0);
    FUZZ_CHECK(p->two_officers < 1u << ACTION__MAX);
    check_duration(p->block_for);
    check_duration(p->persons_after);
}

/* Every date that can be asked for is found, in order, and by the zone. */
static void check_clocks(const struct policy *p)
{
    static const msec times[] = { 0, 1795431111000, 4102444800000 };

    FUZZ_CHECK(p->nclocks <= LIMIT_CLOCKS && p->nhours <= LIMIT_HOURS);
    for (size_t i = 0; i < p->nclocks; i++)
        for (size_t t = 0; t < 3; t++) {
            const struct legal_clock *k = &p->clocks[i];
            struct due d;

            FUZZ_CHECK(due_find(k, &p->calendar, times[t], k->extensions, &d) ==
                       0);
            FUZZ_CHECK(d.due_early <= d.due && d.due_early_at <= d.due_at);
            FUZZ_CHECK(d.warn_at < d.due_at || k->warn.n == 0);
            FUZZ_CHECK(d.due_at > times[t] - 2 * MSEC_D);
        }
    for (size_t i = 0; i < p->nhours; i++)
        for (size_t t = 0; t < 3; t++) {
            msec next;

            if (hours_next(&p->hours[i], &p->calendar, times[t], &next) == 0)
                FUZZ_CHECK(next >= times[t] &&
                           hours_open(&p->hours[i], &p->calendar, next));
            FUZZ_CHECK(hours_between(&p->hours[i], &p->calendar, times[t],
                                     times[t] + 9 * MSEC_D) <= 9 * 1440);
        }
}

/* An item that comes by chat has kinds, types and purposes, all known. */
static void check_item(const struct policy *p, const struct policy_item *item)
{
    bool chat = item->channel == CHANNEL_IN_CHAT;

    FUZZ_CHECK(chat == (item->kinds != 0) && chat == (item->types != 0));
    FUZZ_CHECK(item->kinds < 1u << KIND__MAX);
    FUZZ_CHECK(((uint64_t)item->types >> p->ntypes) == 0);
    FUZZ_CHECK(item->purposes != 0 && item->purposes >> p->npurposes == 0);
    FUZZ_CHECK(item->files_max >= 1 && item->files_max <= LIMIT_ITEM_FILES);
    FUZZ_CHECK(item->retention >= -1 && item->retention < (int)p->nrules);
}

static void check_procedures(const struct policy *p)
{
    FUZZ_CHECK(p->nprocedures <= LIMIT_PROCEDURES);
    for (size_t i = 0; i < p->nprocedures; i++) {
        const struct policy_procedure *one = &p->procedures[i];
        const struct procedure_texts *texts = &p->languages[0].procedures[i];

        FUZZ_CHECK(one->nitems >= 1 && one->nitems <= LIMIT_ITEMS);
        FUZZ_CHECK(one->sla >= 0 && one->sla < (int)p->nclocks);
        FUZZ_CHECK(utf8_count(texts->own[PROCEDURE_TITLE]) <= LIMIT_ROW_TITLE);
        for (size_t k = 0; k < one->nitems; k++) {
            check_item(p, &one->items[k]);
            FUZZ_CHECK(utf8_count(texts->items[k][ITEM_WHY]) <=
                       LIMIT_ROW_DESCRIPTION);
        }
        check_duration(one->unrequested_life);
    }
}

static void check(const struct policy *p)
{
    FUZZ_CHECK(p->npurposes >= 1 && p->nlanguages >= 1 && p->ntypes >= 1);
    for (int kind = 0; kind < KIND__MAX; kind++)
        FUZZ_CHECK(policy_gates(p, (enum media_kind)kind, "x/y") != 0);
    FUZZ_CHECK(policy_max_bytes(p) > 0 &&
               policy_max_bytes(p) <= LIMIT_MEDIA_BYTES);
    for (size_t i = 0; i < p->ntypes; i++)
        FUZZ_CHECK(policy_refuses(p, p->types[i].media_type, 1) == NULL);
    for (size_t i = 0; i < p->npurposes; i++)
        FUZZ_CHECK(policy_purpose(p, p->purposes[i].id) == (int)i);
    for (size_t i = 0; i < p->nlanguages; i++) {
        check_language(p, &p->languages[i]);
        FUZZ_CHECK(strcmp(policy_language(p, p->languages[i].tag)->tag,
                          p->languages[i].tag) == 0);
    }
    check_duration(p->hold_time);
    check_duration(p->receipt_quiet);
    check_duration(p->receipt_max);
    check_duration(p->evidence_until);
    check_retention(p);
    check_clocks(p);
    check_procedures(p);
    FUZZ_CHECK(policy_word_of(p, "ok") != WORD_YES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    struct error e = { 0 };
    struct policy *p;

    policy_file.p = fuzz_until(&in, 0x1c, &policy_file.len);
    notice_file.p = fuzz_until(&in, 0x1c, &notice_file.len);
    texts_file.p = fuzz_until(&in, 0x1c, &texts_file.len);
    holidays_file.p = fuzz_until(&in, 0x1c, &holidays_file.len);
    days_file = in;
    p = policy_load("/policies/p", "Controller & Co.",
                    "https://intake.example.co", &e);
    if (p == NULL) {
        FUZZ_CHECK(e.code == ERR_CONFIG &&
                   strstr(e.text, "/policies/p/") != NULL);
        return 0;
    }
    check(p);
    policy_free(&p);
    return 0;
}
