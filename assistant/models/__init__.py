"""The models behind the tools: one encoder, and an adapter with a head for each role."""
