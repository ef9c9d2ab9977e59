"""The sentence that a voice speaks as its sample, by language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_COUNTING: Final = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10."
"""For the other languages: engines read the numbers in the language of the voice."""

_SENTENCES: Final[Mapping[str, str]] = {
    "af": "Hallo, welkom. So klink jou storie wanneer ek dit vertel.",
    "ar": "مرحبا بكم. هكذا تبدو قصتكم عندما أرويها.",
    "bg": "Здравейте и добре дошли. Така звучи вашата история, когато я разказвам.",
    "bs": "Dobar dan i dobro došli. Ovako zvuči vaša priča kada je ja pričam.",
    "ca": "Hola i benvinguts. Així sona la vostra història quan l'explico jo.",
    "chr": "ᎣᏏᏲ. ᎣᏍᏓ ᎢᎦ.",
    "cs": "Dobrý den a vítejte. Takto zní váš příběh, když ho vyprávím.",
    "cv": "Салам! Ырӑ кун пултӑр сире.",
    "cy": "Helô a chroeso. Fel hyn mae eich stori yn swnio.",
    "da": "Hej og velkommen. Sådan lyder din historie, når jeg fortæller den.",
    "de": "Hallo und herzlich willkommen. So klingt Ihre Geschichte, wenn ich sie erzähle.",
    "el": "Γεια σας και καλώς ήρθατε. Έτσι ακούγεται η ιστορία σας όταν τη διηγούμαι.",
    "en": "Hello, and welcome. This is how your story sounds when I tell it.",
    "eo": "Saluton kaj bonvenon. Tiel sonas via rakonto, kiam mi rakontas ĝin.",
    "es": "Hola, y bienvenidos. Así suena su historia cuando la cuento yo.",
    "et": "Tere tulemast. Nii kõlab teie lugu, kui mina seda jutustan.",
    "eu": "Kaixo eta ongi etorri. Horrela entzuten da zure istorioa.",
    "fa": "سلام و خوش آمدید. داستان شما با صدای من این گونه است.",
    "fi": "Hei ja tervetuloa. Tältä tarinasi kuulostaa, kun minä kerron sen.",
    "fr": "Bonjour et bienvenue. Voici comment sonne votre histoire quand je la raconte.",
    "ga": "Dia duit agus fáilte. Seo mar a chloistear do scéal.",
    "he": "שלום וברוכים הבאים. כך נשמע הסיפור שלכם כשאני מספר אותו.",
    "hi": "नमस्ते, आपका स्वागत है। मेरी आवाज़ में आपकी कहानी ऐसी लगती है।",
    "hr": "Dobar dan i dobro došli. Ovako zvuči vaša priča kada je ja pričam.",
    "hu": "Üdvözlöm. Így hangzik az ön története, amikor én mesélem el.",
    "id": "Halo, selamat datang. Beginilah cerita Anda ketika saya bercerita.",
    "is": "Halló og velkomin. Svona hljómar sagan þín þegar ég segi hana.",
    "it": "Ciao e benvenuti. Ecco come suona la vostra storia quando la racconto io.",
    "ja": "こんにちは、ようこそ。あなたの物語をこの声で読みます。",
    "kl": "Aluu, tikilluarit.",
    "ko": "안녕하세요, 반갑습니다. 당신의 이야기를 제 목소리로 들려 드립니다.",
    "la": "Salvete omnes. Sic fabula vestra auditur, cum ego eam narro.",
    "lt": "Sveiki atvykę. Taip skamba jūsų istorija, kai ją pasakoju aš.",
    "lv": "Sveicināti. Tā skan jūsu stāsts, kad to stāstu es.",
    "mk": "Здраво и добредојдовте. Вака звучи вашата приказна кога ја раскажувам јас.",
    "ms": "Helo, selamat datang. Beginilah cerita anda apabila saya bercerita.",
    "nl": "Hallo en welkom. Zo klinkt uw verhaal wanneer ik het vertel.",
    "no": "Hei og velkommen. Slik høres historien din ut når jeg forteller den.",
    "pl": "Dzień dobry i witamy. Tak brzmi państwa historia, kiedy ją opowiadam.",
    "pt": "Olá, e bem-vindos. É assim que soa a sua história quando eu a conto.",
    "ro": "Bună ziua și bine ați venit. Așa sună povestea voastră când o spun eu.",
    "ru": "Здравствуйте и добро пожаловать. Так звучит ваша история, когда я её рассказываю.",
    "sjn": "Mae govannen, mellon nín.",
    "sk": "Dobrý deň a vitajte. Takto znie váš príbeh, keď ho rozprávam.",
    "sl": "Pozdravljeni in dobrodošli. Tako se sliši vaša zgodba, ko jo pripovedujem.",
    "sq": "Përshëndetje dhe mirë se vini. Kështu tingëllon historia juaj.",
    "sr": "Добар дан и добро дошли. Овако звучи ваша прича када је ја причам.",
    "sv": "Hej och välkommen. Så här låter din berättelse när jag läser den.",
    "sw": "Habari na karibu. Hivi ndivyo hadithi yako inavyosikika.",
    "tr": "Merhaba, hoş geldiniz. Hikâyeniz benim sesimle böyle duyuluyor.",
    "uk": "Вітаю, ласкаво просимо. Так звучить ваша історія, коли я її розповідаю.",
    "vi": "Xin chào quý vị. Câu chuyện của quý vị qua giọng đọc của tôi nghe như thế này.",
    "zh": "你好，欢迎收听。这就是我讲述你的故事的声音。",
}
_ALSO: Final[Mapping[str, str]] = {"cmn": "zh", "nb": "no", "mul": "en"}
_OTHER_SCRIPTS: Final = frozenset({"cmn-latn-pinyin", "en-shaw", "fa-latn"})
"""Voices that read another script than that of the sentence."""


def sample_sentence(language: str) -> str:
    """Return what a voice of the language, a BCP 47 tag, says in its sample."""
    tag = language.lower().replace("_", "-")
    primary = tag.partition("-")[0]
    if tag in _OTHER_SCRIPTS:
        return _COUNTING
    return _SENTENCES.get(_ALSO.get(primary, primary), _COUNTING)
