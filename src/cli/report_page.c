/* The report as one page that needs nothing else: no script, no network. */
#include "report_page.h"

#include "report_chart.h"

#include <inttypes.h>
#include <string.h>

/* ---- the top ------------------------------------------------------------ */

static void put_period(struct page *p)
{
    const struct report *r = p->r;

    sheet_put(&p->s, "<p class=\"soft\">");
    if (r->inside == 0) {
        sheet_says(&p->s, "El registro no tiene nada de ese tiempo.",
                   "The ledger has nothing of that time.");
    } else {
        sheet_says(&p->s, "Del ", "From ");
        sheet_time(&p->s, r->first);
        sheet_says(&p->s, " al ", " to ");
        sheet_time(&p->s, r->last);
        sheet_put(&p->s, ". ");
        sheet_says(&p->s,
                   "Calculado del registro mismo, asiento por asiento; sin "
                   "datos de clientes.",
                   "Computed from the ledger itself, entry by entry; without "
                   "data of customers.");
    }
    sheet_put(&p->s, "</p>\n");
}

static void put_tiles(struct page *p)
{
    const struct report *r = p->r;

    sheet_put(&p->s, "<ul class=\"tiles\">\n");
    sheet_tile(&p->s, "t-people", r->informed, "personas informadas",
               "people informed");
    sheet_tile(&p->s, "t-given", r->decisions[REPORT_GIVEN],
               "consentimientos dados", "consents given");
    sheet_tile(&p->s, "t-withdrawn", r->decisions[REPORT_WITHDRAWN],
               "consentimientos retirados", "consents withdrawn");
    sheet_tile(&p->s, "t-stored", r->stored, "archivos guardados",
               "files stored");
    sheet_tile(&p->s, "t-accesses", r->accesses, "accesos del personal",
               "accesses by staff");
    sheet_tile(&p->s, "t-late", r->late, "fuera de horario", "out of hours");
    sheet_put(&p->s, "</ul>\n");
}

static void put_violations(struct page *p)
{
    const struct report *r = p->r;
    uint64_t shown = r->nviolations < LIMIT_REPORT_VIOLATIONS
                         ? r->nviolations
                         : LIMIT_REPORT_VIOLATIONS;

    sheet_put(&p->s, "<details%s><summary>%s</summary>\n",
              shown <= 5 ? " open" : "",
              SAY(p, "Los primeros, uno por uno", "The first, one by one"));
    sheet_table(&p->s, SAY(p, "Infracciones", "Breaches"), " id=\"breaches\"");
    sheet_column(&p->s, "Asiento", "Entry");
    sheet_column_words(&p->s, "Hecho", "Event");
    sheet_column_words(&p->s, "Qué pasa", "What is wrong");
    sheet_rows(&p->s);
    for (uint64_t i = 0; i < shown; i++) {
        const struct report_violation *v = &r->violations[i];

        sheet_put(&p->s, "<tr>");
        sheet_cell(&p->s, v->index);
        sheet_put(&p->s, "<td class=\"l\"><code>");
        sheet_text(&p->s, v->event);
        sheet_put(&p->s,
                  "</code></td><td class=\"l\" lang=\"en\">%s</td></tr>\n",
                  v->what);
    }
    sheet_table_end(&p->s);
    sheet_put(&p->s, "</details>\n");
}

#define ICON                                                                   \
    "<svg width=\"30\" height=\"30\" viewBox=\"0 0 30 30\" "                   \
    "aria-hidden=\"true\" fill=\"none\" stroke=\"var(%s)\" "                   \
    "stroke-width=\"2.6\" stroke-linecap=\"round\" "                           \
    "stroke-linejoin=\"round\"><circle cx=\"15\" cy=\"15\" r=\"13\"/>"         \
    "<path d=\"%s\"/></svg>"

