"""From many imperfect looks to a probability, a label and a decision. Pure numpy: nothing here knows Django.

votes.py holds what was said, fit.py what is believed of everyone, and estimate.py comes to that belief; calibration.py
says what a prior is worth; posterior.py what it all adds up to for an item, kin.py what its siblings add; policy.py
decides what follows, value.py what one more look is worth; sample.py draws the audit sample, and trust.py says by it
where the prior can be believed; residual.py says how wrong the labels still are by the verdicts, audit.py by a random
sample; agreement.py how far people agree, collusion.py who agrees too well, quality.py who surely misses too much.
aggregate.py, on layout.py's arrays, is for votes of several labels that come in files: python -m review.consensus.
"""
