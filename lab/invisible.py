"""Characters that draw nothing: refused in names, but for the few places where a script or an emoji needs one.

A name with a hidden character looks like another name. Yet ශ්‍රී and می‌ترا are written with one (UAX #31, section 2.3,
says between which letters), and many an emoji is a sequence (UTS #51). `looks` leaves out what is allowed too: two
names that differ by nothing else are taken for one.
"""

import re
import unicodedata
from collections.abc import Callable

ZWNJ, ZWJ, EMOJI_STYLE = "\u200c", "\u200d", "\ufe0f"
KEYCAP = "\u20e3"
VIRAMA = 9  # its combining class: it takes the vowel from a consonant, which then joins the next one

# Letters and marks that draw nothing: the Default_Ignorable_Code_Points outside category Cf, and braille's blank.
BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
# ArabicShaping.txt: letters that join the one before, in Arabic and Syriac.
RIGHT_JOINING = (
    "\u0622-\u0625\u0627\u0629\u062f-\u0632\u0648\u0671-\u0673\u0675-\u0677\u0688-\u0699\u06c0\u06c3-\u06cb\u06cd"
    "\u06cf\u06d2-\u06d3\u06d5\u06ee-\u06ef\u0710\u0715-\u0719\u071e\u0728\u072a\u072c\u072f\u074d\u0759-\u075b"
    "\u076b-\u076c\u0771\u0773-\u0774\u0778-\u0779\u0840\u0846-\u0847\u0849\u0854\u0856-\u0858\u0867\u0869-\u086a"
    "\u0870-\u0882\u088e\u08aa-\u08ac\u08ae\u08b1-\u08b2\u08b9"
)
# And those that join on both sides; N'Ko, Mandaic and Mongolian have them too.
DUAL_JOINING = (
    "\u0620\u0626\u0628\u062a-\u062e\u0633-\u063f\u0641-\u0647\u0649-\u064a\u066e-\u066f\u0678-\u0687"
    "\u069a-\u06bf\u06c1-\u06c2\u06cc\u06ce\u06d0-\u06d1\u06fa-\u06fc\u06ff\u0712-\u0714\u071a-\u071d"
    "\u071f-\u0727\u0729\u072b\u072d-\u072e\u074e-\u0758\u075c-\u076a\u076d-\u0770\u0772\u0775-\u0777"
    "\u077a-\u077f\u07ca-\u07ea\u0841-\u0845\u0848\u084a-\u0853\u0855\u0860\u0862-\u0865\u0868\u0886\u0889-\u088d"
    "\u08a0-\u08a9\u08af-\u08b0\u08b3-\u08b8\u08ba-\u08c8\u1807\u1820-\u1878\u1887-\u18a8\u18aa"
)
# emoji-data.txt: Emoji, without the digits, the halves of flags and the skin tones.
EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9-\u21aa\u231a-\u231b\u2328\u23cf\u23e9-\u23f3"
    "\u23f8-\u23fa\u24c2\u25aa-\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2604\u260e\u2611\u2614-\u2615\u2618\u261d"
    "\u2620\u2622-\u2623\u2626\u262a\u262e-\u262f\u2638-\u263a\u2640\u2642\u2648-\u2653\u265f-\u2660\u2663"
    "\u2665-\u2666\u2668\u267b\u267e-\u267f\u2692-\u2697\u2699\u269b-\u269c\u26a0-\u26a1\u26a7\u26aa-\u26ab"
    "\u26b0-\u26b1\u26bd-\u26be\u26c4-\u26c5\u26c8\u26ce-\u26cf\u26d1\u26d3-\u26d4\u26e9-\u26ea\u26f0-\u26f5"
    "\u26f7-\u26fa\u26fd\u2702\u2705\u2708-\u270d\u270f\u2712\u2714\u2716\u271d\u2721\u2728\u2733-\u2734\u2744"
    "\u2747\u274c\u274e\u2753-\u2755\u2757\u2763-\u2764\u2795-\u2797\u27a1\u27b0\u27bf\u2934-\u2935\u2b05-\u2b07"
    "\u2b1b-\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299\U0001f004\U0001f0cf\U0001f170-\U0001f171"
    "\U0001f17e-\U0001f17f\U0001f18e\U0001f191-\U0001f19a\U0001f201-\U0001f202\U0001f21a\U0001f22f"
    "\U0001f232-\U0001f23a\U0001f250-\U0001f251\U0001f300-\U0001f321\U0001f324-\U0001f393\U0001f396-\U0001f397"
    "\U0001f399-\U0001f39b\U0001f39e-\U0001f3f0\U0001f3f3-\U0001f3f5\U0001f3f7-\U0001f3fa\U0001f400-\U0001f4fd"
    "\U0001f4ff-\U0001f53d\U0001f549-\U0001f54e\U0001f550-\U0001f567\U0001f56f-\U0001f570\U0001f573-\U0001f57a"
    "\U0001f587\U0001f58a-\U0001f58d\U0001f590\U0001f595-\U0001f596\U0001f5a4-\U0001f5a5\U0001f5a8"
    "\U0001f5b1-\U0001f5b2\U0001f5bc\U0001f5c2-\U0001f5c4\U0001f5d1-\U0001f5d3\U0001f5dc-\U0001f5de\U0001f5e1"
    "\U0001f5e3\U0001f5e8\U0001f5ef\U0001f5f3\U0001f5fa-\U0001f64f\U0001f680-\U0001f6c5\U0001f6cb-\U0001f6d2"
    "\U0001f6d5-\U0001f6d7\U0001f6dc-\U0001f6e5\U0001f6e9\U0001f6eb-\U0001f6ec\U0001f6f0\U0001f6f3-\U0001f6fc"
    "\U0001f7e0-\U0001f7eb\U0001f7f0\U0001f90c-\U0001f93a\U0001f93c-\U0001f945\U0001f947-\U0001f9ff"
    "\U0001fa70-\U0001faff"
)

