"""« Mot de passe »: a new one for whoever has just typed the old one."""
