"""Server-sent events: reading them, and comparing a live stream with the recorded one."""

import json

from .compare import drop_events

# Pieces of an answer. How a server cuts it is its own affair where the recording was a race, and an
# empty piece says nothing.
DELTAS = {"RunContent", "TeamRunContent"}


class Frame:
    """One event: its name, its data, and what is wrong with its framing."""

    def __init__(self, text):
        self.name = None
        self.data = None
        self.problems = []
        lines = [line for line in text.split("\n") if line and not line.startswith(":")]
        self.is_comment = not lines
        for line in lines:
            field, separator, value = line.partition(": ")
            if field == "event" and separator:
                self.name = value
            elif field == "data" and separator and self.data is None:
                self._read(value)
            else:
                self.problems.append(f"the line {line[:80]!r} is neither `event: …` nor the one `data: …`")
        if isinstance(self.data, dict):
            if self.name is None:
                self.problems.append("there is no `event: …` line")
            elif self.data.get("event", self.name) != self.name:
                self.problems.append(f"the data says `{self.data.get('event')}`")

    def _read(self, value):
        try:
            self.data = json.loads(value)
        except ValueError as error:
            self.problems.append(f"the data is no JSON: {error}")

    @property
    def is_delta(self):
        """Whether this is a piece of an answer."""
        return self.name in DELTAS

    @property
    def is_empty_delta(self):
        """Whether this is a piece of an answer that holds nothing."""
        return self.is_delta and isinstance(self.data, dict) and self.data.get("content") == ""


def parse(text):
    """The frames of a whole stream, without comments."""
    blocks = text.replace("\r\n", "\n").split("\n\n")
    return [frame for frame in (Frame(block) for block in blocks) if not frame.is_comment]


def compare(comparison, recorded_text, live_text):
    """Compares two whole streams; errors go into `comparison`."""
    recorded, live = parse(recorded_text), parse(live_text)
    for index, frame in enumerate(live):
        comparison.errors += [f"event {index} ({frame.name}): {problem}" for problem in frame.problems]
    _compare_indexes(comparison, recorded, live)
    recorded = [frame for frame in recorded if not frame.is_empty_delta]
    live = [frame for frame in live if not frame.is_empty_delta]
    recorded = _drop(recorded, comparison.drop_after)
    if comparison.shape:
        recorded, live = _without_deltas(comparison, recorded, live)
    names = [frame.name for frame in recorded], [frame.name for frame in live]
    if names[0] != names[1]:
        comparison.errors.append(_first_difference(*names))
    # Data is compared as far as the names agree: what follows would only be noise.
    for index, (one, other) in enumerate(zip(recorded, live)):
        if one.name != other.name:
            break
        comparison.value(one.data, other.data, f"event {index} ({one.name}) $")


def _drop(frames, drop_after):
    kept = drop_events([{"event": frame.name, "frame": frame} for frame in frames], drop_after)
    return [item["frame"] for item in kept]


def _without_deltas(comparison, recorded, live):
    """Only the first delta of each stream, at its end: their number and place were a race."""
    deltas = [[frame for frame in frames if frame.is_delta][:1] for frames in (recorded, live)]
    if deltas[0] and not deltas[1]:
        comparison.errors.append(f"there is no {deltas[0][0].name} in the stream")
    elif deltas[0]:
        comparison.value(deltas[0][0].data, deltas[1][0].data, f"first {deltas[0][0].name} $")
    return tuple([frame for frame in frames if not frame.is_delta] for frames in (recorded, live))


def _compare_indexes(comparison, recorded, live):
    """Where the recording numbers events, so does the live stream: from the same start, gap free."""
    expected, found = ([frame.data["event_index"] for frame in frames
                        if isinstance(frame.data, dict) and "event_index" in frame.data]
                       for frames in (recorded, live))
    if not expected or not found:
        return
    if found[0] != expected[0]:
        comparison.errors.append(f"event_index starts at {found[0]} instead of {expected[0]}")
    gaps = [after for before, after in zip(found, found[1:]) if after != before + 1]
    if gaps:
        comparison.errors.append(f"event_index jumps to {gaps[0]}")


def _first_difference(recorded, live):
    for index, (one, other) in enumerate(zip(recorded, live)):
        if one != other:
            return f"event {index} is {other} instead of {one}"
    if len(live) < len(recorded):
        return f"the stream ends after {len(live)} events, {recorded[len(live)]} is missing"
    return f"the stream goes on after its end: {live[len(recorded)]}"
