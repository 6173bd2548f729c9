"""A small HTTP client: whole answers, and streams that can be left or held open."""

import http.client
import json
import socket
import threading
import urllib.parse

from .streams import Frame

TIMEOUT_SECONDS = 30
BOUNDARY = "transcript-boundary"


class Answer:
    """A response: its status, headers with lower-case names, and text."""

    def __init__(self, status, headers, text):
        self.status = status
        self.headers = headers
        self.text = text

    def json(self):
        """The text as JSON, or None."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


class Client:
    """Sends recorded requests to the server at `base_url`."""

    def __init__(self, base_url):
        self.address = urllib.parse.urlsplit(base_url)

    def send(self, request):
        """Sends a request and reads the whole answer."""
        connection = self._connect()
        try:
            response = self._start(connection, request)
            return Answer(response.status, _headers(response), response.read().decode())
        finally:
            connection.close()

    def open(self, request):
        """Sends a request and reads its answer in the background."""
        connection = self._connect()
        connection.connect()
        # Kept here, because `http.client` lets go of it once it knows how the answer ends.
        connection_socket = connection.sock
        return OpenStream(connection, connection_socket, self._start(connection, request))

    def _connect(self):
        secure = self.address.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(self.address.hostname, self.address.port, timeout=TIMEOUT_SECONDS)

    def _start(self, connection, request):
        path = self.address.path.rstrip("/") + request["path"]
        if request.get("params"):
            path += "?" + urllib.parse.urlencode(request["params"])
        headers, body = _body(request)
        connection.request(request["method"], path, body, {**headers, **request.get("headers", {})})
        return connection.getresponse()


class OpenStream:
    """An answer that is read by a thread of its own, frame by frame."""

    def __init__(self, connection, connection_socket, response):
        self._connection = connection
        self._socket = connection_socket
        self._response = response
        self._news = threading.Condition()
        self._text = ""
        self._ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            for line in iter(self._response.readline, b""):
                with self._news:
                    self._text += line.decode()
                    self._news.notify_all()
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            # The stream was left, or it broke off: what was read is compared.
            pass
        self._response.close()
        self._connection.close()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _frames(self):
        whole, _, _ = self._text.rpartition("\n\n")
        return [Frame(block) for block in whole.split("\n\n") if block]

    def wait_for(self, event, count):
        """Waits for the `count`th event of this name that is no empty delta. Returns whether it came."""
        def came():
            frames = [frame for frame in self._frames() if frame.name == event and not frame.is_empty_delta]
            return len(frames) >= count
        with self._news:
            self._news.wait_for(lambda: came() or self._ended, TIMEOUT_SECONDS)
            return came()

    def first_value(self, key):
        """The first value of this key in the data of the frames so far."""
        with self._news:
            for frame in self._frames():
                if isinstance(frame.data, dict) and key in frame.data:
                    return frame.data[key]
        return None

    def leave(self):
        """Closes the connection from this side."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            # The other side was faster.
            pass

    def finish(self):
        """Waits for the end and returns the whole answer."""
        with self._news:
            self._news.wait_for(lambda: self._ended, TIMEOUT_SECONDS)
            text = self._text
        return Answer(self._response.status, _headers(self._response), text)


def _headers(response):
    return {name.lower(): value for name, value in response.getheaders()}


def _body(request):
    if "json" in request:
        return {"content-type": "application/json"}, json.dumps(request["json"]).encode()
    if request.get("files"):
        return {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}, _multipart(request)
    if "data" in request:
        text = urllib.parse.urlencode(request["data"])
        return {"content-type": "application/x-www-form-urlencoded"}, text.encode()
    return {}, None


def _multipart(request):
    parts = []
    for name, value in request.get("data", {}).items():
        parts.append(f'content-disposition: form-data; name="{name}"\r\n\r\n'.encode() + value.encode())
    for file in request["files"]:
        head = f'content-disposition: form-data; name="{file["field"]}"; filename="{file["filename"]}"\r\n'
        head += f'content-type: {file["content_type"]}\r\n\r\n'
        parts.append(head.encode() + file.get("content", b"x" * file.get("size", 1)))
    marker = f"--{BOUNDARY}".encode()
    return b"".join(marker + b"\r\n" + part + b"\r\n" for part in parts) + marker + b"--\r\n"
