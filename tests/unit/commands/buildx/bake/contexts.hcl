target "base" { dockerfile = "base.Dockerfile" }
target "default" {
  contexts = {
    baseapp = "target:base"
    alpine = "docker-image://alpine:3.22"
    src = "../src"
    none = ""
  }
}
