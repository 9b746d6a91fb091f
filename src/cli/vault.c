/* vault status, vault rotate, vault grant, vault regrant */
#include "cli.h"

#include <string.h>

int vault_run_status(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "epoch", "EPOCH" },         { "documents", "DOCUMENTS" },
        { "under_way", "UNDER WAY" }, { "unproven", "UNPROVEN" },
        { "recipient", "RECIPIENT" }, { NULL, NULL },
    };

    return output_list(cli, "/vault", NULL, NULL, columns, e);
}

int vault_run_rotate(const struct cli *cli, struct error *e)
{
    struct session s = { 0 };
    json_t *change = NULL, *answer = NULL;
    int ok = -1;

    if (session_open(&s, cli, "/keyring", e) != 0)
        goto out;
    change = session_change(&s);
    if (change_epoch(&s, change, e) != 0) {
        json_decref(change);
        goto out;
    }
    ok = session_post(&s, change, &answer, e);
    if (ok == 0)
        (void)fprintf(stderr,
                      "what comes from now on is sealed to epoch %u\nto move "
                      "what is stored, too: resguardo vault rewrap\n",
                      keyring_epoch(s.ring));
out:
    json_decref(answer);
    session_close(&s);
    return ok;
}

/* ---- grant -------------------------------------------------------------- */

static int write_out(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    return outfile_write(arg, bytes, n, e);
}

int vault_run_grant(const struct cli *cli, struct error *e)
{
    struct client *client = NULL;
    struct outfile *file = NULL;
    struct buf path = { 0 };
    int ok = -1;

    if (client_path(&path, "/grants/", cli->argument, "") != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else if (client_open(&client, cli->socket, e) == 0 &&
             outfile_open(&file, cli->options[OPTION_OUT], e) == 0 &&
             client_stream(client, (const char *)path.p, NULL, write_out, file,
                           e) == 0)
        ok = outfile_commit(file, e);
    client_close(&client);
    outfile_close(&file);
    buf_free(&path);
    return ok;
}

/* ---- regrant ------------------------------------------------------------ */

static const struct keyring_staff *find(const struct keyring *ring,
                                        const char *name, struct error *e)
{
    const struct keyring_staff *staff;

    for (size_t i = 0; (staff = keyring_staff_at(ring, i)) != NULL; i++)
        if (strcmp(staff->name, name) == 0)
            break;
    if (staff == NULL)
        (void)error_set(e, ERR_NOT_FOUND, "nobody on the keyring is called %s",
                        name);
    else if (!roles_read(staff->roles))
        (void)error_set(e, ERR_INPUT, "%s is an auditor, who reads nothing",
                        name);
    else
        return staff;
    return NULL;
}

/* Ours, and those that we have from an escrow kit. What was granted to us may
 * be nothing, then. */
static int open_epochs(struct session *s, struct epochs *epochs,
                       struct error *e)
{
    const struct cli *cli = s->cli;

    if (session_epochs(s, epochs, e) != 0 &&
        (cli->nvalues == 0 || e->code == ERR_NOMEM))
        return -1;
    return epochs_add(epochs, s->ring, cli->values, cli->nvalues, e);
}

int vault_run_regrant(const struct cli *cli, struct error *e)
{
    const struct keyring_staff *to;
    struct session s = { 0 };
    struct epochs epochs = { 0 };
    json_t *change = NULL, *answer = NULL;
    size_t given = 0;
    int ok = -1;

    if (session_open(&s, cli, "/keyring", e) != 0 ||
        (to = find(s.ring, cli->argument, e)) == NULL ||
        open_epochs(&s, &epochs, e) != 0)
        goto out;
    change = session_change(&s);
    if (change_grants(&s, change, to, &epochs, e) != 0) {
        json_decref(change);
        goto out;
    }
    given = json_array_size(json_object_get(change, "grants"));
    ok = session_post(&s, change, &answer, e);
    if (ok == 0)
        (void)fprintf(stderr, "%zu epoch%s granted to %s\n", given,
                      given == 1 ? "" : "s", to->name);
out:
    json_decref(answer);
    epochs_close(&epochs);
    session_close(&s);
    return ok;
}
