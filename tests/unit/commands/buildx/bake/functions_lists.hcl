variable "PLATFORMS" { default = "linux/amd64,linux/arm64" }
target "default" {
  platforms = split(",", PLATFORMS)
  tags = distinct(flatten([["a", "b"], [["b"], "c"]]))
  args = {
    LENGTH = length([1, 2, 3])
    CONTAINS = contains(["a", "b"], "a")
    COALESCE = coalesce(null, "", "x")
    KEYS = join(",", keys({ b = 1, a = 2 }))
    VALUES = join(",", values({ b = 1, a = 2 }))
    LOOKUP = lookup({ a = "1" }, "z", "none")
    MERGE = merge({ a = 1 }, { a = 2, b = 3 }).a
    INDEX = index(["x", "y"], 1)
    INDEXOF = indexof(["x", "y"], "y")
    COMPACT = join(",", compact(["a", "", "b"]))
    SORT = join(",", sort(["c", "a", "b"]))
    REVERSE = join(",", reverselist(["c", "a"]))
    SLICE = join(",", slice(["a", "b", "c"], 1, 3))
    RANGE = join(",", range(3))
    MAX = max(1, 5, 3)
    MIN = min(1, 5, 3)
    ZIP = zipmap(["a", "b"], ["1", "2"]).b
    SET = join(",", setunion(["b"], ["a"]))
    CHUNK = length(chunklist([1, 2, 3], 2))
    FORMATLIST = join(",", formatlist("%s-x", ["a", "b"]))
    JSON = jsondecode("{\"a\": [1, {\"b\": \"c\"}]}").a[1].b
    HASINDEX = hasindex(["a"], 3)
    COALESCELIST = join(",", coalescelist([], ["z"]))
  }
}
