/*
 * vault escrow: the secret of an epoch on paper. The officer's program opens
 * its own grant and seals what is in it to a key that is kept offline; the page
 * holds that age file, as text and as a QR code of the same text, and says how
 * to come back from it. Without the offline key it is worth nothing.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <qrencode.h>

/* White around a code, so that scanners find it. */
#define QUIET 4

struct kit {
    const struct cli *cli;
    struct session s;
    struct epochs epochs;
    unsigned epoch;
    uint8_t to[1][AGE_KEY_LEN];
    struct buf armor, page;
    struct outfile *file;
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a kit");
}

/* ---- the sealed secret -------------------------------------------------- */

static int into_buf(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    return buf_add(arg, p, n) == 0 ? 0 : no_memory(e);
}

static int seal(struct kit *k, const struct secret *epoch, struct error *e)
{
    struct buf text = { 0 }, file = { 0 };
    struct age_armor *armor = NULL;
    int ok = -1;

    if (age_identity_file_format(&text, epoch, clock_now(&clock_system)) != 0) {
        (void)no_memory(e);
        goto out;
    }
    if (age_seal(&file, (const uint8_t(*)[AGE_KEY_LEN])k->to, 1, &random_system,
                 text.p, text.len, e) == 0 &&
        age_armor_new(&armor, into_buf, &k->armor, e) == 0 &&
        age_armor_add(armor, file.p, file.len, e) == 0)
        ok = age_armor_finish(armor, e);
out:
    age_armor_free(&armor);
    buf_free(&text);
    buf_free(&file);
    return ok;
}

/* ---- the code ----------------------------------------------------------- */

/* One row as runs of dark modules. */
static int add_row(struct buf *out, const QRcode *code, int y)
{
    for (int x = 0; x < code->width;) {
        int run = 0;

        while (x + run < code->width &&
               (code->data[y * code->width + x + run] & 1) != 0)
            run++;
        if (run > 0 && buf_addf(out, "M%d %dh%dv1h-%dz", x, y, run, run) != 0)
            return -1;
        x += run > 0 ? run : 1;
    }
    return 0;
}

static int add_code(struct kit *k, struct error *e)
{
    QRcode *code =
        QRcode_encodeData((int)k->armor.len, k->armor.p, 0, QR_ECLEVEL_M);
    int size, ok = -1;

    if (code == NULL)
        return no_memory(e);
    size = code->width + 2 * QUIET;
    if (buf_addf(&k->page,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
                 "aria-label=\"QR\" viewBox=\"-%d -%d %d %d\" "
                 "shape-rendering=\"crispEdges\">"
                 "<rect x=\"-%d\" y=\"-%d\" width=\"%d\" height=\"%d\" "
                 "fill=\"#fff\"/><path d=\"",
                 QUIET, QUIET, size, size, QUIET, QUIET, size, size) != 0)
        goto out;
    for (int y = 0; y < code->width; y++)
        if (add_row(&k->page, code, y) != 0)
            goto out;
    ok = buf_adds(&k->page, "\"/></svg>\n");
out:
    QRcode_free(code);
    return ok == 0 ? 0 : no_memory(e);
}

/* ---- the page ----------------------------------------------------------- */

static const char style[] =
    "body{font:11pt/1.4 serif;max-width:18cm;margin:1cm auto;color:#000}"
    "h1{font-size:16pt;margin:0}h2{font-size:12pt;margin:1em 0 .2em}"
    "svg{display:block;width:11cm;margin:.5cm auto}"
    "pre,code{font:9pt/1.35 monospace}pre{border:1px solid #000;padding:.3cm}"
    "td{padding-right:1em;vertical-align:top}td,code{overflow-wrap:anywhere}"
    "@media print{pre,svg{break-inside:avoid}}";

