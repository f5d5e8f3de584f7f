"""Has an OpenAI-compatible server answer the requests of `batch export --for ray`, through Ray Data.

    python docs/ray_batch.py requests.jsonl answers.jsonl --url http://localhost:8000/v1 --workers 2

Ray asks again what a worker had in hand when it died. Started again, it asks for what the answers lack. What
is written is read by `batch import`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError, URLError

import ray

AT_A_TIME = 16
"""Requests of a worker that are open at a time; also what is asked again when it dies, at most."""
OK = 200
PAUSES = (1, 4, 16, 64)
"""Seconds to wait for a server that cannot be reached, or has too much to do."""


class Asking:
    """A worker."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/") + "/chat/completions"
        self.headers = {"Content-Type": "application/json", "User-Agent": "weekly-translate"}
        if key := os.environ.get("OPENAI_API_KEY"):
            self.headers["Authorization"] = f"Bearer {key}"

    def __call__(self, batch: dict) -> dict:
        """The lines of a Batch API's answer to the lines of its requests."""
        with ThreadPoolExecutor(AT_A_TIME) as threads:
            return {"line": list(threads.map(self.answer, batch["text"]))}

    def answer(self, line: str) -> str:
        """The answer to one, or what the server says instead."""
        asked = json.loads(line)
        status, body = self.reply(json.dumps(asked["body"]).encode())
        response = {"status_code": status, "body": json.loads(body)}
        return json.dumps({"custom_id": asked["custom_id"], "response": response, "error": None})

    def reply(self, data: bytes) -> tuple[int, bytes]:
        """Status and JSON."""
        request = urllib.request.Request(self.url, data, self.headers)  # noqa: S310 - the person's own address
        for pause in (*PAUSES, None):
            try:
                with urllib.request.urlopen(request, timeout=600) as response:  # noqa: S310 - as above
                    return response.status, response.read()
            except HTTPError as error:
                if pause is None or error.code not in (429, 502, 503, 504):
                    return error.code, json.dumps(
                        {"error": {"message": error.read().decode()[:500]}}
                    ).encode()
            except (URLError, ConnectionError):
                if pause is None:
                    raise
            time.sleep(pause)
        raise AssertionError


def answered_in(answers: Path) -> set[str]:
    """The ids of what an earlier run was answered; a last line that it could not end is cut off."""
    if not answers.exists():
        return set()
    begins = '{"custom_id": "wt-'
    try:
        *whole, cut = answers.read_text("utf-8").split("\n")
        found = [json.loads(line) for line in whole]
        known = {line["custom_id"] for line in found if line["response"]["status_code"] == OK}
        is_ours = cut[: len(begins)] == begins[: len(cut)]
    except (ValueError, KeyError, TypeError):
        is_ours = False
    if not is_ours:
        sys.exit(f"{answers} holds something else than answers: name another file.")
    if cut:
        os.truncate(answers, answers.stat().st_size - len(cut.encode()))
    return known


def main() -> None:
    """All requests of a file; the answers in whatever order they come."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("requests", type=Path)
    parser.add_argument("answers", type=Path)
    parser.add_argument("--url", default="http://localhost:8000/v1")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    answered = answered_in(options.answers)
    asked = [line for line in options.requests.read_text("utf-8").split("\n") if line]
    wanted = [{"text": line} for line in asked if json.loads(line)["custom_id"] not in answered]
    if not wanted:
        sys.stderr.write(f"{options.answers} has all the answers.\n")
        return
    lines = ray.data.from_items(wanted)
    blocks = lines.repartition(max(lines.count() // AT_A_TIME, 1))
    replies = blocks.map_batches(
        Asking,
        fn_constructor_args=(options.url,),
        batch_size=None,
        compute=ray.data.ActorPoolStrategy(size=options.workers),
        num_cpus=0,  # a worker waits for the server; with one each, nothing is left for the rest of the plan
    )
    with options.answers.open("a", encoding="utf-8") as file:
        for row in replies.iter_rows():
            file.write(row["line"] + "\n")
            file.flush()


if __name__ == "__main__":
    main()
