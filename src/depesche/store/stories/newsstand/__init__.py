"""The newsstand: what the public may see, and nothing else.

Every page, feed, search result and letter reads stories here. A story is on the stand while its
state is public, and a version while it is released and usable; private notes live in takes, which
this package never touches.
"""

from __future__ import annotations

from depesche.store.stories.newsstand.beside import Beside, Candidate, Neighbourhood
from depesche.store.stories.newsstand.keys import Keys
from depesche.store.stories.newsstand.lists import KEYWORD, Lists, Place, ProviderLine, place_of
from depesche.store.stories.newsstand.most_read import MostRead
from depesche.store.stories.newsstand.story import OneStory, Standing

__all__ = ["KEYWORD", "Beside", "Candidate", "Newsstand", "Place", "ProviderLine", "Standing", "place_of"]


class Newsstand(OneStory, Neighbourhood, Lists, MostRead, Keys):
    """Read access to public stories."""
