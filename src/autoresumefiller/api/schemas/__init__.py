"""What goes over the wire, as models: they validate requests and describe responses."""
