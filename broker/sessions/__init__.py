"""Login sessions: who is signed in, in which browser, how strongly, and where the sign-in took place."""
