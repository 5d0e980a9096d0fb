"""nginx with one worker, serving packed files: what a page store is compared with."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from depesche.ops.bench.tools.process import Program, free_port

_CONFIG = """
daemon off;
master_process off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/nginx-errors.txt;
events {{ worker_connections 256; }}
http {{
  access_log off;
  sendfile on;
  keepalive_requests 1000000000;
  default_type "text/html; charset=utf-8";
  client_body_temp_path {home}/nginx-body;
  proxy_temp_path {home}/nginx-proxy;
  fastcgi_temp_path {home}/nginx-fastcgi;
  uwsgi_temp_path {home}/nginx-uwsgi;
  scgi_temp_path {home}/nginx-scgi;
  server {{
    listen 127.0.0.1:{port};
    root {root};
    gzip_static always;
  }}
}}
"""
_READY = "/ready"


def lay_out(root: Path, pages: Iterable[tuple[str, bytes]]) -> None:
    """Write each page, an address with packed bytes, as the file that nginx looks for.

    The bytes are the page store's, packed by zstd; nginx says gzip of them, which changes nothing of its work.
    """
    for address, body in pages:
        file = root / f"{address[1:]}.gz"
        if not file.parent.is_dir():
            file.parent.mkdir(parents=True)
        file.write_bytes(body)
    (root / f"{_READY[1:]}.gz").write_bytes(b"ready")


def start(home: Path, root: Path, core: int | None) -> tuple[Program, int]:
    """Start nginx on *root* as one process; returns it and its port once it answers."""
    port = free_port()
    config = home / "nginx.conf"
    config.write_text(_CONFIG.format(home=home, root=root, port=port))
    program = Program([shutil.which("nginx") or "nginx", "-c", str(config), "-p", str(home)], home, core=core)
    try:
        program.wait_for(f"http://127.0.0.1:{port}{_READY}")
    except BaseException:
        program.stop()
        raise
    return program, port
