/* dialogue: what people say in their own words. A table of sentences in four
 * languages, with what each is and, by that, what it must not be; and that no
 * sentence gives a consent or takes one back. */
#include "dialogue_help.h"

static struct policy *es;

static int load_both(void **state)
{
    struct error err = { 0 };

    es = policy_load("policies/es-gdpr", "Banco Ejemplo", "https://x.example",
                     &err);
    if (es == NULL)
        fail_msg("%s", err.text);
    return setup(state);
}

static int free_both(void **state)
{
    policy_free(&es);
    return teardown(state);
}

/* ---- the table ----------------------------------------------------------- */

/* NOT: none of them, which gets what any text gets. */
enum as { NOT, WORD, PHRASE, NEARLY, TAP };
struct sentence {
    const char *text;
    enum as as;
    int what; /* enum policy_word, enum policy_phrase */
    const char *id;
};
#define PERSON(text)                                                           \
    {                                                                          \
        text, PHRASE, PHRASE_PERSON, NULL                                      \
    }
#define END(text)                                                              \
    {                                                                          \
        text, PHRASE, PHRASE_END, NULL                                         \
    }
#define NUMBER(text)                                                           \
    {                                                                          \
        text, PHRASE, PHRASE_NUMBER, NULL                                      \
    }
#define RIGHTS(text)                                                           \
    {                                                                          \
        text, PHRASE, PHRASE_RIGHTS, NULL                                      \
    }
#define IS(text, w)                                                            \
    {                                                                          \
        text, WORD, WORD_##w, NULL                                             \
    }
#define ALMOST(text)                                                           \
    {                                                                          \
        text, NEARLY, 0, NULL                                                  \
    }
#define TAPS(text, id)                                                         \
    {                                                                          \
        text, TAP, 0, id                                                       \
    }
#define NONE(text)                                                             \
    {                                                                          \
        text, NOT, 0, NULL                                                     \
    }

