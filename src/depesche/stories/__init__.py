"""The desk: copy-editing, versions, lineage, embargo and kill."""
