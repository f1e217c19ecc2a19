"""Development tools: engines, images, the demo, the benchmarks."""
