"""From what services return to what goes over the wire, a file for each noun."""
