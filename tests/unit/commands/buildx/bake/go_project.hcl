variable "GO_VERSION" {
  default = null
}
variable "DESTDIR" {
  default = "./bin"
}
variable "BUNDLE" { default = "" }

target "_common" {
  args = {
    GO_VERSION = GO_VERSION
    BUILDKIT_CONTEXT_KEEP_GIT_DIR = 1
  }
}

target "binaries" {
  inherits = ["_common"]
  target = "binaries"
  output = ["${DESTDIR}/build"]
  platforms = ["local"]
}

target "lint" {
  inherits = ["_common"]
  dockerfile = "./hack/dockerfiles/lint.Dockerfile"
  output = ["type=cacheonly"]
}

target "cross" {
  inherits = ["binaries"]
  platforms = concat(["linux/amd64"], BUNDLE != "" ? ["windows/amd64"] : ["darwin/arm64"])
}

group "default" { targets = ["binaries"] }
group "validate" { targets = ["lint"] }
group "all" { targets = ["default", "validate", "cross"] }
