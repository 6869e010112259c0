"""« Changer d'adresse e-mail »: asked for here, confirmed by the new mailbox, taken back by the former one."""
