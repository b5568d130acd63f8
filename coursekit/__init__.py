"""What the lessons import: data, pictures and training aids. There are no solutions in here."""
