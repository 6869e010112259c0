"""Tests of « Mon compte »."""
