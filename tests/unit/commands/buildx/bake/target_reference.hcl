target "foo" {
  dockerfile = "foo.Dockerfile"
  tags = ["myapp:latest"]
  args = { V = "1" }
}
target "bar" {
  dockerfile = "bar.Dockerfile"
  tags = target.foo.tags
  args = { V = target.foo.args.V, N = length(target.foo.tags), D = target.foo.dockerfile }
}
group "default" { targets = ["bar"] }