static const struct sentence colombia[] = {
    /* a person */
    IS("asesor", PERSON),
    IS("Hola, quiero hablar con una persona por favor", PERSON),
    IS("un asesor por favor", PERSON),
    IS("Buenos días, un asesor, gracias", PERSON),
    IS("operador", PERSON),
    IS("servicio al cliente", PERSON),
    IS("con una asesora, si es tan amable", PERSON),
    PERSON("páseme con un asesor"),
    PERSON("quiero hablar con mi asesora"),
    NUMBER("mi número nuevo es 3001112233"),
    PERSON("por favor páseme con alguien que sepa"),
    PERSON("quiero una persona de verdad"),
    PERSON("me puede llamar alguien"),
    PERSON("quiero que me llamen esta tarde"),
    PERSON("necesito hablar con una persona porque no entiendo nada"),
    PERSON("Buenas, es que necesito hablar con un ser humano, urgente"),
    PERSON("será que puedo comunicarme con alguien?"),
    PERSON("no quiero hablar con un robot, quiero hablar con una persona"),
    PERSON("no he podido hablar con alguien en toda la semana"),
    PERSON("me puede comunicar con la oficina de Itagüí"),
    PERSON("quiero hablar con un asesor sobre mis cesantías"),
    NONE("es que la persona que me atendió fue muy amable"),
    NONE("la persona que me atendió fue amable"),
    NONE("ya hablé con un asesor y me dijo que esperara"),
    NONE("no quiero hablar con una persona"),
    NONE("no necesito hablar con nadie"),
    NONE("Si desea hablar con un asesor marque 2"),
    NONE("acabo de hablar con una persona y quedamos en eso"),
    NONE("una persona me dijo que enviara la cédula"),
    NONE("mi asesor de la empresa me pidió esto"),
    NONE("soy una persona mayor"),
    NONE("agente de aduanas Pérez"),
    /* something is to end */
    IS("BAJA", WITHDRAW),
    IS("revocar", WITHDRAW),
    IS("Retirar.", WITHDRAW),
    IS("baja por favor", END),
    IS("stop", END),
    IS("STOP please", END),
    END("retiro mi autorización"),
    END("quiero retirar mi autorización"),
    END("Por medio de la presente revoco la autorización que les di"),
    END("ya no autorizo más el uso de mis datos"),
    END("no autorizo más que me escriban"),
    END("no me escriban más"),
    END("por favor no me vuelvan a escribir"),
    END("dejen de escribirme"),
    END("no quiero más mensajes"),
    END("no me manden más avisos por favor"),
    END("quiero que dejen de llamarme"),
    END("no quiero que me llamen"),
    END("quiero darme de baja"),
    END("quiero quitar el permiso de las fotos"),
    END("quiero retirar una autorización"),
    END("quiero hablar con alguien para que no me escriban más"),
    NONE("no autorizo que lo recoja mi hermano"),
    NONE("la autorización del médico está en la segunda hoja"),
    NONE("me dieron de baja de la empresa en marzo"),
    NONE("quiero retirar mis cesantías"),
    NONE("el retiro es para vivienda"),
    NONE("aquí está la carta de autorización"),
    NONE("escríbanme cuando esté listo"),
    NONE("no me han escrito todavía"),
    NONE("no me llegó el mensaje"),
    /* a new number */
    NUMBER("Hola, cambié de número, soy Marta"),
    NUMBER("cambié de celular y perdí todo"),
    NUMBER("les escribo porque tengo un número nuevo"),
    NUMBER("este es mi nuevo número"),
    NONE("este es mi nuevo número de cuenta"),
    NONE("mi número de cédula cambió de formato"),
    NONE("número de cuenta nuevo: 123"),
    NONE("quiero cambiar el número de la casa en la dirección"),
    /* rights, as ever */
    RIGHTS("quiero que borren todo lo que tienen mío"),
    RIGHTS("cuáles datos personales tienen de mí"),
    RIGHTS("voy a poner una queja muy seria"),
    IS("poner un reclamo por favor", COMPLAINT),
    IS("Hola, borrar mis datos", ERASE),
    /* a yes and a no */
    IS("sí", YES),
    IS("Sí señora", YES),
    IS("si señor", YES),
    IS("si claro", YES),
    IS("¡Claro que sí!", YES),
    IS("sí, por favor", YES),
    IS("No, gracias", NO),
    IS("no señora", NO),
    IS("no quiero", NO),
    IS("no autorizo", NO),
    ALMOST("ok"),
    ALMOST("Dale"),
    ALMOST("vale"),
    ALMOST("listo"),
    ALMOST("bueno"),
    ALMOST("claro"),
    ALMOST("de una"),
    ALMOST("\xf0\x9f\x91\x8d"),
    ALMOST("hola, sí autorizo"),
    ALMOST("ok acepto"),
    ALMOST("sí acepto, muchas gracias"),
    ALMOST("buenas tardes no"),
    ALMOST("no acepto por favor"),
    NONE("sí pero no"),
    NONE("no sé si autorizo"),
    NONE("acepto que no"),
    NONE("autorizo a mi hija"),
    NONE("sí autorizo pero solo la cédula"),
    NONE("mi mamá sí autoriza"),
    NONE("sí quiero pero no por aquí"),
    NONE("claro que no"),
    NONE("gracias"),
    NONE("muchas gracias"),
    NONE("hola"),
    NONE("buenos días"),
    NONE("hola, buenas tardes, por favor"),
    /* titles */
    TAPS("retiro de cesantías", "procedure/cesantias"),
    TAPS("Retiro de cesantias por favor", "procedure/cesantias"),
    TAPS("Hola, AFILIAR BENEFICIARIO", "procedure/beneficiario"),
    TAPS("Idioma / Language", "language/show"),
    IS("Qué falta", MISSING),
    IS("Mis datos", DATA),
    IS("estado de mi caso", STATUS),
    IS("hablar con una persona", PERSON),
    NONE("cesantías de mi esposo"),
    NONE("el retiro de cesantías de 2019 ya me lo pagaron"),
    /* menu, help, place, offices */
    IS("menú por favor", MENU),
    IS("hola, menú", MENU),
    IS("ver trámites", MENU),
    IS("no entiendo", HELP),
    IS("¿Qué es esto?", HELP),
    IS("necesito ayuda, por favor", HELP),
    IS("qué documentos necesito?", MISSING),
    IS("y dónde quedan las oficinas?", WHERE),
    IS("en qué horario atienden", WHERE),
    IS("¿en qué lugar voy?", PLACE),
    IS("cuánto falta", PLACE),
    IS("cómo va mi caso por favor", STATUS),
    IS("es para otra persona", BEHALF),
    NONE("mi dirección es calle 10 # 20-30"),
    NONE("no entiendo por qué me cobran dos veces la misma cuota"),
    NONE("la ayuda del gobierno no llegó"),
};

