"""What one submission may use. Honest answers need a hundredth of it."""

#: Seconds for one call of a student's function, for all cases of an exercise, and for one cell.
CALL_SECONDS = 5.0
CASES_SECONDS = 15.0
CELL_SECONDS = 30.0
#: Seconds for a whole submission, restarts after a crash included, and how many crashes are followed up.
SUBMISSION_SECONDS = 120.0
MOST_CRASHES = 5
#: Bytes of address space, of one written file, of everything in the scratch folder, and how many files.
MEMORY = 2 * 2**30
FILE_BYTES = 16 * 2**20
SCRATCH_BYTES = 64 * 2**20
SCRATCH_FILES = 1000
OPEN_FILES = 64
#: For users other than root, whom the kernel does not count; seccomp forbids new processes to everybody.
PROCESSES = 128
#: Bytes of one message from the student's process; larger ones end it.
MESSAGE_BYTES = 16 * 2**20