/* Everything in here is ours: numbers, hashes, keys in base32 and base64. */
static int add_facts(struct kit *k)
{
    uint8_t point[AGE_KEY_LEN], root[KEYRING_HASH_LEN];
    char epoch[AGE_RECIPIENT_SIZE], to[AGE_RECIPIENT_SIZE];
    char hex[HEX_SIZE(KEYRING_HASH_LEN)], time[TIME_SIZE];

    (void)keyring_epoch_recipient(k->s.ring, k->epoch, point);
    age_recipient_format(epoch, point);
    age_recipient_format(to, k->to[0]);
    keyring_root(k->s.ring, root);
    hex_encode(hex, root, sizeof(root));
    time_format(time, clock_now(&clock_system));
    return buf_addf(&k->page,
                    "<table>\n"
                    "<tr><td>época / epoch<td>%u\n"
                    "<tr><td>clave pública / public key<td><code>%s</code>\n"
                    "<tr><td>la abre / opened by<td><code>%s</code>\n"
                    "<tr><td>fecha / date<td>%s\n"
                    "<tr><td>anillo / keyring<td><code>%s</code>\n"
                    "</table>\n",
                    k->epoch, epoch, to, time, hex);
}

static int add_spanish(struct kit *k)
{
    return buf_addf(
        &k->page,
        "<h2>Qué es</h2>\n"
        "<p>El secreto de la época %u, sellado para una clave que se guarda "
        "fuera de línea. Con esa clave abre todos los documentos sellados en "
        "esta época; sin ella no vale nada. Guárdelo aparte de ella.</p>\n"
        "<h2>Cómo se recupera</h2>\n"
        "<ol>\n"
        "<li>En un equipo sin red, escanee el código o copie el bloque de "
        "texto en el archivo <code>kit.age</code>: son lo mismo.\n"
        "<li><code>umask 077; age -d -i CLAVE -o epoca.txt kit.age</code>\n"
        "<li><code>age-keygen -y epoca.txt</code> debe mostrar la clave "
        "pública de arriba.\n"
        "<li>Un oficial devuelve el acceso a quien lee: <code>resguardo vault "
        "regrant NOMBRE -i epoca.txt</code>. Un documento que salió sellado "
        "se abre también con <code>age -d -i epoca.txt</code>.\n"
        "<li>Destruya <code>epoca.txt</code>.\n"
        "</ol>\n",
        k->epoch);
}

static int add_english(struct kit *k)
{
    return buf_addf(
        &k->page,
        "<h2 lang=\"en\">What this is</h2>\n"
        "<p lang=\"en\">The secret of epoch %u, sealed to a key that is kept "
        "offline. With that key it opens every document that was sealed to "
        "this epoch; without it, it is worth nothing. Keep it apart from "
        "it.</p>\n"
        "<h2 lang=\"en\">How to come back from it</h2>\n"
        "<ol lang=\"en\">\n"
        "<li>On a machine without a network, scan the code or copy the block "
        "of text to the file <code>kit.age</code>: they are the same.\n"
        "<li><code>umask 077; age -d -i KEY -o epoch.txt kit.age</code>\n"
        "<li><code>age-keygen -y epoch.txt</code> must show the public key "
        "above.\n"
        "<li>An officer gives readers their access back: <code>resguardo vault "
        "regrant NAME -i epoch.txt</code>. A document that was handed out "
        "sealed is opened by <code>age -d -i epoch.txt</code>, too.\n"
        "<li>Destroy <code>epoch.txt</code>.\n"
        "</ol>\n",
        k->epoch);
}

static int make_page(struct kit *k, struct error *e)
{
    if (buf_addf(
            &k->page,
            "<!DOCTYPE html>\n<html lang=\"es\">\n<meta "
            "charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" "
            "content=\"default-src 'none'; style-src "
            "'unsafe-inline'\">\n"
            "<title>Resguardo: época %u</title>\n<style>%s</style>\n"
            "<h1>Resguardo: copia de una época · escrow of an epoch</h1>\n",
            k->epoch, style) != 0 ||
        add_facts(k) != 0)
        return no_memory(e);
    if (add_code(k, e) != 0)
        return -1;
    return buf_addf(&k->page, "<pre>\n%s</pre>\n", (const char *)k->armor.p) ==
                       0 &&
                   add_spanish(k) == 0 && add_english(k) == 0 &&
                   buf_adds(&k->page, "</html>\n") == 0
               ? 0
               : no_memory(e);
}

