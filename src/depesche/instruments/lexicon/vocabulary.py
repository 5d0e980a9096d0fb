"""Words that tell in which world a story plays: business, everyday life, and the names of people.

All are written as folded text (lower case, ä as ae, ß as ss). They weigh for or against names that could
also be a word, a family or a village; none of them links by itself.
"""

from __future__ import annotations

BUSINESS = frozenset(
    """konkurrenz finanzinvestor branche industrie kapazitaet kapazitaeten bestellung bestellungen milliardenstrafe patente lizenz dealers
shipments exports refinery pipeline tariffs merchants unternehmen unternehmens konzern konzerns konzerne firma firmen hersteller herstellers anbieter anbieters betreiber
betreibers haendler haendlers versicherer versicherers zulieferer versorger versorgers autobauer autobauers autohersteller
maschinenbauer chiphersteller softwarehaus einzelhaendler modekette handelskette fluggesellschaft airline reederei energiekonzern
chemiekonzern pharmakonzern technologiekonzern autokonzern oelkonzern medienkonzern handelskonzern softwarekonzern
werk werke werks fabrik fabriken produktion fertigung standort standorte auftrag auftraege auftraggeber kunden kunde lieferung
lieferungen zulassung investition investitionen investiert mitarbeiter mitarbeiterinnen mitarbeitern beschaeftigte
beschaeftigten belegschaft betriebsrat stellen arbeitsplaetze geschaeft geschaefte geschaeftsbereich sparte tochter
tochtergesellschaft konzernmutter mutterkonzern marktfuehrer markt maerkte wettbewerber konkurrent konkurrenten
rivale rivalen erloese erloes absatz nachfrage joint venture vertrag liefervertrag kooperation partnerschaft
milliarde milliarden millionen mrd mio beteiligung mehrheit minderheit anteil anteile kaufpreis zukauf verkauf boersennotiert boersennotierte
rechenzentrum rechenzentren plattform filialen markteinfuehrung streik gewerkschaft verdi tarif entlassungen kurzarbeit
uebernimmt finanziert kredit kreditgeber bank kartellamt kartellstrafe rueckruf modelle sprecherin konzernsprecher firmensprecher
unternehmenssprecher hauptsitz zentrale firmensitz ceo manager managerin chef chefin finanzchefin dax mdax sdax tecdax boerse
company companys firm firms group carrier airline automaker carmaker maker makers manufacturer manufacturers retailer retailers
chipmaker drugmaker planemaker brewer bank lender insurer operator supplier suppliers utility miner landlord conglomerate
corporation corporate subsidiary unit division business businesses customers customer orders contract contracts deal plant
plants factory factories production output workforce employees workers jobs layoffs headquarters headquartered executives executive spokesman
spokeswoman market markets competitor competitors rival rivals demand deliveries investment invest invests billion
million software cloud launch launched platform product products brand brands stores chain warehouse warehouses union strike
antitrust regulator regulators fine fined appeal lawsuit sue sues sued settlement payments fee fees commission recall patent license venture partnership pricing subscribers users developers infrastructure
listed nasdaq nyse percent oil debt acquire acquires
bestellt fertigt produziert liefert bookings approval grocer grocers employ prices shoppers wages strikes outage refineries works piloten preise tarife klage urteil rueckstellung kuendigung energiekosten
kartell produktionslinie rahmenvertrag grossauftrag rabatt sortiment marken marke gericht verbraucherschuetzer streiks warnstreik
kassiert insolvenz sanierung sparprogramm personalabbau serienfertigung""".split()  # noqa: SIM905
)
"""Words of companies at work; weaker than the vocabulary of finance, and counted beside it."""

