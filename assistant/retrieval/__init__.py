"""The document library: loading, chunking, searching."""
