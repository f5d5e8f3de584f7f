"""Whether a server cuts prompts to its context without a word, as Ollama does."""

from __future__ import annotations

from dataclasses import dataclass

CONTEXTS = (2048, 4096, 8192)
"""The context sizes at which Ollama cuts, in tokens."""
_AT_LEAST = 2
"""So many prompts have to be of a context's size: one may be so by chance."""


@dataclass(slots=True)
class Contexts:
    """What a server has said of the prompts that it has read."""

    _longest: int = 0
    _exact: int = 0
    """How many were as long as the longest one, which is a context's size, and should have been longer."""

    def is_cut(self, prompt: int, expected: int) -> bool:
        """Whether a prompt of so many tokens was cut: far below the estimate, or one of several at a border.

        Tokenizers differ by a third at most; a provider that counts only what it had not cached reports less
        than any context size. A prompt that is longer than a border shows that there is none.
        """
        if prompt > self._longest:
            self._longest, self._exact = prompt, 0
        if prompt == self._longest and prompt in CONTEXTS and prompt < 0.95 * expected:
            self._exact += 1
        return self._exact >= _AT_LEAST or (prompt >= CONTEXTS[0] // 2 and prompt < 0.6 * expected)
