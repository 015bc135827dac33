"""What the provider's people see."""
