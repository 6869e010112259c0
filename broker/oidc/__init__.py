"""The OpenID Provider: an issuer per syndic. The only package that knows Authlib."""
