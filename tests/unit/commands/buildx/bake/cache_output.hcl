target "default" {
  cache-from = ["user/app:cache", "type=local,src=cache", { type = "gha", scope = "main" }]
  cache-to = [{ type = "registry", ref = "user/app:cache", mode = "max" }, "type=inline"]
  output = [
    { type = "image", push = true, name = "user/app" },
    "type=local,dest=out",
    "type=docker",
  ]
  attest = [{ type = "provenance", mode = "max" }, "type=sbom"]
}
