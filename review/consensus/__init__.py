"""From many imperfect looks to a probability, a label and a decision. Pure numpy: nothing here knows Django.

votes.py holds what was said; fit.py estimates how good everyone is; posterior.py says what it adds up to for an
item; policy.py decides what follows; residual.py says how wrong the labels still are, agreement.py how far people
agree.
"""
