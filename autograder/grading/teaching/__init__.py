"""What a graded class shows its teacher: what was misunderstood, who is late, which answers are alike.

Nothing here can change a grade, and nothing is stored beside what grading has recorded.
"""
