"""Find the line: which single change of the learner's own code makes a wrong answer right?

The line is told, and what in it to look at; never the change.

`explain` is for a notebook. In a graded class the judge makes the task and puts the findings into words, and
the search runs where the answer runs: nothing here may import what that process must not see.
"""
