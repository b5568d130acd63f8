# %% [markdown]
# # 00 · Start here
#
# **Question:** how does this course work?
#
# **You will** write one small function, let it be judged, read what the judge says, and look up a hint.
# **Before:** Python and NumPy. **Time:** 10 minutes. covers: nothing yet

# %%
from autograder import check, progress

# %% [markdown]
# ## Your first function


# %% exercise="time_average"
def time_average(x):
    """Average of every sequence over its time steps.

    x (N, T) -> (N,)
    """
    # BEGIN SOLUTION
    return x.sum(axis=1) / x.shape[1]
    # END SOLUTION


# %%
check(time_average)

# %%
progress()
