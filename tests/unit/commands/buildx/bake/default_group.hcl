group "default" {
  targets = ["app", "docs"]
}

# The app.
target "app" {
  dockerfile = "Dockerfile.app"
  tags = ["docker.io/username/app:latest"]
  no-cache = true
  platforms = ["linux/amd64", "linux/arm64"]
}

target "docs" {
  context = "./docs" // beside it
  tags = [
    "docs:latest",
    "docs:1.0", /* the last comma is allowed */
  ]
  labels = {
    "org.opencontainers.image.source" = "https://example.com/app"
    maintainer: "me"
  }
}
