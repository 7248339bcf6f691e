"""Invented news of 90 days: outlets that do not exist write of things that did not happen.

Written so that the shipped watchlists find it, in the four languages they speak.
"""

from __future__ import annotations

from typing import NamedTuple


class Paper(NamedTuple):
    """An invented outlet, and in which shipped pack of feeds it stands."""

    outlet: str
    pack: str
    country: str
    language: str
    group: str = "independent"


class Told(NamedTuple):
    """What one outlet wrote, so many minutes after the story began; `first` is its headline at first."""

    after: int
    outlet: str
    title: str
    summary: str = ""
    first: str = ""


class Story(NamedTuple):
    """Something that happens so many days and hours before the end."""

    days: int
    hours: int
    told: tuple[Told, ...]


MUELLE, LITORAL, NORTE, CORREO = "Diario del Muelle", "Radio Litoral", "El Norte Chico", "Correo Andino"
LEDGER, WIRE, CHINESE = "Pacific Ledger", "Southern Wire", "海岸新报"
FOLHA, GAZETA = "Folha da Serra", "Gazeta do Planalto"
COURIER, ESQUINA = "Caracas Courier", "La Esquina de Caracas"
CARIBE, PARAMO = "Mirador Caribe", "El Páramo"
FARO, CABILDO = "El Faro del Sur", "Cabildo Abierto"
INSTITUTE, ISTMO, SILENT = "Instituto Cordillera", "Boletín del Istmo", "Gaceta del Estrecho"

PAPERS = (
    Paper(MUELLE, "peru", "PE", "es"),
    Paper(LITORAL, "peru", "PE", "es"),
    Paper(NORTE, "peru", "PE", "es"),
    Paper(CORREO, "peru", "PE", "es"),
    Paper("Boletín de Puertos", "peru", "PE", "es", "government"),
    Paper(LEDGER, "latin-america", "US", "en"),
    Paper(WIRE, "latin-america", "GB", "en", "wire"),
    Paper(CHINESE, "latin-america", "CN", "zh", "state-media"),
    Paper(FOLHA, "latin-america", "BR", "pt"),
    Paper(GAZETA, "latin-america", "BR", "pt"),
    Paper(COURIER, "venezuela", "VE", "en"),
    Paper(ESQUINA, "venezuela", "VE", "es"),
    Paper(CARIBE, "colombia", "CO", "es"),
    Paper(PARAMO, "colombia", "CO", "es"),
    Paper(FARO, "chile", "CL", "es"),
    Paper(CABILDO, "chile", "CL", "es"),
    Paper(INSTITUTE, "think-tanks", "CL", "es", "think-tank"),
    Paper(ISTMO, "latin-america", "PA", "es", "government"),
    Paper(SILENT, "peru", "PE", "es"),
)

_RULING = (
    "La sala dejó sin efecto la medida que apartaba al regulador de las tarifas. La decisión alcanza a todo "
    "el puerto de Chancay y obliga a la operadora a entregar sus cuentas en diez días; Ositrán anunció que "
    "enviará inspectores esta semana. La empresa dijo que recurrirá y que el servicio sigue sin cambios, "
    "según un comunicado difundido antes de la medianoche en Lima."
)
RULING = "Juez devuelve a Ositrán la vigilancia del puerto de Chancay"
CHANGED = f"{RULING}: qué cambia en las tarifas"  # once the headline was shorter
LICENCE = "Treasury renews the oil licence for Venezuela by six months"

