"""Association: the attempt that ties a legacy account to an e-mail identity, from the first page to the proof.

An attempt is whole in itself: nothing of it touches an identity or another attempt before it is confirmed.
"""
