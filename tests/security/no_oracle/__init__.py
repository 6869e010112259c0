"""SECURITY R10: nothing that is answered, and no work that is done for it, tells known names from unknown ones."""
