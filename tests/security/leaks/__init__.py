"""What one syndic can obtain holds no trace of another, nor of what its owners gave elsewhere."""
