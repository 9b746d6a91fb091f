/* audit_files: the verifier and the words that go into each bundle. */
#ifndef RESGUARDO_CLI_AUDIT_FILES_H
#define RESGUARDO_CLI_AUDIT_FILES_H

extern const char audit_verifier[], audit_gate[], audit_readme[];

#endif
