/* Which function serves which path, and for whom. */
#include "desk_private.h"

#include <string.h>

static const struct route routes[] = {
    { "GET", "/status", 0, serve_status, NULL },
    { "GET", "/check", 0, serve_check, NULL },
    { "POST", "/nonce", 0, serve_nonce, NULL },
    { "GET", "/keyring", 0, serve_keyring, NULL },
    { "POST", "/keyring", ROLE_OFFICER, serve_keyring_change, before_nothing },
    { "POST", "/keyring/key", 0, serve_keyring_key, NULL },
    { "GET", "/grants/*", ROLE_AGENT, serve_grant, NULL },
    { "GET", "/staff", ROLE_OFFICER, serve_staff, NULL },
    { "GET", "/user", ROLE_OFFICER, serve_user, NULL },
    { "GET", "/vault", ROLE_OFFICER, serve_vault, NULL },
    { "POST", "/vault/escrow", ROLE_OFFICER, serve_escrow, before_nothing },
    { "POST", "/vault/headers", ROLE_OFFICER, serve_rewrap, before_nothing },
    { "POST", "/vault/headers/read", ROLE_OFFICER, serve_headers,
      before_nothing },
    { "POST", "/vault/headers/unproven", ROLE_OFFICER, serve_unproven,
      before_nothing },
    { "POST", "/vault/headers/confirmed", ROLE_OFFICER, serve_proof,
      before_nothing },
    { "GET", "/cases", ROLE_AGENT, serve_case_list, NULL },
    { "GET", "/cases/*", ROLE_AGENT, serve_case_show, NULL },
    { "POST", "/cases/*/close", ROLE_AGENT, serve_case_close, before_case },
    { "POST", "/cases/*/work", ROLE_AGENT, serve_case_work, before_case },
    { "POST", "/cases/*/notes", ROLE_AGENT, serve_case_notes, before_case },
    { "POST", "/subjects/*/case", ROLE_AGENT, serve_case_open, before_subject },
    { "GET", "/conversations", ROLE_AGENT, serve_conversation_list, NULL },
    { "POST", "/conversations/*/read", ROLE_AGENT, serve_conversation_read,
      before_conversation },
    { "POST", "/conversations/*/take", ROLE_AGENT, serve_conversation_take,
      before_conversation },
    { "POST", "/conversations/*/reply", ROLE_AGENT, serve_conversation_reply,
      before_conversation },
    { "POST", "/conversations/*/hand-back", ROLE_AGENT | ROLE_OFFICER,
      serve_conversation_back, before_conversation },
    { "POST", "/cases/*/conversation", ROLE_AGENT, serve_conversation_open,
      before_case },
    { "POST", "/cases/*/hold", ROLE_OFFICER, serve_hold_case, before_case },
    { "POST", "/subjects/*/hold", ROLE_OFFICER, serve_hold_subject,
      before_subject },
    { "GET", "/holds", ROLE_OFFICER, serve_hold_list, NULL },
    { "POST", "/holds/*/lift", ROLE_OFFICER, serve_hold_lift, before_hold },
    { "GET", "/retention", ROLE_OFFICER | ROLE_AUDITOR, serve_retention, NULL },
    { "GET", "/requests", ROLE_AGENT | ROLE_OFFICER, serve_request_list, NULL },
    { "GET", "/requests/report", ROLE_OFFICER | ROLE_AUDITOR,
      serve_request_report, NULL },
    { "GET", "/service", ROLE_OFFICER | ROLE_AUDITOR, serve_service, NULL },
    { "GET", "/requests/*", ROLE_AGENT | ROLE_OFFICER, serve_request_show,
      NULL },
    { "POST", "/requests/*/work", ROLE_AGENT, serve_request_work,
      before_request },
    { "POST", "/requests/*/decide", ROLE_OFFICER, serve_request_decide,
      before_request },
    { "POST", "/subjects/*/request", ROLE_AGENT, serve_request_open,
      before_request_open },
    { "POST", "/incidents", ROLE_OFFICER, serve_incident_open, before_nothing },
    { "GET", "/incidents/*/affected", ROLE_OFFICER, serve_affected, NULL },
    { "POST", "/cases/*/read", ROLE_AGENT, serve_case_read, before_case_read },
    { "GET", "/attachments", ROLE_AGENT, serve_attachment_list, NULL },
    { "GET", "/documents", ROLE_AGENT, serve_document_list, NULL },
    { "GET", "/documents/*", ROLE_AGENT, serve_document_show, NULL },
    { "POST", "/documents/*/read", ROLE_AGENT, serve_document_read,
      before_read },
    { "GET", "/documents/*/custody", ROLE_AUDITOR, serve_custody, NULL },
    { "POST", "/documents/*/release", ROLE_OFFICER, serve_release_document,
      before_release },
    { "POST", "/subjects/*/release", ROLE_OFFICER, serve_release_subject,
      before_subject },
    { "GET", "/approvals", ROLE_OFFICER, serve_approval_list, NULL },
    { "GET", "/approvals/*", ROLE_OFFICER, serve_approval_show, NULL },
    { "POST", "/approvals/*/grant", ROLE_OFFICER, serve_approval_grant,
      before_approval },
    { "POST", "/approvals/*/refuse", ROLE_OFFICER, serve_approval_refuse,
      before_approval },
    { "POST", "/subjects/find", ROLE_OFFICER, serve_subject_find,
      before_nothing },
    { "POST", "/subjects/*/erase", ROLE_OFFICER, serve_subject_erase,
      before_subject },
    { "GET", "/subjects/*/erasure", ROLE_OFFICER, serve_subject_erasure, NULL },
    { "GET", "/erasures/*", ROLE_OFFICER, serve_erasure, NULL },
    { "GET", "/subjects/*/links", ROLE_OFFICER, serve_subject_links, NULL },
    { "POST", "/subjects/*/link", ROLE_OFFICER, serve_subject_link,
      before_subject },
    { "POST", "/subjects/*/unlink", ROLE_OFFICER, serve_subject_unlink,
      before_subject },
    { "POST", "/subjects/*/adult", ROLE_OFFICER, serve_subject_adult,
      before_subject },
    { "POST", "/subjects/*/represent", ROLE_OFFICER, serve_subject_represent,
      before_subject },
    { "GET", "/subjects/*", ROLE_OFFICER, serve_subject_show, NULL },
    { "GET", "/suggestions", ROLE_OFFICER, serve_suggestions, NULL },
    { "POST", "/subjects/*/export", ROLE_OFFICER, serve_export, before_export },
    { "POST", "/cases/*/code", ROLE_AGENT, serve_code, before_case },
    { "GET", "/cases/*/code", ROLE_AGENT, serve_code_state, NULL },
    { "POST", "/cases/*/send", ROLE_AGENT, serve_delivery_order, before_case },
    { "POST", "/deliveries/*/file", ROLE_AGENT, serve_delivery_file, NULL },
    { "GET", "/templates", ROLE_OFFICER | ROLE_SENDER, serve_templates, NULL },
    { "POST", "/outbound", ROLE_OFFICER | ROLE_SENDER, serve_outbound,
      before_nothing },
    { "POST", "/outbound/excluded", ROLE_OFFICER, serve_exclude,
      before_nothing },
    { "GET", "/outbound/log", ROLE_OFFICER | ROLE_AUDITOR, serve_contact_log,
      NULL },
    { "GET", "/promises", ROLE_AGENT | ROLE_OFFICER | ROLE_SENDER,
      serve_promise_list, NULL },
    { "POST", "/promises/*/decide", ROLE_AGENT | ROLE_OFFICER | ROLE_SENDER,
      serve_promise_decide, before_promise },
    { "GET", "/ledger/checkpoint", ROLE_AUDITOR, serve_ledger_checkpoint,
      NULL },
    { "POST", "/ledger/stamp", ROLE_AUDITOR, serve_stamp, NULL },
    { "GET", "/ledger/stamps", ROLE_AUDITOR, serve_stamps, NULL },
    { "GET", "/ledger/authorities", ROLE_AUDITOR, serve_authorities, NULL },
    { "POST", "/reveal", ROLE_OFFICER, serve_reveal, before_nothing },
    { "GET", "/ledger/access", ROLE_AUDITOR, serve_access, NULL },
    { "GET", "/reconcile", ROLE_AUDITOR, serve_reconcile, NULL },
    { "GET", "/ledger/key", ROLE_AUDITOR, serve_ledger_key, NULL },
    { "POST", "/ledger/key", ROLE_OFFICER, serve_ledger_rotate,
      before_nothing },
    { "GET", "/ledger/history", ROLE_AUDITOR | ROLE_OFFICER,
      serve_ledger_history, NULL },
    { "POST", "/ledger/cosigned", ROLE_AUDITOR, serve_cosign, NULL },
    { "GET", "/ledger/cosigned", ROLE_AUDITOR, serve_cosigned, NULL },
    { "GET", "/ledger/entries", ROLE_AUDITOR, serve_ledger_entries, NULL },
    { "GET", "/ledger/bundle", ROLE_AUDITOR, serve_ledger_bundle, NULL },
    { "GET", "/ledger/report", ROLE_AUDITOR, serve_ledger_report, NULL },
    { "GET", "/ledger/notice", ROLE_AUDITOR, serve_notice, NULL },
    { "GET", "/ledger/evidence", ROLE_AUDITOR, serve_evidence, NULL },
    { "GET", "/policies", ROLE_AUDITOR, serve_policies, NULL },
    { "GET", "/consent/receipt", ROLE_AUDITOR, serve_receipt, NULL },
    { "GET", "/consent", ROLE_AUDITOR, serve_consent, NULL },
    { "GET", "/consent/exports", ROLE_AUDITOR, serve_consent_exports, NULL },
};
#define ROUTES (sizeof(routes) / sizeof(routes[0]))