static const struct sentence english[] = {
    IS("talk to a person please", PERSON),
    IS("Hi, agent please", PERSON),
    IS("customer service", PERSON),
    IS("speak to someone", PERSON),
    PERSON("can I speak to somebody about my claim?"),
    PERSON("I need to talk to someone who can help"),
    PERSON("could someone call me tomorrow"),
    PERSON("I want a human, not a machine"),
    NONE("I don't want to talk to a person"),
    NONE("the person I talked to was kind"),
    NONE("your customer service was very good"),
    NONE("it was for another person's account"),
    IS("STOP", END),
    IS("unsubscribe", END),
    END("stop sending me this"),
    END("please stop messaging me"),
    END("I want to withdraw my consent"),
    END("withdraw consent"),
    END("don't contact me again"),
    END("leave me alone"),
    END("I no longer consent to this"),
    NONE("the bus stop is near the office"),
    NONE("why did you stop sending statements?"),
    NONE("how do I withdraw money"),
    NONE("can I withdraw my severance"),
    NONE("I would consent if it were free"),
    NUMBER("I changed my number"),
    NUMBER("hello, this is my new number"),
    NONE("my account number has changed"),
    IS("yes please", YES),
    IS("no thank you", NO),
    ALMOST("yes, thank you"),
    ALMOST("okay"),
    NONE("yes but not the photo"),
    NONE("I agree with my sister"),
    IS("menu please", MENU),
    IS("I need help", HELP),
    IS("what's missing?", MISSING),
    IS("opening hours", WHERE),
    IS("how much longer?", PLACE),
    TAPS("language / idioma", "language/show"),
    RIGHTS("I have questions about my personal data"),
};

static const struct sentence portuguese[] = {
    IS("atendente, por favor", PERSON),
    IS("preciso falar com uma pessoa", PERSON),
    IS("quero falar com um humano", PERSON),
    PERSON("oi, preciso falar com uma pessoa porque não consigo enviar"),
    PERSON("podem me ligar amanhã?"),
    NONE("não quero falar com uma pessoa"),
    NONE("a pessoa que me atendeu foi muito gentil"),
    NONE("falei com uma pessoa ontem"),
    END("quero retirar minha autorização"),
    END("não autorizo mais o uso dos meus dados"),
    END("parem de me mandar mensagens"),
    END("não me liguem mais"),
    NONE("sair"), /* they leave the chat, and take nothing back */
    IS("parar", END),
    NONE("não autorizo meu irmão a pegar"),
    NONE("quero sair mais cedo"),
    NUMBER("mudei de número, sou a Ana"),
    NONE("o número da conta mudou"),
    IS("sim senhora", YES),
    IS("não, obrigado", NO),
    ALMOST("sim, muito obrigado"),
    NONE("sim mas não a foto"),
    { "em português, por favor", WORD, WORD_LANGUAGE + 2, NULL },
    IS("quero uma cópia dos meus dados", ACCESS),
    IS("não entendi", HELP),
    IS("menu, por gentileza", MENU),
    IS("onde fica o escritório?", WHERE),
};

