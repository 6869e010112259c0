"""« Supprimer mon compte »: asked for, called off within thirty days; `workers.erasure` does it."""
