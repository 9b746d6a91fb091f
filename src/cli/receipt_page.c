/* A receipt to print, or to send to the person: what they were shown, what they
 * answered, and how anybody checks it without us. */
#include "receipt.h"
#include "sheet.h"

#include <string.h>

struct page {
    struct sheet s;
    const json_t *receipt, *events, *texts, *policies;
};

#define SAY(p, es, en) sheet_say(&(p)->s, (es), (en))

static const struct {
    const char *event, *es, *en;
} events[] = {
    { "notice_presented", "Se le mostró el aviso de privacidad",
      "You were shown the privacy notice" },
    { "notice_delivered",
      "Le llegó el aviso: esto no depende de su autorización",
      "The notice reached you: this rests on no consent of yours" },
    { "notice_acknowledged", "Usted confirmó que leyó el aviso",
      "You said that you had read the notice" },
    { "consent_requested", "Se le preguntó", "You were asked" },
    { "consent_given", "Usted dijo que sí", "You said yes" },
    { "consent_refused", "Usted dijo que no", "You said no" },
    { "consent_withdrawn", "Usted retiró su consentimiento",
      "You withdrew your consent" },
    { "consent_expired", "Su consentimiento venció", "Your consent ran out" },
    { "consent_carried", "Su consentimiento pasó a su número nuevo",
      "Your consent came over to your new number" },
    { "consent_uncarried", "Dejó de valer el consentimiento de otro número",
      "The consent of another number no longer counts" },
    { "consent_ignored", "Un mensaje que no contó como decisión",
      "A message that did not count as a decision" },
    { "media_held", "Se anunció un archivo; no se descargó",
      "A file was announced; it was not fetched" },
    { "media_fetching", "Con su permiso se pidió el archivo",
      "With your leave the file was asked for" },
    { "media_stored", "El archivo se guardó sellado",
      "The file was sealed and stored" },
    { "media_quarantined", "El archivo se guardó aparte, en cuarentena",
      "The file was set apart, in quarantine" },
    { "media_discarded", "El archivo se descartó al llegar",
      "The file was thrown away on its way" },
    { "media_refused", "El archivo no se admitió",
      "The file was not accepted" },
    { "media_dropped", "El archivo no se guardó", "The file was not kept" },
    { "media_expired", "El archivo venció sin respuesta",
      "The file ran out unanswered" },
    { "document_blocked", "El documento se bloqueó: nadie lo lee",
      "The document was blocked: nobody reads it" },
    { "document_erased", "La clave del documento se destruyó",
      "The document's key was destroyed" },
};

static void put_event_name(struct page *p, const char *event)
{
    for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
        if (event != NULL && strcmp(events[i].event, event) == 0) {
            sheet_says(&p->s, events[i].es, events[i].en);
            return;
        }
    sheet_text(&p->s, event != NULL ? event : "");
}

static void term(struct page *p, const char *es, const char *en,
                 const char *value)
{
    if (value == NULL)
        return;
    sheet_put(&p->s, "<dt>%s</dt><dd>", SAY(p, es, en));
    sheet_text(&p->s, value);
    sheet_put(&p->s, "</dd>\n");
}

static void put_time(struct page *p, const char *text)
{
    msec t;

    if (text != NULL && time_parse(text, &t) == 0)
        sheet_time(&p->s, t);
}

/* ---- the parts ---------------------------------------------------------- */

