target "_release" {
  args = { GO_VERSION = "1.25", BUILDX_EXPERIMENTAL = 1 }
  platforms = ["linux/amd64"]
  attest = ["type=provenance,mode=max", "type=sbom"]
  labels = { a = "base", b = "base" }
}
target "_labels" { labels = { b = "labels" } }
target "app" {
  inherits = ["_release", "_labels"]
  tags = ["app"]
  args = { GO_VERSION = "1.26" }
}
target "app-dev" {
  inherits = ["app"]
  target = "dev"
  tags = ["app:dev"]
}
group "default" { targets = ["app", "app-dev"] }
