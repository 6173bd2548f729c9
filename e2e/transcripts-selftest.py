#!/usr/bin/env python3
"""Tests the transcript harness: recordings that are played back pass, and changed ones do not."""

import contextlib
import copy
import io
import json
import os
import pathlib
import re
import sys
import unittest

import transcripts
from replay import runner as replay_runner
from replay.client import Client
from replay.compare import Comparison
from replay.ids import IdMap
from replay.runner import Runner
from replay.stub import Server, Stub

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get("AGNO_SHARED") or ROOT.parent / "shared")
RECORDINGS = SHARED / "agentos" / "transcripts"
CANNOT_RUN = 77
# How many places of each recorded answer are changed.
SAMPLE = 40

# The stub has no run that takes its time.
replay_runner.STATUS_SECONDS = 0.2

PLAN = transcripts.load("plan.json")
QUIRKS = transcripts.load("quirks.json")["quirks"]


def run(groups, mutated=None, change=None, hidden=()):
    """Replays groups against the stub; `change` alters the answer of the transcript `mutated`."""
    def mutate(name, answer):
        return change(answer) if name == mutated else answer
    with Server(Stub(RECORDINGS, PLAN, QUIRKS, mutate, hidden)) as url:
        runner = Runner(Client(url), RECORDINGS, PLAN, QUIRKS)
        return {result.name: result for group in groups for result in runner.run_group(group)}


def group_of(name):
    """The group that holds a transcript, after the groups that it counts on."""
    group = next(group for group in PLAN["groups"] if name in transcripts.names_of(PLAN["groups"][group]))
    return [*PLAN["groups"][group].get("after", ()), group]


def edit(answer, function):
    """Applies `function` to the JSON of an answer."""
    function(answer["json"])
    return answer


def replace(old, new, count=1):
    """A change of the text of a stream."""
    def change(answer):
        assert old in answer["sse_text"], old
        answer["sse_text"] = answer["sse_text"].replace(old, new, count)
        return answer
    return change


def without_frame(index):
    """A change that loses one event of a stream."""
    def change(answer):
        frames = answer["sse_text"].split("\n\n")
        del frames[index]
        answer["sse_text"] = "\n\n".join(frames)
        return answer
    return change


def swapped_frames(first):
    """A change that exchanges an event with the next."""
    def change(answer):
        frames = answer["sse_text"].split("\n\n")
        frames[first:first + 2] = reversed(frames[first:first + 2])
        answer["sse_text"] = "\n\n".join(frames)
        return answer
    return change


def with_header(name, value):
    """A change of one header."""
    def change(answer):
        answer["headers"][name] = value
        return answer
    return change


def without_header(name):
    """A change that loses one header."""
    def change(answer):
        del answer["headers"][name]
        return answer
    return change


