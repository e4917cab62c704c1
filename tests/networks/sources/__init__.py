"""Networks written by hand in numpy, each in the style of its author."""
