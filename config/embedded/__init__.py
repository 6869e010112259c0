"""The servers that the program runs by itself when no URL names others: PostgreSQL and Valkey.

Their programs come from wheels. It owns their start, their end and the folders they live in, never what is
kept inside. Meant for a developer's machine, the demonstration and the tests: production names its own
servers. Linux only.
"""
