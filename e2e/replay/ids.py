"""Recorded ids and the ids that the live server gave in their place."""

import re

UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
# Ids that the model made. They depend on every byte of its prompt, so that two equal ones in the
# recording need not be equal here.
MODEL_ID = re.compile(r"\b(?:call|chatcmpl)[-_]\w+")
ANY = re.compile(f"{UUID.pattern}|{MODEL_ID.pattern}")


def template(text):
    """The text with a mark in place of each id, and the ids."""
    return ANY.sub(lambda found: "{uuid}" if UUID.fullmatch(found[0]) else "{model id}", text), ANY.findall(text)


class IdMap:
    """Which live id stands for which recorded one, and the other way round."""

    def __init__(self):
        self.live = {}
        self.recorded = {}

    def learn(self, recorded, live):
        """Remembers a pair. Returns what is wrong with it, or None."""
        if MODEL_ID.fullmatch(recorded):
            self.live[recorded] = live
            return None
        known = self.live.setdefault(recorded, live)
        if known != live:
            return f"{live} where {known} stood before for the same thing"
        owner = self.recorded.setdefault(live, recorded)
        if owner != recorded:
            return f"{live} stands for two different things"
        return None

    def copy(self):
        """A map that learns on its own."""
        twin = IdMap()
        twin.live = dict(self.live)
        twin.recorded = dict(self.recorded)
        return twin

    def substitute(self, value):
        """The recorded request value with live ids."""
        if isinstance(value, str):
            return ANY.sub(lambda found: self.live.get(found[0], found[0]), value)
        if isinstance(value, list):
            return [self.substitute(item) for item in value]
        if isinstance(value, dict):
            return {key: self.substitute(item) for key, item in value.items()}
        return value

    def unknown(self, value):
        """UUIDs of a recorded request for which there is no live id yet."""
        if isinstance(value, str):
            return [found for found in UUID.findall(value) if found not in self.live]
        if isinstance(value, (list, dict)):
            items = value.values() if isinstance(value, dict) else value
            return [found for item in items for found in self.unknown(item)]
        return []
