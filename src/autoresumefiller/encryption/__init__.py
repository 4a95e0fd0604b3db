"""The profile's cipher, the keys and where they live, the recovery kit, age files."""
