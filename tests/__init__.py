"""Promises that the product keeps, each said by a test's name."""
