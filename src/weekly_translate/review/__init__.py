"""What a person looks at before a translation is published."""
