"""Words of tags: what is most often to be seen in pictures, by language. Data, and what they tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from lib.review.captions.language import COMMON_WORDS

SEEN_THINGS = {
    "English": "man woman girl boy child baby person people dog cat horse bird sky cloud clouds tree trees grass water"
    " sea sun moon sand beach house street road car bus train boat bike flower flowers red blue green yellow black"
    " white brown grey gray pink purple orange gold silver hair eye eyes face hand head arm leg foot shirt dress coat"
    " hat cap shoe table chair bed door wall window room light dark night day snow rain wind fire smoke field hill"
    " river lake park wood book cup ball bag box food fruit smile stand sit run walk look hold wear long short big"
    " small old young wet dry open close solo one two three",
    "German": "mann frau mädchen hund katze pferd vogel himmel wolken baum bäume wiese wasser meer haus straße blume"
    " blumen blau grün gelb schwarz weiß braun grau haare augen hemd kleid tisch stuhl fenster nacht schnee drinnen"
    " draußen stehend sitzend lächeln fluss wald garten berge",
    "French": "homme femme fille garçon enfant chien cheval oiseau ciel nuages arbre arbres herbe eau plage maison"
    " voiture fleur fleurs bleu bleue vert verte jaune noire blanc blanche cheveux yeux chemise chapeau fenêtre nuit"
    " neige pluie intérieur extérieur debout assis assise sourire montagne rivière forêt jardin",
    "Spanish": "hombre mujer niña niño perro gato caballo pájaro cielo nubes árbol árboles hierba agua playa calle"
    " coche flor flores rojo roja azul verde amarillo negra blanco blanca pelo ojos camisa vestido silla ventana noche"
    " nieve lluvia sentado sentada sonrisa montaña río bosque jardín",
    "Italian": "uomo donna ragazza ragazzo bambino bambina cane gatto cavallo uccello cielo nuvole albero alberi erba"
    " acqua spiaggia macchina fiore fiori rosso rossa azzurro giallo nero bianco bianca capelli occhi camicia vestito"
    " cappello tavolo sedia finestra notte neve pioggia seduto seduta sorriso montagna fiume bosco giardino",
    "Portuguese": "homem mulher menina menino criança cachorro cão gato cavalo pássaro céu nuvens árvore árvores grama"
    " água praia rua carro flor flores vermelho vermelha azul verde amarelo preto preta branco branca cabelo olhos"
    " camisa vestido chapéu cadeira janela noite neve chuva sentado sentada sorriso montanha floresta jardim",
    "Dutch": "vrouw meisje jongen hond paard vogel lucht wolken bomen gras zee huis straat bloem bloemen rood blauw"
    " groen geel zwart bruin grijs ogen jurk hoed tafel stoel nacht sneeuw binnen buiten staand zittend glimlach"
    " rivier tuin",
    "Polish": "mężczyzna kobieta dziewczyna dziewczynka chłopiec dziecko pies kot koń ptak niebo chmury drzewo drzewa"
    " trawa woda morze plaża dom ulica samochód kwiat kwiaty czerwony czerwona czerwone niebieski niebieska niebieskie"
    " zielony zielona zielone żółty żółta czarny czarna czarne biały biała białe włosy oczy koszula sukienka kapelusz"
    " stół krzesło okno noc śnieg deszcz wnętrze zewnątrz stojący siedzący uśmiech góra góry rzeka ogród słońce",
    "Czech": "muž žena dívka chlapec dítě kočka kůň pták nebe obloha mraky strom stromy tráva voda moře pláž dům ulice"
    " květina květiny červený červená modrý modrá zelený zelená žlutý černý černá bílý bílá vlasy oči košile šaty"
    " klobouk stůl židle okno sníh déšť uvnitř venku sedí úsměv hora řeka zahrada",
    "Swedish": "kvinna flicka pojke hund katt häst fågel himmel moln träd gräs vatten gata blomma blommor röd röda blå"
    " grön gröna svart vita grå hår ögon skjorta klänning bord fönster natt snö regn inomhus utomhus stående sittande"
    " leende skog trädgård",
    "Turkish": "kadın kız çocuk köpek kedi kuş gökyüzü bulut bulutlar ağaç ağaçlar çimen deniz plaj sokak araba çiçek"
    " çiçekler kırmızı mavi yeşil sarı siyah beyaz saç gözler gömlek elbise şapka sandalye pencere gece yağmur dağ"
    " nehir orman bahçe",
    "Indonesian": "pria wanita anak anjing kucing kuda burung langit awan pohon rumput laut pantai rumah jalan mobil"
    " bunga merah biru hijau kuning hitam putih rambut kemeja gaun topi meja kursi jendela malam salju hujan gunung"
    " sungai hutan taman senyum",
    "Hungarian": "férfi lány fiú gyerek kutya macska madár felhő felhők fák víz tenger ház utca autó virág virágok"
    " piros kék zöld sárga fekete fehér haj szem ruha kalap asztal szék ablak éjszaka eső hegy folyó erdő kert",
    "Finnish": "mies nainen tyttö poika lapsi koira kissa hevonen lintu taivas pilvet puut ruoho vesi meri ranta talo"
    " katu kukka kukat punainen sininen vihreä keltainen musta valkoinen hiukset silmät paita mekko hattu pöytä tuoli"
    " ikkuna lumi vuori joki metsä hymy",
}
"""None of another language is an English word as well ("hut", "mare"), but for what the English ones know."""

_LETTERS = {
    "German": "äöüß", "French": "çêèëîïôûœ", "Spanish": "ñ¿¡", "Portuguese": "ãõ", "Polish": "ąćęłńśźż",
    "Czech": "ěřůťďňž", "Swedish": "åäö", "Turkish": "ğışç", "Hungarian": "őűá", "Finnish": "äö",
}  # fmt: skip
"""Letters that tell a language from English."""


_KNOWN = 6
"""What must speak for a language before a dataset is said to be in it."""


@lru_cache(maxsize=1)
def _vocabularies() -> dict[str, frozenset[str]]:
    return {name: frozenset(f"{text} {COMMON_WORDS.get(name, '')}".split()) for name, text in SEEN_THINGS.items()}


def is_whole_word(word: str) -> bool:
    """Whether it is a word of English tags, though a longer one may begin with it ("sun", "sunset")."""
    return word in _vocabularies()["English"]


def usual_of_tags(found: Iterable[str]) -> str:
    """The language of most of these words; "" where hardly any is known."""
    hits = _hits(found, frozenset())
    name, count = (hits.most_common(1) or [("", 0)])[0]
    return name if count >= _KNOWN else ""


def language_of_tags(found: Iterable[str], usual: str) -> tuple[str, int]:
    """The language that most of these words are of, the usual one's left out, and what speaks for it; ("", 0) for none.

    A word that it is known to have counts 2, one with a letter of it 1: "piñata" is said in English as well.
    """
    own = _vocabularies().get(usual, frozenset())
    words = [word for word in found if word not in own]
    hits = _hits(words, frozenset(_LETTERS.get(usual, "")))
    hits.pop(usual, None)
    return ((+hits).most_common(1) or [("", 0)])[0]


def _hits(found: Iterable[str], usual_letters: frozenset[str]) -> Counter[str]:
    """What speaks for each language."""
    counted = Counter[str]()
    for word in found:
        for name, vocabulary in _vocabularies().items():
            letters = frozenset(_LETTERS.get(name, "")) - usual_letters
            # A single letter is a size or a name, not a word of Italian.
            counted[name] += 2 if word in vocabulary and len(word) > 1 else not letters.isdisjoint(word)
    return counted
