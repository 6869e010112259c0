"""What an attacker, or a curious colleague, must not find."""
