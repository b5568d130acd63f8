"""What isolates a student's code: a warm process behind walls, and both ends of its wire."""
