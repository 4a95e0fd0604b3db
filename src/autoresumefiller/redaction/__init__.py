"""What is a secret; taking secrets out of a config.yaml and putting them back."""
