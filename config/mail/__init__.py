"""The record of every mail: what became of it. Rendering and sending are `workers.mail`'s."""
