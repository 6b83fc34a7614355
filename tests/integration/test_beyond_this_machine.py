"""Served beyond this machine: only when it is meant, under its own addresses, and through a proxy that speaks HTTPS, under a path too."""

from __future__ import annotations

import http.client
import http.server
import re
import threading
from collections.abc import Iterator

import pytest

from omniscript_mam.commands.serve import is_loopback, own_addresses

NAME = "films.example.org"


class _Proxy(http.server.BaseHTTPRequestHandler):
    """What a proxy does that speaks HTTPS to the visitor: passes requests on, and says how they came."""

    def _pass_on(self) -> None:
        port, strips = self.server.passes_to  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        headers |= {"Host": f"127.0.0.1:{port}", "X-Forwarded-Host": NAME, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        path = self.path.removeprefix("/mam") if strips else self.path
        inner = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        inner.request(self.command, path, body, headers)
        answer = inner.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        inner.close()

    do_GET = do_POST = _pass_on

    def log_message(self, *arguments: object) -> None:
        return


@pytest.fixture
def proxied(installation) -> Iterator:
    """Starts the archive under /mam and a proxy before it; gives ``ask(method, path, body, headers)``."""
    running = []

    def start(*, strips: bool):
        archive = installation(TRUSTED_PROXY="127.0.0.1", ALLOWED_HOSTS=NAME, SECURE="yes", PREFIX="mam")
        archive.start("serve", "--port", "0", "--no-worker")
        archive.until(lambda: archive.log.exists() and "is at http://" in archive.log.read_text())
        port = int(archive.log.read_text().split("is at http://")[1].split("/")[0].split(":")[1])
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Proxy)
        proxy.passes_to = port, strips
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        running.append(proxy)

        def ask(method: str, path: str, body: bytes = b"", **headers: str):
            visitor = http.client.HTTPConnection("127.0.0.1", proxy.server_address[1], timeout=30)
            visitor.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = visitor.getresponse()
            content = answer.read().decode()
            visitor.close()
            return answer, content

        return ask, port

    yield start
    for proxy in running:
        proxy.shutdown()
        proxy.server_close()


@pytest.mark.parametrize("strips", [True, False])
def test_forms_work_behind_a_proxy_under_a_path(proxied, strips):
    ask, port = proxied(strips=strips)
    answer, html = ask("GET", "/mam/collections/")
    assert answer.status == 200
    addresses = re.findall(r'(?:href|src|action)="(/[^"]*)"', html)
    assert addresses and all(address.startswith("/mam/") for address in addresses), "links stay under the path"
    for asset in [address for address in addresses if address.endswith((".css", ".js"))][:2]:
        assert ask("GET", asset)[0].status == 200
    cookie = answer.getheader("Set-Cookie")
    assert "Secure" in cookie
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)[1]
    form = f"csrfmiddlewaretoken={token}&name=Reels&strategy=tsg".encode()
    sent = {"Content_Type": "application/x-www-form-urlencoded", "Cookie": cookie.split(";")[0]}
    sent |= {"Origin": f"https://{NAME}", "Referer": f"https://{NAME}/mam/collections/"}
    made, told = ask("POST", "/mam/collections/", form, **sent)
    assert made.status == 302, told
    assert made.getheader("Location").startswith("/mam/collections/")
    refused, _ = ask("POST", "/mam/collections/", form, **{**sent, "Origin": "https://evil.example"})
    assert refused.status == 403
    direct = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    direct.request("GET", "/", headers={"Host": "else.where"})
    stranger = direct.getresponse()
    told = stranger.read().decode()
    assert stranger.status == 400
    assert "OMNISCRIPT_ALLOWED_HOSTS" in told and "else.where" in told
    direct.request("GET", "/api/v1/", headers={"Host": "else.where"})
    assert b'"request.host"' in direct.getresponse().read()
    direct.close()


def test_an_address_that_others_reach_needs_a_word(installation):
    archive = installation()
    for host in ("0.0.0.0", "::", "192.0.2.7", "films.example.org"):
        told = archive.run("serve", "--host", host, "--port", "0", code=1).stderr
        assert "--anyone-may-change-everything" in told and "no accounts" in told


def test_this_machines_own_addresses_work(installation):
    archive = installation()
    archive.start("serve", "--host", "0.0.0.0", "--port", "0", "--no-worker", "--anyone-may-change-everything")
    archive.until(lambda: archive.log.exists() and "is at http://" in archive.log.read_text())
    port = int(archive.log.read_text().split("is at http://")[1].split("/")[0].split(":")[1])
    for address in {"127.0.0.1", *(each for each in own_addresses() if ":" not in each)}:
        asked = http.client.HTTPConnection(address, port, timeout=30)
        asked.request("GET", "/api/v1/")
        assert asked.getresponse().status == 200, address
        asked.close()


@pytest.mark.parametrize(
    ("host", "is_own"), [("127.0.0.1", True), ("127.9.9.9", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("::", False)]
)
def test_what_counts_as_this_machine(host, is_own):
    assert is_loopback(host) is is_own
