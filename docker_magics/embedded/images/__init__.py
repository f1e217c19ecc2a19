"""The image store: blobs, unpacked layers, names, and how the API shows them."""
