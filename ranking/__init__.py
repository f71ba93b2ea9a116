"""The perception: crops in; vectors, orders, neighbours and suspicion out.

Nothing here knows Django, but tasks.py, own.py, crops_reader.py, store.py and record.py.
"""

import os

# Threads that wait must sleep, not spin: on a machine with other work, spinning made the classifiers ten times slower.
# It is read when torch is loaded, which only modules of this package do.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