static const struct sentence spain[] = {
    PERSON("quiero hablar con el servicio de atención al cliente"),
    PERSON("quiero hablar con un gestor"),
    IS("gestor", PERSON),
    IS("Hola, necesito un gestor por favor", PERSON),
    IS("atención al cliente", PERSON),
    PERSON("me gustaría hablar con mi gestora de siempre"),
    END("quiero retirar mi consentimiento"),
    END("dejad de escribirme"),
    END("no quiero recibir más mensajes vuestros"),
    END("ya no consiento"),
    NONE("no consiento que me traten así"),
    NONE("la persona de la oficina fue encantadora"),
    IS("quiero presentar una reclamación", COMPLAINT),
    RIGHTS("tengo una reclamación por un cobro que no reconozco"),
    NUMBER("he cambiado de móvil"),
    IS("sí, consiento", YES),
    IS("claro que sí", YES),
    ALMOST("vale"),
    ALMOST("sí consiento, gracias"),
    NONE("el consentimiento lo firmé en la oficina"),
    TAPS("reclamar un recibo", "procedure/reclamacion_recibo"),
    IS("hola, mi expediente", STATUS),
    IS("horario", WHERE),
};

static bool fits(const struct policy_meaning *m, const struct sentence *s)
{
    switch (s->as) {
    case WORD:
        return (int)m->word == s->what && !m->nearly;
    case PHRASE:
        return (int)m->phrase == s->what && m->word == WORD_NONE &&
               m->id == NULL && !m->nearly;
    case TAP:
        return m->id != NULL && strcmp(m->id, s->id) == 0 &&
               m->word == WORD_NONE;
    case NEARLY:
        return m->nearly && m->word == WORD_NONE && m->id == NULL;
    case NOT:
        break;
    }
    return m->word == WORD_NONE && m->id == NULL && !m->nearly &&
           m->phrase == PHRASE_NONE;
}

static int misses(const struct policy *p, const struct sentence *list, size_t n)
{
    int missed = 0;

    for (size_t i = 0; i < n; i++) {
        struct policy_meaning m;

        policy_meaning_of(p, list[i].text, &m);
        if (fits(&m, &list[i]))
            continue;
        missed++;
        print_error("\"%s\": word %d, id %s, nearly %d, phrase %d\n",
                    list[i].text, (int)m.word, m.id == NULL ? "-" : m.id,
                    m.nearly, (int)m.phrase);
    }
    return missed;
}
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void each_sentence_is_what_it_says(void **state)
{
    (void)state;
    assert_true(COUNT(colombia) + COUNT(english) + COUNT(portuguese) +
                    COUNT(spain) >=
                150);
    assert_int_equal(misses(policy, colombia, COUNT(colombia)), 0);
    assert_int_equal(misses(policy, english, COUNT(english)), 0);
    assert_int_equal(misses(policy, portuguese, COUNT(portuguese)), 0);
    assert_int_equal(misses(es, spain, COUNT(spain)), 0);
}

/* ---- states -------------------------------------------------------------- */

static struct dialogue_state known(void)
{
    struct dialogue_state s = fresh();

    s.guide.procedure = -1;
    s.purposes[CASE].state = CONSENT_GIVEN;
    s.purposes[CASE].yes_s = NOW_S - 100;
    return s;
}

static struct dialogue_state in_question(void)
{
    struct dialogue_state s = fresh();

    s.guide.procedure = -1;
    open_prompt(&s, CASE, NOW_S - 60);
    hold(&s, 1u << CASE);
    return s;
}

static struct dialogue_plan said(const struct dialogue_state *s,
                                 const char *text)
{
    return decide(s, INPUT_TEXT, text, NOW_S, 0);
}

static void spoken(const struct dialogue_plan *p, enum spoken_text which)
{
    assert_int_equal(p->n, 1);
    assert_int_equal(p->actions[0].kind, DO_SPOKEN);
    assert_int_equal(p->actions[0].value, which);
}

