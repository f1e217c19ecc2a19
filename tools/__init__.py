"""What the project is worked on with: engines, images, the demo, the benchmark."""
