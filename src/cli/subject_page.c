/*
 * The page of an export: what is kept of a person, as they can read it, in
 * Spanish and English. Its rows come in the order of the export; what a person
 * wrote is text here and never markup.
 */
#include "cli.h"
#include "subject_page.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 6u

struct column {
    const char *key, *es, *en;
};

/* An event is a row of the first section that takes it. */
static bool is_access(const json_t *row);
static bool is_decision(const json_t *row);
static bool is_own(const json_t *row);

struct section {
    const char *record;
    bool (*takes)(const json_t *row); /* NULL: all of the record */
    const char *es, *en;
    struct column columns[COLUMNS_MAX + 1]; /* ended by a NULL key */
};

static const struct section sections[] = {
    { "handle",
      NULL,
      "Quién es usted para nosotros",
      "Who you are to us",
      { { "type", "Dato", "Kind" },
        { "value", "Valor", "Value" },
        { "seen_at", "Visto por primera vez", "First seen" } } },
    { "consent",
      NULL,
      "Sus decisiones, hoy",
      "Your decisions, today",
      { { "policy", "Política", "Policy" },
        { "purpose", "Finalidad", "Purpose" },
        { "state", "Decisión", "Decision" },
        { "yes_at", "Sí", "Yes" },
        { "no_at", "No", "No" } } },
    { "event",
      is_decision,
      "Lo que se le preguntó y lo que respondió",
      "What you were asked and what you answered",
      { { "time", "Fecha", "Time" },
        { "event_type", "Hecho", "Event" },
        { "purpose", "Finalidad", "Purpose" },
        { "notice_version", "Aviso", "Notice" },
        { "language", "Idioma", "Language" },
        { "channel", "Canal", "Channel" } } },
    { "case",
      NULL,
      "Sus expedientes",
      "Your cases",
      { { "id", "Expediente", "Case" },
        { "state", "Estado", "State" },
        { "opened_at", "Abierto", "Opened" },
        { "closed_at", "Cerrado", "Closed" },
        { "documents", "Documentos", "Documents" } } },
    { "document",
      NULL,
      "Sus documentos",
      "Your documents",
      { { "file", "Archivo", "File" },
        { "caption", "Su texto", "Your words" },
        { "media_type", "Tipo", "Type" },
        { "size", "Bytes", "Bytes" },
        { "received_at", "Recibido", "Received" },
        { "state", "Estado", "State" } } },
    { "attachment",
      NULL,
      "Todo lo que envió, y qué pasó con ello",
      "All that you sent, and what became of it",
      { { "received_at", "Recibido", "Received" },
        { "announced_type", "Anunciado como", "Announced as" },
        { "claims", "Lo que venía con ello", "What came with it" },
        { "state", "Estado", "State" },
        { "reason", "Motivo", "Reason" } } },
    { "request",
      is_own,
      "Lo que usted pidió, y hasta cuándo se responde",
      "What you asked for, and by when it is answered",
      { { "received_at", "Recibido", "Received" },
        { "type", "Tipo", "Kind" },
        { "due", "Respuesta a más tardar", "Answered by" },
        { "state", "Estado", "State" },
        { "outcome", "Resultado", "Outcome" } } },
    { "request",
      NULL,
      "Lo que otra persona pidió sobre sus datos",
      "What somebody else asked for about your data",
      { { "received_at", "Recibido", "Received" },
        { "requester_role", "Quién pidió", "Who asked" },
        { "type", "Tipo", "Kind" },
        { "due", "Respuesta a más tardar", "Answered by" },
        { "state", "Estado", "State" },
        { "outcome", "Resultado", "Outcome" } } },
    { "message",
      NULL,
      "Lo que le escribimos",
      "What we wrote to you",
      { { "made_at", "Fecha", "Time" },
        { "body", "Mensaje", "Message" },
        { "state", "Estado", "State" },
        { "delivery", "Entrega", "Delivery" } } },
    { "chat",
      NULL,
      "Su conversación con una persona, y notas de su caso",
      "Your conversation with a person, and notes on your case",
      { { "at", "Fecha", "Time" },
        { "kind", "Quién", "Who" },
        { "text", "Mensaje", "Message" },
        { "case_id", "Expediente", "Case" } } },
    { "handover",
      NULL,
      "Cuándo pidió hablar con una persona",
      "When you asked for a person",
      { { "asked_at", "Pedido", "Asked" },
        { "taken_at", "Atendido", "Answered" },
        { "ended_at", "Terminado", "Ended" } } },
    { "rating",
      NULL,
      "Cómo nos calificó",
      "How you rated us",
      { { "asked_at", "Preguntado", "Asked" },
        { "rated_at", "Respondido", "Answered" },
        { "rating", "De 1 a 5", "From 1 to 5" },
        { "case_id", "Expediente", "Case" } } },
    { "promise",
      NULL,
      "Para cuándo dijo que pagaba",
      "By when you said that you would pay",
      { { "made_at", "Dicho", "Said" },
        { "due", "Para el día", "By" },
        { "state", "Estado", "State" } } },
    { "contact",
      NULL,
      "Cuándo hablamos fuera de este chat",
      "When we talked elsewhere than in this chat",
      { { "at", "Fecha", "Time" },
        { "channel", "Por dónde", "How" },
        { "direction", "Quién buscó a quién", "Who came to whom" },
        { "case_id", "Expediente", "Case" } } },
    { "event",
      is_access,
      "Quién accedió a sus datos",
      "Who looked at your data",
      { { "time", "Fecha", "Time" },
        { "event_type", "Hecho", "Event" },
        { "actor", "Persona", "Person" },
        { "role", "Función", "Role" },
        { "document_id", "Documento", "Document" },
        { "case_id", "Expediente", "Case" } } },
    { "event",
      NULL,
      "Qué más pasó con sus archivos",
      "What else happened to your files",
      { { "time", "Fecha", "Time" },
        { "event_type", "Hecho", "Event" },
        { "document_id", "Documento", "Document" },
        { "attachment_id", "Archivo", "File" },
        { "reason", "Motivo", "Reason" } } },
    { "notice",
      NULL,
      "Los avisos que se le mostraron",
      "The notices that you were shown",
      { { "notice_version", "Versión", "Version" },
        { "language", "Idioma", "Language" },
        { "text", "Texto", "Text" } } },
};
#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

