"""The audit in words a person reads.

commands   what was done, and to what kind of thing
who        by which part of the product, where it was no person
personal   looking at personal data and taking it along
details    what was written down of it: fields and values
"""
