variable "TAG" {
  default = "latest"
}
variable "REPO" {
  default = "user/app"
  description = "The repository."
}
variable "EMPTY" {}
variable "DEBUG" { default = false }
variable "JOBS" { default = 4 }
variable "FULL" { default = "${REPO}:${TAG}" }

target "default" {
  tags = ["${REPO}:${TAG}", FULL, "x:${EMPTY}y"]
  args = {
    DEBUG = DEBUG
    JOBS = "${JOBS}"
    MORE = JOBS * 2 + 1
    HALF = JOBS / 8
    SHELL = "$${HOME} %%{x} \"quoted\" a\tb é"
    NONE = null
  }
}
