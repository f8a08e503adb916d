"""Any script -> Latin letters, near to how people spell their names in them.

anyascii 0.3.3 knows how every letter sounds, but leaves out vowels that a script does not write: محمد becomes "mhmd"
and शर्मा "srma", which no bigram finds again in Mohammed and Sharma. For the scripts that need it, the vowels are put
back here by each script's own rule; names whose usual spelling follows no rule are in `spellings.py`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

from anyascii import anyascii

from encoder.cleaning.lists import pairs_in
from encoder.cleaning.spellings import ARABIC_NAMES, HANGUL_SURNAMES, HANGUL_SYLLABLES, HEBREW_NAMES, INDIC_NAMES

_Romaniser = Callable[[str], str]
_Sound = tuple[str, bool]  # Latin letters; whether they are a consonant's


def latin(text: str) -> str:
    """Text with the words of other scripts in Latin letters; signs that have no sound are as anyascii writes them.

    Args:
        text: NFKC.
    """
    if text.isascii():
        return text
    return " ".join(map(_latin_word, text.split()))


def _latin_word(word: str) -> str:
    if word.isascii():
        return word
    scripts = {_script(letter) for letter in word if letter.isalpha()} - {""}
    romanise = _ROMANISERS.get(next(iter(scripts)), anyascii) if len(scripts) == 1 else anyascii
    return anyascii(romanise(word))


@lru_cache(maxsize=1 << 12)
def _script(letter: str) -> str:
    """The first word of the letter's name in Unicode, which is its script; "" for an ASCII letter."""
    return "" if letter.isascii() else unicodedata.name(letter, "").partition(" ")[0].partition("-")[0]


def _unmarked(word: str) -> str:
    """A word without its accents and points."""
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if unicodedata.category(sign) != "Mn")


# Greek: ELOT 743, the standard of passports

_GREEK_PAIRS = "ου=ou γγ=ng γξ=nx γχ=nch μπ=mp ντ=nt γκ=gk"
_GREEK_STARTS = {"μπ": "b", "ντ": "d", "γκ": "g"}
_GREEK = pairs_in(_GREEK_PAIRS)
_GREEK_U = {"α": "av", "ε": "ev", "η": "iv"}
_VOICELESS = frozenset("θκξπσςτφχψ")


def _greek(word: str) -> str:
    word = _unmarked(word.lower())
    start = _GREEK_STARTS.get(word[:2], "")
    rest = word[2:] if start else word
    out, place = [start], 0
    while place < len(rest):
        pair = rest[place : place + 2]
        if pair in _GREEK:
            out.append(_GREEK[pair])
        elif len(pair) == 2 and pair[1] == "υ" and pair[0] in _GREEK_U:
            sound = _GREEK_U[pair[0]]
            unvoiced = rest[place + 2 : place + 3] in _VOICELESS and place + 2 < len(rest)
            out.append(sound[0] + "f" if unvoiced else sound)
        else:
            out.append("ch" if rest[place] == "χ" else rest[place])
            place -= 1
        place += 2
    return "".join(out)


# Arabic script (Arabic, Persian, Urdu): short vowels are not written

_ARABIC_CONSONANTS = (
    "ب=b ت=t ث=th ج=j ح=h خ=kh د=d ذ=dh ر=r ز=z س=s ش=sh ص=s ض=d ط=t ظ=z غ=gh ف=f ق=q ك=k ل=l م=m ن=n ه=h "
    "پ=p چ=ch ژ=zh گ=g ک=k ٹ=t ڈ=d ڑ=r ں=n ہ=h ھ=h ڤ=v"
)
_ARABIC_VOWELS = "ا=a أ=a إ=i آ=a ٱ=a ع=a ة=a ى=a ؤ=u ئ=i ے=e ۓ=e ٰ=a َ=a ِ=i ُ=u"
_ARABIC_SEMIVOWELS = {"و": ("w", "u"), "ي": ("y", "i"), "ی": ("y", "i")}
_ARABIC: Mapping[str, _Sound] = {
    letter: (sound, consonant)
    for pairs, consonant in ((_ARABIC_CONSONANTS, True), (_ARABIC_VOWELS, False))
    for letter, sound in pairs_in(pairs).items()
}
_LONG_VOWELS = frozenset("اآةىأ")
_DOUBLED = "\N{ARABIC SHADDA}"
_ALEPHS = str.maketrans("أإآٱىی", "اااايي", "ًٌٍَُِّْٰـ")
_THE = "ال"
_STEM = 3  # letters that are left of a word if its first two are the article


def _arabic(word: str) -> str:
    plain = word.translate(_ALEPHS)
    if plain in ARABIC_NAMES:
        return ARABIC_NAMES[plain]
    if plain.startswith(_THE) and len(plain) >= len(_THE) + _STEM:
        return "al" + (ARABIC_NAMES.get(plain[2:]) or _arabic_sounds(word[2:]))
    return _arabic_sounds(word)


