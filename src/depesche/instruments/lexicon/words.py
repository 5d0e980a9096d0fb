"""Words the linker must know: names that never link, words that are also companies, the vocabulary of finance.

All are written as folded text (lower case, ä as ae, ß as ss).
"""

from __future__ import annotations

BLOCKED = frozenset(
    """dax|dax 40|mdax|sdax|tecdax|cdax|dax index|eurostoxx|euro stoxx|euro stoxx 50|eurostoxx 50|stoxx|stoxx 600
stoxx europe 600|nasdaq|nasdaq 100|nasdaq composite|dow|dow jones|dow jones industrial|djia|s&p|s&p 500|sp 500
russell|russell 2000|ftse|ftse 100|ftse 250|cac|cac 40|smi|atx|ibex|ibex 35|aex|bel 20|nikkei|nikkei 225|topix
hang seng|csi 300|kospi|msci world|wti|brent|bitcoin|xetra|tradegate|nyse|euronext|wall street|lse|otc
dpa|dpa afx|afx|news|investor|reuters|afp|ap|apa|sid|kna|epd|dts|dj|dow jones newswires|bloomberg|cnbc|handelsblatt
wall street journal|financial times|eqs|eqs news|dgap|pta|ots|news aktuell|globenewswire|globe newswire
business wire|businesswire|pr newswire|prnewswire|accesswire|newsfile|irw press|ezb|fed|eu|usa|us|uk|sec|bafin
ag|se|kgaa|gmbh|inc|corp|plc|ltd|co|group|holding|the|bank|boerse|isin|wkn|ceo|cfo|tv|pc|it|ai|ki""".replace(
        "\n", "|"
    ).split("|")
)
"""Indices, markets, providers, authorities and bare legal forms."""

