"""Second factors of an identity: passkeys, an authenticator app, recovery codes. Optional, and asked for once enrolled.

What shows one at a sign-in is a `FactorCheck`: the right password was typed in one browser, the factor is still to
come. Which session begins then is for `broker.login` and `broker.association`.
"""
