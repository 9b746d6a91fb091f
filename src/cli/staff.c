/* staff list, staff add, staff revoke */
#include "cli.h"

#include <string.h>

#define CHANGES "/keyring"

int staff_run_list(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "name", "NAME" },       { "uid", "UID" },
        { "roles", "ROLES" },     { "epochs", "EPOCHS" },
        { "enrolled", "SIGNED" }, { "recipient", "RECIPIENT" },
        { NULL, NULL },
    };

    return output_list(cli, "/staff", NULL, NULL, columns, e);
}

/* What the keyring's rules refuse here is what was asked for. */
static int refused(struct error *e)
{
    if (e->code == ERR_VERIFY)
        e->code = ERR_INPUT;
    return -1;
}

/* ---- add ---------------------------------------------------------------- */

static int parse_roles(const char *text, unsigned *out, struct error *e)
{
    *out = 0;
    for (;;) {
        size_t len = strcspn(text, ",");
        const struct role_name *n = role_names;

        while (n->name != NULL &&
               (strlen(n->name) != len || strncmp(n->name, text, len) != 0))
            n++;
        if (n->name == NULL) {
            (void)error_set(e, ERR_USAGE, "--role: no such role: %.*s",
                            (int)len, text);
            return error_hint(e, "agent, auditor, officer, or several with "
                                 "commas");
        }
        *out |= n->role;
        if (text[len] == '\0')
            return 0;
        text += len + 1;
    }
}

/* What was typed; the uid comes from the daemon's machine. */
static int read_member(const struct cli *cli, struct keyring_staff *to,
                       struct error *e)
{
    const char *name = cli->argument;

    if (strlen(name) >= sizeof(to->name) || !utf8_valid(name, strlen(name)))
        return error_set(e, ERR_USAGE, "not the name of a Unix user");
    memcpy(to->name, name, strlen(name) + 1);
    if (parse_roles(cli->options[OPTION_ROLE], &to->roles, e) != 0)
        return -1;
    if (age_recipient_parse(to->recipient, cli->options[OPTION_READER], e) != 0)
        return error_set(e, ERR_USAGE, "--recipient: %s", e->text);
    return 0;
}

static int ask_uid(struct session *s, struct keyring_staff *to, struct error *e)
{
    struct buf path = { 0 };
    json_t *answer = NULL;
    const json_t *uid;
    int ok = -1;

    if (buf_adds(&path, "/user") != 0 ||
        client_query(&path, "name", to->name) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else
        answer = client_get_json(s->client, (const char *)path.p, e);
    if (answer != NULL) {
        uid = json_object_get(answer, "uid");
        to->uid = (uint32_t)json_integer_value(uid);
        ok = json_is_integer(uid) && json_integer_value(uid) >= 0 &&
                     json_integer_value(uid) <= UINT32_MAX
                 ? 0
                 : error_set(e, ERR_INPUT, "the desk's answer is malformed");
    }
    json_decref(answer);
    buf_free(&path);
    return ok;
}

/* A reader gets what there is to read, from who has it. */
static int grant_all(struct session *s, json_t *change,
                     const struct keyring_staff *to, struct error *e)
{
    struct epochs epochs;
    int ok;

    if (!roles_read(to->roles))
        return 0;
    if (session_epochs(s, &epochs, e) != 0)
        return -1;
    ok = change_grants(s, change, to, &epochs, e);
    epochs_close(&epochs);
    return ok;
}

/* Which uid a name is, the daemon's machine says; what is signed is shown
 * first, so that a lie can be seen. */
static void show_member(const struct cli *cli, const struct keyring_staff *to)
{
    char recipient[AGE_RECIPIENT_SIZE], fingerprint[FINGERPRINT_SIZE];

    age_recipient_format(recipient, to->recipient);
    identity_fingerprint(fingerprint, to->recipient);
    (void)fprintf(stderr, "adding %s, uid %u, as %s\n%s\nfingerprint %s\n",
                  to->name, (unsigned)to->uid, cli->options[OPTION_ROLE],
                  recipient, fingerprint);
}

static int make_addition(struct session *s, json_t *change,
                         struct keyring_staff *to, struct error *e)
{
    const struct keyring_staff *known = keyring_find(s->ring, to->uid);
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];
    int ok = -1;

    if (known != NULL) {
        (void)error_set(e, ERR_CONFLICT, "user %u is on the keyring as %s",
                        (unsigned)to->uid, known->name);
        return error_hint(e, "revoke first, then add with the new roles");
    }
    show_member(s->cli, to);
    if (enrolment_seal(to, &random_system, e) != 0)
        goto out;
    if (keyring_sign_staff(s->ring, s->me, to, clock_now(&clock_system), &entry,
                           signature, e) != 0) {
        (void)refused(e);
        goto out;
    }
    if (change_entry(change, &entry, signature, e) == 0)
        ok = grant_all(s, change, to, e);
out:
    buf_free(&entry);
    return ok;
}

