"""Measuring: our broker beside the reference provider in one run, at two sizes, and where the milliseconds go.

Uses the house as operators do (its command line, its web server, its database); nothing in the house knows it.
"""
