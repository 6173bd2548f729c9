"""Runs the steps of a plan against a server.

A plan (`../plan.json`) holds, for each group of transcripts, its steps in the order in which they were
recorded. A step is the name of a transcript, or an object:

* `{"replay": NAME, ...}` sends the recorded request and compares the answer. Options:
  `compare: "shape"` (keys and types alone, for what was a race), `compare: "start"` (only the ids and a
  status that a young run can have), `ignore: [paths]`, `until_status: true` (ask again until the status
  is the recorded one), `files: {name: base64}` (the bytes of uploads), `skip: REASON`, and
  `hold: {event, count}`: keep the stream open once that event came that often, and go on.
* `{"finish": NAME}` waits for the end of a held stream and compares it.
* `{"setup": REQUEST, "run": ID, ...}` sends a request that the recording lacks; its run stands for the
  recorded run ID. `hold` works as above; `leave: true` then drops the connection.
"""

import base64
import copy
import json
import pathlib
import re
import time

from . import streams
from .compare import Comparison
from .ids import IdMap, UUID

# How long a run may take to reach the recorded status, and how often to ask.
STATUS_SECONDS = 15
ASK_AGAIN_SECONDS = 0.05
COMPONENT = re.compile(r"^/(agents|teams|workflows)/([^/]+)")
# Ids that the recordings use for components that do not exist.
NOWHERE = {"nope"}
CORS_METHODS = {"DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"}
# Statuses of a run that was accepted a moment ago.
YOUNG = {"PENDING", "RUNNING", "COMPLETED"}


class Skipped(Exception):
    """This step cannot run here; the text says why."""


class Result:
    """What came of one transcript: `ok`, `FAIL` or `skip`, with its reasons and warnings."""

    def __init__(self, name, state, reasons=(), warnings=()):
        self.name = name
        self.state = state
        self.reasons = list(reasons)
        self.warnings = list(warnings)


