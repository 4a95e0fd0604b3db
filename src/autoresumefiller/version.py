"""The version of this release, where the build and the archives read it."""

__version__ = "1.0.0"
