"""The API answers as its description says, whatever it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from asking import Desk
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

ROOT = Path(__file__).parents[2]
OPERATIONS = (
    "/stories", "/stories/{story}", "/stories/{story}/versions", "/stories/{story}/versions/{number}",
    "/stories/{story}/versions/{number}/differences", "/stories/{story}/mentions", "/stories/{story}/views",
    "/stories/{story}/also-read", "/most-read", "/instruments", "/instruments/{code}", "/search", "/changes",
)  # fmt: skip


@pytest.fixture(scope="module")
def described(shown: Desk) -> Any:
    shown.app.gate._anonymous = 1_000_000
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", shown.app)


def test_the_description_beside_the_documentation_is_the_one_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import reference

    written = (ROOT / "docs" / "reference" / "openapi.json").read_text()
    assert written == reference.openapi_document(), "run tools/reference.py"


def test_every_operation_is_tried(described: Any) -> None:
    assert {one.ok().path for one in described.get_all_operations()} == set(OPERATIONS)


@pytest.mark.parametrize("path", OPERATIONS)
@pytest.mark.parametrize("wrong", [False, True], ids=["fit", "unfit"])
def test_answers_are_as_described(described: Any, path: str, wrong: bool) -> None:
    operation = described[path]["GET"]
    mode = schemathesis.GenerationMode.NEGATIVE if wrong else schemathesis.GenerationMode.POSITIVE

    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def tried(case: Any) -> None:
        answer = case.call()
        assert answer.status_code < 500
        # A cursor that we never gave out, or a kind that there is not, has the right form and is refused all the same.
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])

    tried()
