/* What the tests of requests share: they ask, write, and time passes. */
#ifndef RESGUARDO_TESTS_REQUEST_HELP_H
#define RESGUARDO_TESTS_REQUEST_HELP_H

#include "keep_help.h"

#include "registrar/consent_private.h"
#include "registrar/registrar_private.h"
#include "registrar/request_private.h"

#define NUMBER(sql) help_number(f, "SELECT count(*) FROM request WHERE " sql)

/* ---- helpers ------------------------------------------------------------ */

struct asking {
    const struct policy *policy;
    const char *number;
    enum request_type type;
    const char *words;
    int result;
};

static inline int ask_step(struct registrar *r, void *arg, struct error *err)
{
    struct asking *a = arg;
    struct webhook_item item = { .provider_s = r->now / MSEC_S };
    struct subject_row subject;
    char id[ID_SIZE];
    struct deciding d = { .policy = a->policy,
                          .subject = &subject,
                          .item = &item };

    SET(item.number, a->number);
    if (subject_find(r->store, HANDLE_PHONE, WHO, id, err) != 1 ||
        subject_get(r->store, id, &subject, err) != 1)
        return -1;
    a->result = request_open(r, &d, a->type, a->words, err);
    return a->result < 0 ? -1 : 0;
}

static inline int ask_request(struct registrar *r, void *arg, struct error *err)
{
    return queue_staff(r, ask_step, arg, err);
}

/* As the dialogue would, of one who is heard of at that moment. */
static inline int asks(struct fixture *f, const struct policy *policy,
                       enum request_type type)
{
    struct asking a = { .policy = policy,
                        .number = policy == SPAIN(f) ? "8000" : "8001",
                        .type = type,
                        .words = "quiero mis datos" };

    CALLS(f, ask_request, &a);
    return a.result;
}

/* They write, after a day without a word: the window is open again. */
static inline void is_heard(struct fixture *f)
{
    static int n;
    char wamid[32];

    (void)snprintf(wamid, sizeof(wamid), "wamid.again.%d", n++);
    help_text(f, WHO, wamid, "hola otra vez");
    help_accept_all(f, f->nsends > 3 ? f->nsends - 3 : 0);
}

static inline int order_request(struct registrar *r, void *arg,
                                struct error *err)
{
    return registrar_request(r, arg, err);
}

static inline struct request_order order(struct fixture *f,
                                         enum request_action action)
{
    struct request_order o = { .by = help_by(ANA), .action = action };

    o.by.reason = "porque hay que mirar tres archivos";
    if (NUMBER("closed IS NULL") > 0)
        help_word(f, "SELECT id FROM request WHERE closed IS NULL", o.id,
                  sizeof(o.id));
    return o;
}

static inline bool was_said(const struct fixture *f, const char *words)
{
    for (size_t i = 0; i < f->nsends; i++)
        if (strstr(f->sends[i].body, words) != NULL)
            return true;
    return false;
}

static inline void pass_days(struct fixture *f, int days)
{
    for (int i = 0; i < days; i++)
        help_pass(f, MSEC_D);
}

/* To just before, or just after, what a column says; what is due is looked at
 * once a second. */
static inline void go_to(struct fixture *f, const char *column, msec offset)
{
    char sql[96];

    (void)snprintf(sql, sizeof(sql), "SELECT %s FROM request", column);
    f->now = help_number(f, sql) + offset;
    help_settle(f);
}

/* To the number of the Colombian policy; what we say arrives. */
static inline void write_to(struct fixture *f, const char *wamid,
                            const char *text)
{
    char message[256];
    size_t sends = f->nsends;

    (void)snprintf(message, sizeof(message),
                   "\"type\":\"text\",\"text\":{\"body\":\"%s\"}", text);
    help_message_to(f, "8001", WHO, wamid, message);
    help_settle(f);
    help_accept_all(f, sends);
}

#endif
