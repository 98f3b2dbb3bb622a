"""Bidroom side by side with what people would use instead, on this machine. `python -m benchmarks --help`.

Each part (see `parts.py`) measures some rows of the table and writes its own section of RESULTS.md. What they share:
servers are pinned to one core and the load to another (`processes.py`), contenders take turns in the same run
(`compare.py`), the load is a native program (`native/`). Linux only, like the numbers.
"""
