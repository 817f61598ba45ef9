"""Tries to make the gate say GO where it should not, hang, crash, or leave something behind."""
