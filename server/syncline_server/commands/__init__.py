"""What an operator types: everything ``syncline-server`` does besides serving, by noun."""