static void put_verdict(struct page *p)
{
    const struct report *r = p->r;
    bool good = r->nviolations == 0;

    sheet_put(&p->s,
              "<section id=\"gate\" class=\"verdict %s\" "
              "aria-labelledby=\"h-gate\">",
              good ? "good" : "bad");
    if (good)
        sheet_put(&p->s, ICON, "--good", "M9 15.5l4 4 8-9");
    else
        sheet_put(&p->s, ICON, "--bad", "M15 8v9M15 21.5v.1");
    sheet_put(&p->s, "<div style=\"min-width:0\"><h2 id=\"h-gate\">");
    if (good) {
        sheet_says(&p->s, "Nada sin base legal", "Nothing without a basis");
    } else {
        sheet_number(&p->s, r->nviolations);
        sheet_says(&p->s, " asientos que no debieron ocurrir",
                   " entries that should not have happened");
    }
    sheet_put(&p->s, "</h2>\n<p>");
    sheet_says(&p->s, "Con base legal en ese momento: ",
               "With a legal basis at that moment: ");
    sheet_number(&p->s, r->gate_counts.fetched);
    sheet_says(&p->s, " archivos descargados, ", " files fetched, ");
    sheet_number(&p->s, r->gate_counts.kept);
    sheet_says(&p->s, " guardados, ", " kept, ");
    sheet_number(&p->s, r->gate_counts.read);
    sheet_says(&p->s, " lecturas. Se revisó cada asiento desde el primero.",
               " readings. Each entry was examined, from the first one.");
    sheet_put(&p->s, "</p>\n");
    if (!good)
        put_violations(p);
    sheet_put(&p->s, "</div></section>\n");
}

/* ---- decisions ---------------------------------------------------------- */

static const struct {
    const char *es, *en, *class;
} decisions[REPORT_DECISION__MAX] = {
    [REPORT_GIVEN] = { "dadas", "given", "f0" },
    [REPORT_REFUSED] = { "rechazadas", "refused", "f1" },
    [REPORT_WITHDRAWN] = { "retiradas", "withdrawn", "f2" },
    [REPORT_EXPIRED] = { "vencidas", "expired", "f3" },
};

static void put_decision_row(struct page *p, const char *name,
                             const uint64_t n[static REPORT_DECISION__MAX])
{
    sheet_put(&p->s, "<tr><th scope=\"row\">%s</th>", name);
    for (int d = 0; d < REPORT_DECISION__MAX; d++)
        sheet_cell(&p->s, n[d]);
    sheet_put(&p->s, "</tr>\n");
}

static void put_decision_table(struct page *p, const struct chart_bins *b)
{
    char name[2 * SHEET_PLAIN + 8];

    sheet_table(&p->s, SAY(p, "Decisiones", "Decisions"), " id=\"decisions\"");
    sheet_column(&p->s, b->step == 1 ? "Día" : "Desde",
                 b->step == 1 ? "Day" : "From");
    for (int d = 0; d < REPORT_DECISION__MAX; d++)
        sheet_column(&p->s, decisions[d].es, decisions[d].en);
    sheet_rows(&p->s);
    put_decision_row(p, SAY(p, "Todas", "All"), p->r->decisions);
    for (size_t i = 0; i < b->n; i++) {
        char day[SHEET_PLAIN], year[SHEET_PLAIN];
        int64_t at = b->first + (int64_t)i * b->step;

        sheet_day(&p->s, day, at, false);
        sheet_day(&p->s, year, at, true);
        (void)snprintf(name, sizeof(name), "%s %s", day,
                       year + strcspn(year, " ") + 1);
        put_decision_row(p, name, b->count[i]);
    }
    sheet_table_end(&p->s);
}

static void put_decisions(struct page *p)
{
    struct chart_bins b;

    chart_bins(&b, p->r);
    sheet_section(&p->s, "h-decisions", "Decisiones en el tiempo",
                  "Decisions over time");
    if (b.n == 0) {
        sheet_soft(&p->s, "Nadie decidió nada en este tiempo.",
                   "Nobody decided anything in this time.");
    } else {
        sheet_put(&p->s, "<ul class=\"legend\">");
        for (int d = 0; d < REPORT_DECISION__MAX; d++)
            chart_key(&p->s, decisions[d].class,
                      SAY(p, decisions[d].es, decisions[d].en));
        sheet_put(&p->s, "</ul>\n");
        chart_decisions(&p->s, &b);
        sheet_put(&p->s, "<details><summary>%s (%s %" PRId64 " %s)</summary>\n",
                  SAY(p, "Tabla", "Table"),
                  SAY(p, "una fila cada", "a row for each"), b.step,
                  b.step == 1 ? SAY(p, "día", "day") : SAY(p, "días", "days"));
        put_decision_table(p, &b);
        sheet_put(&p->s, "</details>\n");
    }
    sheet_section_end(&p->s);
}

