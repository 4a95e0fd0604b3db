"""Fuzzing: the same properties for atheris (`make fuzz`) and for hypothesis (`make test`)."""