OTHER_ID = "11111111-2222-4333-8444-555555555555"
MUTATIONS = [
    ("agents-run-plain", "a missing key", lambda a: edit(a, lambda j: j.pop("model"))),
    ("agents-run-plain", "another text", lambda a: edit(a, lambda j: j.update(content="Hi"))),
    ("agents-run-plain", "another status", lambda a: {**a, "status": 201}),
    ("agents-run-plain", "another content type", with_header("content-type", "text/plain")),
    ("agents-run-plain", "milliseconds", lambda a: edit(a, lambda j: j.update(created_at=1795175679000))),
    ("agents-run-plain", "a time as text", lambda a: edit(a, lambda j: j.update(created_at="2026-11-20T11:54:39Z"))),
    ("agents-run-plain", "a null", lambda a: edit(a, lambda j: j.update(session_state=None))),
    ("agents-run-plain", "no tokens", lambda a: edit(a, lambda j: j["metrics"].update(input_tokens=0))),
    ("agents-run-plain", "an id that is none", lambda a: edit(a, lambda j: j.update(run_id="run-1"))),
    ("agents-run-plain", "one message less", lambda a: edit(a, lambda j: j["messages"].pop())),
    ("agents-run-tool", "another tool result", lambda a: edit(a, lambda j: j["tools"][0].update(result="Rain"))),
    ("agents-run-tool", "a tool without its nulls", lambda a: edit(a, lambda j: j["tools"][0].pop("approval_id"))),
    ("agents-runs-list", "another run id", lambda a: edit(a, lambda j: j[0].update(run_id=OTHER_ID))),
    ("agents-list", "another order", lambda a: edit(a, lambda j: j.reverse())),
    ("agents-detail-404", "another message", lambda a: edit(a, lambda j: j.update(detail="nope"))),
    ("agents-run-bad-bool", "a place that is none", lambda a: edit(a, lambda j: j["detail"][0].update(loc=["body"]))),
    ("agents-run-tool-stream", "another event", replace("event: ToolCallStarted", "event: ToolCallBegun")),
    ("agents-run-tool-stream", "two names", replace('"event":"ToolCallStarted"', '"event":"ToolCallCompleted"')),
    ("agents-run-tool-stream", "an event less", without_frame(3)),
    ("agents-run-tool-stream", "a piece of text less", without_frame(8)),
    ("agents-run-tool-stream", "another order", swapped_frames(2)),
    ("agents-run-tool-stream", "no space after data", replace("data: {", "data:{")),
    ("agents-run-tool-stream", "a line with an id", replace("event: RunStarted", "id: 1\nevent: RunStarted")),
    ("agents-run-tool-stream", "data that breaks off", replace('"nested_depth":0', '"nested_depth":')),
    ("agents-run-tool-stream", "other tool arguments", replace('"city":"Oslo"', '"city":"Rome"')),
    ("agents-run-tool-stream", "another depth", replace('"nested_depth":0', '"nested_depth":1')),
    ("agents-run-tool-stream", "a call id that changes", replace('"tool_call_id":"call_80c0', '"tool_call_id":"call_9999')),
    ("agents-run-stream", "an end that is missing", without_frame(-2)),
    ("background-agent-stream", "a gap in the numbers", replace('"event_index":4', '"event_index":5')),
    ("background-agent-stream", "numbers from 1", lambda a: {**a, "sse_text": re.sub(
        r'"event_index":(\d+)', lambda found: f'"event_index":{int(found[1]) + 1}', a["sse_text"])}),
    ("background-agent-resume-completed", "no replay event", without_frame(0)),
    ("background-agent-resume-live", "no subscribed event", replace("event: subscribed", "event: live")),
    ("background-agent-poll-done", "a run that never ends", lambda a: edit(a, lambda j: j.update(status="RUNNING"))),
    ("cancel-agent-inline-stream", "a completion after the end", lambda a: {**a, "sse_text": a["sse_text"] + (
        'event: RunCompleted\ndata: {"event":"RunCompleted"}\n\n')}),
    ("cancel-agent-inline-poll", "a status of another type", lambda a: edit(a, lambda j: j.update(metrics=[]))),
    ("hitl-confirm-pause", "no requirements", lambda a: edit(a, lambda j: j.pop("requirements"))),
    ("hitl-confirm-pause", "an offset as Z", lambda a: edit(
        a, lambda j: j["requirements"][0].update(created_at="2026-11-20T11:54:41.1Z"))),
    ("hitl-unresolved-continue", "a quirk that is copied", lambda a: {**a, "status": 200}),
    ("hitl-unresolved-continue", "an error without detail", lambda a: {**a, "json": {"error": "no"}}),
    ("hitl-requirements-continue", "a run that is not over", lambda a: edit(a, lambda j: j.update(status="PAUSED"))),
    ("core-unknown-path", "plain text", lambda a: {"status": 404, "headers": {"content-type": "text/plain"}, "text": "x"}),
    ("core-health", "a time without its Z", lambda a: edit(a, lambda j: j.update(instantiated_at="2026-11-20T11:54:37.1"))),
    ("core-config", "a component less", lambda a: edit(a, lambda j: j["agents"].pop())),
    ("cors-preflight-allowed", "another origin", with_header("access-control-allow-origin", "*")),
    ("cors-preflight-allowed", "no maximal age", without_header("access-control-max-age")),
    ("cors-preflight-denied", "an origin that is let in", with_header("access-control-allow-origin", "https://evil.example")),
    ("cors-preflight-denied", "another text", lambda a: {**a, "text": "no"}),
    ("cors-simple-allowed", "no Vary", without_header("vary")),
    ("sessions-list", "items without an id", lambda a: edit(a, lambda j: [item.pop("session_id") for item in j["data"]])),
    ("sessions-list", "an empty list", lambda a: edit(a, lambda j: j.update(data=[]))),
    ("sessions-rename", "another name", lambda a: edit(a, lambda j: j.update(session_name="Fresh"))),
    ("sessions-runs-s-agent-1", "another order", lambda a: edit(a, lambda j: j.reverse())),
]


