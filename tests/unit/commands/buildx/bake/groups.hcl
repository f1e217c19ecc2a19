group "all" {
  targets = ["backend", "web"]
}
group "backend" { targets = ["api", "worker"] }
group "default" { targets = ["all"] }
target "api" {}
target "worker" { context = "worker" }
target "web" { context = "https://github.com/x/y.git#main:sub" }
