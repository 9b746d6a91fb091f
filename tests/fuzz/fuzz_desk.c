/*
 * A request to the desk, as raw HTTP on a socket that libmicrohttpd reads.
 * However it is written, what is served has a route, and the role that the
 * route asks for; the variable segment is within its size and has no slash;
 * numbers, times and reasons keep their limits.
 */
#include "fuzz.h"

/* No store is opened for a request that is only read. */
#define store_open  no_store_open
#define store_close no_store_close
#include "desk/desk_private.h"
#include "desk/desk.c"

#include <sys/socket.h>
#include <sys/un.h>

#include <sodium.h>

static unsigned served;

int no_store_open(struct store **s, const char *folder, const char *mirror,
                  enum store_mode mode, const struct random_source *random,
                  struct error *e)
{
    (void)folder;
    (void)mirror;
    (void)mode;
    (void)random;
    (void)e;
    *s = NULL;
    return 0;
}

void no_store_close(struct store **s)
{
    (void)s;
}

/* Reads all that a route may ask of a request. */
static int look(struct request *r, struct error *e)
{
    uint64_t number = 0;
    msec time = 0;
    json_t *body = NULL;
    struct staff_signature signature;
    const char *reason;
    const char *state = request_query(r, "state");

    served++;
    FUZZ_CHECK(strlen(r->id) < ID_SIZE && strchr(r->id, '/') == NULL);
    FUZZ_CHECK(r->body.len <= LIMIT_DESK_BODY);
    FUZZ_CHECK(state == NULL || state[0] != '\0');
    FUZZ_CHECK(strcmp(r->role, "any") == 0 || strcmp(r->role, "agent") == 0);
    if (request_query_number(r, "from", &number, e) == 0)
        FUZZ_CHECK(number <= INT64_MAX);
    (void)request_query_time(r, "since", &time, e);
    reason = request_reason(r, &body, e);
    if (reason != NULL)
        FUZZ_CHECK(reason[strspn(reason, " \t\r\n")] != '\0' &&
                   strlen(reason) <= LIMIT_REASON && !r->too_large &&
                   utf8_valid(reason, strlen(reason)));
    FUZZ_CHECK(body == NULL ||
               request_signature(r, body, "", &signature, e) != 0);
    json_decref(body);
    return answer_text(r, "ok\n", 3, e);
}

static struct keyring *ring;

const struct keyring *registrar_keyring(struct registrar *r)
{
    (void)r;
    return ring;
}

/* No status is asked for that would look at them. */
const struct policy_set *registrar_policies(struct registrar *r)
{
    (void)r;
    return NULL;
}

void registrar_deny(struct registrar *r, const struct denial *denial)
{
    (void)r, (void)denial;
}

int registrar_record(struct registrar *r, const struct staff_access *access,
                     struct error *e)
{
    (void)r, (void)access, (void)e;
    return 0;
}

#define SERVE(name)                                                            \
    int serve_##name(struct request *r, struct error *e)                       \
    {                                                                          \
        return look(r, e);                                                     \
    }
SERVE(status)
SERVE(stamps)
SERVE(stamp)
SERVE(reveal)
SERVE(reconcile)
SERVE(authorities)
SERVE(access)
SERVE(check)
SERVE(nonce)
SERVE(keyring)
SERVE(keyring_change)
SERVE(keyring_key)
SERVE(grant)
SERVE(staff)
SERVE(user)
SERVE(vault)
SERVE(headers)
SERVE(unproven)
SERVE(rewrap)
SERVE(proof)
SERVE(escrow)
SERVE(service)
SERVE(case_list)
SERVE(case_show)
SERVE(case_work)
SERVE(case_open)
SERVE(case_notes)
SERVE(conversation_list)
SERVE(conversation_read)
SERVE(conversation_take)
SERVE(conversation_reply)
SERVE(conversation_open)
SERVE(conversation_back)
SERVE(attachment_list)
SERVE(document_list)
SERVE(document_show)
SERVE(document_read)
SERVE(case_read)
SERVE(export)
SERVE(subject_links)
SERVE(subject_link)
SERVE(subject_unlink)
SERVE(subject_adult)
SERVE(subject_show)
SERVE(subject_represent)
SERVE(suggestions)
SERVE(ledger_checkpoint)
SERVE(ledger_key)
SERVE(ledger_rotate)
SERVE(ledger_history)
SERVE(cosign)
SERVE(cosigned)
SERVE(ledger_entries)
SERVE(ledger_bundle)
SERVE(ledger_report)
SERVE(policies)
SERVE(templates)
SERVE(outbound)
SERVE(exclude)
SERVE(contact_log)
SERVE(promise_list)
SERVE(promise_decide)
SERVE(code)
SERVE(code_state)
SERVE(delivery_order)
SERVE(delivery_file)
SERVE(custody)
SERVE(affected)
SERVE(consent_exports)
SERVE(notice)
SERVE(evidence)
SERVE(receipt)
SERVE(consent)
SERVE(case_close)
SERVE(hold_case)
SERVE(hold_subject)
SERVE(hold_list)
SERVE(hold_lift)
SERVE(retention)
SERVE(request_list)
SERVE(request_show)
SERVE(request_report)
SERVE(request_work)
SERVE(request_decide)
SERVE(request_open)
SERVE(incident_open)
SERVE(release_document)
SERVE(release_subject)
SERVE(approval_list)
SERVE(approval_show)
SERVE(approval_grant)
SERVE(approval_refuse)
SERVE(subject_find)
SERVE(subject_erase)
SERVE(subject_erasure)
SERVE(erasure)

