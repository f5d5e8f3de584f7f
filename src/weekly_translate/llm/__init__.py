"""Everything between a segment and a model: chunks, prompts, engines, replies, rate limits, cost."""