/* ---- the command -------------------------------------------------------- */

static int check_usage(struct kit *k, struct error *e)
{
    const struct cli *cli = k->cli;
    int64_t epoch = 0;

    if (cli->nvalues != 1)
        return error_set(e, ERR_USAGE, "-r names one offline key");
    if (age_recipient_parse(k->to[0], cli->values[0], e) != 0)
        return error_set(e, ERR_USAGE, "-r: %s", e->text);
    if (decimal_parse(cli->argument, strlen(cli->argument), LIMIT_EPOCHS,
                      &epoch) != 0 ||
        epoch < 1)
        return error_set(e, ERR_USAGE, "not the number of an epoch");
    k->epoch = (unsigned)epoch;
    if (cli->options[OPTION_OUT] == NULL && isatty(STDOUT_FILENO)) {
        (void)error_set(e, ERR_USAGE, "a page is not for a terminal");
        return error_hint(e, "name a file with -o FILE.html");
    }
    return 0;
}

/* A kit that hangs on a reader's own key is lost with it. */
static void warn_if_reader(const struct kit *k)
{
    const struct keyring_staff *staff;

    for (size_t i = 0; (staff = keyring_staff_at(k->s.ring, i)) != NULL; i++)
        if (memcmp(staff->recipient, k->to[0], AGE_KEY_LEN) == 0)
            (void)fprintf(stderr,
                          "warning: that is the key of %s, and no offline "
                          "one\n",
                          staff->name);
}

/* On record before there is a page. */
static int record(struct kit *k, struct error *e)
{
    uint8_t hash[SHA256_LEN];
    char hex[HEX_SIZE(SHA256_LEN)];
    json_t *answer = NULL;
    int ok;

    sha256_of(hash, k->to[0], AGE_KEY_LEN);
    hex_encode(hex, hash, sizeof(hash));
    ok = session_ask(&k->s, "/vault/escrow",
                     json_pack("{s:I, s:s}", "epoch", (json_int_t)k->epoch,
                               "recipient_sha256", hex),
                     &answer, e);
    json_decref(answer);
    return ok;
}

static int make(struct kit *k, struct error *e)
{
    const struct secret *epoch;

    if (k->epoch > keyring_epoch(k->s.ring))
        return error_set(e, ERR_NOT_FOUND, "no such epoch");
    if (session_epochs(&k->s, &k->epochs, e) != 0 ||
        (epoch = epochs_get(&k->epochs, k->epoch, e)) == NULL)
        return -1;
    warn_if_reader(k);
    if (seal(k, epoch, e) != 0 || make_page(k, e) != 0 || record(k, e) != 0 ||
        outfile_open(&k->file, k->cli->options[OPTION_OUT], e) != 0 ||
        outfile_write(k->file, k->page.p, k->page.len, e) != 0 ||
        outfile_commit(k->file, e) != 0)
        return -1;
    (void)fprintf(stderr,
                  "print it, try to come back from the print, and keep it "
                  "apart from the offline key\n");
    return 0;
}

int vault_run_escrow(const struct cli *cli, struct error *e)
{
    struct kit k = { .cli = cli };
    int ok = -1;

    if (check_usage(&k, e) == 0 &&
        session_open(&k.s, cli, "/vault/escrow", e) == 0)
        ok = make(&k, e);
    outfile_close(&k.file);
    epochs_close(&k.epochs);
    session_close(&k.s);
    buf_free(&k.armor);
    buf_free(&k.page);
    return ok;
}