/* ---- nothing is decided -------------------------------------------------- */

static void only_words_decide(const struct policy *p, struct dialogue_state s,
                              const struct sentence *list, size_t n)
{
    s.policy = p;
    for (size_t i = 0; i < n; i++) {
        struct dialogue_plan plan = said(&s, list[i].text);
        const bool word = list[i].as == WORD;

        if (!word || list[i].what != WORD_YES)
            assert_int_equal(count(&plan, DO_GRANT), 0);
        if (!word || (list[i].what != WORD_WITHDRAW &&
                      list[i].what != WORD_NO && list[i].what != WORD_END))
            assert_int_equal(
                count(&plan, DO_WITHDRAW) + count(&plan, DO_REFUSE), 0);
    }
}

static void no_sentence_consents_or_withdraws(void **state)
{
    const struct dialogue_state states[] = { known(), in_question(), fresh() };

    (void)state;
    for (size_t i = 0; i < COUNT(states); i++) {
        only_words_decide(policy, states[i], colombia, COUNT(colombia));
        only_words_decide(policy, states[i], english, COUNT(english));
        only_words_decide(policy, states[i], portuguese, COUNT(portuguese));
        only_words_decide(es, states[i], spain, COUNT(spain));
    }
}

static void a_withdrawal_in_a_sentence_asks_what(void **state)
{
    struct dialogue_state s = known(), stranger = fresh();
    struct dialogue_plan p = said(&s, "no me escriban más");

    (void)state;
    stranger.guide.procedure = -1;
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_ASK_END);
    s.answers = 10;
    assert_int_equal(said(&s, "no me escriban más").n, 0);
    /* Of who agreed to nothing there is nothing to end. */
    p = said(&stranger, "retiro mi autorización");
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_DATA);
    /* Words that do it do it. */
    s.answers = 0;
    p = said(&s, "BAJA");
    assert_int_equal(count(&p, DO_WITHDRAW), 1);
    p = said(&s, "stop"); /* there is nothing else that it may mean */
    assert_int_equal(count(&p, DO_WITHDRAW), 1);
    s.mode = MODE_PERSON;
    p = said(&s, "no me escriban más");
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_KEEP);
}

static void who_never_agreed_withdraws_nothing(void **state)
{
    struct dialogue_state s = fresh(), was = known();
    struct dialogue_plan p = said(&s, "BAJA");

    (void)state;
    assert_int_equal(first(&p, DO_SPOKEN)->value, SPOKEN_NOTHING);
    assert_int_equal(count(&p, DO_SAY), 0);
    assert_int_equal(count(&p, DO_IGNORE), 1);
    assert_true(p.no != 0);
    p = said(&was, "BAJA");
    assert_int_equal(first(&p, DO_SAY)->say, TEXT_WITHDRAWN);
}

/* ---- a person ------------------------------------------------------------ */

static void a_person_in_a_sentence(void **state)
{
    struct dialogue_state s = known(), stranger = fresh();
    const struct dialogue_state *who[] = { &s, &stranger };
    struct dialogue_plan p;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        p = said(who[i], "es que quiero hablar con una persona hoy");
        assert_int_equal(p.n, 2);
        assert_int_equal(p.actions[0].kind, DO_ASK_PERSON);
        assert_int_equal(p.actions[1].kind, DO_KEEP);
    }
    /* To an agent it is the agent's; an answer that staff wait for stays one.
     */
    s.mode = MODE_PERSON;
    p = said(&s, "quiero hablar con una persona hoy");
    assert_int_equal(count(&p, DO_ASK_PERSON), 0);
    s.mode = MODE_BOT;
    s.lacks = true;
    p = said(&s, "mi hijo quiere hablar con una persona hoy");
    assert_int_equal(count(&p, DO_ANSWER), 1);
}