class Runner:
    """Replays transcripts in order and keeps what the live server called things."""

    def __init__(self, client, transcripts, plan, quirks):
        self.client = client
        self.folder = pathlib.Path(transcripts)
        self.plan = plan
        self.quirks = {name: quirk for quirk in quirks for name in quirk["transcripts"]}
        self.ids = IdMap()
        self.held = {}
        self.skipped_ids = {}
        self.served = {kind: self._served(kind) for kind in ("agents", "teams", "workflows")}

    def _served(self, kind):
        listed = self.client.send({"method": "GET", "path": f"/{kind}"}).json()
        return {item["id"] for item in listed} if isinstance(listed, list) else set()

    def run_group(self, group):
        """Runs the steps of a group; yields a result for each transcript."""
        for step in self.plan["groups"][group]["steps"]:
            step = {"replay": step} if isinstance(step, str) else step
            try:
                result = self._run(step)
            except Skipped as skipped:
                result = self._skip(step, str(skipped))
            except (OSError, ValueError, KeyError, TypeError) as error:
                name = step.get("replay") or step.get("finish") or f"setup for {step.get('run')}"
                result = Result(name, "FAIL", [f"{type(error).__name__}: {error}"])
            if result is not None:
                yield result
        for name, (stream, _) in list(self.held.items()):
            stream.leave()
            del self.held[name]

    def _skip(self, step, reason):
        name = step.get("replay") or step.get("finish")
        if name is None:
            self.skipped_ids[step.get("run")] = reason
            return None
        for found in UUID.findall((self.folder / f"{name}.json").read_text()):
            self.skipped_ids.setdefault(found, reason)
        # A stream that is held has its line when it is finished.
        return None if "hold" in step else Result(name, "skip", [reason])

    def _run(self, step):
        if "setup" in step:
            return self._setup(step)
        if "finish" in step:
            return self._finish(step)
        if "skip" in step:
            raise Skipped(step["skip"])
        name = step["replay"]
        transcript = self._transcript(name)
        request = self._request(transcript["request"], step.get("files", {}))
        if "hold" in step:
            return self._hold(name, step, request)
        answer = self._ask(request, step, transcript["response"])
        return self._judge(name, step, transcript, answer)

    def _transcript(self, name):
        """The recorded exchange, with what a quirk changes about it under `quirk`."""
        transcript = json.loads((self.folder / f"{name}.json").read_text())
        quirk = self.quirks.get(name, {})
        if "skip" in quirk:
            raise Skipped(f"quirk {quirk['quirk']}: {quirk['reason']}")
        return {**transcript, "quirk": quirk}

    def _request(self, recorded, files):
        """The recorded request as the live server has to see it."""
        found = COMPONENT.match(recorded["path"])
        if found and found[2] not in self.served[found[1]] | NOWHERE:
            raise Skipped(f"the server has no {found[1][:-1]} `{found[2]}`")
        addressed = {key: recorded[key] for key in ("path", "params") if key in recorded}
        for unknown in self.ids.unknown(addressed):
            if unknown in self.skipped_ids:
                raise Skipped(f"needs what was skipped: {self.skipped_ids[unknown]}")
            raise ValueError(f"no answer so far held what the recording calls {unknown}")
        request = self.ids.substitute(copy.deepcopy(recorded))
        for file in request.get("files", ()):
            if file["filename"] in files:
                file["content"] = base64.b64decode(files[file["filename"]])
        return request

    def _setup(self, step):
        request = self._request(step["setup"], {})
        if "hold" in step:
            stream = self.client.open(request)
            came = stream.wait_for(step["hold"]["event"], step["hold"]["count"])
            run_id = stream.first_value("run_id")
            if step.get("leave"):
                stream.leave()
            else:
                self.held[step["run"]] = stream, step
        else:
            answer = self.client.send(request)
            body = answer.json()
            run_id = body.get("run_id") if isinstance(body, dict) else None
            came = run_id is not None
        if not came or not run_id:
            return Result(f"setup for {step['run']}", "FAIL", [f"{request['method']} {request['path']} gave no run"])
        if step["run"]:
            self.ids.learn(step["run"], run_id)
        return None

    def _hold(self, name, step, request):
        stream = self.client.open(request)
        self.held[name] = stream, step
        stream.wait_for(step["hold"]["event"], step["hold"]["count"])
        # The steps that follow need the run's id before the whole stream is compared.
        live = stream.first_value("run_id")
        for frame in streams.parse(self._transcript(name)["response"]["sse_text"]):
            if live and isinstance(frame.data, dict) and "run_id" in frame.data:
                self.ids.learn(frame.data["run_id"], live)
                break
        return None

    def _finish(self, step):
        name = step["finish"]
        if name not in self.held:
            raise Skipped(self._reason_of(name))
        stream, started = self.held.pop(name)
        answer = stream.finish()
        return self._judge(name, {**started, **step}, self._transcript(name), answer)

    def _reason_of(self, name):
        found = UUID.findall((self.folder / f"{name}.json").read_text())
        return next((self.skipped_ids[one] for one in found if one in self.skipped_ids), "it was not started")

    def _ask(self, request, step, recorded):
        answer = self.client.send(request)
        if not step.get("until_status"):
            return answer
        wanted, deadline = recorded["json"]["status"], time.monotonic() + STATUS_SECONDS
        while (answer.json() or {}).get("status") != wanted and time.monotonic() < deadline:
            time.sleep(ASK_AGAIN_SECONDS)
            answer = self.client.send(request)
        return answer

    def _judge(self, name, step, transcript, answer):
        """Compares an answer with the recorded one, and keeps the ids if they agree."""
        quirk = transcript["quirk"]
        comparison = Comparison(
            self.ids.copy(),
            shape=step.get("compare") == "shape",
            ignore=[*step.get("ignore", ()), *quirk.get("ignore", ())],
            absent=self._absent(),
            drop_after=quirk.get("drop_after"),
        )
        self._compare(comparison, step, transcript, answer)
        if not comparison.errors:
            self.ids = comparison.id_map
            return Result(name, "ok", [], comparison.warnings)
        self._keep_main_ids(transcript["response"], answer)
        return Result(name, "FAIL", comparison.errors, comparison.warnings)

    def _absent(self):
        """Components of the recorded server that the live one does not serve."""
        return set(self.plan["components"]) - set().union(*self.served.values())

    def _keep_main_ids(self, recorded, answer):
        """After a failure only these pairs are sure, and later transcripts need them."""
        pairs = [(recorded.get("json"), answer.json())]
        if "sse_text" in recorded:
            frames = [streams.parse(text) for text in (recorded["sse_text"], answer.text)]
            pairs += [(one.data, other.data) for one, other in zip(*(frame[:1] for frame in frames))]
        for one, other in pairs:
            for key in ("run_id", "session_id"):
                values = [value.get(key) for value in (one, other) if isinstance(value, dict)]
                if len(values) == 2 and all(isinstance(value, str) and UUID.fullmatch(value) for value in values):
                    self.ids.learn(*values)

    def _compare(self, comparison, step, transcript, answer):
        recorded, quirk = transcript["response"], transcript["quirk"]
        statuses = quirk.get("status", [recorded["status"]])
        if answer.status not in statuses:
            wanted = " or ".join(map(str, statuses))
            comparison.errors.append(f"status {answer.status} instead of {wanted}: {answer.text[:200]}")
            return
        _compare_cors(comparison, transcript["request"], recorded["headers"], answer.headers)
        if "status" in quirk:
            self._compare_with_quirk(comparison, quirk, answer)
            return
        if recorded["status"] != 204:
            _compare_content_type(comparison, recorded["headers"].get("content-type"), answer)
        if "sse_text" in recorded:
            streams.compare(comparison, recorded["sse_text"], answer.text)
        elif step.get("compare") == "start":
            _compare_start(comparison, recorded["json"], answer.json())
        elif "json" in recorded:
            _compare_json(comparison, recorded["json"], answer)
        elif recorded.get("text", "") != answer.text:
            comparison.errors.append(f"the text is {answer.text[:200]!r} instead of {recorded['text'][:200]!r}")

    def _compare_with_quirk(self, comparison, quirk, answer):
        """The recorded answer is one not to copy: what `quirk` says is expected instead."""
        body = answer.json()
        if answer.status >= 400 and quirk.get("body", True):
            _compare_content_type(comparison, "application/json", answer)
            if not isinstance(body, dict) or not body.get("detail"):
                comparison.errors.append(f"an error has a `detail`, this is {answer.text[:200]!r}")
        if "json" in quirk:
            _compare_json(comparison, quirk["json"], answer)