/* Takes the change; what the desk says of it. */
static int send_change(struct session *s, json_t *change, json_t **answer,
                       struct error *e)
{
    *answer = NULL;
    return session_post(s, change, answer, e);
}

int staff_run_add(const struct cli *cli, struct error *e)
{
    struct keyring_staff to = { 0 };
    struct session s = { 0 };
    json_t *change = NULL, *answer = NULL;
    int ok = -1;

    if (read_member(cli, &to, e) != 0 ||
        session_open(&s, cli, CHANGES, e) != 0 || ask_uid(&s, &to, e) != 0)
        goto out;
    change = session_change(&s);
    if (make_addition(&s, change, &to, e) != 0) {
        json_decref(change);
        goto out;
    }
    ok = send_change(&s, change, &answer, e);
    if (ok == 0)
        (void)fprintf(
            stderr, "added %s, uid %u, with %s\n", to.name, (unsigned)to.uid,
            roles_read(to.roles) ? "a grant of every epoch that holds documents"
                                 : "no grant: auditors read nothing");
out:
    json_decref(answer);
    session_close(&s);
    return ok;
}

/* ---- revoke ------------------------------------------------------------- */

/* By the keyring that was checked, not by what the daemon says. */
static const struct keyring_staff *find(const struct session *s,
                                        struct error *e)
{
    const char *name = s->cli->argument;
    const struct keyring_staff *staff;

    for (size_t i = 0; (staff = keyring_staff_at(s->ring, i)) != NULL; i++)
        if (strcmp(staff->name, name) == 0)
            break;
    if (staff == NULL) {
        (void)error_set(e, ERR_NOT_FOUND, "nobody on the keyring is called %s",
                        name);
    } else if (staff->uid == s->uid) {
        (void)error_set(e, ERR_INPUT, "you cannot revoke yourself");
        (void)error_hint(e, "another officer does that");
        staff = NULL;
    }
    return staff;
}

static int make_revocation(struct session *s, json_t *change, struct error *e)
{
    const struct keyring_staff *staff = find(s, e);
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];
    int ok = -1;

    if (staff == NULL)
        return -1;
    if (keyring_sign_revoke(s->ring, s->me, staff->uid,
                            clock_now(&clock_system), &entry, signature,
                            e) != 0)
        (void)refused(e);
    else if (change_entry(change, &entry, signature, e) == 0)
        ok = change_epoch(s, change, e);
    buf_free(&entry);
    return ok;
}

/* What they had, and nobody has now. */
static void show_left(const json_t *answer)
{
    json_int_t talks =
        json_integer_value(json_object_get(answer, "conversations"));
    json_int_t cases = json_integer_value(json_object_get(answer, "cases"));

    if (talks > 0)
        (void)fprintf(stderr,
                      "%lld conversation%s again: resguardo conversation list "
                      "--state waiting\n",
                      (long long)talks, talks == 1 ? " waits" : "s wait");
    if (cases > 0)
        (void)fprintf(stderr, "%lld case%s no owner now\n", (long long)cases,
                      cases == 1 ? " has" : "s have");
}

int staff_run_revoke(const struct cli *cli, struct error *e)
{
    struct session s = { 0 };
    json_t *change = NULL, *answer = NULL;
    int ok = -1;

    if (session_open(&s, cli, CHANGES, e) != 0)
        goto out;
    change = session_change(&s);
    if (make_revocation(&s, change, e) != 0) {
        json_decref(change);
        goto out;
    }
    ok = send_change(&s, change, &answer, e);
    if (ok == 0) {
        (void)fprintf(stderr,
                      "revoked %s; what comes from now on is sealed to epoch "
                      "%u\nto move what is stored, too: resguardo vault "
                      "rewrap\n",
                      cli->argument, keyring_epoch(s.ring));
        show_left(answer);
    }
out:
    json_decref(answer);
    session_close(&s);
    return ok;
}
