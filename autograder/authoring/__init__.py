"""Make notebooks of lessons, record results, and start new exercises."""