EVERYDAY = frozenset(
    """familie familien grossmutter grossvater oma opa mutter vater urgrossvater urenkelin enkel tochter sohn cousine bruder schwester
ehepaar witwe witwer hochzeit taufe beerdigung trauerfeier verstorben gestorben nachruf geburtstag kinder kindergarten kita
schule schueler schuelerin schuelerinnen grundschule gymnasium realschule abitur lehrer lehrerin klasse unterricht universitaet
studie studierende professor professorin forscher forscherin forscherinnen historiker historikerin offizier briefe erfinder erfinderin jahrhundert notfall arzt aerztin patient patientin gemeinde gemeinderat gemeindehaus ortsteil dorf dorfes
doerfer dorfplatz buergermeister buergermeisterin ortsvorsteher ortssprecher landrat landkreis stadtrat stadtverwaltung rathaus
kreisstrasse bundesstrasse strasse radweg gehweg baustelle umleitung anwohner anlieger einwohner nachbarn nachbarschaft verein vereins
vereinsheim feuerwehr feuerwehrhaus polizei polizist polizistin wache zeugen unfall unfallstelle fahrer fahrerin radfahrer
radfahrerin fussgaenger einbrecher dieb diebe taeter verdaechtige staatsanwaltschaft verletzt notarzt krankenhaus
kirche kirchengemeinde pfarrer pfarrerin gottesdienst kloster papst bischof friedhof kapelle glocken weihnachten ostern advent fasching
fest festzelt jahrmarkt flohmarkt kaffee kuchen blechkuchen brot wein most kueche kochen rezept zutaten teig mehl zucker butter eier
ernte frost landwirt landwirte bluete see loeffel essloeffel teeloeffel prise backofen ofen pfanne topf apfel aepfel birnen obst gemuese garten gaerten blumen baum baeume
baumes stamm aeste krone wipfel wald waelder wiese wiesen felder acker traktor bauer bauern bauernhof muehle scheune stall kuehe schafe huhn
huehner hund hunde katze katzen pferd pferde tier tiere tierpark zoo gehege wildnis raubkatze vogel voegel fluss flusses bach ufer
insel strand kueste meer berg berge gipfel wandern wanderung wanderer urlaub reise reisende hotel pension zimmer gasthof gasthaus
wirt wirtin koch restaurant speisekarte wetter regen schnee sonne sturm gewitter grad theater buehne schauspieler schauspielerin
regie regisseur regisseurin rolle hauptrolle publikum auffuehrung premiere konzert orchester dirigent dirigentin chor geige geigerin
pianist pianistin oper roman romane dichter dichterin gedicht gedichte autorin schriftsteller schriftstellerin buch buecher lesung museum
ausstellung maler malerin gemaelde skulptur kuenstler kuenstlerin kunst galerie film filme kino serie staffel folge folgen krimi doku gedreht sendung moderator moderatorin
saenger saengerin lied lieder album band tournee trainer trainerin mannschaft mannschaften spieler spielerin spielern stuermer torwart
torhueter tor tore treffer halbzeit spielminute anpfiff abpfiff elfmeter freistoss kopfball eckball liga bundesliga
tabelle tabellenplatz pokal turnier turniersieg finale halbfinale weltmeister olympia medaille goldmedaille sieg siege niederlage
unentschieden stadion rasen fans zuschauer saison gegner wettkampf etappe rennen rad sprint marathon laeufer planet komet stern
galaxie atome mythos goettin goetter antike mittelalter koenig koenigin schlacht krieg front truppen soldaten waffenruhe fluechtlinge
grandmother grandfather mother father son daughter sister brother cousin family wedding funeral widow birthday
children school pupils teacher students classroom village villagers town mayor council councillor parish church priest pastor
vicar cathedral neighbor neighbors neighbour neighbours residents street road lane bridge bus police officer
witness witnesses crash driver cyclist pedestrian injured hospital ambulance burglar suspect court judge jury
recipe oven flour sugar butter eggs cake pie bread dough cider juice jam kitchen cook cooks chef tablespoon teaspoon apples pears
orchard orchards fruit harvest crop bushels garden gardener flowers tree trees forest rainforest river basin creek valley hill hills
island beach shore coast sea ocean mountain hike hikers trail holiday vacation guesthouse inn ferry tourists visitors weather rain
snow storm sunshine frost theatre theater stage actor actress play audience concert orchestra conductor choir violin
pianist opera novel novels poet poem poems author book books museum exhibition painter painting sculpture artist
gallery award awards oscar oscars drama fame hero celebrity film films movie cinema episode season singer song songs band coach coaches striker goalkeeper keeper midfielder defender
goal goals halftime kickoff penalty header league table trophy tournament semifinal final win wins defeat draw match matches stadium
pitch fans crowd spectators squad innings wicket race lap rider dog dogs cat cats horse horses cow cows sheep hen birds
zoo animal animals species wildlife variant virus virologists samples planet comet star galaxy myth goddess temple
frost blossom lake lakes growers farmer farmers farm farms ancient medieval king queen battle war troops soldiers ceasefire truce refugees envoys monastery alphabet letters""".split()  # noqa: SIM905
)
"""Words of families, villages, schools, kitchens, sport, culture, nature and war."""

