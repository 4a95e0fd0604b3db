"""The archive format: writing it, reading it, and what is refused. Knows no vault."""
