"""What a declaration is, and how it is checked."""
