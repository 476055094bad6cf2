// Placeholder until the first handler stands here.
