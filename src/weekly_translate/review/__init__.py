"""What a person looks at before a translation is published, gathered from memory, edition and files."""
