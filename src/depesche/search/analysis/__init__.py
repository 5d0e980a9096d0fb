"""Words, folded and parted the same way for what is indexed and for what is asked."""
