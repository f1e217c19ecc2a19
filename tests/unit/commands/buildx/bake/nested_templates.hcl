variable "T" { default = "x" }
variable "ON" { default = true }
target "default" {
  tags = [
    "a:${T == "x" ? "is-${upper("${T}y")}" : "no"}",
    "b:${"c"}",
    "d:${ON ? "on" : "off"}-e   f",
  ]
  args = {
    (T) = "key"
    "${T}-2" = "key two"
    "quoted key" = "k"
    multi = (
      ON
      ? "a"
      : "b"
    )
  }
}
