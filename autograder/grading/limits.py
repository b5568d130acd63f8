"""What one submission may hold and use: every cap of grading, with honest use a hundredth of it.

What a message may hold (values, depth, text) stands with the messages, in `autograder.packing`.
"""

#: Bytes of a submitted notebook (a lesson without pictures has some 50 kB), and how many cells it may have.
NOTEBOOK_BYTES = 20_000_000
NOTEBOOK_CELLS = 2_000
#: Characters and lines of one cell, and how many empty lines in a row: to highlight them costs their square.
CELL_CHARACTERS = 100_000
CELL_LINES = 2_000
EMPTY_LINES = 20
#: Bytes of a student's name: it becomes part of file names, which may have 255.
NAME_BYTES = 200
#: Seconds for one call of a student's function, for all cases of an exercise, and for one cell.
CALL_SECONDS = 5.0
CASES_SECONDS = 15.0
CELL_SECONDS = 30.0
#: Seconds for a whole submission, restarts after a crash included, and how many crashes are followed up.
SUBMISSION_SECONDS = 120.0
MOST_CRASHES = 5
#: Seconds for finding the lines of slips, when the grades are safe.
EXPLAIN_SECONDS = 3.0
#: Seconds that the judge may think about one answer.
JUDGE_SECONDS = 20.0
#: Bytes of address space, of one written file, of everything in the scratch folder, how many files, how deep.
MEMORY = 2 * 2**30
FILE_BYTES = 16 * 2**20
SCRATCH_BYTES = 64 * 2**20
SCRATCH_FILES = 1000
SCRATCH_DEPTH = 50
OPEN_FILES = 64
#: For users other than root, whom the kernel does not count; seccomp forbids new processes to everybody.
PROCESSES = 128
#: Threads in a sandbox, its own few included; counted twice a second, root's as well.
THREADS = 100
#: Bytes of one message from the student's process; larger ones end it.
MESSAGE_BYTES = 16 * 2**20
