// Placeholder until the client stands here.
