"""The page served on this machine, to this machine, or written as a file."""

from __future__ import annotations

import errno
import webbrowser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ci_sim.errors import UserError

HERE = "127.0.0.1"


def write(content: str, target: str) -> Path:
    """Write the page as one file; return its path.

    Raises:
        UserError: if it cannot be written there.
    """
    path = Path(target)
    if path.suffix.lower() not in (".html", ".htm") or path.is_dir():
        raise UserError(f"output={target}: must be a file that ends with .html, such as output=page.html")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def serve(content: str, port: int, show: bool) -> int:
    """Serve the page until Ctrl-C; return the exit code.

    Raises:
        UserError: if the port is taken, or not allowed.
    """
    try:
        server = ThreadingHTTPServer((HERE, port), _handler(content.encode()))
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise UserError(f"port={port}: {why}; choose another, or port=0 for any that is free") from None
    address = f"http://{HERE}:{server.server_port}/"
    try:
        print(f"The page is at {address} (Ctrl-C ends)", flush=True)
        if show:
            webbrowser.open(address)
        server.serve_forever()
    except KeyboardInterrupt:
        print("\nThe page is no longer served; one that is open goes on working.")
    finally:
        server.server_close()
    return 0


def _handler(content: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """One page, and nothing else."""

        def do_GET(self) -> None:
            found = self.path.split("?")[0] in ("/", "/index.html")
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            body = content if found else b""
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing of each request."""

    return Handler
