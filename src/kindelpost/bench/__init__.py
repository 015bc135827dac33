"""The bench: figures of speed, each beside a peer in the same run, on this machine. Serves E2 (what we claim can be measured).

Measures what a sender and a reader would see, through the real doors, with durable settings alone; a message counts once it is
in its mailbox, and one that is lost is a failure of the run. It opens no hidden door: limits are raised in the configuration of
an instance of its own. It never judges speed: it prints figures.
"""
