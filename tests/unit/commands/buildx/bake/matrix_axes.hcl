target "app" {
  name = "app-${tgt}-${replace(version, ".", "-")}"
  matrix = {
    tgt = ["foo", "bar"]
    version = ["1.0", "2.0"]
  }
  target = tgt
  args = { VERSION = version }
}
group "default" { targets = ["app", "lib"] }
target "lib" {
  name = "lib-${item.name}"
  matrix = {
    item = [
      { name = "x", base = "alpine", v = "1" },
      { name = "y", base = "debian", v = 2 },
    ]
  }
  args = { BASE = item.base, V = item["v"] }
  contexts = { app = "target:app-foo-1-0" }
}
