target "app" {
  args = { A = "1", B = "1" }
  tags = ["one"]
}
target "app" {
  args = { B = "2" }
  tags = ["two"]
  platforms = ["linux/amd64"]
}
group "default" { targets = ["app"] }
group "default" { targets = ["other"] }
target "other" {}
