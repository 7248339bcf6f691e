"""`forms:` finds the forms of a word, keeps different words apart, and works wherever a word does."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

from service.errors import ExpressionError
from service.match import Item, Matcher, Query, Rule, parse_expression
from service.text import STEMMED, stems
from service.watchlists import load_watchlists
from tests.test_matcher import entry

if TYPE_CHECKING:
    from pathlib import Path

# Pairs of forms of one word, the commonest of the news first among them.
SPANISH = """
elección/elecciones, tribunal/tribunales, juez/jueces, militar/militares, país/países, ley/leyes,
voz/voces, luz/luces, canal/canales, animal/animales, papel/papeles, fácil/fáciles, mujer/mujeres,
hombre/hombres, lápiz/lápices, vez/veces, lugar/lugares, imagen/imágenes, joven/jóvenes, orden/órdenes,
café/cafés, comité/comités, iraní/iraníes, israelí/israelíes, club/clubes, club/clubs, récord/récords,
dron/drones, crimen/crímenes, régimen/regímenes, examen/exámenes, volumen/volúmenes, origen/orígenes,
margen/márgenes, virgen/vírgenes, presidente/presidentes, presidente/presidenta, ministro/ministros,
ministro/ministra, ministra/ministras, senador/senadores, senadora/senadoras, diputado/diputados,
gobierno/gobiernos, puerto/puertos, acuerdo/acuerdos, votación/votaciones, votante/votantes,
candidato/candidata, candidato/candidatos, candidata/candidatas, encuesta/encuestas, partido/partidos,
negociación/negociaciones, sanción/sanciones, inversión/inversiones, exportación/exportaciones,
misión/misiones, decisión/decisiones, avión/aviones, camión/camiones, alemán/alemanes, inglés/ingleses,
francés/franceses, portugués/portugueses, español/españoles, español/española, líder/líderes,
dólar/dólares, cónsul/cónsules, árbol/árboles, móvil/móviles, misil/misiles, hospital/hospitales,
rey/reyes, mes/meses, gas/gases, autobús/autobuses, interés/intereses, red/redes, ciudad/ciudades,
autoridad/autoridades, universidad/universidades, actividad/actividades, pared/paredes,
huésped/huéspedes, sociedad/sociedades, matriz/matrices, actriz/actrices, raíz/raíces, cruz/cruces,
paz/paces, pez/peces, feliz/felices, eficaz/eficaces, capaz/capaces, portavoz/portavoces,
director/directores, trabajador/trabajadores, trabajadora/trabajadoras, error/errores, temor/temores,
mayor/mayores, menor/menores, titular/titulares, poder/poderes, taller/talleres, alquiler/alquileres,
deber/deberes, familiar/familiares, nuclear/nucleares, popular/populares, particular/particulares,
similar/similares, solar/solares, escolar/escolares, electoral/electorales, regional/regionales,
nacional/nacionales, federal/federales, legal/legales, ilegal/ilegales, fiscal/fiscales, social/sociales,
criminal/criminales, mineral/minerales, general/generales, coronel/coroneles, nivel/niveles,
túnel/túneles, cárcel/cárceles, hotel/hoteles, control/controles, gol/goles, sol/soles, útil/útiles,
débil/débiles, civil/civiles, perfil/perfiles, barril/barriles, juvenil/juveniles, huelga/huelgas,
protesta/protestas, paro/paros, bloqueo/bloqueos, mina/minas, minero/mineros, minería/minerías,
empresa/empresas, naviera/navieras, buque/buques, contenedor/contenedores, terminal/terminales,
arancel/aranceles, impuesto/impuestos, precio/precios, contrato/contratos, licitación/licitaciones,
concesión/concesiones, demanda/demandas, sentencia/sentencias, fallo/fallos, amparo/amparos,
detenido/detenidos, preso/presos, preso/presa, asilo/asilos, frontera/fronteras, migrante/migrantes,
refugiado/refugiados, embajador/embajadores, embajadora/embajadoras, embajada/embajadas,
canciller/cancilleres, diplomático/diplomáticos, diplomático/diplomática, económico/económica,
económicos/económicas, político/políticas, chileno/chilena, peruano/peruanos, colombiana/colombianos,
chino/chinas, estadounidense/estadounidenses, venezolano/venezolanas, ataque/ataques,
bombardeo/bombardeos, terremoto/terremotos, incendio/incendios, inundación/inundaciones, muerto/muertos,
herido/heridas, víctima/víctimas, policía/policías, soldado/soldados, ejército/ejércitos,
guerrilla/guerrillas, guerrillero/guerrilleros, narcotraficante/narcotraficantes, cartel/carteles,
cártel/cárteles, alcalde/alcaldes, alcaldesa/alcaldesas, gobernador/gobernadora, rector/rectores,
carácter/caracteres, régimen/regimenes, elección/ELECCIONES, elección/eleccion, elecciones/eleccion,
economía/economia, policía/policia, votar/votó, votar/votaron, votar/votará, negociar/negocian,
negociar/negociaron, anunciar/anunció, anunciar/anuncia, visitar/visitó, visitar/visita, firmar/firmaron,
firmar/firmará, suspender/suspendió, suspender/suspendieron, vender/vendieron, vivir/viven,
exportar/exportaciones, complot/complots, test/tests, robot/robots, chip/chips, reloj/relojes,
álbum/álbumes, tabú/tabúes, esquí/esquís, sofá/sofás, bebé/bebés, leyes/LEY, alza/alzas, baja/bajas,
estación/estaciones, región/regiones, religión/religiones, rebelión/rebeliones, unión/uniones,
camarón/camarones, patrón/patrones, ladrón/ladrones, mitin/mítines, líder/lideres, jardín/jardines,
fin/fines, bien/bienes, tren/trenes, almacén/almacenes, rehén/rehenes, común/comunes, atún/atunes,
dragón/dragones, catalán/catalanes, capitán/capitanes, huracán/huracanes, volcán/volcanes, plan/planes,
pan/panes
"""

PORTUGUESE = """
eleição/eleições, tribunal/tribunais, juiz/juízes, militar/militares, país/países, lei/leis, voz/vozes,
luz/luzes, canal/canais, animal/animais, papel/papéis, fácil/fáceis, homem/homens, bom/bons,
crise/crises, mulher/mulheres, cidadão/cidadãos, cidadão/cidadã, alemão/alemães, irmã/irmãs,
irmão/irmãos, nível/níveis, espanhol/espanhóis, azul/azuis, civil/civis, jovem/jovens, mês/meses,
comitê/comitês, português/portugueses, português/portuguesa, inglês/ingleses, francês/franceses,
chinês/chineses, negociação/negociações, sanção/sanções, decisão/decisões, missão/missões, avião/aviões,
caminhão/caminhões, milhão/milhões, bilhão/bilhões, região/regiões, leão/leões, ladrão/ladrões, mão/mãos,
órgão/órgãos, pão/pães, cão/cães, capitão/capitães, mãe/mães, líder/líderes, voto/votos,
ministro/ministros, ministra/ministras, senador/senadores, senadora/senadoras, deputado/deputados,
presidente/presidentes, governo/governos, governador/governadores, porto/portos, acordo/acordos,
votação/votações, candidato/candidatos, candidata/candidatas, pesquisa/pesquisas, partido/partidos,
exportação/exportações, investimento/investimentos, tarifa/tarifas, imposto/impostos, preço/preços,
contrato/contratos, licitação/licitações, concessão/concessões, navio/navios, contêiner/contêineres,
hospital/hospitais, jornal/jornais, sinal/sinais, capital/capitais, federal/federais, estadual/estaduais,
municipal/municipais, eleitoral/eleitorais, nacional/nacionais, regional/regionais, oficial/oficiais,
policial/policiais, social/sociais, legal/legais, ilegal/ilegais, fiscal/fiscais, criminal/criminais,
general/generais, mineral/minerais, real/reais, final/finais, total/totais, principal/principais,
internacional/internacionais, rural/rurais, digital/digitais, industrial/industriais,
comercial/comerciais, funeral/funerais, hotel/hotéis, quartel/quartéis, cartel/cartéis, coronel/coronéis,
painel/painéis, túnel/túneis, míssil/mísseis, móvel/móveis, combustível/combustíveis, possível/possíveis,
responsável/responsáveis, difícil/difíceis, útil/úteis, fóssil/fósseis, réptil/répteis,
projétil/projéteis, perfil/perfis, fuzil/fuzis, barril/barris, infantil/infantis, sol/sóis, anzol/anzóis,
herói/heróis, rei/reis, boi/bois, imagem/imagens, viagem/viagens, ordem/ordens, origem/origens,
margem/margens, mensagem/mensagens, reportagem/reportagens, nuvem/nuvens, refém/reféns, armazém/armazéns,
fim/fins, som/sons, álbum/álbuns, comum/comuns, jardim/jardins, trem/trens, bem/bens, item/itens,
professor/professores, trabalhador/trabalhadores, trabalhadora/trabalhadoras, autor/autores,
setor/setores, diretor/diretores, diretora/diretoras, valor/valores, cor/cores, mar/mares, lugar/lugares,
dólar/dólares, poder/poderes, popular/populares, nuclear/nucleares, familiar/familiares,
hambúrguer/hambúrgueres, vez/vezes, cruz/cruzes, paz/pazes, raiz/raízes, matriz/matrizes, atriz/atrizes,
feliz/felizes, capaz/capazes, embaixador/embaixadores, embaixada/embaixadas, chanceler/chanceleres,
refugiado/refugiados, migrante/migrantes, fronteira/fronteiras, guerra/guerras, ataque/ataques,
greve/greves, protesto/protestos, mina/minas, mineiro/mineiros, empresa/empresas, brasileiro/brasileira,
brasileiros/brasileiras, chileno/chilenos, peruano/peruana, venezuelano/venezuelanos,
colombiano/colombianos, americano/americanos, político/políticos, econômico/econômica,
econômicos/econômicas, médico/médicos, público/públicas, morto/mortos, ferido/feridos, preso/presos,
vítima/vítimas, polícia/polícias, soldado/soldados, exército/exércitos, prefeito/prefeitos,
vereador/vereadores, universidade/universidades, cidade/cidades, autoridade/autoridades, eleição/eleicao,
eleições/eleicoes, eleicao/eleições, negociação/negociacao, gás/gases, votar/votou, votar/votaram,
votar/vota, negociar/negociou, anunciar/anunciou, visitar/visitou, visitar/visita, assinar/assinou,
suspender/suspendeu, vender/venderam, café/cafés, avó/avós, robô/robôs, metrô/metrôs, sofá/sofás, pé/pés,
clube/clubes, ticket/tickets, deus/deuses, cônsul/cônsules, mal/males, barão/barões, patrão/patrões,
questão/questões, opinião/opiniões, união/uniões, reunião/reuniões, eleitor/eleitores,
eleitora/eleitoras, campanha/campanhas, aliado/aliados, aliança/alianças
"""

ENGLISH = """
election/elections, tribunal/tribunals, judge/judges, crisis/crises, analysis/analyses, basis/bases,
man/men, woman/women, policeman/policemen, congressman/congressmen, spokeswoman/spokeswomen,
child/children, life/lives, wife/wives, knife/knives, leaf/leaves, wolf/wolves, thief/thieves,
half/halves, shelf/shelves, bus/buses, gas/gases, quiz/quizzes, tax/taxes, country/countries,
policy/policies, embassy/embassies, city/cities, army/armies, navy/navies, tie/ties, spy/spies,
talk/talks, vote/votes, vote/voted, vote/voting, negotiate/negotiations, negotiate/negotiating,
negotiate/negotiated, tariff/tariffs, port/ports, mine/mines, miner/miners, strike/strikes,
protest/protests, protest/protested, protester/protesters, minister/ministers, president/presidents,
candidate/candidates, poll/polls, sanction/sanctions, sanction/sanctioned, missile/missiles,
drone/drones, attack/attacked, attack/attacks, refugee/refugees, migrant/migrants, deal/deals,
agreement/agreements, party/parties, treaty/treaties, company/companies, ship/ships, ship/shipping,
ship/shipped, cargo/cargoes, hero/heroes, veto/vetoes, veto/vetoed, process/processes, witness/witnesses,
hostage/hostages, referendum/referenda, referendum/referendums, criterion/criteria, foot/feet,
tooth/teeth, index/indices, appendix/appendices, dies/die, dying/die, ban/banned, plan/planned, oil/oils,
hypothesis/hypotheses, diagnosis/diagnoses, emphasis/emphases, journalist/journalists, soldier/soldiers,
prisoner/prisoners, investor/investors, box/boxes, church/churches, wish/wishes, loss/losses,
boss/bosses, inquiry/inquiries, judiciary/judiciaries
"""

# Pairs of different words; some of them only our own rules could confuse.
APART = {
    "es": """
