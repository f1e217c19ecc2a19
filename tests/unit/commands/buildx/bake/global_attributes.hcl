registry = "reg.local"
images = { app = "${registry}/app", db = "${registry}/db" }
versions = ["1", "2"]
target "default" {
  tags = [for v in versions : "${images.app}:${v}"]
  args = {
    FIRST = versions[0]
    ALSO = versions.1
    DB = images["db"]
    ALL = join(",", [for i in [{ n = "a" }, { n = "b" }] : i.n])
    SPLAT = join(",", [{ n = "a" }, { n = "b" }][*].n)
    ATTR = join(",", [{ n = "a" }, { n = "b" }].*.n)
  }
}
