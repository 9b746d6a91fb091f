/* What Meta would say of a message. */
#include "sim.h"

#include <string.h>

static void refuse(struct sim_refusal *r, int code, const char *details)
{
    if (r->http != 0)
        return;
    r->http = MHD_HTTP_BAD_REQUEST;
    r->code = code;
    (void)snprintf(r->details, sizeof(r->details), "%s", details);
}

/* A string of min to max code points; missing is 131008, wrong 131009. */
static void need(struct sim_refusal *r, const json_t *object, const char *key,
                 size_t min, size_t max)
{
    const json_t *value = json_object_get(object, key);
    char details[96];
    size_t n;

    if (!json_is_string(value)) {
        (void)snprintf(details, sizeof(details), "%s is missing", key);
        refuse(r, value == NULL ? 131008 : 131009, details);
        return;
    }
    n = utf8_count(json_string_value(value));
    (void)snprintf(details, sizeof(details), "%s must have %zu to %zu, has %zu",
                   key, min, max, n);
    if (n < min || n > max)
        refuse(r, 131009, details);
}

static void may(struct sim_refusal *r, const json_t *object, const char *key,
                size_t max)
{
    if (json_object_get(object, key) != NULL)
        need(r, object, key, 1, max);
}

static void check_buttons(struct sim_refusal *r, const json_t *action)
{
    const json_t *buttons = json_object_get(action, "buttons"), *button, *other;
    size_t i, n = json_array_size(buttons);

    if (n < 1 || n > LIMIT_BUTTONS)
        refuse(r, 131009, "1 to 3 buttons");
    json_array_foreach(buttons, i, button)
    {
        const char *type = json_str(button, "type"), *title;
        const json_t *reply = json_object_get(button, "reply");

        if (type == NULL || strcmp(type, "reply") != 0)
            refuse(r, 131009, "button type must be reply");
        need(r, reply, "id", 1, LIMIT_BUTTON_ID);
        need(r, reply, "title", 1, LIMIT_BUTTON_TITLE);
        title = json_str(reply, "title");
        for (size_t k = 0; k < i; k++) {
            other = json_object_get(json_array_get(buttons, k), "reply");
            if (title != NULL && json_str(other, "title") != NULL &&
                strcmp(title, json_str(other, "title")) == 0)
                refuse(r, 131009, "button titles must differ");
            if (json_equal(json_object_get(reply, "id"),
                           json_object_get(other, "id")))
                refuse(r, 131009, "button ids must differ");
        }
    }
}

static void check_list(struct sim_refusal *r, const json_t *action)
{
    const json_t *sections = json_object_get(action, "sections"), *section;
    size_t i, rows = 0;

    need(r, action, "button", 1, 20);
    json_array_foreach(sections, i, section)
    {
        const json_t *list = json_object_get(section, "rows"), *row;
        size_t k;

        may(r, section, "title", 24);
        json_array_foreach(list, k, row)
        {
            need(r, row, "id", 1, 200);
            need(r, row, "title", 1, 24);
            may(r, row, "description", 72);
            rows++;
        }
    }
    if (rows < 1 || rows > 10 || json_array_size(sections) > 10)
        refuse(r, 131009, "1 to 10 sections and rows");
}

static void check_interactive(struct sim_refusal *r, const json_t *body)
{
    const json_t *action = json_object_get(body, "action");
    const json_t *footer = json_object_get(body, "footer");
    const json_t *header = json_object_get(body, "header");
    const char *type = json_str(body, "type");
    bool list = type != NULL && strcmp(type, "list") == 0;

    if (!json_is_object(action))
        refuse(r, 131008, "action is missing");
    need(r, json_object_get(body, "body"), "text", 1,
         list ? LIMIT_TEXT_BODY : LIMIT_INTERACTIVE_BODY);
    if (footer != NULL)
        need(r, footer, "text", 1, 60);
    if (header != NULL && json_object_get(header, "text") != NULL)
        need(r, header, "text", 1, 60);
    if (type != NULL && strcmp(type, "button") == 0) {
        check_buttons(r, action);
    } else if (list) {
        check_list(r, action);
    } else if (type != NULL && strcmp(type, "cta_url") == 0) {
        const json_t *p = json_object_get(action, "parameters");
        need(r, p, "display_text", 1, 20);
        need(r, p, "url", 1, 2000);
    } else {
        refuse(r, 131009, "interactive type: button, list or cta_url");
    }
}