/* Who tells us more of a request for a day is not met with thanks alone. */
static void an_end_beside_a_request_is_heard(void **state)
{
    struct dialogue_state s = known(), stranger = fresh();
    struct dialogue_plan p;

    (void)state;
    s.lacks = stranger.lacks = true;
    s.purposes[0].state = CONSENT_GIVEN;
    p = said(&s, "y ya quiero retirar mi autorización de todo");
    assert_int_equal(count(&p, DO_ANSWER), 1);
    assert_int_equal(count(&p, DO_ASK_END), 1);
    assert_int_equal(count(&p, DO_WITHDRAW), 0);
    p = said(&stranger, "y ya quiero retirar mi autorización de todo");
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_ANSWER);
    s.purposes[0].state = CONSENT_REFUSED;
    p = said(&s, "y ya quiero retirar mi autorización de todo");
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_ANSWER);
}

static void a_new_number_is_a_persons(void **state)
{
    struct dialogue_state s = in_question(), stranger = fresh();
    struct dialogue_plan p = said(&s, "cambié de número, soy Marta");

    (void)state;
    assert_int_equal(first(&p, DO_SPOKEN)->value, SPOKEN_NUMBER);
    assert_int_equal(count(&p, DO_ASK_PERSON), 1);
    p = said(&stranger, "cambié de número, soy Marta");
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_PROMPT);
}

/* ---- a question in front of them ----------------------------------------- */

static void how_to_answer_once_a_question(void **state)
{
    static const char *const stuck[] = { "ok",
                                         "dale",
                                         "menú",
                                         "qué falta",
                                         "no entiendo",
                                         "¿qué es esto?",
                                         "retiro de cesantías",
                                         "sí acepto, gracias" };
    struct dialogue_state s = in_question();
    struct dialogue_plan p;

    (void)state;
    for (size_t i = 0; i < COUNT(stuck); i++) {
        p = said(&s, stuck[i]);
        spoken(&p, SPOKEN_ANSWER);
    }
    assert_int_equal(said(&s, "mi hermana también quiere").n, 0);
    assert_int_equal(said(&s, "gracias").n, 0);
    s.lined = NOW - 30 * MSEC_S;
    assert_int_equal(said(&s, "ok").n, 0);
    s.lined = NOW - 61 * MSEC_S; /* about the question before */
    p = said(&s, "ok");
    spoken(&p, SPOKEN_ANSWER);
    s.answers = 10;
    assert_int_equal(said(&s, "ok").n, 0);
    s.answers = 0;
    s.prompts[0].handed_s = 0; /* they cannot have seen it */
    assert_int_equal(said(&s, "ok").n, 0);
}

static void who_speaks_hears_at_once(void **state)
{
    struct dialogue_state s = in_question();
    struct dialogue_input voice = { INPUT_FILE, NULL, NOW_S, 1u << CASE, true };
    struct dialogue_plan p;

    (void)state;
    dialogue_decide(&s, &voice, NOW, &p);
    spoken(&p, SPOKEN_VOICE);
    s.hinted = NOW - MSEC_H;
    dialogue_decide(&s, &voice, NOW, &p);
    assert_int_equal(p.n, 0);
    s.hinted = 0;
    voice.spoken = false;
    dialogue_decide(&s, &voice, NOW, &p);
    assert_int_equal(p.n, 0);
}

/* ---- they change their mind ---------------------------------------------- */

