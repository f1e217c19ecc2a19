target "app" {
  name = "app-${tgt}"
  matrix = {
    tgt = ["foo", "bar"]
  }
  target = tgt
  tags = ["app:${tgt}"]
}
group "default" { targets = ["app"] }
