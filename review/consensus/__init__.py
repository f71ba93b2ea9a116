"""From many imperfect looks to a probability, a label and a decision. Pure numpy: nothing here knows Django.

votes.py holds what was said, fit.py what is believed of everyone, and estimate.py comes to that belief; posterior.py
says what it all adds up to for an item; policy.py decides what follows; residual.py says how wrong the labels still
are, agreement.py how far people agree.
"""
