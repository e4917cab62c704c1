"""The tests of verifier: each file says what it proves."""
