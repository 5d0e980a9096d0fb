"""Words without which a mark cannot stand in copy: all of them are looked for at once, most copy has none."""

from __future__ import annotations

from depesche.lib.cues import Cues

PRIVATE = frozenset(
    {"ffentlichung", "ublikation", "ublication", "FFENTLICHUNG", "UBLIKATION", "UBLICATION"}
)  # in a sentence, or in a heading
NOTEPAD = frozenset({"otizblock", "otepad", "OTIZBLOCK", "OTEPAD"})  # in a heading alone
KILL = frozenset({"KILL", "WITHDRAW", "urück", "URÜCK"})
WHOLE_AGAIN = frozenset(
    {"rigierte ", "richtigte ", "ichtige M", "ichtige F", "ichtige V", "ichtige A", "rrected "}
)
EMBARGO = frozenset({"SPERRFRIST", "EMBARGOED"})
ISIN = frozenset({"ISIN"})
KEYED_BLOCK = frozenset({"ID:"})
SYMBOL = frozenset({"&lt;"})
SERVICE = frozenset({"dpa-AFX Broker"})

ALL = Cues(*sorted(PRIVATE | NOTEPAD | KILL | WHOLE_AGAIN | EMBARGO | ISIN | KEYED_BLOCK | SYMBOL | SERVICE))
