/*
 * zip: what a ZIP file holds, by the central directory at its end, which is
 * what every reader goes by. Nothing is unpacked; counts and sizes are capped.
 */
#ifndef RESGUARDO_INSPECT_ZIP_H
#define RESGUARDO_INSPECT_ZIP_H

#include "source.h"

struct inspect_zip {
    bool readable;      /* the directory is whole; else the rest is false */
    bool content_types; /* has [Content_Types].xml */
    bool word_document; /* has word/document.xml */
    bool macro;         /* has a member named vbaProject.bin, in any folder */
    bool encrypted;     /* some member is encrypted */
};

/* Surveys the directory of a file. -1 only when reading it failed; a file that
 * is no ZIP, or one over the caps, is not readable. */
int inspect_zip_survey(const struct inspect_source *, struct inspect_zip *,
                       struct error *);

#endif
