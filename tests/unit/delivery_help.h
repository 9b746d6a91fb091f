/* Somebody with a case, codes and orders: what tests of documents to customers
 * share. */
#ifndef RESGUARDO_UNIT_DELIVERY_HELP_H
#define RESGUARDO_UNIT_DELIVERY_HELP_H

#include "retain_help.h"

#include "notices_help.h"

#include "resguardo/registrar_person.h"
#include "resguardo/registrar_work.h"

#define WHO "573000000001"

static char *changed;
static char code_of[STORE_CASE_SIZE];

static inline int code_request(struct registrar *r, void *arg,
                               struct error *err)
{
    return registrar_ask_code(r, arg, err);
}

static inline int order_request(struct registrar *r, void *arg,
                                struct error *err)
{
    return registrar_order_delivery(r, arg, err);
}

static inline int end_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_end_delivery(r, arg, err);
}

static inline int erase_request(struct registrar *r, void *arg,
                                struct error *err)
{
    return registrar_erase(r, arg, err);
}

static inline void say_to(struct fixture *f, const char *number,
                          const char *body)
{
    static unsigned n;
    char wamid[48], message[128];

    (void)snprintf(wamid, sizeof(wamid), "wamid.say.%u", n++);
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"text\",\"text\":{\"body\":\"%s\"}", body);
    help_message_to(f, number, WHO, wamid, message);
}

static inline void say(struct fixture *f, const char *body)
{
    say_to(f, "8001", body);
}

/* Somebody in Colombia with a case, under the policy of docs/reminders.md. */
static inline int begin(void **state)
{
    struct fixture *f;
    size_t sends;

    changed = notices_folder();
    if (help_setup_of(state, changed, help_ids) != 0)
        return -1;
    f = *state;
    sends = f->nsends;
    say(f, "hola");
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
    say(f, "acepto");
    help_message_to(f, "8001", WHO, "wamid.pick",
                    "\"type\":\"interactive\",\"interactive\":"
                    "{\"button_reply\":{\"id\":\"procedure/actualizacion\"}}");
    help_settle(f);
    help_word(f, "SELECT id FROM cases", code_of, sizeof(code_of));
    return 0;
}

static inline int finish(void **state)
{
    int ok = help_teardown(state);

    unit_folder_free(changed);
    return ok;
}

static inline struct staff_access about_case(void)
{
    struct staff_access by = help_by(ANA);

    by.reason = "she asked for it";
    memcpy(by.case_id, code_of, sizeof(by.case_id));
    return by;
}

static inline void ask(struct fixture *f, char code[static LIMIT_CODE_LEN + 1])
{
    struct code_order o = { .by = about_case() };

    o.by.reason = NULL;
    CALLS(f, code_request, &o);
    memcpy(code, o.code, sizeof(o.code));
    assert_int_equal(strlen(code), LIMIT_CODE_LEN);
    assert_string_equal(o.told, "chat");
}

/* A template of docs/reminders.md with its one value. */
static inline struct template_given with(const char *template, const char *name,
                                         const char *value)
{
    return (struct template_given){
        .template = template, .names = { name }, .values = { value }, .n = 1
    };
}

static inline struct template_given announced(void)
{
    return with("documento_listo", "caso", "XKQ4-7M2N");
}

static inline struct template_given carried(void)
{
    return with("extracto", "mes", "octubre");
}

/* Meta says of what was sent last. */
static inline void status(struct fixture *f, const char *what)
{
    struct buf text = { 0 };
    struct webhook *webhook;

    assert_int_equal(
        buf_addf(&text,
                 "{\"object\":\"whatsapp_business_account\",\"entry\":[{"
                 "\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":"
                 "{\"phone_number_id\":\"8001\"},\"statuses\":[{\"id\":"
                 "\"wamid.OUT%zu\",\"status\":\"%s\",\"timestamp\":\"%lld\","
                 "\"recipient_id\":\"" WHO "\"}]}}]}]}",
                 f->nsends - 1, what, (long long)(f->now / MSEC_S)),
        0);
    webhook = webhook_parse(text.p, text.len, &f->e);
    assert_non_null(webhook);
    assert_int_equal(registrar_post_webhook(f->r, 1, webhook), 0);
    buf_free(&text);
    (void)registrar_step(f->r);
    help_settle(f);
}

static inline struct delivery_order order(void)
{
    struct delivery_order o = { .by = about_case(),
                                .size = 4711,
                                .name = "extracto.pdf" };

    memset(o.sha256, 0x5a, sizeof(o.sha256));
    return o;
}

static inline void not_checked(struct fixture *f)
{
    struct delivery_order o = order();

    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "identity_not_checked: "));
}

/* They wrote the code; a document may be ordered. */
static inline void known(struct fixture *f)
{
    char code[LIMIT_CODE_LEN + 1];

    ask(f, code);
    say(f, code);
}

static inline void ends(struct fixture *f, const struct delivery_order *o,
                        struct delivery_end *end)
{
    memcpy(end->id, o->id, sizeof(end->id));
    end->media_id = "551";
    end->number = "8001";
    end->media_type = "application/pdf";
    end->size = o->size;
    (void)f;
}

/* Meta has its bytes, and the document is in the outbox. */
static inline void goes_out(struct fixture *f, struct delivery_order *o,
                            struct delivery_end *end)
{
    CALLS(f, order_request, o);
    ends(f, o, end);
    CALLS(f, end_request, end);
    help_settle(f);
}

static inline int64_t documents_out(const struct fixture *f)
{
    int64_t n = 0;

    for (size_t i = 0; i < f->nsends; i++)
        n += strstr(f->sends[i].body, "\"document\":{") != NULL;
    return n;
}

#endif
