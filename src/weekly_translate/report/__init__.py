"""Values in, text out: what people and programs are told about a run."""
