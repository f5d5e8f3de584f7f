"""Glossary terms: where they occur, and what an editor does with them."""