ORDINARY = frozenset(
    """aal abc access ace acer acht active adler advance agenda air akt aktie alba albert alfa all alliance allianz
allied alpen alpha alphabet alt altar altria amada amazon ambition american amerika anker ansatz apex apollo
apple arbeit arch arena ares argo arm art asahi ascent aspen aspire asset assurance atlantic atlas aurora autobahn
autodesk avalon avance axel axis axon ball banc bank banner bar barometer base basis bauer baxter bayer beacon bear
bei berg berkeley berlin best beta beyond bic big bilanz birkenstock black blackstone block blue body bold bond
bonus booking boost boss bosch boston bow box brady brand bremen brenner bridge bright brief brille brinks british brown
buckle buerger bunge burg burger bus cable cabot cadence california campbell can canon capital capitol carbon
cardinal care carlo carnival carrier castle catalyst caterpillar cavalier cedar cello center central centrica centrum
century challenge chance charter chase chef chemie chiba choice church cinema cipher circle citizens citrus city clariane
classic clean clear cloud club coast cobra coca code coherent cola columbia columbus comet comfort compass complete comsys
concept concord condor consol constellation consumer conti continental copper core corner corning corona corsair
cosmos cotton courage crane credit crest crocs crown crystal cube culture cummins dana danone data david day deal delta
denso der design deutsche deutschland deutz diagonal dialog diamond die digital diploma direct disco discovery diversified
docks dollar domino dominion douglas dover dow dragon dream drei drive duke dynamic dynamik eagle earth east ebara echo
eclipse eden edge edison einheit eins element elektro elevance elisa elite ellipse emblem emerald empire enact energie
energy engie enterprise entergy epic equinox equity era erste essex essential europa europe ever everest evolution
excel excellence exchange expand expedia explorer express fabrik falcon familie farmer fast federal ferrari festival
fidelity finance finanz first five fix flag flex flora florida fluss flut focus force ford forest form forte fortune
forum forward fossil foundation fox france franklin free freedom freenet frontier fuchs fuji fusion future galaxy
gamma gap garden garmin gas gate gateway gemini general generation genesis genius georg giant gigant glacier glas global
globe globus gold golden good grand graphite gravity great green grenke grifols grid ground group grove growth guardian
guess gulf hafen hain halle halma hamburg hammer hanover happy harbor harmonic harmony hartford harvest haus hawk haus
health heart heidelberg held helios hella henkel henry herbst heritage hermes hero hilton himmel hino hitachi hof holiday home honda
honest hope horizon hornbach hotel house hub hudson human humana hunt hunter icon ideal idea image imagine impact imperial
impuls in independence index indigo indra indus industrie infinity informa ing innovation insight inspire instinct
integral intel inter interface international intuit invest investor ion iris iron island item jack jacobs japan jenseits
joint jordan journey jungle jupiter just kaiser kanal kansai kao kapital karl karma kelly kern key kinder king kingdom kiste klasse
knight koch koenig kompass kone kontakt krone kroger kubota kunde kunst laender lamb land landis lang laser last lazard
leader leben legacy legend legrand leidos lennar leo level liberty life light limit lincoln linde lindsay line link lion
liquid live logic london loop lotus love lowe lucid luna lynx macht magna magnet magnum main man manager mann marathon mark
market marks mars marsh martin masco master match matrix matson matter max mazda medallion media medios medizin meer mercedes
mercury merck meridian merit merlin meta metro micro mid middleby midland millennium mind mission mitte mittel mobil
model moderna moment monarch mondi monster moon morgan morning mosaic motor mountain mueller murphy muse music myriad
nation national natur nature navigator net network neu neuland new newmont next nexus nike nine noah noble nord norden
norm norma norman north northern nova novel now nuance null oak oasis ocean olympia olympus omega omni on one onkel
open optimum option opus oracle orange orbit orchid orient origin orion oscar otis outlook owl oxford pace pacific page
paladin palm palomar panther papa papier paragon paramount park parker partner path patria patriot patrizia paul pearl
pearson peak pegasus penguin pentair people perform perrigo persimmon peter phoenix pico pilot pinnacle pioneer pixel planet plaza
plug pluto point polaris pool porsche portal post potential power prada praxis precision premier presse prestige pride
prima prime prinz principal prisma pro profil progress progressive progressus prologis promise prospect prosperity protection provident
prudence prudential puma pulse pure quaker quality quanta quarz quest radian radius rail ralph rambus range rapid rational raum
ready real recruit red redwood reform regal regency region regions reich reliance renaissance renault republic research
resolute resource reward rhein rheine rich ring rio rise river robert rock rocket rockwell rohm roper rose roots ross
route royal rubis rush ryder sabre safe safety saga sage salzgitter samsara sand sandwich sapphire saturn savannah scale schein schneider schott
scholastic schwarz science scope scout screen sea season secom secunet security select senior sense sentinel serie
service seven shares sharp shell shield shift siemens sie sieben sierra sigma signal signature signet silber silver simon
simple sinn six sixt sky sleep smart smith snap society solar solaria solid solution solutions sonic south southern
space spark spectrum speed sphere spiegel spire spirit sport spring sprint square stabil stadt staffel standard star
stark start state station steel steer stein step stern sterling stock stone storm strategic stratec stratus stream street
strom strong stryker student studio summit sun sunrise super superior surge suzuki swan switch symbol synergy system tag
talent talos tanger target team tech tel telekom teladoc tempel temple tempo tennant terra tesla test texas thales theater
think thor three tiger time titan titel tochter token top toro total toto touch tower town track trade trane transfer
travel treasure trend tri tribune trident trigano trimble trinity trip triumph true trust turm turtle twin two tyson uber ulta ultra under
union unique unit united unity universal universe urban us valley value van vanguard vantage vector vega velocity ventas
venture verband verein verlag verve vertex veritas vertrag via vicat victoria victory vier vinci virtus visa vision
visionary vista vital vitesse vivid voice volt volvo vulcan wald walker wallbox warrior washington wasser water waters
watts wave way web weg weir welt wendel west western white whitman wild wiley williams willis win wind winter wirtschaft wolf
wolfspeed wood woodward work workday world wuestenrot xylem yamaha yield york you young zebra zeit zenith zentrum zero zinc zoom zukunft
zurich zuerich zwei safran chubb eaton hubbell mccormick kingfisher chevron
michelin philips energizer diodes loews alten hexagon hertz hershey wendy antofagasta boliden fresnillo komatsu outokumpu santander sabadell randstad shimizu admiral babcock melrose lumen lennox newell winnebago deckers otsuka ipsen""".split()  # noqa: SIM905
)
"""Words, first names, family names and places that are also companies; only with a cue do they mean the company."""

GENERIC = frozenset(
    """aktie aktien aktiengesellschaft american asset banco bank banken banque bay beteiligung beteiligungen bio brands
capital chemical chemicals china co communications company consumer corporation data dai deutsche development digital
electric electronics energy engineering enterprises entertainment equity estate europe european finance financial first
food foods fund general global gold green group gruppe health healthcare holding holdings hotels household house india
industrial industries industry infrastructure insurance international investment investments japan lab laboratories land
life limited management manufacturing materials media medical metal metals minerals mining motor motors national new north
of oil pacific partners pharma pharmaceutical pharmaceuticals platforms power products properties property real realty
reit resources retail royal sciences securities semiconductor service services shipping software solar solutions south
steel stores sun swiss system systems technologies technology telecom the trade trading transport trust united universal
public storage buy paper parts genuine payments rentals utilities waste income beauty management us usa ventures water west and und de la le der die das for""".split()  # noqa: SIM905
)
"""Words shared by so many names that they tell none apart."""

