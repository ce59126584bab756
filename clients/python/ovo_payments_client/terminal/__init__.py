"""The parts of the command line `ovo`; `command_line` puts them together."""
