"""Where clients' administrators and mailbox users arrive."""
