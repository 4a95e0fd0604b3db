"""How fast and how small, beside the tools a person would use instead; see docs/benchmarks.md."""