struct page {
    struct buf rows[SECTIONS];
    struct buf head; /* of the person */
};

static bool is_decision(const json_t *row)
{
    const char *event = json_str(row, "event_type");

    return event != NULL && (strncmp(event, "consent_", 8) == 0 ||
                             strncmp(event, "notice_", 7) == 0);
}

/* Who asked: a copy that is older than the question says nothing of it. */
static bool is_own(const json_t *row)
{
    const char *who = json_str(row, "requester_role");

    return who == NULL || strcmp(who, "subject") == 0;
}

static bool is_access(const json_t *row)
{
    return json_str(row, "role") != NULL;
}

/* ---- cells -------------------------------------------------------------- */

/* Members that say nothing to a person; data.json has them. */
static bool is_technical(const char *key)
{
    static const char *const keys[] = { "type", "id", "media_id", "sha256",
                                        "wamid" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

/* What is theirs is no word of ours, even where it reads like one. */
static bool is_theirs(const char *key)
{
    return strcmp(key, "value") == 0 || strcmp(key, "caption") == 0;
}

/* Every text in what we sent or they did, a line each. */
static int add_texts(struct buf *out, const json_t *value)
{
    const char *key;
    const json_t *item;
    size_t i;

    if (json_is_string(value))
        return html_text(out, json_string_value(value)) != 0
                   ? -1
                   : buf_adds(out, "<br>");
    json_array_foreach(value, i, item)
    {
        if (add_texts(out, item) != 0)
            return -1;
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, item)
    {
        if (!is_technical(key) && add_texts(out, item) != 0)
            return -1;
    }
    return 0;
}

#define FOLDER "documents/"

/* A document that is in the archive is a link to it; what the customer called
 * it, or else we, is its text. */
static int add_link(struct buf *out, const json_t *row, const char *file)
{
    const char *shown = json_str(row, "file_name");

    if (shown == NULL)
        shown = file != NULL ? file : json_str(row, "id");
    if (shown == NULL)
        return 0;
    if (file == NULL || strncmp(file, FOLDER, strlen(FOLDER)) != 0)
        return html_text(out, shown);
    return client_path(out, "<a href=\"" FOLDER, file + strlen(FOLDER),
                       "\">") != 0 ||
                   html_text(out, shown) != 0
               ? -1
               : buf_adds(out, "</a>");
}

static int add_cell(struct buf *out, const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);
    const char *text = json_string_value(value);

    if (strcmp(key, "file") == 0)
        return add_link(out, row, text);
    if (strcmp(key, "text") == 0 && text != NULL)
        return buf_adds(out, "<pre>") != 0 || html_text(out, text) != 0
                   ? -1
                   : buf_adds(out, "</pre>");
    if (text != NULL)
        return is_theirs(key) ? html_text(out, text) : page_word(out, text);
    if (json_is_integer(value))
        return buf_addf(out, "%lld", (long long)json_integer_value(value));
    return add_texts(out, value);
}

static int add_row(struct buf *out, const struct section *s, const json_t *row)
{
    int ok = buf_adds(out, "<tr>");

    for (size_t i = 0; ok == 0 && s->columns[i].key != NULL; i++)
        if (buf_adds(out, "<td>") != 0 ||
            add_cell(out, row, s->columns[i].key) != 0 ||
            buf_adds(out, "</td>") != 0)
            ok = -1;
    return ok != 0 ? -1 : buf_adds(out, "</tr>\n");
}

/* ---- the page ----------------------------------------------------------- */

static int add_person(struct buf *out, const json_t *row)
{
    const char *controller = json_str(row, "controller");
    const char *subject = json_str(row, "subject");
    const char *time = json_str(row, "exported_at");

    if (controller == NULL || subject == NULL || time == NULL)
        return 0;
    return buf_adds(out, "<p>Responsable <i>/ Controller</i>: <b>") != 0 ||
                   html_text(out, controller) != 0 ||
                   buf_adds(out, "</b><br>Su número interno <i>/ Your internal "
                                 "number</i>: ") != 0 ||
                   html_text(out, subject) != 0 ||
                   buf_adds(out, "<br>Fecha de la copia <i>/ Time of the "
                                 "copy</i>: ") != 0 ||
                   html_text(out, time) != 0
               ? -1
               : buf_adds(out, "</p>\n");
}

struct page *page_new(void)
{
    return calloc(1, sizeof(struct page));
}

int page_add(struct page *p, const char *record, const json_t *row)
{
    if (strcmp(record, "person") == 0)
        return add_person(&p->head, row);
    for (size_t i = 0; i < SECTIONS; i++)
        if (strcmp(sections[i].record, record) == 0 &&
            (sections[i].takes == NULL || sections[i].takes(row)))
            return add_row(&p->rows[i], &sections[i], row);
    return 0;
}

static int add_section(struct buf *out, const struct section *s,
                       const struct buf *rows)
{
    if (buf_addf(out, "<h2>%s <i>/ %s</i></h2>\n", s->es, s->en) != 0)
        return -1;
    if (rows->len == 0)
        return buf_adds(out, "<p>Nada <i>/ Nothing</i></p>\n");
    if (buf_adds(out, "<table><tr>") != 0)
        return -1;
    for (size_t i = 0; s->columns[i].key != NULL; i++)
        if (buf_addf(out, "<th>%s <i>/ %s</i></th>", s->columns[i].es,
                     s->columns[i].en) != 0)
            return -1;
    return buf_adds(out, "</tr>\n") != 0 ||
                   buf_add(out, rows->p, rows->len) != 0
               ? -1
               : buf_adds(out, "</table>\n");
}

int page_write(const struct page *p, struct buf *out)
{
    static const char top[] =
        "<!DOCTYPE html>\n<html lang=\"es\"><head><meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
        "'none'; style-src 'unsafe-inline'\">\n"
        "<title>Sus datos</title>\n<style>body{font-family:sans-serif;"
        "max-width:70em;margin:2em auto;padding:0 1em}table{border-collapse:"
        "collapse}td,th{border:1px solid #999;padding:.3em;text-align:left;"
        "vertical-align:top}pre{white-space:pre-wrap}i{color:#555;font-style:"
        "normal}</style></head><body>\n"
        "<h1>Sus datos <i>/ Your data</i></h1>\n";
    static const char bottom[] =
        "<p>Lo mismo, para programas, está en <a href=\"data.json\">data.json"
        "</a>. <i>/ The same, for programs, is in data.json. Times are "
        "UTC.</i></p>\n</body></html>\n";

    if (buf_adds(out, top) != 0 ||
        (p->head.len > 0 && buf_add(out, p->head.p, p->head.len) != 0))
        return -1;
    for (size_t i = 0; i < SECTIONS; i++)
        if (add_section(out, &sections[i], &p->rows[i]) != 0)
            return -1;
    return buf_adds(out, bottom);
}

void page_free(struct page **page)
{
    if (*page == NULL)
        return;
    for (size_t i = 0; i < SECTIONS; i++)
        buf_free(&(*page)->rows[i]);
    buf_free(&(*page)->head);
    free(*page);
    *page = NULL;
}
