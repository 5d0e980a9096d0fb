"""Measure Wagtail's page cache beside our page store: the same bytes of copy, asked for by turns in one run.

    .venv/bin/python bench/peers/wagtail.py [--folder DIR] [--rounds 7]

Installs Wagtail with its servers from PyPI into an environment of its own in DIR (default: a temporary folder), lets it publish one
page with the copy of a generated story behind Django's cache middlewares (memory of the process), and asks it and `depesche web`
for their pages over 32 kept connections. Prints one JSON line: CPU microseconds for a request, of each of its servers and of ours.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import msgspec

from depesche.model import paths
from depesche.newsroom import Newsroom
from depesche.ops.bench.inputs import archive, generate
from depesche.ops.bench.tools.process import Program, depesche, free_port, script
from depesche.ops.bench.tools.trial import median, plain_settings, ratio
from depesche.portal.pages import story
from depesche.portal.site import Site

STORIES = 200
CONNECTIONS = 32
REQUESTS = {"depesche": 10_000, "wagtail": 600}
SERVER_CORE, CLIENT_CORE = 0, 1
PACKAGES = ("wagtail", "gunicorn", "granian")
SETTINGS = """
SECRET_KEY = "only for a bench"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "site_urls"
INSTALLED_APPS = [
    "article", "wagtail.users", "wagtail.images", "wagtail.documents", "wagtail.admin", "wagtail", "wagtail.sites", "wagtail.search",
    "modelcluster", "taggit", "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.cache.UpdateCacheMiddleware", *OTHERS, "django.middleware.cache.FetchFromCacheMiddleware",
]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CACHE_MIDDLEWARE_SECONDS = 3600
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.sqlite3"}}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "DIRS": ["templates"]}]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
STATIC_URL = "/static/"
WAGTAIL_SITE_NAME = "bench"
WAGTAILADMIN_BASE_URL = "http://127.0.0.1"
"""
# What `wagtail start` puts around every page, and the least that a page needs.
OTHERS = {
    "usual": """[
    "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware", "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
]""",
    "least": '["django.middleware.common.CommonMiddleware"]',
}
URLS = """
from django.urls import include, path
from wagtail import urls
urlpatterns = [path("", include(urls))]
"""
WSGI = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "usual")
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
"""
MODELS = """
from django.db import models
from wagtail.models import Page

class Article(Page):
    body = models.TextField()
"""
PUBLISH = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "usual"
import django
django.setup()
from django.core.management import call_command
call_command("makemigrations", "article", verbosity=0)
call_command("migrate", verbosity=0)
from pathlib import Path
from wagtail.models import Page, Site
from article.models import Article
root = Page.get_first_root_node()
page = root.add_child(instance=Article(title="A story", slug="story", body=Path("body.html").read_text()))
Site.objects.all().delete()
Site.objects.create(hostname="localhost", root_page=root.get_children().first(), is_default_site=True)
Site.objects.update(root_page=root)
page.save_revision().publish()
"""


def main() -> None:
    """Set both up, measure by turns, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with ExitStack() as running:
        folder = asked.folder or Path(running.enter_context(tempfile.TemporaryDirectory(prefix="wagtail-")))
        folder.mkdir(parents=True, exist_ok=True)
        home = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="depesche-peer-")))
        raw, addresses, port = _ours(home)
        _theirs(folder, raw)
        servers = {"depesche": (running.enter_context(depesche("web", home, port, core=SERVER_CORE)), port)}
        servers["depesche"][0].wait_for(f"http://127.0.0.1:{port}/imprint")
        (home / "depesche").write_text("\n".join(addresses) + "\n")
        (home / "wagtail").write_text("/story/\n")
        for name, words in _servers(folder).items():
            for others in OTHERS:
                its_port = free_port()
                said = [one.format(port=its_port) for one in words]
                environment = {"PYTHONPATH": str(folder), "DJANGO_SETTINGS_MODULE": others}
                other = running.enter_context(Program(said, folder, environment, SERVER_CORE))
                other.wait_for(f"http://127.0.0.1:{its_port}/story/")
                servers[f"{name}_{others}"] = (other, its_port)
        print(json.dumps(_measured(home, servers, asked.rounds) | {"page_bytes": len(raw)}))


