"""The command line: argv → exit code. One module a command, imported when that command is run."""