def _arabic_sounds(word: str) -> str:
    sounds: list[_Sound] = []
    for place, letter in enumerate(word):
        if letter in _ARABIC_SEMIVOWELS:
            after_vowel = bool(sounds) and not sounds[-1][1]
            sounds.append(_glide(letter, word[place + 1 : place + 2], starts=not sounds, after_vowel=after_vowel))
        elif letter == _DOUBLED and sounds:
            sounds.append(sounds[-1])
        elif letter in _ARABIC:
            sounds.append(_ARABIC[letter])
    return _voweled(sounds, after_a="i")


def _glide(letter: str, following: str, *, starts: bool, after_vowel: bool) -> _Sound:
    """Waw and ya: consonants at the start, beside a vowel (darwish, ranya); vowels between consonants and at the end."""
    consonant, vowel = _ARABIC_SEMIVOWELS[letter]
    before_vowel = following in _LONG_VOWELS or (letter == "و" and following in {"ي", "ی"})
    return (consonant, True) if starts or before_vowel or (after_vowel and following) else (vowel, False)


def _voweled(sounds: list[_Sound], after_a: str = "a") -> str:
    """Put vowels between consonants as syllables want them: CaC before a consonant, Ca before one and a vowel.

    A syllable is a consonant and a vowel, and may end in one consonant more. So of consonants in a row the last opens
    the syllable of the vowel that follows, the one before closes a syllable, and so on from the right: h-m-d-an is
    ham-dan, m-h-m-d is mah-mad. In Arabic an "i" follows a long a (Khalid, Fatima).
    """
    out: list[str] = []
    run: list[str] = []
    for sound, consonant in [*sounds, ("", False)]:
        if consonant:
            run.append(sound)
            continue
        vowel = after_a if out and out[-1] == "a" else "a"
        out += [_syllables(run, vowel, starts=not out, ends=not sound)] if run else []
        if sound and (run or not out or out[-1] != sound):
            out.append(sound)
        run = []
    return "".join(out)


def _syllables(run: list[str], vowel: str, *, starts: bool, ends: bool) -> str:
    """Consonants in a row, of a word's start or end, with a vowel where a syllable needs one."""
    gaps = len(run) - 1
    filled = [(gaps - gap) % 2 == (1 if ends else 0) for gap in range(gaps)]
    if starts and filled:
        filled[0] = True  # no word begins with two consonants
    return "".join(sound + vowel * wanted for sound, wanted in zip(run, [*filled, False], strict=True))


# Hebrew: short vowels are not written

_HEBREW_CONSONANTS = "ב=b ג=g ד=d ז=z ח=ch ט=t כ=k ך=ch ל=l מ=m ם=m נ=n ן=n ס=s פ=p ף=f צ=tz ץ=tz ק=k ר=r ש=sh ת=t"
_HEBREW: Mapping[str, _Sound] = {
    **{letter: (sound, True) for letter, sound in pairs_in(_HEBREW_CONSONANTS).items()},
    "א": ("a", False),
    "ע": ("a", False),
}
_HEBREW_SEMIVOWELS = frozenset("וי")


def _hebrew(word: str) -> str:
    plain = "".join(letter for letter in _unmarked(word) if letter.isalpha())
    if plain in HEBREW_NAMES:
        return HEBREW_NAMES[plain]
    return _voweled([sound for place in range(len(plain)) if (sound := _hebrew_sound(plain, place))[0]])


def _hebrew_sound(word: str, place: int) -> _Sound:
    """A letter's sound where it stands: he, vav and yod are consonants at the start and vowels further on."""
    letter, first, last = word[place], place == 0, place == len(word) - 1
    following, before = word[place + 1 : place + 2], word[place - 1 : place]
    match letter:
        case "א" if first and following in _HEBREW_SEMIVOWELS:
            return ("", False)  # Uri, Itan: it only carries the vowel
        case "ה":
            return ("a", False) if last else ("h", True)
        case "ו":
            return ("v", True) if first else ("o", False)
        case "י" if following == "י":
            return ("e", False)  # Klein
        case "י":
            return ("y", True) if first or (following == "ו" and before not in _HEBREW_SEMIVOWELS) else ("i", False)
        case "ב" | "פ" if last or before in _HEBREW_SEMIVOWELS:
            return ("v" if letter == "ב" else "f", True)
    return _HEBREW.get(letter, ("", False))


# The scripts of India share one order of letters (ISCII), and a consonant alone sounds with an "a"