puerto/puerta, caso/casa, casos/casas, banco/banca, punto/punta, libro/libra, plazo/plaza, bolso/bolsa,
cubo/cuba, copo/copa, cuento/cuenta, inglés/ingle, japonés/japón, francés/franca, café/caza, ley/leer,
luz/lujo, luz/luce, juez/jugar, voz/votar, vez/ver, país/paisaje, año/ano, paz/pacto,
crisis/crisol, mujer/muela, dólar/dolor, gas/gasto, rey/reina, red/redacción,
comité/comida, club/clave, récord/recuerdo, tribunal/tribuna, canal/canario
""",
    "pt": """
porto/porta, caso/casa, banco/banca, ponto/ponta, tropo/tropa, copo/copa, tribunal/tribuna, tribunais/tribuna,
canal/cana, canais/cano, animais/ânimo, chinês/china, francês/franca, inglês/ingle, país/pai, país/paz,
mão/mar, pão/pau, mal/mais, reais/reator, deus/deu, fim/fino, som/sonho, bom/bola, lei/leitor,
leão/leal, capitão/capital, portão/portal, civil/cívico, avião/aviso, milhão/milho, homem/homenagem
""",
    "en": """
police/policy, universe/university, woman/womb, man/mane, life/live, safe/saves, belief/believe, crisis/crisp,
basis/basic, port/portal, poll/pollen, army/arm, minister/ministry, new/news, omen/oman, bus/busy, gas/gasp
""",
}


def _words_of(block: str) -> list[list[str]]:
    return [chain.split("/") for chain in block.replace("\n", " ").strip().split(", ")]


def _are_forms(one: str, other: str, language: str) -> bool:
    return bool(stems(one, [language]) & stems(other, [language]))


@pytest.mark.parametrize(
    ("language", "pairs", "fewest"), [("es", SPANISH, 150), ("pt", PORTUGUESE, 150), ("en", ENGLISH, 60)]
)
def test_the_forms_of_a_word_know_each_other(language: str, pairs: str, fewest: int) -> None:
    words = _words_of(pairs)
    assert len(words) >= fewest
    assert [pair for pair in words if not _are_forms(pair[0], pair[1], language)] == []


@pytest.mark.parametrize("language", APART)
def test_different_words_are_no_forms_of_each_other(language: str) -> None:
    assert [pair for pair in _words_of(APART[language]) if _are_forms(pair[0], pair[1], language)] == []


def test_stems_do_not_depend_on_case_or_on_how_accents_are_encoded() -> None:
    for word in ("elección", "eleições", "año", "tribunais"):
        plain = stems(word, ["es", "pt"])
        assert stems(word.upper(), ["es", "pt"]) == plain
        assert stems(unicodedata.normalize("NFD", word), ["es", "pt"]) == plain


def test_every_language_has_a_stemmer_that_works() -> None:
    for language in STEMMED:
        assert any(of == language for of, _ in stems("palabra", [language]))


def test_a_language_without_a_stemmer_has_the_word_itself() -> None:
    assert stems("Chancay", ["zh", "qu"]) == {("", "chancay")}


def finds(text: str, title: str, summary: str = "", languages: tuple[str, ...] = ()) -> bool:
    rule = Rule((Item(parse_expression(text, None, languages), 1),))
    return bool(Matcher([Query("topic", "v1", rule)]).match(entry(title, summary)))


@pytest.mark.parametrize(
    ("text", "title", "should_match"),
    [
        ("forms:elección", "Las ELECCIONES de noviembre", True),
        ("forms:elecciones", "la elección", True),
        ("forms:eleccion", "elecciones", True),
        ("forms:elección", "#Elecciones2025", True),
        ("forms:elección", "el electricista", False),
        ("elección", "elecciones", False),
        ("forms:elección presidencial", "elecciones presidenciales en Chile", True),
        ("forms:elección presidencial", "elecciones y presidenciales", False),
        ('forms:"elección presidencial"', "la elección presidencial", True),
        ("forms:(juez OR tribunal)", "los jueces", True),
        ("forms:(juez OR tribunal) AND fallo", "los jueces", False),
        ("forms:(juez AND NOT tribunal)", "jueces y tribunales", False),
        ("title:forms:juez", "los jueces", True),
        ("text:forms:juez", "los jueces", False),
        ("forms:title:juez", "los jueces", True),
        ("forms:juez NEAR/3 forms:fallo", "los jueces y sus fallos", True),
        ("forms:(juez NEAR/1 fallo)", "los jueces y sus fallos", False),
        ("forms:(juez NEAR/3 fallo)", "los jueces y sus fallos", True),
        ("forms:juez NOT NEAR/1 forms:tribunal", "jueces tribunales", False),
        ("ATLEAST/2 forms:mina", "la mina y las minas", True),
        ("ATLEAST/3 forms:mina", "la mina y las minas", False),
        ("$court", "los tribunales", True),
        ("forms:$word", "los puertos", True),
        ("forms:puerto", "la puerta", False),
        ("loose:forms:campaña", "las campanas", True),
        ("forms:campaña", "las campanas", False),
        ("forms:loose:campaña", "las campañas", True),
        ("forms:钱凯港", "中国钱凯港开港", True),
        ("forms:elección 2025", "elecciones 2025", True),
        ("forms:forms:juez", "jueces", True),
        ("name:Kast AND forms:juez", "Kast y los jueces", True),
        ("forms:EEUU", "EE. UU.", True),
        ("forms:election", "the elections", True),
        ("forms:eleição", "as eleições", True),
        ("forms:eleição", "as eleicoes", True),
        ("forms:Kanzler", "der Kanzlern", False),
    ],
)
def test_forms_are_found_wherever_a_word_is(text: str, title: str, *, should_match: bool) -> None:
    terms = {"court": parse_expression("forms:tribunal"), "word": parse_expression("puerto OR 钱凯港")}
    rule = Rule((Item(parse_expression(text, terms), 1),))
    assert bool(Matcher([Query("topic", "v1", rule)]).match(entry(title))) is should_match


def test_a_topic_has_the_forms_of_its_own_languages_and_no_others() -> None:
    assert finds("forms:Wahl", "die Wahlen", languages=("de",))
    assert finds("forms:tribunal", "os tribunais", languages=("pt",))
    assert not finds("forms:tribunal", "os tribunais", languages=("en", "zh"))
    assert finds("forms:tribunal", "the tribunal", languages=("zh",))


def test_a_file_gives_its_languages_to_its_rules_and_blocks(tmp_path: Path) -> None:
    (tmp_path / "wahl.yaml").write_text(
        "title: Wahl\nlanguages: [de]\nterms:\n  wahl: [forms:Wahl]\n"
        "match:\n  any: [$wahl AND forms:Kanzler]\n"
        "examples:\n  match:\n    - Wahlen und Kanzlern\n  ignore:\n    - elections of chancellors\n",
        encoding="utf-8",
    )
    assert load_watchlists(tmp_path).problems == ()


@pytest.mark.parametrize(
    ("text", "message", "mend"),
    [
        (
            "forms:name:Kast",
            "forms: and name: cannot hold for the same word.",
            "A name has no other forms: leave out forms:.",
        ),
        (
            "name:(Kast OR forms:juez)",
            "forms: and name: cannot hold for the same word.",
            "A name has no other forms: leave out forms:.",
        ),
        (
            "case:forms:WHO",
            "forms: and case: cannot hold for the same word.",
            "Leave out one of them; single forms in exact letters can be written with OR.",
        ),
        (
            "forms:accents:papá",
            "forms: and accents: cannot hold for the same word.",
            "Leave out one of them; single forms with their accents can be written with OR.",
        ),
        (
            "forms:candidat*",
            "forms: cannot hold candidat*, which has a * or ? already.",
            "Leave out forms:, or write the whole word instead of candidat*.",
        ),
        (
            "forms:(juez OR neg*ción)",
            "forms: cannot hold neg*ción, which has a * or ? already.",
            "Leave out forms:, or write the whole word instead of neg*ción.",
        ),
        (
            "juez AND forms:",
            "forms: needs what it is about directly after the colon.",
            'Write forms:word. As a word, put it in quotes: "forms:".',
        ),
    ],
)
def test_forms_with_what_contradicts_them_are_refused(text: str, message: str, mend: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse_expression(text)
    assert refused.value.message == f"{text}: {message}"
    assert refused.value.mend == mend
    assert text[refused.value.offset :].startswith(("forms:", "name:", "case:"))
