/* The page's part about what is open and until when. */
#include "report_page.h"

#include <string.h>

/* The words of our own closed lists; an id of a case as it is. */
static void put_what(struct page *p, const char *what)
{
    static const char *const words[][3] = {
        { "subject", "persona", "person" },
        { "documents", "documentos", "documents" },
        { "evidence", "pruebas", "evidence" },
        { "erase", "supresión", "erasure" },
        { "staff_add", "alta de personal", "new staff" },
        { "reveal", "revelar identidades", "reveal identities" },
        { "release", "entrega a una autoridad", "release to an authority" },
        { "bulk_read", "lectura masiva", "bulk reading" },
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strcmp(words[i][0], what) == 0) {
            sheet_says(&p->s, words[i][1], words[i][2]);
            return;
        }
    sheet_text(&p->s, what);
}

/* A request as it stands, and its last day. */
static void put_request_state(struct page *p, const struct report_deadline *d)
{
    static const char *const words[REQUEST_STATE__MAX][2] = {
        [REQUEST_RUNS] = { "corre", "runs" },
        [REQUEST_LACKS] = { "se le pidió algo a la persona",
                            "waits for the person" },
        [REQUEST_EXTENDED] = { "prorrogada", "extended" },
        [REQUEST_OVERDUE] = { "vencida", "overdue" },
        [REQUEST_DEEMED] = { "se entiende aceptada", "deemed accepted" },
    };
    bool late = d->state == REQUEST_OVERDUE || d->state == REQUEST_DEEMED;

    sheet_put(&p->s, " <span class=\"tag%s\">%s", late ? " due" : "",
              SAY(p, words[d->state][0], words[d->state][1]));
    if (d->extensions > 0)
        sheet_put(&p->s, " (%u\u00a0×%s)", d->extensions,
                  d->told_elsewhere
                      ? SAY(p, ", avisada por otro medio", ", told elsewhere")
                      : "");
    sheet_put(&p->s, "</span>");
}

static void put_deadline_due(struct page *p, const struct report_deadline *d)
{
    bool overdue = d->due != 0 && d->due < p->about->made;

    if (d->due == 0)
        sheet_says(&p->s, "sin fin", "no end");
    else if (d->kind == REPORT_REQUEST)
        sheet_put(&p->s, "<time datetime=\"%s\">%s</time>", d->day, d->day);
    else
        sheet_time(&p->s, d->due);
    if (d->kind == REPORT_REQUEST)
        put_request_state(p, d);
    if (overdue &&
        !(d->kind == REPORT_REQUEST &&
          (d->state == REQUEST_OVERDUE || d->state == REQUEST_DEEMED)))
        sheet_put(&p->s, " <span class=\"tag due\">%s</span>",
                  SAY(p, "vencida", "overdue"));
}

static void put_deadline_row(struct page *p, const struct report_deadline *d)
{
    static const char *const names[REPORT_DEADLINE__MAX][2] = {
        [REPORT_ERASURE] = { "supresión", "erasure" },
        [REPORT_HOLD] = { "retención legal", "legal hold" },
        [REPORT_APPROVAL] = { "aprobación", "approval" },
        [REPORT_REQUEST] = { "solicitud", "request" },
    };

    sheet_put(&p->s, "<tr><th scope=\"row\">%s</th><td class=\"l\"><code>",
              SAY(p, names[d->kind][0], names[d->kind][1]));
    sheet_text(&p->s, d->id);
    sheet_put(&p->s, "</code></td><td class=\"l\">");
    put_what(p, d->what);
    sheet_put(&p->s, "</td><td>");
    sheet_time(&p->s, d->since);
    sheet_put(&p->s, "</td><td>");
    put_deadline_due(p, d);
    sheet_put(&p->s, "</td></tr>\n");
}

/* What happened with requests in the time of the report. */
static void put_requests(struct page *p)
{
    static const char *const names[REPORT_TYPE__MAX][2] = {
        { "consulta", "access" },
        { "corrección", "correction" },
        { "supresión", "erasure" },
        { "revocación", "withdrawal" },
        { "queja", "complaint" },
        { "otra", "other" },
        { "promesa de un caso", "promise for a case" },
        { "incidente", "incident" },
    };

    sheet_put(&p->s, "<h3>%s</h3>\n",
              SAY(p, "Solicitudes en este tiempo", "Requests in this time"));
    sheet_table(&p->s, SAY(p, "Solicitudes", "Requests"), " id=\"requests\"");
    sheet_column(&p->s, "Tipo", "Type");
    sheet_column(&p->s, "abiertas", "opened");
    sheet_column(&p->s, "prorrogadas", "extended");
    sheet_column(&p->s, "vencidas", "overdue");
    sheet_column(&p->s, "se entienden aceptadas", "deemed accepted");
    sheet_column(&p->s, "cerradas", "closed");
    sheet_rows(&p->s);
    for (int t = 0; t < REPORT_TYPE__MAX; t++) {
        sheet_put(&p->s, "<tr><th scope=\"row\">%s</th>",
                  SAY(p, names[t][0], names[t][1]));
        for (int c = 0; c < REPORT_COUNT__MAX; c++)
            sheet_cell(&p->s, p->r->requests[t][c]);
        sheet_put(&p->s, "</tr>\n");
    }
    sheet_table_end(&p->s);
}

void page_put_deadlines(struct page *p)
{
    const struct report_deadlines *t = &p->r->deadlines;

    sheet_section(&p->s, "h-deadlines", "Plazos abiertos", "Open deadlines");
    if (t->n == 0)
        sheet_soft(&p->s,
                   "No hay supresiones, retenciones, aprobaciones ni "
                   "solicitudes abiertas.",
                   "There is no open erasure, hold, approval or request.");
    else {
        sheet_table(&p->s, SAY(p, "Plazos", "Deadlines"), " id=\"deadlines\"");
        sheet_column(&p->s, "Qué", "What");
        sheet_column_words(&p->s, "id", "id");
        sheet_column_words(&p->s, "de", "of");
        sheet_column(&p->s, "desde", "since");
        sheet_column(&p->s, "hasta", "due");
        sheet_rows(&p->s);
        for (size_t i = 0; i < t->n && i < LIMIT_REPORT_DEADLINES; i++)
            put_deadline_row(p, &t->list[i]);
        sheet_table_end(&p->s);
    }
    if (t->n > LIMIT_REPORT_DEADLINES) {
        sheet_put(&p->s, "<p class=\"soft\">");
        sheet_says(&p->s, "Las primeras de ", "The first ones of ");
        sheet_number(&p->s, t->n);
        sheet_put(&p->s, ".</p>\n");
    }
    put_requests(p);
    sheet_section_end(&p->s);
}