_INDIC_BLOCKS = {
    "DEVANAGARI": 0x900,
    "BENGALI": 0x980,
    "GURMUKHI": 0xA00,
    "GUJARATI": 0xA80,
    "ORIYA": 0xB00,
    "TAMIL": 0xB80,
    "TELUGU": 0xC00,
    "KANNADA": 0xC80,
    "MALAYALAM": 0xD00,
}
_SILENT_AT_THE_END = frozenset({"DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA"})  # Ram, not Rama
_INDIC_LETTERS = "k kh g gh ng ch chh j jh n t th d dh n t th d dh n n p ph b bh m y r r l l zh v sh sh s h"
_INDIC_SIGNS = (
    "a a i i u u ri l e e e ai o o o au"  # from 0x05 on, and after a consonant from 0x3E on (without the first)
)
_INDIC_CONSONANTS, _INDIC_VOWELS = _INDIC_LETTERS.split(), _INDIC_SIGNS.split()
_FIRST_VOWEL, _FIRST_CONSONANT, _FIRST_SIGN, _VIRAMA = 0x05, 0x15, 0x3E, 0x4D
_BEFORE_A_SOUND = frozenset(_INDIC_CONSONANTS) - {"n", "h"}  # a nasal's sign or a breath's is no consonant before it
_NASALS = {0x01: "n", 0x02: "n", 0x03: "h", 0x70: "n"}


def _indic(script: str) -> _Romaniser:
    start = _INDIC_BLOCKS[script]

    def romanise(word: str) -> str:
        if word in INDIC_NAMES:
            return INDIC_NAMES[word]
        out: list[str] = []
        sounding = False  # whether the last consonant waits for its vowel
        for letter in unicodedata.normalize("NFD", word):
            offset = ord(letter) - start
            sign = offset - _FIRST_SIGN + 1
            if 0 <= offset - _FIRST_CONSONANT < len(_INDIC_CONSONANTS):
                out.append(("a" if sounding else "") + _INDIC_CONSONANTS[offset - _FIRST_CONSONANT])
                sounding = True
            elif offset == _VIRAMA:
                sounding = False
            elif 0 < sign < len(_INDIC_VOWELS):
                out.append(_INDIC_VOWELS[sign])
                sounding = False
            elif unicodedata.category(letter) != "Mn" or offset in _NASALS:
                vowel = offset - _FIRST_VOWEL
                known = _INDIC_VOWELS[vowel] if 0 <= vowel < len(_INDIC_VOWELS) else _NASALS.get(offset, letter)
                out.append(("a" if sounding else "") + known)
                sounding = False
        if sounding and (script not in _SILENT_AT_THE_END or _ends_in_a_cluster(out)):
            out.append("a")
        return "".join(out)

    return romanise


def _ends_in_a_cluster(sounds: list[str]) -> bool:
    """Whether two consonants end the word, after which the last one's vowel is heard: Krishna, not Krishn."""
    before = sounds[-2] if len(sounds) > 1 else ""
    return before in _BEFORE_A_SOUND and not sounds[-1].startswith("a")


# Korean: names as people spell them, not by the official romanisation. Japanese: long vowels are not written


def _hangul(word: str) -> str:
    if word in HANGUL_SURNAMES:
        return HANGUL_SURNAMES[word]
    return "".join(HANGUL_SYLLABLES.get(syllable) or anyascii(syllable) for syllable in word)


def _kana(word: str) -> str:
    return anyascii(word).lower().replace("ou", "o").replace("uu", "u").replace("oo", "o").replace("-", "")


# Scripts that leave out vowels as those above do, by anyascii's sounds of their consonants

_ABJADS = ("SYRIAC", "MANDAIC", "SAMARITAN")
_ABUGIDAS = (
    *("SINHALA", "MEETEI", "CHAKMA", "SYLOTI", "JAVANESE", "BALINESE", "BUGINESE", "TAGALOG", "LEPCHA", "NEWA"),
    *("TIRHUTA", "KAITHI", "KHUDAWADI", "TAKRI", "SHARADA", "GRANTHA", "MODI", "SAURASHTRA", "BATAK", "REJANG"),
)
_VOWELS = frozenset("aeiou")


def _abjad(word: str) -> str:
    sounds = [(sound, not _VOWELS & set(sound)) for sound in (anyascii(letter).strip("'`") for letter in word)]
    return _voweled([sound for sound in sounds if sound[0]])


def _abugida(word: str) -> str:
    """Every consonant without a sign after it sounds with an "a"."""
    following = [*word[1:], " "]
    return "".join(
        anyascii(letter) + "a" * (_sounds_with_a(letter) and unicodedata.category(after)[0] != "M")
        for letter, after in zip(word, following, strict=True)
    )


def _sounds_with_a(letter: str) -> bool:
    sound = anyascii(letter)
    return unicodedata.category(letter) == "Lo" and sound.isalpha() and not _VOWELS & set(sound)


_ROMANISERS: Mapping[str, _Romaniser] = {
    **dict.fromkeys(_ABJADS, _abjad),
    **dict.fromkeys(_ABUGIDAS, _abugida),
    "GREEK": _greek,
    "ARABIC": _arabic,
    "HEBREW": _hebrew,
    "HANGUL": _hangul,
    "HIRAGANA": _kana,
    "KATAKANA": _kana,
    **{script: _indic(script) for script in _INDIC_BLOCKS},
}
