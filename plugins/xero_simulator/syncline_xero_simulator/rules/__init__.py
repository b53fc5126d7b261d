"""What Xero allows, as pure rules over books: no HTTP, no clock of their own."""
