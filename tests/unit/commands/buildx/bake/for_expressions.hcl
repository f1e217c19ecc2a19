variable "VERSIONS" { default = ["3.12", "3.13"] }
target "default" {
  tags = [for v in VERSIONS : "py:${v}"]
  args = { for i, v in VERSIONS : "V${i}" => upper(v) if v != "3.12" }
  labels = { for k, v in { b = "1", a = "2" } : "l.${k}" => v }
  platforms = [
    for arch in ["amd64", "arm64", "arm/v7"] :
    "linux/${arch}"
    if arch != "arm/v7"
  ]
  cache-from = [for o in [{ r = "a" }, { r = "b" }] : "type=registry,ref=${o.r}"]
}
