"""One test for each module of the OpenID Foundation's conformance plans, from outside, over HTTP.

Owns the relying party, the browser and the receivers that they need, and the description of a provider; what a
provider does inside is none of its business.
"""
