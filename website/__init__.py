"""The course as a web page: `make site`."""
