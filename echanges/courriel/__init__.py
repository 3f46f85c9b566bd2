"""Mail: rendering, message, transport."""
