"""A whole installation under load while its parts are killed; afterwards everything acknowledged is looked for.

`python -m tests.faults.run --rounds 200 --seed 7` is the long run; `test_faults.py` a short one for every check.
What judges (`reckoning.py`, `yinuo reconcile`) uses plain SQL and what the outside world saw, nothing of the product.
"""