/* ---- withdrawal --------------------------------------------------------- */

static void put_latency_row(struct page *p, const struct latency *l,
                            const char *name)
{
    const msec times[] = { latency_at(l, 50), latency_at(l, 95), l->max };

    sheet_put(&p->s, "<tr><th scope=\"row\">%s</th>", name);
    sheet_cell(&p->s, l->n);
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
        sheet_time_cell(&p->s, times[i], l->n > 0);
    sheet_put(&p->s, "</tr>\n");
}

static void put_withdrawal(struct page *p)
{
    const struct report *r = p->r;

    sheet_section(&p->s, "h-latency", "Cuánto tarda un retiro",
                  "How long a withdrawal takes");
    sheet_soft(
        &p->s,
        "Desde el segundo en que la persona escribió, según WhatsApp, "
        "hasta que se cortó el acceso y hasta que cada documento quedó "
        "bloqueado. La hora de WhatsApp no tiene fracciones: hasta un "
        "segundo es de ella.",
        "From the second in which the person wrote, by WhatsApp's clock, "
        "until the gate closed and until each document was blocked. That "
        "clock has no fractions: up to one second is its own.");
    if (r->to_closed.n == 0) {
        sheet_soft(&p->s, "Nadie retiró nada en este tiempo.",
                   "Nobody withdrew anything in this time.");
    } else {
        sheet_put(&p->s, "<ul class=\"legend\">");
        chart_key(&p->s, "f0", SAY(p, "mediana", "median"));
        chart_key(&p->s, "f1", "95 %");
        chart_key(&p->s, "f3", SAY(p, "máximo", "longest"));
        sheet_put(&p->s, "</ul>\n");
        chart_latency(&p->s, r);
        sheet_table(
            &p->s, SAY(p, "Duración de los retiros", "Duration of withdrawals"),
            " id=\"latency\"");
        sheet_column(&p->s, "Hasta", "Until");
        sheet_column(&p->s, "veces", "times");
        sheet_column(&p->s, "mediana", "median");
        sheet_column(&p->s, "95 %", "95 %");
        sheet_column(&p->s, "máximo", "longest");
        sheet_rows(&p->s);
        put_latency_row(p, &r->to_closed,
                        SAY(p, "cortar el acceso", "the gate closed"));
        put_latency_row(
            p, &r->to_blocked,
            SAY(p, "bloquear un documento", "a document was blocked"));
        sheet_table_end(&p->s);
    }
    sheet_section_end(&p->s);
}

/* ---- who looked --------------------------------------------------------- */

static uint64_t looks(const struct report_staff *s)
{
    uint64_t sum = 0;

    for (int i = 0; i < REPORT_DENIED; i++)
        sum += s->n[i];
    return sum;
}

static void put_staff_row(struct page *p, const struct report_staff *staff,
                          uint64_t max)
{
    uint64_t all = looks(staff);
    char label[96];

    sheet_put(&p->s, "<tr><th scope=\"row\">");
    sheet_text(&p->s, staff->name[0] != '\0' ? staff->name : "–");
    sheet_put(&p->s, "</th><td class=\"bar\">");
    (void)snprintf(label, sizeof(label), "%" PRIu64 " %s, %" PRIu64 " %s", all,
                   SAY(p, "accesos", "accesses"), staff->late,
                   SAY(p, "fuera de horario", "out of hours"));
    chart_bar(&p->s, all - staff->late, staff->late, max, label);
    sheet_put(&p->s, "</td>");
    for (int i = 0; i < REPORT_ACCESS__MAX; i++)
        sheet_cell(&p->s, staff->n[i]);
    sheet_cell(&p->s, staff->late);
    sheet_cell(&p->s, staff->bulk);
    sheet_put(&p->s, "</tr>\n");
}

