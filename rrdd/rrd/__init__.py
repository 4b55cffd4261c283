"""Archives: consolidation, export as XML and JSON, import."""