def _ours(home: Path) -> tuple[bytes, list[str], int]:
    """File some stories; return a page as it is printed, the addresses of all, and a port."""
    port = free_port()
    room = Newsroom(plain_settings(home, port=port))
    archive.fill(room, STORIES, generate.register(50), mentioning=1.0)
    site = Site(room)
    with room.database.reading() as tx:
        cards = tx.newsstand.home(STORIES)
        pages = [page for card in cards if (page := room.story_page(tx, card.story))]
    room.close()
    addresses = [paths.story(card.story, card.slug) for card in cards]
    random.Random(generate.SEED).shuffle(addresses)
    return story.render(site, site.main, pages[0]).encode(), addresses, port


def _theirs(folder: Path, raw: bytes) -> None:
    """Install Wagtail where it is not yet, and publish a page of *raw* size."""
    if not (folder / "venv").exists():
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        subprocess.run([folder / "venv/bin/pip", "install", "--quiet", *PACKAGES], check=True)
    for file in (folder / "article/migrations", folder / "templates/article"):
        file.mkdir(parents=True, exist_ok=True)
        (file / "__init__.py").touch()
    (folder / "article/__init__.py").touch()
    (folder / "article/models.py").write_text(MODELS)
    (folder / "templates/article/article.html").write_text("{{ page.body|safe }}")
    files = {name: f"OTHERS = {others}\n{SETTINGS}" for name, others in OTHERS.items()}
    files |= {"site_urls": URLS, "site_wsgi": WSGI, "publish": PUBLISH}
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "body.html").write_bytes(raw)
    (folder / "site.sqlite3").unlink(missing_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    subprocess.run([folder / "venv/bin/python", "publish.py"], cwd=folder, env=environment, check=True)


def _servers(folder: Path) -> dict[str, list[str]]:
    """Return how each server is started: one process of Wagtail."""
    here = f"{folder}/venv/bin/"
    return {
        "wagtail_gunicorn": [
            f"{here}gunicorn", "--worker-class=gthread", "--threads=4", "--keep-alive=60", "--bind=127.0.0.1:{port}", "site_wsgi",
        ],
        "wagtail_granian": [
            f"{here}granian", "--interface=wsgi", "--workers=1", "--blocking-threads=1", "--host=127.0.0.1", "--port={port}", "--no-log",
            "site_wsgi:application",
        ],
    }  # fmt: skip


def _measured(home: Path, servers: dict[str, tuple[Program, int]], rounds: int) -> dict[str, object]:
    used: dict[str, list[float]] = {name: [] for name in servers}
    for turn in range(rounds + 1):
        for name, (server, port) in servers.items():
            kind = name.partition("_")[0]
            before = _cpu(server)
            asked = (str(port), str(home / kind), str(REQUESTS[kind]), "0", str(CONNECTIONS))
            with script("client.py", home, *asked, core=CLIENT_CORE) as client:
                came = msgspec.json.decode(client.finish())
            if came["refused"]:
                raise SystemExit(f"{name} refused {came['refused']} requests")
            if turn:  # the first round warms up
                used[name].append((_cpu(server) - before) / REQUESTS[kind] * 1e6)
    cpu = {name: median(some) for name, some in used.items()}
    return {
        "cpu_us": cpu,
        "rounds": rounds,
        "times": {name: ratio(one, cpu["depesche"]) for name, one in cpu.items()},
    }


def _cpu(server: Program) -> float:
    """Return the CPU seconds of a server and of the processes it started."""
    ticks = os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    total = 0.0
    for pid in (server.pid, *children):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / ticks
    return total


if __name__ == "__main__":
    main()
