"""Every Python block of the README runs, and prints what the block after it shows."""

import contextlib
import io
import re
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
FIRST_EXAMPLE_BY_LINE = 15

# Examples of integrations need their package; all others run everywhere.
OPTIONAL = {
    *("alembic", "catboost", "fastapi", "flask", "jax", "keras", "lightgbm", "lightning"),
    *("mlflow", "sklearn", "sqlalchemy", "tensorflow", "torch", "transformers", "xgboost"),
}
LINES_OF_AN_INTEGRATION = 10


def examples():
    """(line, code, expected output or None) of each ``python`` block."""
    text = README.read_text(encoding="utf-8")
    blocks = list(re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if block[1] == "python":
            shown = following[2] if following is not None and following[1] == "text" else None
            yield text[: block.start()].count("\n") + 1, block[2], shown


EXAMPLES = list(examples())


def test_first_example_comes_at_once():
    line, _, shown = EXAMPLES[0]
    assert line <= FIRST_EXAMPLE_BY_LINE
    assert shown is not None


# Of SQLAlchemy 2.1, because of MLflow's tables.
@pytest.mark.filterwarnings("ignore:The ``noload``:DeprecationWarning")
# Output is caught process-wide.
@pytest.mark.thread_unsafe
@pytest.mark.parametrize(
    ("line", "code", "shown"), EXAMPLES, ids=[f"line-{e[0]}" for e in EXAMPLES]
)
def test_example_runs_and_prints_what_it_shows(line, code, shown):
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * line + code, str(README), "exec"), {"__name__": "__main__"})
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in OPTIONAL:
            raise
        pytest.skip(f"needs {error.name}")
    if shown is not None:
        assert printed.getvalue() == shown


def test_an_integration_takes_few_lines():
    shown = [code for _, code, _ in EXAMPLES if "from driftline.integrations." in code]
    assert len(shown) >= 10
    assert all(len(code.splitlines()) <= LINES_OF_AN_INTEGRATION for code in shown)