class Replay(unittest.TestCase):
    """The harness as a whole, over HTTP."""

    def test_recordings_pass(self):
        results = run(PLAN["groups"])
        failed = {name: result.reasons[:3] for name, result in results.items() if result.state == "FAIL"}
        self.assertEqual(failed, {})
        skipped = {name for name, result in results.items() if result.state == "skip"}
        planned = {step["replay"] for group in PLAN["groups"].values() for step in group["steps"]
                   if isinstance(step, dict) and "skip" in step}
        self.assertEqual(skipped, planned)

    def test_mutations_are_caught(self):
        for name, label, change in MUTATIONS:
            with self.subTest(transcript=name, mutation=label):
                results = run(group_of(name), name, change)
                self.assertEqual(results[name].state, "FAIL")
                self.assertTrue(results[name].reasons)

    def test_a_new_key_is_a_warning(self):
        results = run(["agents"], "agents-run-plain", lambda a: edit(a, lambda j: j.update(extra=1)))
        self.assertEqual(results["agents-run-plain"].state, "ok")
        self.assertEqual(results["agents-run-plain"].warnings, ["$.extra: new"])

    def test_what_need_not_be_copied_may_be_left_out(self):
        def change(answer):
            frames = [frame for frame in answer["sse_text"].split("\n\n") if '"content":"",' not in frame]
            return {**answer, "sse_text": ": keepalive\n\n" + "\n\n".join(frames)}
        self.assertEqual(run(["agents"], "agents-run-stream", change)["agents-run-stream"].state, "ok")

    def test_components_that_are_not_served_are_skipped(self):
        results = run(["cancel"], hidden=["/teams", "/workflows"])
        skipped = {name: result.reasons[0] for name, result in results.items() if result.state == "skip"}
        self.assertEqual(len(skipped), 6, skipped)
        self.assertEqual(skipped["cancel-team-inline-stream"], "the server has no team `demo-team`")
        self.assertFalse([name for name, result in results.items() if result.state == "FAIL"])

    def test_the_last_line_counts(self):
        shown = io.StringIO()
        with Server(Stub(RECORDINGS, PLAN, QUIRKS)) as url, contextlib.redirect_stdout(shown):
            code = transcripts.main([url, str(RECORDINGS), "cors", "sessions-rename"])
        lines = shown.getvalue().splitlines()
        self.assertEqual((code, lines[-1], len(lines)), (0, "6 passed, 0 failed, 0 skipped", 7))


class Values(unittest.TestCase):
    """The comparison of JSON values, with every recorded answer as its input."""

    def compare(self, recorded, live):
        """The errors of comparing two values exactly."""
        comparison = Comparison(IdMap())
        comparison.value(recorded, live)
        return comparison.errors

    def test_each_lost_key_and_each_changed_type_is_caught(self):
        checked = 0
        for group in PLAN["groups"].values():
            for name in transcripts.names_of(group):
                recorded = json.loads((RECORDINGS / f"{name}.json").read_text())["response"].get("json")
                if recorded is None:
                    continue
                self.assertEqual(self.compare(recorded, copy.deepcopy(recorded)), [], name)
                every = list(paths(recorded))
                for path in every[::max(1, len(every) // SAMPLE)]:
                    for change in (remove, change_type):
                        live = copy.deepcopy(recorded)
                        if change(live, path):
                            checked += 1
                            self.assertTrue(self.compare(recorded, live), f"{name} {path} {change.__name__}")
        self.assertGreater(checked, 3000)


def paths(value, path=()):
    """The paths of all values below `value`."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from paths(item, (*path, key))


def parent_of(value, path):
    """The object or list that holds what is at `path`."""
    for key in path[:-1]:
        value = value[key]
    return value


def remove(value, path):
    """Removes what is at `path`."""
    del parent_of(value, path)[path[-1]]
    return True


def change_type(value, path):
    """Puts a value of another type at `path`."""
    parent = parent_of(value, path)
    parent[path[-1]] = ["other"] if not isinstance(parent[path[-1]], list) else "other"
    return True


if __name__ == "__main__":
    if not RECORDINGS.is_dir():
        print(f"skipped: there are no recordings in {os.path.relpath(RECORDINGS)} (AGNO_SHARED names another folder)")
        sys.exit(CANNOT_RUN)
    unittest.main(verbosity=1)