CONSUMED = frozenset(
    """netflix disney amazon paramount apple google microsoft adobe meta facebook warner sony nintendo spotify intel hp canon epson logitech
paypal""".split()  # noqa: SIM905
)
"""Makers of programmes and devices that people name when they mean these."""

ADVICE = frozenset(
    """serie serien staffel folge folgen film spielfilm doku dokumentation krimi komoedie sendung sender moderator mediathek streaming
zeigt laeuft uhr einschaltquote klicken klick tippen einstellungen einstellung menue browser cache passwort neustart app apps
smartphone rechner laptop festplatte treiber tabelle tabellen taste tasten nutzer speicher drucker wlan router backup series season episode
episodes show shows drama comedy documentary channel click tap settings menu password restart laptop smartphone keyboard screen printer
button""".split()  # noqa: SIM905
)
"""Words of programme guides and of help with devices."""

GIVEN = frozenset(
    """adam adrian agathe agnes albert alexander alexandra alfons alfred alice alina alma amalie amelie amir anastasia andre
andrea andreas andrew angela angelika anja anke anna annalena anne annegret annette annika anthony anton antonia armin arno arnold
artur astrid august barbara bastian beate ben benedikt benjamin bernd bernhard bettina bianca birgit bjoern bob boris brian
brigitte bruno cameron carina carl carla carlos carmen carol carola caroline carsten catherine cem charles charlotte chris
christa christel christian christiane christina christine christoph christopher clara claudia claus clemens conrad cornelia
cornelius craig daniel daniela david dennis detlef dieter dietmar dietrich dirk dominik donald dora doris dorothea dorothee eberhard
eckart edgar edith eduard edward elena elias elif elisabeth elizabeth elke ella elsa elvira emil emilia emily emma emmanuel
eric erich erik erika ernst erwin esther eugen eva evelyn fabian fatma felix ferdinand finn fiona florian frances frank
franz franziska fred frederik friederike friedrich fritz gabi gabriel gabriele gary georg george gerald gerd gerda gerhard gerlinde
gernot gertrud gisela gordon gottfried gottlieb gottlob grace greta guenter guenther gudrun guelay guido gustav hanna hannah
hannelore hannes hans harald harry hartmut heidi heike heiko heiner heinrich heinz helen helena helene helga helmut henri henriette henrik
henry herbert hermann hilde hildegard holger horst hubert hugo ida ilse ina ines inge ingeborg ingrid irene iris
irma isabel isabella ivan jack jacob jakob james jan jana jane janet janina jasmin jason jean jennifer jens jessica jim joachim joan
joanna jochen joel joerg johann johanna johannes john jonas jonathan josef josefine joseph joshua juergen julia julian juliane
jutta kai karen karin karl karla karsten katharina kathrin katja katrin kenneth kerstin kevin kilian klara klaus konrad
konstantin korbinian kristin kristina kurt lara larry lars laura lea lena leo leon leonhard leonie leyla lilli lina linda lisa lorenz
lothar louis louisa louise luca lucas lucia ludwig luis luise lukas lutz lydia magda magdalena maike maja malte manfred manuel
manuela marc marcel marco marcus margaret margarete margit margot maria marianne marie marina mario marion markus marlene martha
martin martina mary mathias mathilde matthew matthias maurice max maximilian mechthild mehmet melanie meike mia michael michaela michelle mila mirco
miriam mohamed monika moritz mustafa nadine nadja nancy natalie nathan nele nicholas nick nico nicola nicole niklas nils nina
noah nora norbert olaf ole oliver olivia oskar otto pascal patricia patrick paul paula pauline peter petra philip
philipp pia rainer ralf ralph raphael rebecca regina regine reinhard reinhold renate rene ricarda richard rita robert robin roger
roland rolf roman ronald rosa rosemarie ruediger rudi rudolf rupert ruth sabine sabrina sally samuel sandra sara sarah sascha
sebastian selma sibylle siegfried sigrid silke silvia simon simone sina sofia sonja sophia sophie stefan stefanie steffen steffi
stephan stephanie stephen steven sue susan susanne suzanne svea sven svenja sybille sylvia tanja tatjana teresa theo
theodor theresa thilo thomas thorsten till tim timo tina tobias tom torsten udo ulf uli ulrich ulrike ursula ute uwe valentin
valeria vanessa veit vera verena veronika victor viktor viktoria vincent volker walter waltraud wendelin wenzel werner wilfried
wilhelm willi william wilma wolf wolfgang xaver yannick yusuf yvonne zoe ambrose amy arthur beth betty bill cathy chloe dan daisy donna
dorothy ellen elaine ethel evan frederick geoffrey gillian graham gwen harold hazel howard ian jeff jeffrey jeremy jill jo joe jordan
josephine joyce judith judy julie karl katie keith ken kim kyle leonard lloyd lucy luke maggie marjorie megan mike mildred molly
nigel norman oscar pam pamela phil priya rachel raymond roy russell ryan sam samantha sean sharon sheila shirley stan
alois alwin adelheid adele ada aaron agnieszka aische alba albrecht aleksander alessandro alex ali amelia anett annemarie annkathrin anselm
antje arne arthur aylin ayse baerbel balthasar bastien beatrice beatrix benno berit berta berthold bertram betina bodo bogdan burkhard
burghard caecilia caspar cedric charlene charly chiara cindy cora dagmar damian darius dario deniz denise desiree diana diego dimitri
dietlinde donata edda edeltraud egbert egon ehrenfried eike eleonore elfriede elias ella elli emine emre engelbert enno enrico erna erol
eugenie ewald falk fanny fatih felicitas filip flora florentine frauke frida fridolin friedhelm friedel fritzi gerda gerrit
gesine gregor greta gundula gunnar gunter gustl hakan halina hasan hedda hedi hedwig heidrun heike heinke helge henning hendrik heribert hermine hilda
hinrich hubertus ignaz ilka ilona imke ines ingo ingrid ingolf insa irina irmgard isolde jakub jannik jannis janine jasper jelena jenny
joachim jolanda josefa jost jule julius juri justus kaethe kaspar kathleen katharine kirsten klemens knut kreszenz kunigunde lasse laurenz
leander lennart leopold lenz lieselotte liesl liselotte lore loni lorena ludger luigi lukasz luzia malina malwine marek margarethe margret marija marika
marius marlies marta matilda meinhard melchior merle merve mechthilde mikael milan milena minna mona murat nepomuk nikolaus nikolas
nuria oda odilo olga ortrud ortwin otmar ottilie ottmar pankraz paola pavel pedro piotr quirin raimund ramona resi reiner reinhart
roderich rosalie rosemarie rosi roswitha ruediger ruprecht sabrine salome samira saskia selina sepp severin sieglinde siegmund silvester
sigmund simona solveig soeren svenja swantje tamara tassilo thea thekla theodora theresia tilman tilmann till timm titus traudl
trude tuncay ulla undine ursel valentina vanja viola vitus volkmar vroni walburga walpurga waldemar wanda wenke wiebke wilhelmine willy
wiltrud winfried wolfram xenia yasemin yildiz yuki zita zoran
abigail adele agatha aidan alan alastair albert alec alfie alison alistair amanda amber andy angus annabel archie arlene audrey ava
barney basil beatrice becky belinda bernice bert bertha beverly blake bradley brandon brenda bridget bronwyn bryan callum calvin camilla
carla cassandra cecil cedric celia chad chester clarence clifford clive colin connor constance cora cynthia cyril darren dave dean deborah
debbie deirdre derek desmond diana diane dominic doreen doug douglas duncan dwight dylan earl edmund edna edwin eileen eleanor elliot ellie
elsie enid ernest ethan eunice fay felicity fergus fern floyd freda freddie gail gavin gene gerard gertrude gilbert ginny gladys glen gloria
greg greta hank harriet harvey hattie heather hector hugh humphrey imogen isaac isla ivy jamie jasmine jay jean jenna jerry jesse
jimmy jodie josie joy juanita kathleen kathy kay keira kelvin kirsty lance laurence laurie leah lee leroy leslie lewis lily lionel lois lorraine
lottie louie lyle lynn mabel maeve malcolm mandy marcia marvin mavis maude mavis melissa mervyn millie miranda miriam mitchell moira muriel
myrtle nadia naomi neil nell nina nora olive opal owen patsy pearl peggy penelope percy phoebe phyllis polly prudence quentin ralph ramona
reggie reginald rhys rhoda rick ricky rodney ronnie rory rosie rowena roxanne rufus rupert sadie sanjay shane shaun sian sidney
simon sonny stacey stanley stella stewart sybil tabitha terence terry theresa tilly toby trevor trudy una ursula vernon vera viola
wallace wanda warren wesley wilbur wilfred winifred winston yvette stuart susanna ted theodore tony tracy vivian wayne wendy zachary""".split()  # noqa: SIM905
)
"""Given names common in Germany and in the English-speaking world; before a name they make it a person's."""

