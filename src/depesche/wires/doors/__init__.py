"""The doors through which items come in: fetched, pushed, from folders and queues."""
