/*
 * text: names HTML and plain text, for which libmagic would need the checks
 * that we switch off. Neither is a document we take; the name is for people.
 */
#ifndef RESGUARDO_INSPECT_TEXT_H
#define RESGUARDO_INSPECT_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* "text/html", "text/plain" or NULL for a file that starts with these bytes. */
const char *inspect_text_type(const uint8_t *, size_t);

#endif
