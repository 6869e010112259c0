"""What « Supprimer mon compte » has asked for: first every access ends, a day later all that is kept."""
