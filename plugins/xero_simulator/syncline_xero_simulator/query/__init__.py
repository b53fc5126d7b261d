"""Reading lists: filters, order, pages."""
