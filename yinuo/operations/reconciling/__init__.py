"""The books compared: whether all that came in was kept once, all that was owed was done once, nothing was changed.

These rooms share no code with the rest of the product: plain SQL, a hash, a look at the disk. What the product believes
of itself proves nothing; what its tables say does.
"""
