"""Values: what the other packages pass to one another. No I/O happens here."""
