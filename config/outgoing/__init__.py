"""Calls to addresses that others gave us: guarded, bounded in time and size."""
