variable "TAG" { default = "" }
variable "PUSH" { default = "1" }
target "default" {
  context = "."
  dockerfile = "Dockerfile"
  tags = [
    "my-image:latest",
    notequal("", TAG) ? "my-image:${TAG}" : "",
  ]
  output = [equal(PUSH, "1") ? "type=registry" : "type=docker"]
  pull = PUSH == "1" && TAG == "" || false
  no-cache = !(PUSH != "1")
  args = { LEVEL = TAG != "" ? "a" : PUSH == "0" ? "b" : "c" }
}