STORIES = (
    # The great event of the last day, in four languages: it is a spike.
    Story(
        0,
        3,
        (
            Told(0, MUELLE, RULING, _RULING),
            Told(4, LITORAL, f"{RULING}: qué cambia"),
            Told(
                9,
                "Boletín de Puertos",
                "Ositrán retoma la vigilancia del puerto de Chancay",
                "El fallo del juez devuelve al organismo la vigilancia del terminal portuario.",
            ),
            Told(
                14,
                NORTE,
                RULING,
                "Vecinos del norte chico piden que se publiquen las tarifas del puerto.",
            ),
            Told(17, CORREO, "Fallo del juez devuelve a Ositrán la vigilancia del puerto de Chancay"),
            Told(
                21,
                FARO,
                "Perú: juez devuelve a Ositrán la vigilancia del puerto de Chancay",
                "Navieras chilenas esperaban el fallo.",
            ),
            Told(26, CABILDO, "Perú: un juez devuelve a Ositrán la vigilancia sobre el puerto de Chancay"),
            Told(
                31,
                CHINESE,
                "秘鲁法官恢复监管机构对钱凯港的监督权",
                "裁决涉及收费标准和其他航运公司的准入。钱凯港运营方表示将上诉。",
            ),
            Told(
                36,
                WIRE,
                "Peru judge returns oversight of Chancay port to regulator",
                "The ruling covers tariffs and access for other lines at the Chinese-run port of Chancay.",
            ),
            Told(
                41,
                LEDGER,
                "Peru judge hands oversight of Chancay port back to the regulator",
                "The operator of the port of Chancay said it would appeal the ruling.",
            ),
            Told(48, FOLHA, "Peru: juiz devolve ao regulador a fiscalização do porto de Chancay"),
            Told(50, LITORAL, CHANGED, first=f"{RULING}: qué cambia"),
            Told(
                52,
                INSTITUTE,
                "Qué dice el fallo que devuelve a Ositrán la vigilancia del puerto de Chancay",
                "Análisis del Instituto: cuatro preguntas sobre tarifas, acceso y soberanía.",
            ),
        ),
    ),
    Story(
        0,
        17,
        (
            Told(
                0,
                FARO,
                "Naviera suma una escala semanal en el puerto de Chancay desde enero",
                "La ruta unirá Valparaíso con el puerto de Chancay en cuatro días.",
            ),
            Told(70, LEDGER, "Shipping line adds a weekly call at Chancay port from January"),
            Told(190, CHINESE, "航运公司一月起每周停靠秘鲁钱凯港"),
        ),
    ),
    Story(
        0,
        8,
        (
            Told(
                0,
                FOLHA,
                "Ministério publica o traçado da ferrovia bioceânica até o Peru e ouve povos da floresta",
                "O estudo da ferrovia bioceânica prevê três túneis e dezoito pontes até a fronteira.",
            ),
            Told(45, GAZETA, "Traçado da ferrovia bioceânica até o Peru entra em consulta pública"),
            Told(150, CORREO, "Brasil publica el trazado del tren bioceánico hacia el Perú"),
        ),
    ),
    Story(
        0,
        11,
        (
            Told(
                0,
                LEDGER,
                LICENCE,
                "Four companies may go on shipping crude; the licence asks Venezuela for reports.",
            ),
            Told(
                22,
                COURIER,
                "US Treasury renews the oil licence for Venezuela by six months",
                "The oil licence for Venezuela would have ended on Friday.",
            ),
            Told(
                35,
                ESQUINA,
                "El Tesoro renueva por seis meses la licencia petrolera de Venezuela",
                "Cuatro empresas podrán seguir exportando crudo.",
            ),
            Told(64, WIRE, "Treasury renews Venezuela oil licence for six months"),
            Told(80, GAZETA, "Tesouro dos EUA renova por seis meses a licença do petróleo da Venezuela"),
            Told(190, CHINESE, "美国财政部将委内瑞拉石油许可证延长六个月"),
        ),
    ),
    Story(
        1,
        2,
        (
            Told(
                0,
                CARIBE,
                "Registraduría fija el calendario de las elecciones de gobernadores y alcaldes en Colombia",
                "La inscripción de candidatos abrirá en junio de 2027.",
            ),
            Told(
                30, PARAMO, "Calendario de las elecciones de gobernadores de Colombia: inscripción en junio"
            ),
            Told(95, WIRE, "Colombia sets calendar for 2027 elections of governors and mayors"),
        ),
    ),
    Story(
        1,
        9,
        (
            Told(
                0,
                CABILDO,
                "Servel abre la revisión del padrón para las elecciones de 2028 en Chile",
                "El padrón auditado se publicará en marzo.",
            ),
            Told(50, FARO, "Servel abre la revisión del padrón electoral"),
        ),
    ),
    Story(
        2,
        4,
        (
            Told(0, NORTE, "Paro de transportistas bloquea el acceso al puerto de Chancay"),
            Told(25, LITORAL, "Transportistas en paro bloquean el acceso al puerto de Chancay"),
            Told(80, MUELLE, "Paraliza el acceso al puerto de Chancay un paro de transportistas"),
        ),
    ),
    Story(
        4,
        6,
        (
            Told(
                0,
                ESQUINA,
                "Delegados de Washington y Caracas reanudan el diálogo en Venezuela",
                "La agenda incluye presos políticos, vuelos y la deuda de PDVSA.",
            ),
            Told(40, CARIBE, "Delegados de Washington y Caracas reanudan el diálogo: Venezuela pide alivio"),
            Told(75, COURIER, "Envoys of Washington and Caracas resume talks in Venezuela"),
        ),
    ),
    Story(
        6,
        5,
        (
            Told(0, CORREO, "Exportadores de palta piden más turnos en el puerto de Chancay"),
            Told(300, MUELLE, "Puerto de Chancay: exportadores de palta piden más turnos de carga"),
        ),
    ),
    Story(
        9,
        3,
        (
            Told(0, CHINESE, "秘鲁钱凯港迎来第一艘电动汽车运输船"),
            Told(120, GAZETA, "Porto de Chancay recebe primeiro navio só de carros elétricos"),
            Told(260, MUELLE, "Llega al puerto de Chancay el primer buque de autos eléctricos"),
        ),
    ),
    Story(
        12,
        7,
        (
            Told(0, COURIER, "Venezuela frees eleven prisoners before the next round of talks"),
            Told(30, ESQUINA, "Venezuela libera a once presos antes de la próxima ronda de diálogo"),
            Told(200, FOLHA, "Venezuela liberta onze presos antes de nova rodada de diálogo"),
        ),
    ),
    Story(
        15,
        2,
        (Told(0, PARAMO, "CNE de Colombia pide más jurados de votación para las elecciones locales"),),
    ),
    Story(
        20,
        5,
        (
            Told(0, LEDGER, "Washington warns Lima over Chinese data centre at Chancay port"),
            Told(90, MUELLE, "Washington advierte a Lima por el centro de datos chino del puerto de Chancay"),
            Told(180, CABILDO, "Perú: Washington advierte por centro de datos chino en el puerto de Chancay"),
        ),
    ),
    Story(
        33,
        4,
        (
            Told(0, ESQUINA, "PDVSA acuerda con acreedores un calendario para su deuda"),
            Told(60, WIRE, "PDVSA agrees with creditors on a calendar for its debt"),
        ),
    ),
    Story(
        47,
        6,
        (
            Told(0, CABILDO, "Servel multa a tres partidos por aportes de campaña en Chile"),
            Told(100, FARO, "Tres partidos multados por Servel por aportes de campaña"),
        ),
    ),
    Story(
        61,
        3,
        (
            Told(0, MUELLE, "OEFA cierra la inspección ambiental del puerto de Chancay sin sanción"),
            Told(80, NORTE, "Pescadores critican el cierre de la inspección ambiental del puerto de Chancay"),
        ),
    ),
    Story(
        74,
        8,
        (Told(0, GAZETA, "Brasil e Peru discutem fretes da ferrovia bioceânica até o Pacífico"),),
    ),
)