TITLES = frozenset(
    """herr herrn frau familie familien dr prof professor professorin pfarrer pfarrerin pastor pastorin schreinermeister
buergermeister buergermeisterin trainer trainerin torwart stuermer richter richterin lehrer lehrerin general kommissar kommissarin
bruder schwester brueder geschwister ehepaar baecker baeckermeister landwirt oma opa onkel tante graf freiherr mr mrs ms
verteidiger mittelfeldspieler kapitaen spielmacher angreifer dirigent dirigentin autor autorin regisseur regisseurin schauspieler
schauspielerin saenger saengerin minister ministerin kanzler ministerpraesident landrat landraetin abgeordneter abgeordnete stadtrat
stadtraetin gemeinderat gemeinderaetin staatsanwalt anwalt anwaeltin rechtsanwalt rechtsanwaeltin notar schueler schuelerin student
studentin rentner rentnerin nachbar nachbarin wirt wirtin koechin kuenstler kuenstlerin maler malerin pianist pianistin geiger geigerin
organist kantor kantorin chorleiter chorleiterin forscher forscherin winzer winzerin foerster ortsvorsteher baeckerei metzgerei
fleischerei gaertnerei weingut moebelhaus autohaus schreinerei tischlerei hof bauernhof gasthof gasthaus wirtshaus brauerei apotheke
buchhandlung kanzlei arztpraxis villa fahrschule reisebuero bestattungshaus druckerei malermeister dachdecker zimmerei zimmermann
familienbetrieb hotel pension cafe restaurant bakery bakers farmer goalkeeper striker defender actor actress singer author novelist poet
painter rabbi chef dentist constable miss sir lady lord aunt uncle reverend rev judge detective sergeant captain coach mayor senator brothers sisters
quartet""".split()  # noqa: SIM905
)
"""What stands before a family name."""