static void put_staff(struct page *p)
{
    const struct report *r = p->r;
    uint64_t max = 1;

    for (size_t i = 0; i < r->nstaff; i++)
        max = looks(&r->staff[i]) > max ? looks(&r->staff[i]) : max;
    sheet_table(&p->s, SAY(p, "Accesos por persona", "Accesses by person"),
                " id=\"staff\"");
    sheet_column(&p->s, "Persona", "Person");
    sheet_column_words(&p->s, "accesos", "accesses");
    sheet_column(&p->s, "documentos", "documents");
    sheet_column(&p->s, "fichas", "records");
    sheet_column(&p->s, "listas", "lists");
    sheet_column(&p->s, "completos", "whole");
    sheet_column(&p->s, "informes", "reports");
    sheet_column(&p->s, "denegados", "denied");
    sheet_column(&p->s, "fuera de horario", "out of hours");
    sheet_column(&p->s, "masivos", "in bulk");
    sheet_rows(&p->s);
    for (size_t i = 0; i < r->nstaff; i++)
        put_staff_row(p, &r->staff[i], max);
    sheet_table_end(&p->s);
}

static void put_hour_table(struct page *p)
{
    sheet_put(&p->s, "<details><summary>%s</summary>\n",
              SAY(p, "Tabla por hora", "Table by hour"));
    sheet_table(&p->s, SAY(p, "Accesos por hora", "Accesses by hour"),
                " id=\"hours\" class=\"wide\"");
    sheet_column(&p->s, "Día", "Day");
    for (int h = 0; h < 24; h++)
        sheet_put(&p->s, "<th scope=\"col\">%02d</th>", h);
    sheet_rows(&p->s);
    for (int d = 0; d < 7; d++) {
        sheet_put(&p->s, "<tr><th scope=\"row\">%s</th>",
                  chart_weekday(&p->s, d));
        for (int h = 0; h < 24; h++)
            sheet_cell(&p->s, p->r->hours[d][h]);
        sheet_put(&p->s, "</tr>\n");
    }
    sheet_table_end(&p->s);
    sheet_put(&p->s, "</details>\n");
}

static void put_hours(struct page *p)
{
    const struct office *h = &p->r->office;

    if (h->policies != NULL) {
        sheet_says(&p->s,
                   "Horario: el de atención de las políticas de hoy, cada una "
                   "en su zona horaria y con sus festivos. En la cuadrícula, "
                   "el de una semana corriente. ",
                   "Hours: the opening hours of today's policies, each in its "
                   "time zone and with its holidays. In the grid, those of an "
                   "ordinary week. ");
        return;
    }
    sheet_says(&p->s, "Horario: de lunes a viernes, de ",
               "Hours: Monday to Friday, ");
    sheet_put(&p->s, "%02d:%02d %s %02d:%02d, %s ", h->from / 60, h->from % 60,
              SAY(p, "a", "to"), h->to / 60, h->to % 60,
              SAY(p, "zona horaria", "time zone"));
    sheet_text(&p->s, p->about->zone);
    sheet_put(&p->s, ". ");
}

static void put_accesses(struct page *p)
{
    sheet_section(&p->s, "h-accesses", "Quién vio qué", "Who saw what");
    if (p->r->nstaff == 0) {
        sheet_soft(&p->s, "Nadie del personal abrió nada en este tiempo.",
                   "Nobody of the staff opened anything in this time.");
        sheet_section_end(&p->s);
        return;
    }
    sheet_put(&p->s, "<p class=\"soft\">");
    put_hours(p);
    sheet_says(&p->s,
               "Completo es todo un caso, o todo lo de una persona; masivo, "
               "veinte archivos en una hora, o todo de una vez.",
               "Whole is all of a case, or of a person; in bulk is twenty "
               "files in an hour, or all of something at once.");
    sheet_put(&p->s, "</p>\n<ul class=\"legend\">");
    chart_key(&p->s, "f0", SAY(p, "en horario", "in hours"));
    chart_key(&p->s, "f1", SAY(p, "fuera de horario", "out of hours"));
    sheet_put(&p->s, "</ul>\n");
    put_staff(p);
    sheet_put(&p->s, "<h3>%s</h3>\n", SAY(p, "A qué hora", "At what time"));
    chart_hours(&p->s, p->r);
    put_hour_table(p);
    sheet_section_end(&p->s);
}

/* ---- notices, files ----------------------------------------------------- */

