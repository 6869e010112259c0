"""Every page in every state, with values as the views give them: a file for each part of the site."""
