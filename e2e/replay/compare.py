"""Compares a live JSON value with the recorded one.

Keys that are missing, types that differ and values that differ are errors; keys that are new are
warnings, because clients ignore what they do not know. What no two servers can agree on (ids, times,
durations, the exact number of tokens) is compared by its form.
"""

import fnmatch
import json
import re

from . import ids

EPOCH_START, EPOCH_END = 1_500_000_000, 4_000_000_000
ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
DURATION = re.compile(r"\b\d+(\.\d+)?(?:e-?\d+)?(?= ?m?s\b)")
# Measurements: a number is a number.
MEASURED = re.compile(r"duration|time_to_first_token|search_time_ms|memory|runtime|(.*_)?time|.*_(times|usages?)")
# Counts that depend on how a server cuts a stream into events.
COUNTS = {"current_event_count", "event_index", "missed_events", "total_buffered", "total_events"}
# Events that tell about the stream itself; their `message` repeats such a count.
META_EVENTS = {"catch_up", "replay", "subscribed"}


class Comparison:
    """One comparison: collects errors and warnings as `path: text`.

    `shape` compares keys and types alone. `ignore` holds patterns of paths, such as `$.meta.*` or
    `$.data[].metrics`; a list index is written as `[]`. `absent` names the components (`agents`,
    `teams`, `workflows`) that the live server does not serve, so that lists may lack them.
    """

    def __init__(self, id_map, shape=False, ignore=(), absent=(), drop_after=None):
        self.id_map = id_map
        self.shape = shape
        self.ignore = tuple(ignore)
        self.absent = set(absent)
        self.drop_after = drop_after or {}
        self.errors = []
        self.warnings = []
        # Ids that the model made mean the same within one answer, though not from one to the next.
        self._model_ids = {}

    def value(self, recorded, live, path="$", key="", parent=None):
        """Compares `live` with `recorded`, which stand at `path`."""
        if any(fnmatch.fnmatchcase(_pattern_path(path), _escape(pattern)) for pattern in self.ignore):
            return
        if isinstance(recorded, dict) and isinstance(live, dict):
            self._object(recorded, live, path)
        elif isinstance(recorded, list) and isinstance(live, list):
            self._list(drop_events(recorded, self.drop_after), live, path, key)
        elif _kind(recorded) != _kind(live):
            self._error(path, f"{_kind(live)} {_show(live)} instead of {_kind(recorded)} {_show(recorded)}")
        elif isinstance(recorded, str):
            self._text(recorded, live, path, key, parent)
        elif _kind(recorded) == "number":
            self._number(recorded, live, path, key)
        elif recorded != live and not self.shape:
            self._error(path, f"{_show(live)} instead of {_show(recorded)}")

    def _error(self, path, text):
        self.errors.append(f"{path}: {text}")

    def _object(self, recorded, live, path):
        for key, value in recorded.items():
            if key in live:
                self.value(value, live[key], f"{path}.{key}", key, recorded)
            elif not self._ignored(f"{path}.{key}"):
                self._error(f"{path}.{key}", f"missing, {_show(value)} is expected")
        for key in live:
            if key not in recorded:
                self.warnings.append(f"{path}.{key}: new")

    def _ignored(self, path):
        return any(fnmatch.fnmatchcase(_pattern_path(path), _escape(pattern)) for pattern in self.ignore)

    def _list(self, recorded, live, path, key):
        if self.shape:
            self._list_shape(recorded, live, path)
        elif _are_components(recorded) and _are_components(live):
            self._components(recorded, live, path)
        else:
            if len(recorded) != len(live):
                self._error(path, f"{len(live)} items instead of {len(recorded)}")
            for index, (one, other) in enumerate(zip(recorded, live)):
                self.value(one, other, f"{path}[{index}]", key)

    def _list_shape(self, recorded, live, path):
        """Each live item looks like one of the recorded ones."""
        if recorded and not live:
            self._error(path, "empty")
        for index, item in enumerate(live if recorded else []):
            attempts = []
            for candidate in recorded:
                attempt = Comparison(self.id_map.copy(), True, self.ignore, self.absent, self.drop_after)
                attempt.value(candidate, item, f"{path}[{index}]")
                attempts.append(attempt)
                if not attempt.errors:
                    break
            best = min(attempts, key=lambda attempt: len(attempt.errors))
            self.errors += best.errors
            self.warnings += best.warnings

    def _components(self, recorded, live, path):
        """Lists of agents and the like: paired by their id, in the same order."""
        by_id = {item["id"]: item for item in live}
        expected = [item for item in recorded if item["id"] not in self.absent]
        for item in expected:
            if item["id"] in by_id:
                self.value(item, by_id[item["id"]], f"{path}[{item['id']}]")
            else:
                self._error(f"{path}[{item['id']}]", "missing")
        wanted = [item["id"] for item in expected if item["id"] in by_id]
        found = [item["id"] for item in live if item["id"] in wanted]
        if wanted != found:
            self._error(path, f"the order is {found} instead of {wanted}")
        self.warnings += [f"{path}[{name}]: new" for name in by_id if name not in {item["id"] for item in recorded}]

    def _text(self, recorded, live, path, key, parent):
        if ISO_TIME.fullmatch(recorded):
            if _time_form(recorded) != _time_form(live):
                self._error(path, f"{_show(live)} instead of a time such as {_show(recorded)}")
            return
        template, recorded_ids = ids.template(recorded)
        live_template, live_ids = ids.template(live)
        ids_only = template in ("{uuid}", "{model id}")
        if self.shape:
            if ids_only and template != live_template:
                self._error(path, f"{_show(live)} instead of an id such as {_show(recorded)}")
            elif ids_only:
                self._learn(recorded_ids, live_ids, path, key)
            return
        if parent is not None and parent.get("role") == "system" and key == "content":
            # How a server words its instructions is no part of the wire.
            if live != recorded:
                self.warnings.append(f"{path}: another system prompt")
            return
        template = DURATION.sub("{time}", template)
        live_template = DURATION.sub("{time}", live_template)
        if key == "message" and parent is not None and parent.get("event") in META_EVENTS:
            template, live_template = (re.sub(r"\d+", "{count}", text) for text in (template, live_template))
        if template != live_template and not (key == "arguments" and _same_json(template, live_template)):
            self._error(path, f"{_show(live)} instead of {_show(recorded)}")
        else:
            self._learn(recorded_ids, live_ids, path, key)

    def _learn(self, recorded_ids, live_ids, path, key):
        for one, other in zip(recorded_ids, live_ids):
            problem = self.id_map.learn(one, other)
            if ids.MODEL_ID.fullmatch(one) and self._model_ids.setdefault(one, other) != other:
                problem = f"{other} where {self._model_ids[one]} stood before for the same thing"
            if problem and (key == "message_id" or re.search(r"(messages|chat_history)\[\d+\]\.", path)):
                self.warnings.append(f"{path}: {problem}")
            elif problem:
                self._error(path, problem)

    def _number(self, recorded, live, path, key):
        measured = MEASURED.fullmatch(key)
        if isinstance(recorded, int) and isinstance(live, float) and not measured:
            self._error(path, f"the fraction {live} instead of an integer such as {recorded}")
        elif _is_epoch(recorded) and not measured:
            if not _is_epoch(live):
                self._error(path, f"{live} instead of seconds since 1970 such as {recorded}")
        elif measured:
            if live < 0:
                self._error(path, f"{live} instead of a measurement such as {recorded}")
        elif key in COUNTS or self.shape:
            return
        elif key.endswith("_tokens"):
            if bool(recorded) != bool(live):
                self._error(path, f"{live} tokens instead of {recorded}")
            elif recorded != live:
                self.warnings.append(f"{path}: {live} tokens instead of {recorded}")
        elif recorded != live:
            self._error(path, f"{live} instead of {recorded}")


