"""The command line: one module for each command. Typer and Rich are imported nowhere else."""
