"""What is delivered besides the code: man page, completion, image, workflows; and what they must not hold."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(scope="module")
def shell_files() -> Any:  # noqa: ANN401 - a module that is no part of a package
    specification = importlib.util.spec_from_file_location(
        "shell_files", ROOT / "docs" / "make_shell_files.py"
    )
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("what", ["1", "bash", "fish", "zsh"])
def test_man_page_and_completion_are_those_of_todays_help(shell_files: Any, what: str) -> None:  # noqa: ANN401 - as above
    made = shell_files.man_page() if what == "1" else shell_files.completion(what)
    kept = (ROOT / "shell" / f"weekly-translate.{what}").read_text("utf-8")
    assert kept == made, "the help has changed: make docs"


def test_the_man_page_has_no_fault_and_names_every_option(shell_files: Any) -> None:  # noqa: ANN401 - as above
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    made = shell_files.man_page()
    command = ["groff", "-k", "-man", "-Tutf8"]
    shown = subprocess.run(command, input=made.encode(), capture_output=True, check=True)
    assert shown.stderr == b""
    text = re.sub(r".\x08|\x1b\[\d*m", "", shown.stdout.decode())
    named = ("--require-translation", "--accept-anyway", "weekly-translate memory learn")
    assert [name for name in named if name not in text] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_itself_can_read_its_completion(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([shell, "-n", str(ROOT / "shell" / f"weekly-translate.{shell}")], check=True)


@pytest.mark.parametrize("path", WORKFLOWS, ids=[path.name for path in WORKFLOWS])
def test_workflows_have_few_rights_and_no_secret(path: Path) -> None:
    text = path.read_text("utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    assert "secrets." not in text
    for job in workflow["jobs"].values():
        assert job.get("permissions", {}) in ({}, {"id-token": "write"})
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), "what comes from outside is never part of a command"


def test_the_pull_request_is_tried_where_the_program_runs() -> None:
    matrix = yaml.safe_load(WORKFLOWS[0].read_text("utf-8"))["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix["system"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]


def test_the_image_has_no_key_and_no_root() -> None:
    lines = (ROOT / "Containerfile").read_text("utf-8").splitlines()
    orders = [line.split()[0] for line in lines if line[:1].isupper()]
    last = len(orders) - 1 - orders[::-1].index("FROM")
    assert orders[last:] == ["FROM", "RUN", "USER", "WORKDIR", "ENTRYPOINT"]
    assert not {"ENV", "ADD"} & set(orders)
    assert "USER editor" in lines
    assert "**/.*" in (ROOT / "Containerfile.dockerignore").read_text("utf-8").splitlines(), (
        "git, keys, memories"
    )


# --------------------------------------------------------------------------- releases


def _git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "gpg.format=ssh")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def _may_be_released(folder: Path, tag: str) -> str:
    """What the check says; an error begins with the tag and `is not released`."""
    ended = subprocess.run(
        ["bash", str(ROOT / ".ci/signed"), tag],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "GITHUB_ACTIONS": ""},
        check=False,
    )
    assert (ended.returncode == 0) == ("is signed by a maintainer" in ended.stdout)
    return ended.stdout + ended.stderr


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_only_what_a_maintainer_has_signed_is_released(tmp_path: Path) -> None:
    for name in ("ada", "eve"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    folder = tmp_path / "project"
    version = folder / "src/weekly_translate/version.py"
    version.parent.mkdir(parents=True)
    version.write_text('VERSION = "0.2.0"\n', "utf-8")
    _git(tmp_path, "init", "-q", "project")
    _git(folder, "add", ".")
    _git(folder, "commit", "-qm", "The version")

    def tagged(tag: str, key: str) -> None:
        signed = ("--sign", "--local-user", f"{tmp_path / key}.pub") if key else ("--no-sign", "--annotate")
        _git(folder, "tag", "--force", *signed, "--message", tag, tag)

    tagged("v0.2.0", "ada")
    assert "names no maintainer" in _may_be_released(folder, "v0.2.0")
    signers = folder / ".github/allowed_signers"
    signers.parent.mkdir()
    signers.write_text("# nobody yet\n", "utf-8")
    assert "names no maintainer" in _may_be_released(folder, "v0.2.0")
    key = (tmp_path / "ada.pub").read_text("utf-8")
    signers.write_text(f'ada@example.org namespaces="git" {key}', "utf-8")
    assert "v0.2.0 is signed by a maintainer" in _may_be_released(folder, "v0.2.0")
    assert "there is no such tag here" in _may_be_released(folder, "v0.3.0")
    tagged("v0.2.1", "ada")
    assert "says another version" in _may_be_released(folder, "v0.2.1")
    for stranger in ("eve", ""):
        tagged("v0.2.0", stranger)
        assert "nobody whose key is in .github/allowed_signers" in _may_be_released(folder, "v0.2.0")
