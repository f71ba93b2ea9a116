"""The perception: crops in; vectors, orders, neighbours and suspicion out. Nothing here knows Django, but tasks.py."""