def _compare_json(comparison, recorded, answer):
    live = answer.json()
    if live is None and answer.text.strip() != "null":
        comparison.errors.append(f"the body is no JSON: {answer.text[:200]!r}")
    else:
        comparison.value(recorded, live)


def _compare_start(comparison, recorded, live):
    if not isinstance(live, dict) or live.get("status") not in YOUNG:
        comparison.errors.append(f"the status is none of {sorted(YOUNG)}: {json.dumps(live)[:200]}")
        return
    main = {key: recorded[key] for key in ("run_id", "session_id") if key in recorded}
    comparison.value(main, live)


def _compare_content_type(comparison, recorded, answer):
    live = answer.headers.get("content-type")
    plain = [(value or "").lower().replace(" ", "") for value in (recorded, live)]
    if plain[0] != plain[1]:
        comparison.errors.append(f"content-type {live!r} instead of {recorded!r}")


def _compare_cors(comparison, request, recorded, live):
    if "Origin" not in request.get("headers", {}):
        return
    name = "access-control-allow-origin"
    if name in live and name not in recorded:
        comparison.errors.append(f"{name} is sent to an origin that is not allowed")
    for name in (name for name in recorded if name.startswith("access-control-")):
        values = [{part.strip().lower() for part in headers.get(name, "").split(",")} for headers in (recorded, live)]
        if name == "access-control-allow-methods":
            missing = {method.lower() for method in CORS_METHODS} - values[1]
            if missing:
                comparison.errors.append(f"{name} lacks {', '.join(sorted(missing))}")
        elif values[0] != values[1]:
            comparison.errors.append(f"{name} is {live.get(name)!r} instead of {recorded[name]!r}")
    if "origin" not in live.get("vary", "").lower():
        comparison.errors.append("vary does not name Origin")