ROLE_ENDINGS = (
    "meister", "meisterin", "lehrer", "lehrerin", "spieler", "spielerin", "leiter", "leiterin", "trainer", "trainerin", "wirt", "wirtin",
    "kommissar", "kommissarin", "richter", "richterin", "pfarrer", "pfarrerin", "schueler", "schuelerin", "foerster", "jaeger", "laeufer",
    "laeuferin", "schwimmer", "schwimmerin", "dichter", "dichterin", "musiker", "musikerin", "kuenstler", "kuenstlerin", "forscher",
    "forscherin", "sportler", "sportlerin", "rentner", "rentnerin", "kicker", "torwart", "stuermer", "verteidiger",
)  # fmt: skip
"""How words end that say what a person does."""

CIVIC = frozenset(
    """stadtrat stadtraete stadtraetin stadtverwaltung gemeinderat gemeinderaete gemeinde gemeinden verbandsgemeinde stadt buergermeister
buergermeisterin oberbuergermeister oberbuergermeisterin rathaus kommune kommunen landkreis kreistag landrat landraetin ortsteil ortsteile stadtteil
stadtteile stadtwerke freibad hallenbad schwimmbad grundschule kita kindergarten schule schulen radweg fahrradweg ortsdurchfahrt feuerwehr marktplatz
innenstadt altstadt fussgaengerzone einwohner einwohnerinnen anwohner anlieger buergerinnen gemeindehaus turnhalle verein vereine
volksfest schuetzenfest weihnachtsmarkt kirmes umzug kleinstadt dorf kirche bahnhof bahnsteig festzelt
council councillor councillors councilman alderman mayor township borough parish county village town townspeople residents school schools
library playground sewer volunteers parade festival voters ballot downtown firefighters sheriff selectmen pastor church neighborhood
neighbourhood""".split()  # noqa: SIM905
)
"""Words of towns that build, plan and spend like companies do."""

