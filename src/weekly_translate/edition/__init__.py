"""House rules: what is settled without a model."""
