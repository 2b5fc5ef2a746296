"""
Two-sample tests and distances.
"""
