/*
 * ledger checkpoint, verify, audit: at a desk, or of a bundle on an auditor's
 * own machine.
 */
#include "visit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int ledger_run_checkpoint(const struct cli *cli, struct error *e)
{
    struct visit v;
    int ok = -1;

    /* Seen, not recomputed: what was stays beside it until it is. */
    if (visit_open(&v, cli, "/ledger/checkpoint", e) != 0 ||
        visit_seen(&v, e) != 0)
        goto out;
    (void)fwrite(v.note.p, 1, v.note.len, stdout);
    ok = output_end(stdout, e);
out:
    visit_close(&v);
    return ok;
}

int ledger_run_stamp(const struct cli *cli, struct error *e)
{
    struct client *client = NULL;
    json_t *o = NULL;
    int ok = -1;

    if (client_open(&client, cli->socket, e) != 0 ||
        (o = client_post_json(client, "/ledger/stamp", "{}", e)) == NULL)
        goto out;
    /* The parts are for `ledger export`. */
    (void)json_object_del(o, "checkpoint");
    (void)json_object_del(o, "query");
    (void)json_object_del(o, "response");
    if (cli->json)
        ok = output_json(stdout, o, e);
    else
        ok = printf("%lld entries, stamped at %s\n",
                    (long long)json_integer_value(json_object_get(o, "size")),
                    json_str(o, "stamped_at")) > 0
                 ? 0
                 : -1;
    if (ok == 0)
        ok = output_end(stdout, e);
out:
    json_decref(o);
    client_close(&client);
    return ok;
}

int ledger_run_cosign(const struct cli *cli, struct error *e)
{
    struct client *client = NULL;
    struct buf note = { 0 };
    json_t *body = NULL, *answer = NULL;
    char *text = NULL;
    int ok = -1;

    if (file_read(cli->argument, LIMIT_NOTE_BYTES, &note, e) != 0)
        goto out;
    body = json_pack("{s:s%}", "note", (const char *)note.p, note.len);
    text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    if (text == NULL)
        (void)error_set(e, ERR_INPUT, "%s is no signed note", cli->argument);
    else if (client_open(&client, cli->socket, e) == 0 &&
             (answer = client_post_json(client, "/ledger/cosigned", text, e)) !=
                 NULL)
        ok = output_answer(cli, answer, e);
out:
    client_close(&client);
    json_decref(answer);
    json_decref(body);
    free(text);
    buf_free(&note);
    return ok;
}

/* ---- verifying ---------------------------------------------------------- */

/* `counts` NULL: the gate rule was not asked for. */
static int show(const struct cli *cli, const struct ledger_checkpoint *now,
                const struct ledger_gate_counts *counts, struct error *e)
{
    char root[HEX_SIZE(LEDGER_HASH_LEN)];
    json_t *o;
    int ok;

    hex_encode(root, now->root, sizeof(now->root));
    if (!cli->json) {
        (void)printf("the ledger holds: %" PRIu64 " entries, root %s\n",
                     now->size, root);
        if (counts != NULL)
            (void)printf("with a legal basis each time: %" PRIu64
                         " files fetched, %" PRIu64 " kept, %" PRIu64
                         " readings\n",
                         counts->fetched, counts->kept, counts->read);
        return output_end(stdout, e);
    }
    o = json_pack("{s:b, s:s, s:I, s:s}", "verified", 1, "origin", now->origin,
                  "size", (json_int_t)now->size, "root", root);
    if (o != NULL && counts != NULL)
        (void)json_object_set_new(o, "allowed",
                                  json_pack("{s:I, s:I, s:I}", "fetched",
                                            (json_int_t)counts->fetched, "kept",
                                            (json_int_t)counts->kept, "read",
                                            (json_int_t)counts->read));
    ok = output_json(stdout, o, e);
    json_decref(o);
    return ok != 0 ? -1 : output_end(stdout, e);
}

static void tell_change(const struct ledger_change *c)
{
    char keys[2][HEX_SIZE(32)];
    uint64_t lost = c->last.size > c->index ? c->last.size - c->index : 0;

    if (!c->reopened) {
        (void)fprintf(stderr,
                      "entry %" PRIu64 ": the key was exchanged, before: %s\n",
                      c->index, c->former);
        return;
    }
    for (size_t i = 0; i < 2; i++)
        hex_encode(keys[i], c->officers[i], sizeof(c->officers[i]));
    (void)fprintf(stderr,
                  "entry %" PRIu64 ": the ledger was reopened, %" PRIu64
                  " entries were lost, before: %s\nby %s and %s, two officers "
                  "of the keyring\n",
                  c->index, lost, c->former, keys[0], keys[1]);
}

int ledger_tell_changes(const char *folder, struct error *e)
{
    struct ledger_history h = { 0 };
    int ok = ledger_bundle_changes(folder, &h, e);

    for (size_t i = 0; ok == 0 && i < h.n; i++)
        tell_change(&h.changes[i]);
    ledger_history_free(&h);
    return ok;
}

/* That a witness saw it, as the bundle has it. */
static int check_witness(const struct cli *cli, struct error *e)
{
    const char *vkey = cli->options[OPTION_WITNESS];
    char text[TIME_SIZE];
    uint64_t size, time;

    if (vkey == NULL)
        return 0;
    if (ledger_bundle_cosigned(cli->argument, vkey, &size, &time, e) != 0)
        return -1;
    time_format(text, (msec)time * MSEC_S);
    (void)fprintf(stderr,
                  "the witness signed the first %" PRIu64 " entries at %s\n",
                  size, text);
    return 0;
}

