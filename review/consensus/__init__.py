"""From many imperfect looks to a probability, a label and a decision. Pure numpy: nothing here knows Django.

votes.py holds what was said, fit.py what is believed of everyone, and estimate.py comes to that belief; posterior.py
says what it all adds up to for an item; policy.py decides what follows; residual.py says how wrong the labels still
are by the verdicts, audit.py by a random sample; agreement.py how far people agree, collusion.py who agrees too well.
aggregate.py, on layout.py's arrays, is for votes of several labels that come in files: python -m review.consensus.
"""