BLANKS = re.compile(f"[{BLANK}]")
JOINS_NEXT = re.compile(f"[{DUAL_JOINING}]")
JOINS_PREVIOUS = re.compile(f"[{DUAL_JOINING}{RIGHT_JOINING}]")
ENDS_IN_EMOJI = re.compile(f"[{EMOJI}](?:{EMOJI_STYLE}|[\U0001f3fb-\U0001f3ff])?$")
BARE_EMOJI = re.compile(f"[{EMOJI}]")


def hidden(text: str) -> str | None:
    """Return the first character that draws nothing and is of no use where it stands; None if there is none."""
    for at, character in enumerate(text):
        if is_blank(character) and not (character in USES and USES[character](text[:at], text[at + 1 :])):
            return character
    return None


def looks(text: str) -> str:
    """Return the text without what draws nothing: where two are the same, people may take one for the other."""
    return "".join(character for character in text if not is_blank(character))


def is_blank(character: str) -> bool:
    """Tell whether a character draws nothing: a control, a format character, a line's end, half a surrogate pair."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") or BLANKS.match(character) is not None


def _splits_cursive(before: str, after: str) -> bool:
    """UAX #31, A1: two letters that would be written as one stroke are kept apart."""
    before, after = _without_marks(before[::-1]), _without_marks(after)
    return JOINS_NEXT.match(before) is not None and JOINS_PREVIOUS.match(after) is not None


def _follows_virama(before: str, after: str) -> bool:
    """UAX #31, A2 and B: whether a consonant without its vowel is joined to the next letter, and how."""
    backwards = before[::-1]
    letter = _without_marks(backwards)
    marks = backwards[: len(backwards) - len(letter)]
    classes = [unicodedata.combining(mark) for mark in marks]
    is_joined = VIRAMA in classes and 0 not in classes[: classes.index(VIRAMA)]
    return is_joined and _is_letter(letter) and _is_letter(_without_marks(after))


def _joins_emoji(before: str, after: str) -> bool:
    return ENDS_IN_EMOJI.search(before) is not None and BARE_EMOJI.match(after) is not None


def _styles_emoji(before: str, after: str) -> bool:
    return BARE_EMOJI.match(before[-1:]) is not None or (before[-1:] in set("0123456789#*") and after[:1] == KEYCAP)


def _without_marks(text: str) -> str:
    """Return the text from the first character on that is no combining mark."""
    return next((text[at:] for at, mark in enumerate(text) if not unicodedata.category(mark).startswith("M")), "")


def _is_letter(text: str) -> bool:
    return unicodedata.category(text[0]).startswith("L") if text else False


USES: dict[str, Callable[[str, str], bool]] = {
    ZWNJ: lambda before, after: _splits_cursive(before, after) or _follows_virama(before, after),
    ZWJ: lambda before, after: _follows_virama(before, after) or _joins_emoji(before, after),
    EMOJI_STYLE: _styles_emoji,
}