static void put_parties(struct page *p)
{
    const json_t *controller =
        json_array_get(json_object_get(p->receipt, "piiControllers"), 0);
    const json_t *service =
        json_array_get(json_object_get(p->receipt, "services"), 0);

    sheet_put(&p->s,
              "<section aria-labelledby=\"h-who\"><h2 id=\"h-who\">%s"
              "</h2>\n<dl>\n",
              SAY(p, "De quién y para quién", "From whom, to whom"));
    term(p, "Responsable", "Controller", json_str(controller, "piiController"));
    term(p, "Contacto", "Contact", json_str(controller, "contact"));
    term(p, "Dirección", "Address", json_str(controller, "address"));
    term(p, "Correo", "E-mail", json_str(controller, "email"));
    term(p, "Teléfono", "Phone", json_str(controller, "phone"));
    term(p, "Autoridad", "Authority", json_str(service, "authority"));
    term(p, "Para retirar", "To withdraw",
         json_str(service, "withdrawalMethod"));
    term(p, "Su número interno", "Your internal number",
         json_str(p->receipt, "piiPrincipalId"));
    term(p, "Comprobante", "Receipt", json_str(p->receipt, "consentReceiptID"));
    sheet_put(&p->s, "<dt>%s</dt><dd>", SAY(p, "Emitido", "Issued"));
    put_time(p, json_str(p->receipt, "issued"));
    sheet_put(&p->s, "</dd></dl></section>\n");
}

/* The policy that an event is under, as the desk has it today; or NULL. */
static const json_t *policy_of(const struct page *p, const json_t *event)
{
    const char *text = json_str(event, "entry");
    struct error ignored = { 0 };
    json_t *entry =
        text != NULL ? json_parse(text, strlen(text), &ignored) : NULL;
    const char *id = json_str(entry, "policy");
    const json_t *policy, *found = NULL;
    size_t i;

    json_array_foreach(p->policies, i, policy)
    {
        const char *name = json_str(policy, "policy");

        if (id != NULL && name != NULL && strcmp(name, id) == 0)
            found = policy;
    }
    json_decref(entry);
    return found;
}

/* In the page's language, or the policy's own. */
static const char *title_of(const struct page *p, const json_t *titles)
{
    const char *tag;
    json_t *title;
    const char *first = NULL;

    json_object_foreach((json_t *)(uintptr_t)titles, tag, title)
    {
        if (first == NULL)
            first = json_string_value(title);
        if (strncmp(tag, SAY(p, "es", "en"), 2) == 0)
            return json_string_value(title);
    }
    return first;
}

/* As people call it; its name in the ledger where no policy has a title. */
static void put_purpose(struct page *p, const json_t *event)
{
    const char *id = json_str(event, "purpose"), *title = NULL;
    const json_t *purpose;
    size_t i;

    if (id == NULL) {
        sheet_put(&p->s, "–");
        return;
    }
    /* What a document needs are several, parted by commas. */
    json_array_foreach(json_object_get(policy_of(p, event), "purposes"), i,
                       purpose)
    {
        const char *name = json_str(purpose, "purpose");

        if (name != NULL && strcmp(name, id) == 0)
            title = title_of(p, json_object_get(purpose, "titles"));
    }
    sheet_text(&p->s, title != NULL ? title : id);
}

static void put_event(struct page *p, const json_t *event)
{
    const char *version = json_str(event, "notice_version");
    const char *given = json_str(event, "provider_time");

    sheet_put(&p->s, "<tr><td>");
    put_time(p, given != NULL ? given : json_str(event, "event_time"));
    sheet_put(&p->s, "</td><th scope=\"row\" class=\"l\">");
    put_event_name(p, json_str(event, "event_type"));
    sheet_put(&p->s, "</th><td class=\"l\">");
    put_purpose(p, event);
    sheet_put(&p->s, "</td><td class=\"l\">");
    sheet_text(&p->s, version != NULL ? version : "–");
    sheet_put(&p->s, "</td></tr>\n");
}

static void put_events(struct page *p)
{
    const json_t *event;
    size_t i;

    sheet_put(&p->s,
              "<section aria-labelledby=\"h-what\"><h2 id=\"h-what\">%s</h2>"
              "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
              "aria-label=\"%s\"><table id=\"events\">\n<thead><tr>"
              "<th scope=\"col\">%s</th><th scope=\"col\" class=\"l\">%s</th>"
              "<th scope=\"col\" class=\"l\">%s</th><th scope=\"col\" "
              "class=\"l\">%s</th></tr></thead>\n<tbody>\n",
              SAY(p, "Qué pasó", "What happened"),
              SAY(p, "Qué pasó", "What happened"), SAY(p, "Hora", "Time"),
              SAY(p, "Hecho", "Event"), SAY(p, "Finalidad", "Purpose"),
              SAY(p, "Aviso", "Notice"));
    json_array_foreach(p->events, i, event)
    {
        put_event(p, event);
    }
    sheet_put(&p->s, "</tbody></table></div></section>\n");
}