/* Does the path fit the pattern? Its variable segment goes to id; one that is
 * longer than any id of ours fits nothing. */
static bool fits(const char *pattern, const char *path, char id[static ID_SIZE])
{
    while (*pattern != '\0') {
        size_t len;

        if (*pattern != '*') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        len = strcspn(path, "/");
        if (len == 0 || len >= ID_SIZE)
            return false;
        memcpy(id, path, len);
        id[len] = '\0';
        path += len;
        pattern++;
    }
    return *path == '\0';
}

const struct route *route_find(const char *method, const char *path,
                               char id[static ID_SIZE], struct error *e)
{
    id[0] = '\0';
    for (size_t i = 0; i < ROUTES; i++)
        if (strcmp(method, routes[i].method) == 0 &&
            fits(routes[i].path, path, id))
            return &routes[i];
    (void)error_set(e, ERR_NOT_FOUND, "no such thing at the desk");
    return NULL;
}

bool route_allows(const struct route *route, unsigned roles)
{
    return route->role == 0 || (roles & route->role) != 0;
}

int route_check(struct request *r, const struct route *route, struct error *e)
{
    if (route_allows(route, r->staff.roles))
        return 0;
    r->denied = "role";
    return error_set(e, ERR_NOT_PERMITTED, "this is for the role %s",
                     route_role(route));
}

const char *route_role(const struct route *route)
{
    switch (route->role) {
    case ROLE_AGENT:
        return "agent";
    case ROLE_AUDITOR:
        return "auditor";
    case ROLE_OFFICER:
        return "officer";
    case ROLE_OFFICER | ROLE_AUDITOR:
        return "officer or auditor";
    case ROLE_AGENT | ROLE_OFFICER:
        return "agent or officer";
    case ROLE_AGENT | ROLE_OFFICER | ROLE_SENDER:
        return "agent, officer or sender";
    case ROLE_OFFICER | ROLE_SENDER:
        return "officer or sender";
    default:
        return "any";
    }
}

const char *route_role_of(const struct route *route, unsigned roles)
{
    unsigned held = route->role & roles;

    for (const struct role_name *n = role_names; n->name != NULL; n++)
        if ((held & n->role) != 0)
            return n->name;
    return route_role(route);
}
