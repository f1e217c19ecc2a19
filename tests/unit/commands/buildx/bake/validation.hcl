variable "TAG" {
  type = string
  default = "v1"
  validation {
    condition = TAG != ""
    error_message = "TAG may not be empty."
  }
}
variable "COUNT" {
  type = number
  default = 3
}
variable "LIST" {
  type = list(string)
  default = ["a", "b"]
}
variable "UNSET" { type = string }
target "default" {
  tags = concat([for l in LIST : "x:${l}"], ["x:${TAG}"])
  args = { N = COUNT + 1, U = UNSET == null ? "null" : "set" }
}
