"""The image store: blobs, unpacked layers, names, and what the API tells of them."""
