"""Where the published pairs are, which are no part of the project, and what is known to be wrong there."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
ALLOWED = ROOT / "tests" / "cases" / "published" / "allow.yaml"
KNOWN = ROOT / "tests" / "cases" / "published" / "known.yaml"