static void put_notice_row(struct page *p, const struct report_notice *n)
{
    char label[64];

    sheet_put(&p->s, "<tr><th scope=\"row\">");
    sheet_text(&p->s, n->policy);
    sheet_put(&p->s, " · ");
    sheet_text(&p->s, n->version);
    sheet_put(&p->s, " <span class=\"tag%s\">%s</span></th>",
              n->newest ? "" : " old",
              n->newest ? SAY(p, "vigente", "in force")
                        : SAY(p, "anterior", "former"));
    (void)snprintf(label, sizeof(label), "%" PRIu64 " %s", n->people,
                   SAY(p, "personas", "people"));
    sheet_put(&p->s, "<td class=\"bar\">");
    chart_bar(&p->s, n->newest ? n->people : 0, n->newest ? 0 : n->people,
              p->r->people > 0 ? p->r->people : 1, label);
    sheet_put(&p->s, "</td>");
    sheet_cell(&p->s, n->people);
    sheet_put(&p->s, "<td class=\"l\">");
    sheet_text(&p->s, n->languages);
    sheet_put(&p->s, "</td><td>");
    sheet_time(&p->s, n->published);
    sheet_put(&p->s, "</td></tr>\n");
}

/* How many are not on the newest one of its policy. */
static void put_old(struct page *p)
{
    uint64_t old = 0;

    for (size_t i = 0; i < p->r->nnotices; i++)
        old += p->r->notices[i].newest ? 0 : p->r->notices[i].people;
    sheet_put(&p->s, "<p id=\"old\">");
    sheet_number(&p->s, old);
    sheet_says(&p->s, " de ", " of ");
    sheet_number(&p->s, p->r->people);
    sheet_says(&p->s, " personas no han visto el aviso vigente.",
               " people have not seen the notice in force.");
    sheet_put(&p->s, "</p>\n");
}

static void put_notices(struct page *p)
{
    sheet_section(&p->s, "h-notices", "Avisos de privacidad",
                  "Privacy notices");
    sheet_soft(&p->s,
               "A cada persona viva en el registro se la cuenta en el último "
               "aviso que se le mostró.",
               "Each person who was not erased counts for the last notice that "
               "they were shown.");
    put_old(p);
    sheet_table(&p->s, SAY(p, "Avisos", "Notices"), " id=\"notices\"");
    sheet_column(&p->s, "Política y versión", "Policy and version");
    sheet_column_words(&p->s, "proporción", "share");
    sheet_column(&p->s, "personas", "people");
    sheet_column_words(&p->s, "idiomas", "languages");
    sheet_column(&p->s, "publicado", "published");
    sheet_rows(&p->s);
    for (size_t i = 0; i < p->r->nnotices; i++)
        put_notice_row(p, &p->r->notices[i]);
    sheet_table_end(&p->s);
    sheet_section_end(&p->s);
}

static const struct {
    const char *es, *en;
} rejections[REPORT_REJECTION__MAX] = {
    [REPORT_TYPE] = { "tipo no admitido", "type not accepted" },
    [REPORT_SIZE] = { "demasiado grande", "too large" },
    [REPORT_UNAVAILABLE] = { "WhatsApp no lo entregó",
                             "WhatsApp did not hand it over" },
    [REPORT_FINDING] = { "en cuarentena: hallazgo", "quarantined: a finding" },
    [REPORT_HASH] = { "en cuarentena: llegó dañado",
                      "quarantined: arrived damaged" },
    [REPORT_JUDGE] = { "en cuarentena: no se pudo revisar",
                       "quarantined: could not be examined" },
    [REPORT_NO_CONSENT] = { "sin consentimiento: no se descargó",
                            "no consent: not fetched" },
    [REPORT_LATE] = { "nadie respondió a tiempo", "nobody answered in time" },
    [REPORT_DISCARDED] = { "retiro mientras llegaba: se descartó",
                           "withdrawn on its way: thrown away" },
    [REPORT_OTHER] = { "otro motivo", "another reason" },
};

static void put_files(struct page *p)
{
    const struct report *r = p->r;
    uint64_t max = 1;

    for (int i = 0; i < REPORT_REJECTION__MAX; i++)
        max = r->rejections[i] > max ? r->rejections[i] : max;
    sheet_section(&p->s, "h-files",
                  "Archivos que no se guardaron o se apartaron",
                  "Files that were not kept, or set apart");
    sheet_table(&p->s, SAY(p, "Archivos por motivo", "Files by reason"),
                " id=\"files\"");
    sheet_column(&p->s, "Motivo", "Reason");
    sheet_column_words(&p->s, "proporción", "share");
    sheet_column(&p->s, "archivos", "files");
    sheet_rows(&p->s);
    for (int i = 0; i < REPORT_REJECTION__MAX; i++) {
        char label[32];

        (void)snprintf(label, sizeof(label), "%" PRIu64, r->rejections[i]);
        sheet_put(&p->s, "<tr><th scope=\"row\">%s</th><td class=\"bar\">",
                  SAY(p, rejections[i].es, rejections[i].en));
        chart_bar(&p->s, r->rejections[i], 0, max, label);
        sheet_put(&p->s, "</td>");
        sheet_cell(&p->s, r->rejections[i]);
        sheet_put(&p->s, "</tr>\n");
    }
    sheet_table_end(&p->s);
    sheet_section_end(&p->s);
}