def drop_events(items, drop_after):
    """A list of events without those that `drop_after` names, such as a completion that follows a
    cancellation: `{"RunCancelled": ["RunCompleted"]}`."""
    kept, dropped = [], set()
    for item in items:
        name = item.get("event") if isinstance(item, dict) else None
        if name is None or name not in dropped:
            kept.append(item)
        dropped |= set(drop_after.get(name, ()))
    return kept


def _is_epoch(number):
    return isinstance(number, int) and EPOCH_START <= number < EPOCH_END


def _are_components(items):
    """Whether these are objects with different ids that a person chose."""
    names = [item.get("id") if isinstance(item, dict) else None for item in items]
    return bool(items) and all(isinstance(name, str) and not ids.ANY.fullmatch(name) for name in names) \
        and len(set(names)) == len(names)


def _pattern_path(path):
    return re.sub(r"\[[^\]]*\]", "[]", path)


def _escape(pattern):
    """`[]` means itself, not a set of characters."""
    return pattern.replace("[", "[[]")


def _kind(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "text", list: "list", dict: "object"}[type(value)]


def _time_form(text):
    found = ISO_TIME.fullmatch(text)
    if found is None:
        return None
    return bool(found[1]), "Z" if found[2] == "Z" else re.sub(r"\d", "0", found[2] or "")


def _same_json(one, other):
    try:
        return json.loads(one) == json.loads(other)
    except ValueError:
        return False


def _show(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."
