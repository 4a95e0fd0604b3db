"""The use cases, each in its own module; the only place where vault and archive meet."""
