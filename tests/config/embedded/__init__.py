"""Promises of the embedded servers, on the real ones: they come, stay, and go with who wanted them."""
