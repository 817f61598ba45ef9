"""The command line: argv → exit code. One module per command, imported when that command runs."""
