"""What keeps the measurements honest."""