static void check_media(struct sim_refusal *r, const json_t *body)
{
    if (json_object_get(body, "id") == NULL &&
        json_object_get(body, "link") == NULL)
        refuse(r, 131008, "id or link is missing");
    may(r, body, "caption", 1024);
}

/* Components of types that there are, a header with one parameter; a document
 * in it has an id or a link. */
static void check_template(struct sim_refusal *r, const json_t *body)
{
    const json_t *components = json_object_get(body, "components"), *one;
    size_t i;

    need(r, body, "name", 1, 512);
    need(r, json_object_get(body, "language"), "code", 2, 16);
    json_array_foreach(components, i, one)
    {
        const char *type = json_str(one, "type"), *kind;
        const json_t *list = json_object_get(one, "parameters");
        bool header = type != NULL && strcmp(type, "header") == 0;

        if (!header && (type == NULL || (strcmp(type, "body") != 0 &&
                                         strcmp(type, "button") != 0)))
            refuse(r, 132000, "a component is no header, body or button");
        if (!header)
            continue;
        kind = json_str(json_array_get(list, 0), "type");
        if (json_array_size(list) != 1 || kind == NULL)
            refuse(r, 132012, "a header has one parameter");
        else if (strcmp(kind, "document") == 0)
            check_media(r, json_object_get(json_array_get(list, 0), kind));
    }
}

static void check_type(struct sim_refusal *r, const json_t *m)
{
    static const char *const media[] = { "image", "document", "video", "audio",
                                         "sticker" };
    static const char *const free_form[] = { "location", "contacts",
                                             "reaction" };
    const char *type = json_str(m, "type");
    const json_t *body;

    if (type == NULL)
        type = "text";
    body = json_object_get(m, type);
    if (strcmp(type, "text") == 0) {
        need(r, body, "body", 1, LIMIT_TEXT_BODY);
        return;
    }
    if (strcmp(type, "interactive") == 0) {
        check_interactive(r, body);
        return;
    }
    if (strcmp(type, "template") == 0) {
        check_template(r, body);
        return;
    }
    for (size_t i = 0; i < sizeof(media) / sizeof(media[0]); i++)
        if (strcmp(type, media[i]) == 0) {
            check_media(r, body);
            return;
        }
    for (size_t i = 0; i < sizeof(free_form) / sizeof(free_form[0]); i++)
        if (strcmp(type, free_form[i]) == 0) {
            if (body == NULL)
                refuse(r, 131008, "the object named by type is missing");
            return;
        }
    refuse(r, 131051, "unknown type");
}

void sim_check_message(const json_t *m, struct sim_refusal *r)
{
    const char *product = json_str(m, "messaging_product");
    const char *kind = json_str(m, "recipient_type");
    const char *to = json_str(m, "to");

    *r = (struct sim_refusal){ 0 };
    if (!json_is_object(m)) {
        refuse(r, 100, "the body is not a JSON object");
        return;
    }
    if (product == NULL || strcmp(product, "whatsapp") != 0)
        refuse(r, 100, "messaging_product must be whatsapp");
    if (kind != NULL && strcmp(kind, "individual") != 0)
        refuse(r, 131009, "recipient_type must be individual");
    if (to == NULL)
        need(r, m, "recipient", 1, 160);
    else if (strspn(to + (to[0] == '+'), "0123456789") !=
                 strlen(to + (to[0] == '+')) ||
             strlen(to) < 6 || strlen(to) > 20)
        refuse(r, 131009, "to must be digits, with a + or not");
    may(r, m, "biz_opaque_callback_data", 512);
    if (json_object_get(m, "context") != NULL)
        need(r, json_object_get(m, "context"), "message_id", 1, LIMIT_WAMID);
    check_type(r, m);
}

void sim_check_person(const json_t *m, char *out, size_t size)
{
    const char *to = json_str(m, "to");
    const char *person = to != NULL ? to : json_str(m, "recipient");

    if (person != NULL && to != NULL && to[0] == '+')
        person++;
    (void)snprintf(out, size, "%s", person != NULL ? person : "");
}
