"""Comment moderation: policy, sources, batches."""
