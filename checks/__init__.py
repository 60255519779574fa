"""Checks of the running lab: what it promises, tried on live processes, from outside or from within a seat."""
