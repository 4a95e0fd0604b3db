"""The live directory: where it is, how it is locked, read and changed without loss."""
