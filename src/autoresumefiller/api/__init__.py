"""The REST API: nothing here but HTTP; what is done is done by the packages below."""
