"""The tests. A package, since one of the libraries that they use installs another `tests`."""
