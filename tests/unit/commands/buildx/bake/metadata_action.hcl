# As in the docs of GitHub Actions.
target "docker-metadata-action" {}

target "build" {
  inherits = ["docker-metadata-action"]
  context = "./"
  dockerfile = "Dockerfile"
}

target "build-all" {
  inherits = ["build"]
  platforms = [
    "linux/amd64",
    "linux/arm64",
    "linux/arm/v6",
  ]
}

group "default" {
  targets = ["build"]
}

group "multi" { targets = ["build-all"] }