/* ---- where it comes from ------------------------------------------------ */

static void put_source(struct page *p)
{
    const struct report_about *a = p->about;
    char root[HEX_SIZE(LEDGER_HASH_LEN)];

    hex_encode(root, a->now.root, sizeof(a->now.root));
    sheet_section(&p->s, "h-source", "De dónde salen estas cifras",
                  "Where these numbers come from");
    if (a->bundle)
        sheet_soft(&p->s,
                   "De una carpeta exportada, verificada entera antes de "
                   "calcular: firma, árbol y cada asiento.",
                   "From an exported folder, verified as a whole before "
                   "anything was computed: signature, tree and each entry.");
    else
        sheet_soft(&p->s,
                   "Del registro en servicio, recalculado entero contra su "
                   "firma. El registro dice también que se hizo este "
                   "informe (<code>consent_reported</code>).",
                   "From the live ledger, recomputed as a whole against its "
                   "signature. That this report was made is an entry in it "
                   "(<code>consent_reported</code>).");
    sheet_put(&p->s, "<dl>");
    sheet_term(&p->s, "Origen", "Origin");
    sheet_text(&p->s, a->origin);
    sheet_put(&p->s, "</dd>");
    sheet_term(&p->s, "Asientos", "Entries");
    sheet_number(&p->s, a->now.size);
    sheet_put(&p->s, "</dd>");
    sheet_term(&p->s, "Raíz", "Root");
    sheet_put(&p->s, "<span class=\"id\" id=\"root\">%s</span></dd>", root);
    sheet_term(&p->s, "Hecho", "Made");
    sheet_time(&p->s, a->made);
    sheet_put(&p->s, "</dd></dl>\n<h3>%s</h3>\n<pre id=\"checkpoint\">",
              SAY(p, "Punto de control firmado", "Signed checkpoint"));
    sheet_text(&p->s, a->note);
    sheet_put(&p->s, "</pre>\n");
    sheet_soft(
        &p->s,
        "Quien tenga este punto de control puede comprobar más tarde "
        "que nadie cambió, quitó ni añadió nada antes de él: "
        "<code>resguardo ledger verify DIR --since-checkpoint "
        "ARCHIVO</code>, o <code>python3 verify.py DIR ARCHIVO</code> "
        "sin nuestros programas.",
        "Whoever keeps this checkpoint can find out later whether "
        "anything before it was changed, taken away or added: "
        "<code>resguardo ledger verify DIR --since-checkpoint "
        "FILE</code>, or <code>python3 verify.py DIR FILE</code> without "
        "our programs.");
    sheet_section_end(&p->s);
}

int report_page(struct buf *out, const struct report *r,
                const struct report_about *about)
{
    struct page p = { .s = { .out = out, .english = about->english },
                      .r = r,
                      .about = about };
    const char *title = SAY(&p, "Consentimiento y acceso: informe",
                            "Consent and access: a report");

    sheet_begin(&p.s, title);
    sheet_put(&p.s, "<header><p class=\"over\">Resguardo · ");
    sheet_text(&p.s, about->origin);
    sheet_put(&p.s, "</p>\n<h1>%s</h1>\n", title);
    put_period(&p);
    sheet_put(&p.s, "</header>\n<main>\n");
    put_verdict(&p);
    put_tiles(&p);
    put_decisions(&p);
    put_withdrawal(&p);
    put_accesses(&p);
    put_notices(&p);
    put_files(&p);
    page_put_deadlines(&p);
    put_source(&p);
    sheet_put(&p.s, "</main>\n");
    sheet_end(&p.s);
    return p.s.failed ? -1 : 0;
}