MAKES = frozenset(
    """ein eine einen einem einer eines a an blauer blaue blauen schwarzer schwarze schwarzen weisser weisse weissen roter rote roten
silberner silberne silbernen grauer graue grauen gruener gruene gruenen gebrauchter gebrauchten alter alten geparkter geparkten blue black
white red silver grey gray parked stolen""".split()  # noqa: SIM905
)
"""What stands before a thing of some make: `ein Ford`, `a blue Ford`."""

CARS = frozenset(
    """bmw ford porsche mercedes tesla audi vw volkswagen ferrari toyota honda nissan mazda suzuki renault volvo airbus boeing
subaru harley""".split()  # noqa: SIM905
)
"""Makes whose things are called by the name alone; behind an article in German (`der BMW`) they are meant."""

PLACE_ENDINGS = (
    "dorf",
    "burg",
    "berg",
    "heim",
    "hausen",
    "stadt",
    "ingen",
    "furt",
    "feld",
    "felden",
    "bach",
    "hofen",
    "kirchen",
    "rode",
)
"""How names of German places end."""

EPITHETS = frozenset(
    """company carrier airline automaker carmaker chipmaker drugmaker planemaker retailer insurer lender brewer conglomerate miner
utility manufacturer operator corporation landlord subsidiary konzern konzerns unternehmen unternehmens autobauer autobauers
autokonzern maschinenbauer versicherer versicherers versorger versorgers chiphersteller softwarekonzern pharmakonzern
chemiekonzern energiekonzern technologiekonzern oelkonzern fluggesellschaft handelskonzern reederei medienkonzern
autohersteller maker chain grocer systemhaus anlagenbauer anlagenbauers motorenbauer motorenbauers turbinenbauer schiffbauer
rueckversicherer rueckversicherers zulieferer zulieferers grossbank giant stahlkocher
biotech webhoster halbleiterkonzern biotechkonzern industriekonzern immobilienkonzern baumarktkette""".split()  # noqa: SIM905
)
"""What a story calls a company once its name is known."""

COMPANY = tuple(
    """konzern konzerns hersteller herstellers autobauer autobauers wagenbauer wagenbauers zeugbauer zeugbauers maschinenbauer anlagenbauer anlagenbauers
turbinenbauer triebwerkbauer motorenbauer schiffbauer unternehmen unternehmens versicherer versicherers rückversicherer zulieferer zulieferers versorger
versorgers händler händlers anbieter anbieters entwickler entwicklers betreiber betreibers dienstleister dienstleisters vermieter vermieters riese riesen
rüstungsfirma techfirma softwarefirma mutter tochter firma ausrüster ausrüsters verleiher verleihers versender versenders produzent produzenten spezialist spezialisten
werft reederei kette großbank modehaus softwarehaus maker retailer insurer lender company supplier operator airline brewer miner conglomerate owner giant
group carrier chain parent automaker carmaker chipmaker drugmaker planemaker""".split()  # noqa: SIM905
)
"""How words end that call what follows them a company."""

SPORT = frozenset(
    """laeufer marathon coach matches players club handball fussball fussballer volleyball tennis wm em olympia weltcup bundestrainer yacht yachts racer racers honours hobart fleet spectator sailed sailing finish line overtook skipper crew peloton jersey rider riders sprint stage climb racer regatta lap laps podium driver drivers circuit qualifying innings wicket
quarterback touchdown playoffs homer rebounds playoff semifinal semifinals teammates teammate rennen fahrer etappe trikot grand prix formel rennstall rennwagen
saison teamchef weltmeister pole qualifying boxenstopp runde runden sieg siege sieger podest spieltag tore tor trainer torwart mannschaft gegner spiel
spiele halbzeit liga bundesliga pokal finale viertelfinale tabelle stürmer stuermer verteidiger profi profis elf derby spieler satz matchball turnier
race races leg team teams coach league match goals goal season cup champion champions championship finished won win beat defeat victory scored
score striker midfielder tournament tour marathon boats""".split()  # noqa: SIM905
)
"""Words of sport alone; a story full of them speaks of sponsors and teams, not of companies."""