/* The words of a question: its body, and what its buttons said. */
static void put_prompt(struct page *p, const char *hash, const char *text)
{
    struct error ignored = { 0 };
    json_t *value = json_parse(text, strlen(text), &ignored);
    const json_t *action = json_object_get(value, "action"), *button;
    const char *body = json_str(json_object_get(value, "body"), "text");
    size_t i;

    /* What was told without a question has no buttons: the words themselves. */
    body = body != NULL ? body : json_str(value, "body");

    sheet_put(&p->s, "<div class=\"said\">");
    sheet_text(&p->s, body != NULL ? body : text);
    sheet_put(&p->s, "</div>\n<p class=\"soft\">");
    json_array_foreach(json_object_get(action, "buttons"), i, button)
    {
        const char *title = json_str(json_object_get(button, "reply"), "title");

        sheet_put(&p->s, "<span class=\"tag old\">");
        sheet_text(&p->s, title != NULL ? title : "");
        sheet_put(&p->s, "</span> ");
    }
    sheet_put(&p->s, "<br>SHA-256 <span class=\"id\">");
    sheet_text(&p->s, hash);
    sheet_put(&p->s, "</span></p>\n");
    json_decref(value);
}

static void put_prompts(struct page *p)
{
    const char *hash;
    json_t *text;

    if (json_object_size(json_object_get(p->texts, "prompts")) == 0)
        return;
    sheet_put(&p->s,
              "<section aria-labelledby=\"h-asked\"><h2 id=\"h-asked\">%s"
              "</h2>\n",
              SAY(p, "Lo que se le preguntó, palabra por palabra",
                  "What you were asked, word for word"));
    json_object_foreach(json_object_get(p->texts, "prompts"), hash, text)
    {
        put_prompt(p, hash, json_string_value(text));
    }
    sheet_put(&p->s, "</section>\n");
}

static void put_notices(struct page *p)
{
    const char *hash;
    json_t *text;

    sheet_put(&p->s,
              "<section aria-labelledby=\"h-notice\"><h2 id=\"h-notice\">%s"
              "</h2>\n",
              SAY(p, "El aviso que se le mostró, completo",
                  "The notice that you were shown, in full"));
    json_object_foreach(json_object_get(p->texts, "notices"), hash, text)
    {
        sheet_put(&p->s, "<div class=\"text\">");
        markdown_put(&p->s, json_string_value(text));
        sheet_put(&p->s, "</div>\n<p class=\"soft\">SHA-256 <span "
                         "class=\"id\">");
        sheet_text(&p->s, hash);
        sheet_put(
            &p->s,
            "</span><br>%s</p>\n<details><summary>%s</summary>"
            "<pre>",
            SAY(p,
                "Es la huella del aviso tal como se publicó, sin dar "
                "formato: abajo, y en el comprobante completo (<code>"
                "--format full</code>), <code>texts.notices</code>.",
                "That is of the notice as it was published, without "
                "layout: below, and in the full receipt "
                "(<code>--format full</code>), "
                "<code>texts.notices</code>."),
            SAY(p, "El aviso sin dar formato", "The notice without layout"));
        sheet_text(&p->s, json_string_value(text));
        sheet_put(&p->s, "</pre></details>\n");
    }
    sheet_put(&p->s, "</section>\n");
}

/* ---- how to check it ---------------------------------------------------- */

