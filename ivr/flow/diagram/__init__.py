"""Draw a flow as SVG."""