/* Whose body is as long as a document's: nobody's. */
void delivery_admit(struct request *r, const char *method, const char *path)
{
    (void)r, (void)method, (void)path;
}

void delivery_over(struct request *r)
{
    (void)r;
}

int before_nothing(struct request *r, struct error *e)
{
    (void)r;
    (void)e;
    return 0;
}

int before_case_read(struct request *r, struct error *e)
{
    return before_nothing(r, e);
}

int before_export(struct request *r, struct error *e)
{
    return before_nothing(r, e);
}

int before_promise(struct request *r, struct error *e)
{
    return before_nothing(r, e);
}

int before_conversation(struct request *r, struct error *e)
{
    return before_nothing(r, e);
}

int before_read(struct request *r, struct error *e)
{
    return before_nothing(r, e);
}

int before_case(struct request *r, struct error *e)
{
    return before_nothing(r, e);
}

int before_subject(struct request *r, struct error *e)
{
    return before_nothing(r, e);
}

int before_hold(struct request *r, struct error *e)
{
    return before_nothing(r, e);
}

int before_request(struct request *r, struct error *e)
{
    return before_nothing(r, e);
}

int before_request_open(struct request *r, struct error *e)
{
    return before_nothing(r, e);
}

int before_release(struct request *r, struct error *e)
{
    return before_nothing(r, e);
}

int before_approval(struct request *r, struct error *e)
{
    return before_nothing(r, e);
}

/* We are an agent and nothing else. */
static void make_ring(void)
{
    uint64_t seed = 1;
    const struct random_source random = { fuzz_random_fill, &seed };
    struct secret *officer = age_identity_new(&random);
    struct secret *agent = age_identity_new(&random);
    struct keyring_staff me = { .uid = geteuid(),
                                .name = "me",
                                .roles = ROLE_AGENT };
    struct buf entry = { 0 };
    uint8_t sig[SIGN_LEN], custody[AGE_KEY_LEN] = { 9 };
    struct error e = { 0 };

    ring = keyring_new();
    FUZZ_CHECK(ring != NULL && officer != NULL && agent != NULL);
    FUZZ_CHECK(age_identity_recipient(me.recipient, agent) == 0 &&
               staff_sign_public(me.sign_key, agent) == 0);
    FUZZ_CHECK(keyring_sign_root(ring, officer, geteuid() + 1, "boss", custody,
                                 0, &entry, sig, &e) == 0);
    FUZZ_CHECK(keyring_sign_staff(ring, officer, &me, 0, &entry, sig, &e) == 0);
    buf_free(&entry);
    secret_free(&officer);
    secret_free(&agent);
}

static void set_up(struct desk *d)
{
    static const struct config config;

    FUZZ_CHECK(sodium_init() >= 0);
    d->needs.config = &config;
    d->needs.clock = &clock_system;
    d->nonces = nonces_new();
    FUZZ_CHECK(d->nonces != NULL);
    make_ring();
    d->daemon = MHD_start_daemon(MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
                                 on_request, d, MHD_OPTION_NOTIFY_COMPLETED,
                                 on_end, NULL, MHD_OPTION_END);
    FUZZ_CHECK(d->daemon != NULL);
}

/* Until the connection has an answer or is closed. */
static void talk(struct MHD_Daemon *daemon, int end)
{
    char answer[4096];
    ssize_t n = -1;

    for (int i = 0; i < 40 && n != 0; i++) {
        (void)MHD_run(daemon);
        n = recv(end, answer, sizeof(answer), MSG_DONTWAIT);
        if (n > 0)
            FUZZ_CHECK(n < 9 || memcmp(answer, "HTTP/1.", 7) == 0 || i > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct desk desk;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct fuzz_input in = { data, size };
    int pair[2];

    if (desk.daemon == NULL)
        set_up(&desk);
    if (in.len > 100000)
        in.len = 100000;
    served = 0;
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    FUZZ_CHECK(MHD_add_connection(desk.daemon, pair[0],
                                  (struct sockaddr *)&address,
                                  sizeof(address)) == MHD_YES);
    while (in.len > 0) {
        size_t n = in.len < 4000 ? in.len : 4000;

        if (send(pair[1], in.p, n, MSG_NOSIGNAL) != (ssize_t)n)
            break;
        (void)fuzz_bytes(&in, n, &n);
        (void)MHD_run(desk.daemon);
    }
    (void)shutdown(pair[1], SHUT_WR);
    talk(desk.daemon, pair[1]);
    (void)close(pair[1]);
    for (int i = 0; i < 4; i++)
        (void)MHD_run(desk.daemon);
    return 0;
}