static void a_yes_after_a_no_brings_the_question(void **state)
{
    struct dialogue_state s = known();
    struct dialogue_plan p;

    (void)state;
    s.purposes[CASE].state = CONSENT_REFUSED;
    s.purposes[CASE].yes_s = 0;
    s.purposes[CASE].no_s = NOW_S - 90;
    p = said(&s, "sí autorizo");
    assert_int_equal(count(&p, DO_GRANT), 0);
    assert_int_equal(count(&p, DO_IGNORE), 1);
    assert_int_equal(first(&p, DO_PROMPT)->purpose, CASE);
    assert_true(first(&p, DO_PROMPT)->with_notice);
    assert_true(first(&p, DO_PROMPT)->repeated);
    p = decide(&s, INPUT_BUTTON, "procedure/cesantias", NOW_S, 0);
    assert_int_equal(count(&p, DO_PROCEDURE), 1);
    assert_int_equal(count(&p, DO_PROMPT), 1);

    s.purposes[CASE].reprompted = NOW - MSEC_H + 1;
    p = said(&s, "sí autorizo");
    assert_int_equal(count(&p, DO_PROMPT), 0);
    s.purposes[CASE].reprompted = 0;
    s.purposes[CASE].state = CONSENT_GIVEN;
    p = decide(&s, INPUT_BUTTON, "procedure/cesantias", NOW_S, 0);
    assert_int_equal(p.n, 1);
    p = said(&s, "sí autorizo");
    assert_int_equal(count(&p, DO_PROMPT), 0);
}

/* ---- a title, the queue, where ------------------------------------------- */

static void a_title_typed_is_its_tap(void **state)
{
    struct dialogue_state s = known();
    struct dialogue_plan p = said(&s, "Retiro de cesantías, por favor");

    (void)state;
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_PROCEDURE);
    assert_true(p.actions[0].typed); /* so that two machines stop at it */
    s.answers = 10;
    assert_int_equal(said(&s, "Retiro de cesantías").n, 0);
    s.answers = 0;
    s.mode = MODE_PERSON;
    p = said(&s, "Retiro de cesantías");
    assert_int_equal(p.actions[0].kind, DO_KEEP);
}

static void in_the_queue(void **state)
{
    struct dialogue_state s = known();
    struct dialogue_plan p;

    (void)state;
    s.mode = MODE_WAITING;
    s.told = NOW - 60 * MSEC_S;
    p = said(&s, "en qué lugar voy");
    spoken(&p, SPOKEN_QUEUE);
    s.lined = NOW - 30 * MSEC_S;
    assert_int_equal(said(&s, "en qué lugar voy").n, 0);
    s.told = NOW - 5 * 60 * MSEC_S;
    p = said(&s, "en qué lugar voy");
    assert_int_equal(p.actions[0].kind, DO_ASK_PERSON);
    assert_true(p.actions[0].repeated);
    p = said(&s, "cómo va mi caso");
    assert_int_equal(p.actions[0].kind, DO_STATUS);
    s.mode = MODE_BOT;
    p = said(&s, "cuánto falta");
    assert_int_equal(p.actions[0].kind, DO_STATUS);
}

static void help_after_the_menu_is_a_line(void **state)
{
    struct dialogue_state s = known();
    struct dialogue_plan p = said(&s, "no entiendo");

    (void)state;
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_MENU);
    s.menu = NOW - 60 * MSEC_S;
    p = said(&s, "no entiendo");
    spoken(&p, SPOKEN_UNKNOWN);
    s.lined = NOW - 30 * MSEC_S;
    assert_int_equal(said(&s, "no entiendo").n, 0);
    s = in_question();
    p = said(&s, "¿y dónde quedan las oficinas?");
    spoken(&p, SPOKEN_WHERE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sentence_is_what_it_says),
        cmocka_unit_test(no_sentence_consents_or_withdraws),
        cmocka_unit_test(a_withdrawal_in_a_sentence_asks_what),
        cmocka_unit_test(who_never_agreed_withdraws_nothing),
        cmocka_unit_test(a_person_in_a_sentence),
        cmocka_unit_test(an_end_beside_a_request_is_heard),
        cmocka_unit_test(a_new_number_is_a_persons),
        cmocka_unit_test(how_to_answer_once_a_question),
        cmocka_unit_test(who_speaks_hears_at_once),
        cmocka_unit_test(a_yes_after_a_no_brings_the_question),
        cmocka_unit_test(a_title_typed_is_its_tap),
        cmocka_unit_test(in_the_queue),
        cmocka_unit_test(help_after_the_menu_is_a_line),
    };

    return cmocka_run_group_tests(tests, load_both, free_both);
}
