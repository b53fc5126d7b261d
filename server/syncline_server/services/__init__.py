"""Use cases: one class per noun, one method per RPC. Gather, ask core, write."""
