"""What an editor does with a glossary: check it, add to it, see how it is kept, find what it lacks."""
