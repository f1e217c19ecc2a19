function "increment" {
  params = [number]
  result = number + 1
}
function "tag" {
  params = [name]
  variadic_params = more
  result = [for extra in concat(["latest"], more): "${PREFIX}/${name}:${extra}"]
}
variable "PREFIX" { default = "docker.io/me" }
group "default" { targets = ["webapp-dev"] }
target "webapp-dev" {
  dockerfile = "Dockerfile.webapp"
  tags = concat(["docker.io/username/webapp:latest"], tag("web", "1", "2"))
  args = { BUILD = "${increment(122)}" }
}