FINANCE = frozenset(
    """kaufempfehlung einstufung hochstufung abstufung hochgestuft abgestuft kursplus kursminus kursrutsch boersianer upgrade upgraded downgrade
downgraded dividends payout aktie aktien aktienkurs aktienrueckkauf aktionaer aktionaere aktionaeren analyst analysten analystin anleger anleihe
aufsichtsrat aufsichtsratschef aufsichtsratsvorsitzende auftragseingang auftragsbestand boerse boersengang
boersenwert buchwert cashflow cfo ceo dividende dividenden ebit ebitda finanzchef finanzvorstand
geschaeftsjahr geschaeftszahlen gewinn gewinnwarnung halbjahr hauptversammlung investoren jahresziele jahresprognose
kapitalerhoehung konzernchef konzernchefin konzernumsatz kursgewinn kursgewinne kursziel kursverlust
kursverluste marge margen marktkapitalisierung nettogewinn prognose prognosen
quartal quartalszahlen rendite rueckstellungen stellenabbau uebernahme uebernahmeangebot umsatz
umsaetze umsatzplus umsatzrueckgang vorstand vorstandschef vorstandschefin vorstandsvorsitzende
vorstandsvorsitzender vorzugsaktie wertpapier zulieferer
acquisition analysts bond bonds buyback ceo cfo dividend earnings forecast guidance investors ipo
margin margins merger outlook profit profits quarter quarterly revenue revenues sales
shareholder shareholders shares stake stock takeover valuation""".split()  # noqa: SIM905
)
"""Words that speak of a company's business; several close by make an ambiguous name plausible."""

SPOILERS = frozenset(
    """arena stadion park halle stiftung museum strasse allee platz cup open liga leverkusen theater festspiele tower
turm haus baum baeume pie saft stadium field center centre foundation street avenue square trophy marathon 04 stadt
universitaet university road lane drive bridge hall college hospital gallery orchestra quartet garden gardens sportpark festhalle eisstadion cars dome doodle jugendstudie museum klinik hotel schule school kirche museum award prize preis pokal cider juice tree trees bucht beach""".split()  # noqa: SIM905
)
"""Words that, following a name, make it something else: an arena, a foundation, a tree."""

CLUBS = frozenset(
    [
        "borussia dortmund",
        "bvb",
        "manchester united",
        "juventus",
        "ajax",
        "celtic",
        "lazio",
        "as roma",
        "benfica",
        "porto",
        "ferrari",
        "braga",
        "besiktas",
        "galatasaray",
    ]
)
"""Listed clubs and racing teams; only words of finance close by make them the company."""

INHABITANTS = frozenset(
    {"gerresheimer", "hamborner", "heidelberger", "frankfurter", "muenchener", "hannoversche"}
)
"""Names that are also adjectives of towns (`die Hamborner Kirche`)."""

RATERS = frozenset(
    """goldman sachs|goldman|jpmorgan|jpmorgan chase|jp morgan|j.p. morgan|morgan stanley|ubs|deutsche bank|deutschen bank|barclays|bank of america|bofa
citigroup|citi|commerzbank|hsbc|jefferies|societe generale|bnp paribas|bnp|bernstein|rbc|royal bank of canada|nomura|mizuho|wells fargo|stifel
evercore|lazard|raymond james|macquarie|scotiabank|santander|unicredit|ing|intesa sanpaolo|erste group|erste bank|raiffeisen bank international|abn amro
kbc|danske bank|nordea|seb|handelsbanken|swedbank|piper sandler|baader bank|moody's|s&p global|morningstar|bbva|lloyds|natwest|td cowen|keefe|credit agricole
vontobel|julius baer|mediobanca""".replace("\n", "|").split("|")
)
"""Listed banks and brokers whose analysts judge others' shares."""

SISTERS = {
    "volvo": frozenset("truck trucks lorry lorries lkw lastwagen bus busse buses excavator excavators bagger".split()),  # noqa: SIM905
    "rolls royce": frozenset("engine engines jet jets turbine triebwerk triebwerke triebwerken reactor reactors aerospace".split()),  # noqa: SIM905
}  # fmt: skip
"""Names that an unlisted maker of cars carries too, with the words that tell the listed company."""

NAMESAKES = frozenset(
    """alcon barclays beazley bechtle beiersdorf bertrandt bilfinger bollore bouygues burberry campbell's celanese danaher
deutz draegerwerk ecolab ericsson fielmann gartner geberit gentherm gerresheimer givaudan halliburton hamborner harsco henkel hensoldt hiscox
holcim jabil jungheinrich kennametal kohl's konami kontron koppers krones lonza lowe's neste nemetschek nokia nordson ottobock
reckitt richemont robertet sabadell sacyr sainsbury's sanmina sartorius schaeffler schlumberger schroders sixt solvay stroeer takeda vossloh
wendy's weyerhaeuser whitbread wienerberger""".split()  # noqa: SIM905
)
"""Names of one company each that families, towns, rivers or stations bear too; they need some word of business or of the company."""

NATIONAL = frozenset(
    """admiral|bell|budget|citizens|compass|coop|crown|discover|domino's|domino's pizza|edison|emerson|erste|hartford|kmart|lloyds|mercury|metro|monster
national grid|next|northern|office depot|orion|phoenix|post|principal|progressive|prudential|raiffeisen|republic|seb|sky|southern|t mobile
target|telekom|travelers|universal|woolworth|woolworths|wuestenrot""".replace("\n", "|").split("|")
)
"""Short names that other groups, chains and shops bear in other countries; in a story that plays there they do not mean the listed one."""
