"""What the repository itself must hold: no secrets, no traces of a machine, data that reaches the wheel."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from weekly_translate import __version__
from weekly_translate.cli.init import EXAMPLES

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Written so that no pattern matches the line it stands in.
UNWANTED = {
    "an API key": r"\bsk-(?!\.)[A-Za-z0-9_-]{20}",
    "an access key": r"\bA[K]IA[0-9A-Z]{16}\b",
    "a GitHub token": r"\bgh[opsu]_[A-Za-z0-9]{30}",
    "a private key": r"-----BEGIN[ ][A-Z ]*PRIVATE KEY",
    "an Authorization header": r"(?i)\bbearer[ ]+[a-z0-9._-]{24}",
    "a registry's host": r"files\.pythonhosted|[p]ypi\.org/simple|registry\.npm[j]s|deb\.debian[.]org",
    "a path of one machine": r"(?<![\w.])/(?:work|tmp|root|home)/[a-z]",
}


def unwanted_in(text: str) -> list[str]:
    """Secrets and traces of a machine, each with its line number."""
    return [
        f"{number}: {name}"
        for number, line in enumerate(text.splitlines(), 1)
        for name, pattern in UNWANTED.items()
        if re.search(pattern, line)
    ]


def _committed() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git repository: nothing tells our files from others")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_file_holds_a_secret_or_a_trace_of_a_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{place}"
        for path in _committed()
        for place in unwanted_in(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("key = '" + "sk-" + "a1B2" * 6 + "'", "an API key"),
        ("AKIA" + "ABCD" * 4, "an access key"),
        ("ghp_" + "x" * 36, "a GitHub token"),
        ("-----BEGIN" + " RSA PRIVATE KEY-----", "a private key"),
        ("Authorization: " + "Bearer " + "abc123" * 5, "an Authorization header"),
        ("https://" + "pypi.org" + "/simple/", "a registry's host"),
        ("cd " + "/work" + "/main", "a path of one machine"),
    ],
)
def test_each_unwanted_thing_is_recognized(text: str, name: str) -> None:
    assert unwanted_in(f"\n{text}\n") == [f"2: {name}"]


def test_a_package_named_on_the_web_is_no_registry_address() -> None:
    assert unwanted_in("[mistune](https://" + "pypi.org" + "/project/mistune/), risk-based tasks") == []


def test_the_change_log_begins_with_this_version_or_what_comes_after_it() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\S+)", changes, re.MULTILINE)
    assert next(version for version in versions if version != "Unreleased") == __version__
    assert "Unreleased" not in versions[1:]


def test_the_data_that_people_edit_reaches_the_wheel() -> None:
    examples = (f"samples/{name}/editions" for name in EXAMPLES)
    data = ("prompts", "editions", "glossary.yaml", "starter", "docs/ray_batch.py", *examples)
    carried = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert carried == {name: f"weekly_translate/defaults/{name}" for name in data}
    assert [name for name in data if not (ROOT / name).exists()] == []


def test_the_lock_holds_every_requirement_with_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=\S)", lock, flags=re.MULTILINE)[1:]
    assert [block for block in blocks if "==" in block and "--hash=sha256:" not in block] == []
    project = PYPROJECT["project"]
    wanted = [
        *project["dependencies"],
        *PYPROJECT["dependency-groups"]["dev"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    names = {re.split(r"[<>=~! \[]", requirement)[0].lower() for requirement in wanted}
    assert names - {block.partition("==")[0] for block in blocks} == set()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_make_targets_that_people_are_told_about_exist(name: str) -> None:
    makefile, text = ((ROOT / path).read_text(encoding="utf-8") for path in ("Makefile", name))
    told = set(re.findall(r"(?:^|`)make ([a-z]+)(?=`|$|\s+#)", text, re.MULTILINE))
    assert told
    assert told - set(re.findall(r"^([a-z]+):.* ## ", makefile, re.MULTILINE)) == set()
