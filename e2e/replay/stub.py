"""A server that plays the recordings back, for the test of the harness itself.

It is what a perfect server would be: it answers each request of a plan with the recorded answer, under
ids of its own, and does not copy the quirks. `mutate` makes it less than perfect.
"""

import collections
import json
import pathlib
import threading
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import ids
from .compare import drop_events
from .streams import parse

# Routes that the plan does not name but the runner asks.
LISTINGS = {"/teams": "teams-list", "/workflows": "workflows-list"}


class Stub:
    """The answers to the requests of a plan; `mutate(name, answer)` may change one of them."""

    def __init__(self, transcripts, plan, quirks, mutate=lambda name, answer: answer, hidden=()):
        self.folder = pathlib.Path(transcripts)
        self.quirks = {name: quirk for quirk in quirks for name in quirk["transcripts"]}
        self.mutate = mutate
        self.hidden = set(hidden)
        self.live = {}
        self.recorded = {}
        self.lock = threading.Lock()
        self.answers = collections.defaultdict(collections.deque)
        for group in plan["groups"].values():
            for step in group["steps"]:
                self._add({"replay": step} if isinstance(step, str) else step)
        for path, name in LISTINGS.items():
            if path not in self.hidden:
                self.answers[key_of({"method": "GET", "path": path})].append(name)

    def _add(self, step):
        if "setup" in step:
            self.answers[key_of(step["setup"])].append(step)
        elif "replay" in step:
            request = json.loads((self.folder / f"{step['replay']}.json").read_text())["request"]
            self.answers[key_of(request)].append(step["replay"])

    def answer(self, request):
        """The answer to a live request: its name, status, headers and text."""
        with self.lock:
            request = self._translate(request, self.recorded)
            waiting = self.answers.get(key_of(request))
            if not waiting or request["path"] in self.hidden:
                return "none", 404, {"content-type": "application/json"}, json.dumps({"detail": "Not Found"})
            found = waiting.popleft() if len(waiting) > 1 else waiting[0]
            if isinstance(found, dict):
                return "setup", *self._setup_answer(found)
            answer = self.mutate(found, self._recorded_answer(found))
            text = answer["sse_text"] if "sse_text" in answer else answer.get("text", "")
            if "json" in answer:
                text = json.dumps(answer["json"])
            return found, answer["status"], answer["headers"], self._translate(text, self.live)

    def _recorded_answer(self, name):
        answer = json.loads((self.folder / f"{name}.json").read_text())["response"]
        quirk = self.quirks.get(name, {})
        drop_after = quirk.get("drop_after", {})
        if "status" in quirk:
            body = {"detail": "refused", **quirk.get("json", {})}
            answer = {"status": quirk["status"][0], "headers": {"content-type": "application/json"}, "json": body}
        if isinstance(answer.get("json"), dict) and answer["json"].get("events"):
            answer["json"]["events"] = drop_events(answer["json"]["events"], drop_after)
        if "sse_text" in answer and drop_after:
            blocks = zip(parse(answer["sse_text"]), answer["sse_text"].split("\n\n"))
            kept = drop_events([{"event": frame.name, "text": text} for frame, text in blocks], drop_after)
            answer["sse_text"] = "".join(item["text"] + "\n\n" for item in kept)
        return answer

    def _setup_answer(self, step):
        run = {"run_id": step["run"], "session_id": step["setup"]["data"]["session_id"]}
        if "hold" not in step:
            body = json.dumps({**run, "status": "PENDING"})
            return 200, {"content-type": "application/json"}, self._translate(body, self.live)
        frames = [{"event": "RunStarted", **run}, {"event": "RunContent", "content": "w1 ", **run}]
        text = "".join(f"event: {frame['event']}\ndata: {json.dumps(frame)}\n\n" for frame in frames)
        return 200, {"content-type": "text/event-stream; charset=utf-8"}, self._translate(text, self.live)

    def _translate(self, value, table):
        """Every id in `value` replaced: by the live one, or back by the recorded one."""
        if isinstance(value, dict):
            return {key: self._translate(item, table) for key, item in value.items()}
        if isinstance(value, list):
            return [self._translate(item, table) for item in value]
        if not isinstance(value, str):
            return value
        return ids.ANY.sub(lambda found: self._other(found[0], table), value)

    def _other(self, found, table):
        if table is self.live and found not in table:
            made = str(uuid.uuid4())
            if not ids.UUID.fullmatch(found):
                made = found.split("_")[0].split("-")[0] + "_" + made.replace("-", "")[:24]
            self.live[found] = made
            self.recorded[made] = found
        return table.get(found, found)


def key_of(request):
    """What makes two requests the same."""
    fields = request.get("data", request.get("json"))
    if isinstance(fields, dict):
        # Parts of a form are text, whatever they were made from.
        fields = {name: value if "json" in request else str(value) for name, value in fields.items()}
    params = {name: str(value) for name, value in request.get("params", {}).items()}
    origin = request.get("headers", {}).get("Origin")
    parts = [request["method"], request["path"], params, fields, origin]
    return json.dumps(parts, sort_keys=True)


class Handler(BaseHTTPRequestHandler):
    """Turns what arrives back into the form of a recorded request."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Says nothing."""

    def handle_request(self):
        """Answers one request."""
        address = urllib.parse.urlsplit(self.path)
        request = {"method": self.command, "path": address.path, "headers": {"Origin": self.headers["Origin"]}}
        if address.query:
            request["params"] = dict(urllib.parse.parse_qsl(address.query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        kind = self.headers.get("content-type", "")
        if kind.startswith("application/json"):
            request["json"] = json.loads(body)
        elif kind.startswith("multipart/"):
            request["data"] = dict(_fields(body, kind.partition("boundary=")[2]))
        elif body:
            request["data"] = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        _, status, headers, text = self.server.stub.answer(request)
        content = b"" if self.command == "HEAD" or status == 204 else text.encode()
        self.send_response(status)
        for name, value in headers.items():
            if name not in ("content-length", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.send_header("connection", "close")
        self.close_connection = True
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = handle_request


def _fields(body, boundary):
    for part in body.split(b"--" + boundary.encode()):
        head, _, value = part.partition(b"\r\n\r\n")
        if b"name=" in head and b"filename=" not in head:
            yield head.partition(b'name="')[2].partition(b'"')[0].decode(), value.removesuffix(b"\r\n").decode()


class Server:
    """The stub, listening on a port of the loopback address while the `with` block runs."""

    def __init__(self, stub):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.stub = stub

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