static void put_how(struct page *p)
{
    sheet_put(
        &p->s,
        "<section aria-labelledby=\"h-how\"><h2 id=\"h-how\">%s</h2>\n"
        "<ol><li>%s</li><li>%s</li><li>%s</li><li>%s</li></ol>\n",
        SAY(p, "Cómo comprobarlo sin nosotros", "How to check it without us"),
        SAY(p,
            "Cada hecho de arriba es un asiento del registro; sus bytes "
            "y su prueba están abajo. SHA-256 de un byte cero y el "
            "asiento da su hoja.",
            "Each event above is an entry of the ledger; its bytes and "
            "its proof are below. SHA-256 of a zero byte and the entry "
            "gives its leaf."),
        SAY(p,
            "Con las líneas de la prueba se sube de la hoja a la raíz "
            "(RFC 9162, 2.1.3.2): debe ser la del punto de control.",
            "With the lines of the proof one climbs from the leaf to the "
            "root (RFC 9162, 2.1.3.2): it must be that of the "
            "checkpoint."),
        SAY(p,
            "La firma del punto de control se comprueba con la clave "
            "pública (Ed25519, c2sp.org/signed-note). Pregunte por otro "
            "medio si esa es la clave de la institución.",
            "The checkpoint's signature is checked with the public key "
            "(Ed25519, c2sp.org/signed-note). Ask by other means whether "
            "that is the institution's key."),
        SAY(p,
            "SHA-256 del aviso y de cada pregunta debe ser el que cita "
            "su asiento.",
            "SHA-256 of the notice and of each question must be what its "
            "entry cites."));
    sheet_put(&p->s, "<h3>%s</h3><pre id=\"vkey\">",
              SAY(p, "Clave pública", "Public key"));
    sheet_text(&p->s, json_str(p->receipt, "publicKey") != NULL
                          ? json_str(p->receipt, "publicKey")
                          : "");
    sheet_put(&p->s, "</pre>\n<h3>%s</h3><pre id=\"checkpoint\">",
              SAY(p, "Punto de control firmado", "Signed checkpoint"));
    sheet_text(&p->s, json_str(p->receipt, "checkpoint") != NULL
                          ? json_str(p->receipt, "checkpoint")
                          : "");
    sheet_put(&p->s, "</pre>\n");
}

static void put_proofs(struct page *p)
{
    const json_t *event;
    size_t i;

    json_array_foreach(p->events, i, event)
    {
        sheet_put(&p->s, "<details><summary>%zu. ", i + 1);
        put_event_name(p, json_str(event, "event_type"));
        sheet_put(&p->s, "</summary>\n<pre>");
        sheet_text(&p->s, json_str(event, "entry"));
        sheet_put(&p->s, "</pre>\n<pre>");
        sheet_text(&p->s, json_str(event, "proof"));
        sheet_put(&p->s, "</pre></details>\n");
    }
    sheet_put(&p->s, "</section>\n");
}

int receipt_page(struct buf *out, const json_t *receipt, const json_t *policies,
                 bool english, struct error *e)
{
    struct page p = { .s = { .out = out, .english = english },
                      .receipt = receipt,
                      .policies = policies,
                      .events = json_object_get(
                          json_object_get(receipt, "record"), "events"),
                      .texts = json_object_get(receipt, "texts") };
    const char *title =
        SAY(&p, "Comprobante de consentimiento", "Consent receipt");

    sheet_begin(&p.s, title);
    sheet_put(&p.s,
              "<header><p class=\"over\">Resguardo</p><h1>%s</h1>"
              "<p class=\"soft\">%s</p></header>\n<main>\n",
              title,
              SAY(&p,
                  "Lo que se le mostró a una persona y lo que ella decidió, "
                  "con prueba de cada hecho y nada sobre nadie más.",
                  "What one person was shown and decided, with a proof of each "
                  "event and nothing about anybody else."));
    put_parties(&p);
    put_events(&p);
    put_prompts(&p);
    put_notices(&p);
    put_how(&p);
    put_proofs(&p);
    sheet_put(&p.s, "</main>\n");
    sheet_end(&p.s);
    return p.s.failed ? error_set(e, ERR_NOMEM, "no memory for a page") : 0;
}
