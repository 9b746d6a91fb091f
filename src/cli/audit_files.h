/* audit_files: the verifier and the words that go into each bundle. */
#ifndef RESGUARDO_CLI_AUDIT_FILES_H
#define RESGUARDO_CLI_AUDIT_FILES_H

/* Until one without a name. */
struct audit_file {
    const char *name, *text;
};
extern const struct audit_file audit_files[];

#endif