# What comes nearly every day: so many days apart, by which outlet, with a word out of the list.
ROUTINE = (
    (4, MUELLE, "Zarpa del puerto de Chancay un buque con {word}", ("arándanos", "paltas", "uvas", "cobre")),
    (
        5,
        CORREO,
        "Productores de {word} exportan por Chancay",
        ("café", "mango", "espárragos", "cacao", "quinua"),
    ),
    (7, NORTE, "Carretera a Chancay: {word}", ("nuevo túnel", "obra en marcha", "peaje", "desvío", "baches")),
    (
        3,
        LEDGER,
        "Chancay port handles more {word} than a year ago",
        ("copper", "blueberries", "cars", "fishmeal"),
    ),
    (
        4,
        ESQUINA,
        "Venezuela exporta más crudo hacia {word}",
        ("Asia", "la India", "Europa", "Curazao", "España"),
    ),
    (
        9,
        COURIER,
        "Venezuela oil: {word}",
        ("a new terminal", "pipeline repaired", "more crude stored", "rigs return"),
    ),
    (
        5,
        CARIBE,
        "Registraduría de Colombia abre oficina en {word}",
        ("Riohacha", "Mocoa", "Quibdó", "Leticia", "Yopal"),
    ),
    (
        7,
        CABILDO,
        "Servel informa del gasto electoral en {word}",
        ("Arica", "Iquique", "Temuco", "Valdivia", "Aysén"),
    ),
    (6, CHINESE, "秘鲁钱凯港新增{word}航线", ("上海", "广州", "天津", "宁波", "青岛", "厦门")),
)

# What no watchlist looks for, some of it only nearly.
NOISE = (
    (
        NORTE,
        "Vecinos de Chancay celebran {word}",
        ("la feria", "el aniversario", "la procesión", "el verano"),
    ),
    (CORREO, "El tiempo: {word} en la costa central", ("neblina", "sol", "garúa", "viento", "oleaje")),
    (LITORAL, "Copa Perú: {word} gana de visita", ("Huaral", "Barranca", "Supe", "Huacho", "Cañete")),
    (LEDGER, "Markets: {word} closes higher", ("copper", "soy", "silver", "coffee", "sugar")),
    (FOLHA, "Chuva de {word} alaga o centro", ("segunda", "terça", "quarta", "quinta", "sexta")),
    (COURIER, "Caribbean weather: {word} expected", ("rain", "swell", "sun", "haze")),
    (PARAMO, "Ciclovía de Bogotá: {word} kilómetros más", ("dos", "tres", "cuatro", "cinco")),
    (FARO, "Valparaíso repara {word} ascensores", ("dos", "tres", "cuatro", "siete")),
    (GAZETA, "Feira do livro recebe {word} mil visitantes", ("dez", "vinte", "trinta", "quarenta")),
)
