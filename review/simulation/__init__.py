"""A crowd to try a campaign on: minds that know the truth and err, and people who act on them over HTTP."""
