"""Opening hours, calling hours, callback windows, time zones."""
