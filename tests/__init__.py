"""Tests of the service; a package, so that the partners below it have one name everywhere."""