/* That all who are staff come from the root that the caller knows. */
static int check_root(const struct cli *cli, const struct ledger_bundle *bundle,
                      char hex[static HEX_SIZE(KEYRING_HASH_LEN)],
                      struct error *e)
{
    const char *want = cli->options[OPTION_ROOT];

    hex_encode(hex, bundle->keyring_root, KEYRING_HASH_LEN);
    return want == NULL || strcmp(want, hex) == 0
               ? 0
               : error_set(e, ERR_VERIFY, "the keyring has another root: %s",
                           hex);
}

static int verify_bundle(const struct cli *cli, struct error *e)
{
    const char *witness = cli->options[OPTION_WITNESS];
    struct ledger_bundle bundle;
    struct ledger_witness w;
    char time[TIME_SIZE], root[HEX_SIZE(KEYRING_HASH_LEN)];

    /* A slip of the fingers is told before a long look. */
    if (witness != NULL && ledger_witness_parse(&w, witness, e) != 0) {
        (void)error_set(e, ERR_USAGE, "--witness: no key of a witness: %s",
                        witness);
        return error_hint(e, "NAME+HASH+KEY, as the witness publishes it");
    }
    if (ledger_bundle_verify(&bundle, cli->argument,
                             cli->options[OPTION_CHECKPOINT], e) != 0 ||
        check_root(cli, &bundle, root, e) != 0 || check_witness(cli, e) != 0 ||
        ledger_tell_changes(cli->argument, e) != 0)
        return -1;
    (void)fprintf(
        stderr,
        "signed with %s\nis that the key that you were given by other "
        "means?\nstaff by the keyring with the root %s\n",
        bundle.vkey, root);
    if (bundle.stamps > 0) {
        time_format(time, bundle.last_stamp);
        (void)fprintf(stderr,
                      "%" PRIu64 " time stamps hold, the last of %s (are those "
                      "in stamp-ca.pem authorities that you trust?)\n",
                      bundle.stamps, time);
    }
    return show(cli, &bundle.now, &bundle.counts, e);
}

int ledger_run_verify(const struct cli *cli, struct error *e)
{
    const char *old = cli->options[OPTION_CHECKPOINT];
    struct visit v;
    int ok = -1;

    if (cli->argument != NULL)
        return verify_bundle(cli, e);
    if (cli->options[OPTION_WITNESS] != NULL ||
        cli->options[OPTION_ROOT] != NULL)
        return error_set(e, ERR_USAGE,
                         "--witness and --root are for a bundle: name it");
    if (visit_open(&v, cli, "/ledger/checkpoint", e) == 0 &&
        (old == NULL || visit_bring(&v, old, e) == 0) &&
        visit_recompute(&v, NULL, NULL, e) == 0 && visit_keep(&v, e) == 0)
        ok = show(cli, &v.now, NULL, e);
    visit_close(&v);
    return ok;
}

/* ---- the gate rule ------------------------------------------------------ */

struct audit {
    struct ledger_gate *gate;
    json_t *violations;
};

static int judge(void *arg, uint64_t index, const uint8_t *bytes, size_t len,
                 const uint8_t leaf[static LEDGER_HASH_LEN], struct error *e)
{
    struct audit *a = arg;
    const char *violation = NULL;
    struct json_look look;
    struct json_doc *entry;
    int ok = -1;

    (void)leaf;
    if (json_look(bytes, len, &look) &&
        !ledger_gate_minds(look.event_type.p, look.event_type.len))
        return 0;
    entry = json_scan(bytes, len, e);
    if (entry == NULL ||
        ledger_gate_add_node(a->gate, json_root(entry), &violation, e) != 0)
        goto out;
    ok = 0;
    if (violation != NULL &&
        json_array_append_new(
            a->violations,
            json_pack("{s:I, s:s?, s:s}", "index", (json_int_t)index,
                      "event_type",
                      json_node_str(json_root(entry), "event_type"), "what",
                      violation)) != 0)
        ok = error_set(e, ERR_NOMEM, "no memory for an audit");
out:
    json_doc_free(&entry);
    return ok;
}

/* What was found, all of it; then the verdict. */
static int tell(const struct cli *cli, const struct visit *v,
                const struct audit *a, struct error *e)
{
    size_t n = json_array_size(a->violations), i;
    json_t *one;

    if (n == 0)
        return show(cli, &v->now, ledger_gate_counts(a->gate), e);
    if (cli->json) {
        if (output_json(stdout, a->violations, e) != 0)
            return -1;
    } else {
        json_array_foreach(a->violations, i, one)
        {
            (void)printf(
                "entry %lld: %s\n",
                (long long)json_integer_value(json_object_get(one, "index")),
                json_str(one, "what"));
        }
    }
    if (output_end(stdout, e) != 0)
        return -1;
    return error_set(e, ERR_VERIFY,
                     "%zu of %" PRIu64 " entries should not have happened", n,
                     v->now.size);
}

int ledger_run_audit(const struct cli *cli, struct error *e)
{
    struct audit a = { ledger_gate_new(), json_array() };
    struct visit v = { 0 };
    int ok = -1;

    if (a.gate == NULL || a.violations == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for an audit");
    else if (visit_open(&v, cli, "/ledger/checkpoint", e) == 0 &&
             visit_recompute(&v, judge, &a, e) == 0 && visit_keep(&v, e) == 0)
        ok = tell(cli, &v, &a, e);
    visit_close(&v);
    ledger_gate_free(&a.gate);
    json_decref(a.violations);
    return ok;
}
