"""Whatever answers a `Request`: hosted models through `openai_chat`, the embedded draft, and their tokens."""
