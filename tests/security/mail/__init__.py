"""What a mail gateway does to our mails before their reader sees them, and what is left for the reader."""
