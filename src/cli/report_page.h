/* What the files of the report's page share. */
#ifndef RESGUARDO_CLI_REPORT_PAGE_H
#define RESGUARDO_CLI_REPORT_PAGE_H

#include "report.h"
#include "sheet.h"

struct page {
    struct sheet s;
    const struct report *r;
    const struct report_about *about;
};

#define SAY(p, es, en) sheet_say(&(p)->s, (es), (en))

/* What is open and until when, and what happened with requests
 * (report_open.c). */
void page_put_deadlines(struct page *);

#endif
