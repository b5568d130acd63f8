"""The course in a learner's own folder: laid out once, then brought up to date around the learner's work."""
