variable "A" { default = "x" }
target "default" {
  args = {
    AND = and(true, false)
    OR = or(true, false)
    NOT = not(false)
    TRY = try(target.none.tags, "fallback")
    TRY2 = try(jsondecode("no"), "bad json")
    CAN = can(jsondecode("no"))
    EQ = equal(A, "x")
    EQNUM = 1 == 1
    EQMIX = "1" == 1
    EQLIST = ["a"] == ["a"]
    NULL = A == null
    CONVERT = convert("3", number) + 1
  }
}
