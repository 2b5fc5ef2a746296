"""The package as installed: version, imports, the command."""

import importlib.metadata
import signal
import subprocess
import sys
from importlib import resources

import pytest

import driftline


def run(*arguments, **options):
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=60, **options
    )


def test_version_is_that_of_the_metadata():
    assert driftline.__version__ == importlib.metadata.version("driftline")


def test_numpy_is_the_only_dependency():
    requires = importlib.metadata.requires("driftline") or []
    assert [r for r in requires if "extra ==" not in r] == ["numpy>=1.23.5"]


def test_import_loads_numpy_and_nothing_else_from_outside():
    # What is not of the standard library, comparing before and after the import:
    # an editable install loads its own finder at start-up.
    code = (
        "import sys; before = set(sys.modules); import driftline;"
        "new = {m.partition('.')[0] for m in set(sys.modules) - before};"
        "print(*sorted(new - sys.stdlib_module_names))"
    )
    result = run("-c", code)
    assert result.stderr == ""
    loaded = set(result.stdout.split()) - {"_distutils_hack", "_virtualenv"}
    assert loaded <= {"driftline", "numpy"}
    assert "driftline" in loaded


def test_is_typed():
    files = resources.files(driftline)
    assert files.joinpath("py.typed").is_file()
    assert files.joinpath("_driftline", "__init__.pyi").is_file()


def test_stubs_do_not_shadow_the_extension_module():
    assert driftline._driftline.__file__.endswith((".so", ".pyd", ".dylib"))


def test_all_names_every_public_attribute():
    assert len(set(driftline.__all__)) == len(driftline.__all__)
    # In an interpreter of its own: here, tests have imported submodules.
    code = (
        "import types, driftline;"
        "names = [n for n, v in vars(driftline).items() if not isinstance(v, types.ModuleType)];"
        "print(*names)"
    )
    public = {name for name in run("-c", code).stdout.split() if not name.startswith("_")}
    modules = {"datasets", "drift", "stream", "sketch"}
    assert public <= set(driftline.__all__)
    assert set(driftline.__all__) - modules - {"__version__"} <= public
    for name in driftline.__all__:
        assert hasattr(driftline, name), name


def test_exceptions_have_the_bases_that_callers_catch():
    for name in ("InvalidTypeError", "InvalidValueError", "EmptySampleError", "ObserverNotFound"):
        assert issubclass(getattr(driftline, name), driftline.DriftlineError)
    assert issubclass(driftline.InvalidTypeError, TypeError)
    assert issubclass(driftline.InvalidValueError, ValueError)
    assert issubclass(driftline.ObserverNotFound, KeyError)


def test_command_tells_its_version():
    result = run("-m", "driftline", "--version")
    assert (result.returncode, result.stdout) == (0, f"driftline {driftline.__version__}\n")


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("--nonsense",)])
def test_wrong_usage_is_told_in_words(arguments):
    result = run("-m", "driftline", *arguments)
    assert result.returncode == 2
    assert result.stderr.startswith("usage: driftline")


def test_command_is_installed():
    (command,) = importlib.metadata.entry_points(group="console_scripts", name="driftline")
    assert command.value == "driftline.cli:main"


# A demo of the test's own: what matters here is how the command ends.
def run_with_demo(body, **options):
    code = (
        "import sys, types; demo = types.ModuleType('driftline.demo');"
        f"exec({body!r}, vars(demo)); sys.modules['driftline.demo'] = demo;"
        "import driftline; driftline.demo = demo;"
        "from driftline.cli import main; sys.exit(main(['demo', '--seed', '3']))"
    )
    return run("-c", code, **options)


def test_demo_gets_its_options_and_gives_the_exit_status():
    result = run_with_demo("def main(argv): print(argv); return 7")
    assert (result.returncode, result.stdout) == (7, "['--seed', '3']\n")


def test_interrupt_ends_the_command_without_a_traceback():
    result = run_with_demo("def main(argv): raise KeyboardInterrupt")
    assert (result.returncode, result.stderr) == (128 + signal.SIGINT, "")


def test_closed_pipe_ends_the_command_without_a_traceback():
    # The reader is gone before the first line is written.
    body = (
        "import os, sys\n"
        "def main(argv):\n"
        "    reader, writer = os.pipe(); os.close(reader); os.dup2(writer, 1)\n"
        "    print('x' * 100_000); return 0\n"
    )
    result = run_with_demo(body)
    assert (result.returncode, result.stderr) == (128 + signal.SIGPIPE, "")
