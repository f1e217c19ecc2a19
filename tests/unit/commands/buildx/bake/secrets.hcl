target "default" {
  secret = ["id=token,env=TOKEN", "type=file,id=aws,src=.aws", { id = "KEY", env = "OTHER" }]
  ssh = ["default"]
  ulimits = ["nofile=1024:1024"]
  shm-size = "128m"
  network = "host"
  extra-hosts = { my = "1.2.3.4" }
  no-cache-filter = ["one", "two"]
  entitlements = ["network.host"]
  annotations = ["index:a=b"]
  call = "check"
}
