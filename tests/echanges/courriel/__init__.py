"""Mails, from rendering to a real SMTP server."""
