"""What the provider promises beyond a plain sign-in, asked from outside over HTTP on the real database."""
